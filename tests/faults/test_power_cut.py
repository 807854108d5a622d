"""The power goes: what was acknowledged before is there exactly once when it is back."""

import os
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import pytest
import sqlalchemy

from facilitation.actions import asking
from facilitation.domain.lifecycle import Kind
from facilitation.storage import sqlite
from facilitation.storage.database import Database
from facilitation.storage.writer import Command, Writer
from tests.faults.checker import Kept, Verdict, judge
from tests.faults.crowd import Received, Sent
from tests.faults.power import RecordingDisk, Sync, Told, cut, told_before
from tests.faults.shim import module_on
from tests.makers import a_key, a_meeting, an_asker

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
CUTS = 200 * FAULTS
CUTS_OF_A_CONTROL = 40
BATCHES = 250  # enough for the log to be written back into the database more than once

pytestmark = pytest.mark.timeout(90 + 60 * FAULTS)


@dataclass
class Evening:
    """What a disk went through while questions were asked, from `begins` on."""

    disk: RecordingDisk
    code: str
    begins: int
    sent: list[Sent]


def an_evening(folder, monkeypatch, *, synchronous: str) -> Evening:
    """Ask many questions, gathered as they come, on a disk that writes everything down."""
    disk = RecordingDisk(f"disk of {folder.name}")
    create_engine = partial(sqlalchemy.create_engine, module=module_on(disk.name))
    monkeypatch.setattr(sqlite, "create_engine", create_engine)
    monkeypatch.setitem(sqlite.PRAGMAS, "synchronous", synchronous)
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'vragenmuur.db'}")
    database.migrate()
    code = a_meeting(database).code
    keep_all_so_far(database)
    evening = Evening(disk, code, len(disk.record), [])
    writer, dice = Writer(database._writer, database.clock), random.Random(SEED)
    for _ in range(BATCHES):
        ask_together(evening, writer, dice.randint(1, 4))
    database.dispose()
    monkeypatch.undo()
    return evening


def keep_all_so_far(database: Database) -> None:
    """Write the log back and sync, so that every cut leaves an evening to ask in."""
    with closing(database._writer.raw_connection()) as connection:
        connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def ask_together(evening: Evening, writer: Writer, count: int) -> None:
    """Save so many questions in one batch, and tell their askers."""
    first = len(evening.sent)
    questions = [Sent(a_key(), f"Vraag {first + number}?") for number in range(count)]
    evening.sent += questions
    outcomes = writer.save([asking_of(evening, question) for question in questions])
    for question, outcome in zip(questions, outcomes, strict=True):
        asked = outcome.answer
        question.received = Received(asked.id, asked.number, asked.receipt)
        evening.disk.record.append(Told(question))


def asking_of(evening: Evening, sent: Sent) -> Command:
    words = {"key": sent.key, "kind": Kind.QUESTION, "text": sent.text, "name": ""}
    return Command(asking.ask_question, (evening.code,), {**words, "by": an_asker(sent.key)})


def verdict_after_a_cut(evening: Evening, moment: int, dice: random.Random, folder) -> Verdict:
    folder.mkdir()
    cut(evening.disk.record, moment, dice, folder)
    told = told_before(evening.disk.record, moment)
    unknown = [Sent(one.key, one.text) for one in evening.sent if one not in told]
    kept = kept_after_a_cut(folder / "vragenmuur.db")
    verdict = judge(told + unknown, kept, [(one.number, one.text) for one in kept])
    verdict.doubled += [one.text for one in told[-1:] if not is_known(evening, one, folder)]
    return verdict


def kept_after_a_cut(path) -> list[Kept]:
    """What SQLite finds when it opens what is left, past our own code."""
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = other.execute("SELECT id, number, receipt, text FROM questions")
        return [Kept(*row) for row in rows]


def is_known(evening: Evening, sent: Sent, folder) -> bool:
    """Whether our own code, started on what is left, knows the question when it is sent again."""
    database = Database(f"sqlite:///{folder / 'vragenmuur.db'}")
    command = asking_of(evening, sent)
    again = database.perform(command.action, *command.args, **command.kwargs)
    database.dispose()
    return Received(again.id, again.number, again.receipt) == sent.received


def verdicts(evening: Evening, cuts: int, folder) -> list[Verdict]:
    dice = random.Random(SEED)
    moments = [dice.randint(evening.begins, len(evening.disk.record)) for _ in range(cuts)]
    return [
        verdict_after_a_cut(evening, moment, dice, folder / f"cut {number}")
        for number, moment in enumerate(moments)
    ]


def writes_back(evening: Evening) -> int:
    """How often the log was written back into the database meanwhile."""
    synced = evening.disk.record[evening.begins :]
    return synced.count(Sync("vragenmuur.db"))


def count(verdicts: list[Verdict], flaw: str) -> int:
    return sum(len(getattr(verdict, flaw)) for verdict in verdicts)


def test_what_was_acknowledged_before_the_power_went_is_there_afterwards(
    tmp_path, monkeypatch, tally
):
    evening = an_evening(tmp_path / "evening", monkeypatch, synchronous="2")

    found = verdicts(evening, CUTS, tmp_path)

    assert writes_back(evening) > 1
    tally.add(
        "power cut",
        runs=CUTS,
        acknowledged=sum(verdict.acknowledged for verdict in found),
        lost=count(found, "lost"),
        doubled=count(found, "doubled"),
    )
    assert all(verdict.is_kept for verdict in found), [str(one) for one in found]


def test_a_database_that_syncs_later_is_seen(tmp_path, monkeypatch, tally):
    evening = an_evening(tmp_path / "evening", monkeypatch, synchronous="1")

    lost = count(verdicts(evening, CUTS_OF_A_CONTROL, tmp_path), "lost")

    assert lost, "the control did not turn red: the cuts prove nothing"
    tally.add_control("power cut", f"synchronous=NORMAL {lost} lost")
