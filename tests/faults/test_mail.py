"""The promise of the outbox: every mail is accepted, once by its name, whatever goes wrong."""

import os
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import pytest

from facilitation.domain.contact import Contact, Purpose
from facilitation.storage.database import Database
from tests.faults.keeper import figure
from tests.mailbox import Mailbox, a_mailbox
from tests.makers import a_follow_up, a_meeting, follow_up
from tests.server import Server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
MAILS = 60 if FAULTS == 1 else 50 * FAULTS
KILLS = 3 * FAULTS
ASKERS = 10  # of each question
ILL_WILL = {"puts_off": 0.15, "hangs_up": 0.1, "closes": 0.05, "slowness": 0.01}

pytestmark = [pytest.mark.server, pytest.mark.timeout(120 + 60 * FAULTS)]


@dataclass
class Verdict:
    """What came of the mails that were owed."""

    accepted: int
    lost: list[str]
    doubled: list[str]
    repeats: int  # under the same name, after nobody could say whether it was accepted

    @property
    def is_kept(self) -> bool:
        return not (self.lost or self.doubled)

    def __str__(self) -> str:
        return (
            f"{self.accepted} accepted, {len(self.lost)} lost, {len(self.doubled)} doubled"
            f" ({self.repeats} repeated under the same Message-ID)"
        )


def judge(owed: list[str], box: Mailbox) -> Verdict:
    """By what the mail server accepted: once for each address that was owed a mail."""
    found = box.by_recipient()
    names = {to: set(ids) for to, ids in found.items()}
    return Verdict(
        accepted=len(found),
        lost=sorted(set(owed) - set(found)),
        doubled=sorted(to for to, ids in names.items() if len(ids) > 1),
        repeats=sum(len(ids) - 1 for ids in found.values()),
    )


def owe_mails(server: Server, count: int) -> list[str]:
    """Answer questions of which so many askers want to hear, as the register does."""
    server.database.parent.mkdir(parents=True)
    database = Database(f"sqlite:///{server.database}")
    database.migrate()
    meeting, owed = a_meeting(database), []
    for group in range(0, count, ASKERS):
        question = a_follow_up(database, meeting)
        addresses = [f"bewoner-{group + one}@example.org" for one in range(ASKERS)]
        database.perform(leave_addresses, question, meeting.series_id, addresses)
        follow_up(database, question, "answer")
        owed += addresses
    database.dispose()
    return owed


def leave_addresses(work, question, series_id: int, addresses: list[str]) -> None:
    for address in addresses:
        work.session.add(
            Contact(
                series_id=series_id,
                question_id=question.id,
                email=address,
                purpose=Purpose.ANSWER,
                language="nl",
                asked_at=work.now,
                delete_on=date(2099, 1, 1),
                confirmed_at=work.now,
            )
        )


def waiting_in(server: Server) -> int:
    """How many mails are still to be sent, read past our own code."""
    unsent = "SELECT count(*) FROM mails WHERE sent_at IS NULL AND given_up_at IS NULL"
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as reading:
        return reading.execute(unsent).fetchone()[0]


def sent_after_kills(server: Server, box: Mailbox, *, mails: int, kills: int) -> Verdict:
    server.settings |= {"SMTP_URL": box.url, "MAIL_FROM": "vragen@gemeente.example"}
    owed, dice = owe_mails(server, mails), random.Random(SEED)
    try:
        server.start()
        for _ in range(kills):
            wait_for_tries(server, box, dice.randint(1, mails // (kills + 1)))
            server.kill()
            server.launch()
        wait_until(lambda: not waiting_in(server), "every mail was sent", patience=60 + FAULTS)
        wait_until(server.is_ready, "the server is back")
        wait_until(lambda: figure(server, "vragenmuur_mails_waiting") == 0, "the figures say so")
        assert "@" not in server.log  # nobody's address
        return judge(owed, box)
    finally:
        server.kill()


def wait_for_tries(server: Server, box: Mailbox, more: int) -> None:
    """Wait until the mail server heard of so many more, or there are no more."""
    wanted = box.tried + more

    def is_so() -> bool:
        assert server.process.poll() is None, f"the server ended:\n{server.log[-3000:]}"
        return box.tried >= wanted or not waiting_in(server)

    wait_until(is_so, f"the mail server heard of {more} more:\n{server.log[-1000:]}")


def say(capsys, line: str) -> None:
    """Print past pytest: these figures belong in the log of every run."""
    with capsys.disabled():
        print(f"\n  {line} (FAULT_SEED={SEED})")  # noqa: T201


def test_every_mail_is_accepted_once_whenever_the_server_is_killed(tmp_path, capsys, tally):
    with a_mailbox(seed=SEED, **ILL_WILL) as box:
        server = Server(tmp_path, entry="tests/faults/quick_post.py")
        verdict = sent_after_kills(server, box, mails=MAILS, kills=KILLS)

    say(capsys, f"mail: {MAILS} owed, kill -9 × {KILLS}, 4xx and broken lines: {verdict}")
    tally.add(
        "mail",
        runs=KILLS,
        acknowledged=verdict.accepted,
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
    )
    assert verdict.is_kept, verdict.__dict__
    assert verdict.accepted == MAILS
    # Each repeat has its reason: a kill, or a line that ended, between "yes" and our note of it.
    assert verdict.repeats <= KILLS + box.unsaid


@pytest.mark.parametrize(
    ("entry", "broken"), [("broken_in_memory", "lost"), ("broken_nameless", "doubled")]
)
def test_a_server_without_the_outbox_is_seen(tmp_path, capsys, tally, entry, broken):
    with a_mailbox(seed=SEED, **ILL_WILL | {"hangs_up": 0.3}) as box:
        server = Server(tmp_path, entry=f"tests/faults/{entry}.py")
        verdict = sent_after_kills(server, box, mails=40, kills=1)

    say(capsys, f"control {entry}: {verdict}")
    found = getattr(verdict, broken)
    assert found, "the control did not turn red: the checker proves nothing"
    tally.add_control("mail", f"{entry.removeprefix('broken_')} {len(found)} {broken}")
