"""Evenings that Hypothesis makes up: repeats, doubles, any order, crashes between and inside."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from facilitation.actions import asking
from facilitation.actions.asking import Asked
from facilitation.domain.audience import Audience
from facilitation.domain.lifecycle import Kind
from facilitation.domain.refusals import KeyTaken, NotFound, NotOpen, Outdated
from facilitation.storage.database import Database
from facilitation.storage.writer import Command, Saved, Writer
from tests.makers import Clock, a_key, a_meeting, an_asker, question_now, take

FAULTS = int(os.environ.get("FAULTS", "1"))
EVENINGS = settings(max_examples=15 * FAULTS, stateful_step_count=25, deadline=None, database=None)
DEVICES = ("toestel 1", "toestel 2", "toestel 3")
STEPS = ("approve", "call", "put_back", "take_down", "answer", "defer", "park", "decline", "undo")
NUMBERS = st.integers(0, 10**6)

pytestmark = pytest.mark.timeout(120 + 60 * FAULTS)


class Killed(BaseException):
    """What no code of ours may catch: the process is gone."""


@dataclass
class Asking:
    """One phone's question: its words, and what it was told, if it heard the answer."""

    key: str
    text: str
    told: Asked | None = None
    supporters: set[str] = field(default_factory=set)


class Evening(RuleBasedStateMachine):
    """What phones and moderators know, held against the file after every step."""

    tables: Path  # an empty database
    totals: list[int]  # of each evening, the questions that were acknowledged

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "vragenmuur.db"
        shutil.copy(self.tables, self.path)
        self.clock, self.heard, self.askings = Clock(), [], []
        self.database = self.opened()

    @initialize()
    def begin(self) -> None:
        self.meeting = a_meeting(self.database, is_moderated=False)

    def opened(self) -> Database:
        return Database(f"sqlite:///{self.path}", now=self.clock, announce=self.heard.append)

    def teardown(self) -> None:
        self.totals.append(len([asking for asking in self.askings if asking.told]))
        self.database.dispose()
        self.folder.cleanup()

    # -- what phones do

    def new_asking(self) -> Asking:
        self.askings.append(Asking(a_key(), f"Vraag {len(self.askings)}?"))
        return self.askings[-1]

    def command(self, asked: Asking, text: str = "") -> Command:
        words = {"kind": Kind.QUESTION, "text": text or asked.text, "name": ""}
        by = an_asker(asked.key)
        return Command(
            asking.ask_question, (self.meeting.code,), {"key": asked.key, **words, "by": by}
        )

    def send(self, asked: Asking, text: str = "") -> Asked:
        command = self.command(asked, text)
        return self.database.perform(command.action, *command.args, **command.kwargs)

    def hear(self, asked: Asking, answer: Asked) -> None:
        """The first answer is kept; every later one must be the same receipt."""
        if asked.told is not None:
            assert not answer.is_new
            assert (answer.id, answer.number, answer.receipt) == (
                asked.told.id,
                asked.told.number,
                asked.told.receipt,
            )
        asked.told = asked.told or answer

    def chosen(self, number: int) -> Asking:
        return self.askings[number % len(self.askings)]

    @rule()
    def ask(self) -> None:
        asked = self.new_asking()
        self.hear(asked, self.send(asked))

    @rule()
    def ask_and_hear_nothing(self) -> None:
        self.send(self.new_asking())

    @precondition(lambda self: self.askings)
    @rule(number=NUMBERS)
    def send_again(self, number: int) -> None:
        asked = self.chosen(number)
        self.hear(asked, self.send(asked))

    @precondition(lambda self: self.askings)
    @rule(number=NUMBERS)
    def send_other_words_under_the_same_key(self, number: int) -> None:
        asked = self.chosen(number)
        self.hear(asked, self.send(asked))
        with pytest.raises(KeyTaken):
            self.send(asked, "Iets heel anders?")

    @rule(new=st.integers(1, 3), dice=st.randoms(use_true_random=False))
    def send_all_at_once_each_twice(self, new: int, dice) -> None:
        batch = [self.new_asking() for _ in range(new)] * 2
        dice.shuffle(batch)
        writer = Writer(self.database._writer, self.clock)
        outcomes = writer.save([self.command(asked) for asked in batch])
        self.database._announce_all(outcomes)
        for asked, outcome in zip(batch, outcomes, strict=True):
            assert isinstance(outcome, Saved)
            self.hear(asked, outcome.answer)

    @precondition(lambda self: any(asked.told for asked in self.askings))
    @rule(number=NUMBERS, device=st.sampled_from(DEVICES), supports=st.booleans())
    def support(self, number: int, device: str, supports: bool) -> None:
        told = [asked for asked in self.askings if asked.told]
        asked = told[number % len(told)]
        action = asking.support_question if supports else asking.drop_support
        try:
            self.database.perform(action, self.meeting.code, asked.told.id, device=device)
        except NotFound:  # the hall does not see this question
            return
        (asked.supporters.add if supports else asked.supporters.discard)(device)

    # -- what moderators do

    @precondition(lambda self: any(asked.told for asked in self.askings))
    @rule(number=NUMBERS, step=st.sampled_from(STEPS), age=st.integers(0, 2))
    def take_a_step(self, number: int, step: str, age: int) -> None:
        told = [asked for asked in self.askings if asked.told]
        question = self.now(told[number % len(told)])
        try:
            taken = take(self.database, question, step, version=question.version - age)
        except (NotOpen, Outdated):
            assert self.now(told[number % len(told)]) == question
        else:
            assert age == 0
            assert taken.version > question.version

    def now(self, asked: Asking):
        return question_now(self.database, self.meeting.id, asked.told.id)

    # -- what goes wrong

    @rule()
    def crash(self) -> None:
        self.database.dispose()
        self.database = self.opened()

    @rule(new=st.integers(1, 3), call=st.integers(1, 30))
    def crash_while_saving(self, new: int, call: int) -> None:
        batch = [self.new_asking() for _ in range(new)]
        calls = iter(range(1, call))

        def die(cursor, statement, parameters, context):
            if next(calls, None) is None:
                raise Killed

        event.listen(self.database._writer, "do_execute", die)
        try:
            Writer(self.database._writer, self.clock).save([self.command(one) for one in batch])
        except Killed:
            kept = {text for text, _ in self.kept()}
            assert not kept & {asked.text for asked in batch}
        else:  # it came too late: all of it is kept, but nobody heard
            self.catch_up()
        self.crash()

    def catch_up(self) -> None:
        """Who missed a message takes the revision from the database, as the pulse has it do."""
        self.heard.clear()

    @rule(seconds=st.sampled_from([3600, -3600, 86400, -86400, -20]))
    def jump(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)

    # -- what must hold after each of these

    def kept(self) -> list[tuple[str, int]]:
        """What is in the file, read past our own code."""
        with closing(sqlite3.connect(self.path)) as other:
            return list(other.execute("SELECT original_text, number FROM questions ORDER BY id"))

    @invariant()
    def each_question_is_there_once(self) -> None:
        kept = self.kept()
        texts = [text for text, _ in kept]
        assert len(set(texts)) == len(texts)
        assert [number for _, number in kept] == list(range(1, len(kept) + 1))
        told = {(asked.text, asked.told.number) for asked in self.askings if asked.told}
        assert told <= set(kept)
        assert set(texts) <= {asked.text for asked in self.askings}

    @invariant()
    def each_device_counts_once(self) -> None:
        for asked in self.askings:
            if asked.told:
                assert self.now(asked).support_count == len(asked.supporters)

    @invariant()
    def what_was_told_has_no_gap(self) -> None:
        for audience in Audience:
            raises = [it.raises[audience] for it in self.heard if audience in it.raises]
            assert all(one.revision == other.previous for one, other in pairwise(raises))


def run_evenings(tables: Path, how: settings) -> list[int]:
    totals: list[int] = []
    machine = type("ThisEvening", (Evening,), {"tables": tables, "totals": totals})
    run_state_machine_as_test(machine, settings=how)
    return totals


def test_no_evening_that_can_be_made_up_breaks_the_promise(empty_tables, tally):
    totals = run_evenings(empty_tables, EVENINGS)

    tally.add("made-up evenings", runs=len(totals), acknowledged=sum(totals))


def test_a_server_that_makes_its_own_keys_is_seen(empty_tables, tally, monkeypatch):
    new_question = asking._new_question
    monkeypatch.setattr(
        asking,
        "_new_question",
        lambda work, meeting, *, key, **more: new_question(work, meeting, key=a_key(), **more),
    )

    with pytest.raises((AssertionError, ExceptionGroup)):
        run_evenings(empty_tables, settings(EVENINGS, phases=[Phase.generate]))
    tally.add_control("made-up evenings", "makes its own keys doubled")
