"""The clock jumps: nothing is lost or refused, nothing changes places, and a pause is a pause."""

import os
import random
from datetime import timedelta

import pytest

from facilitation.actions import asking
from facilitation.domain.audience import Audience
from facilitation.domain.lifecycle import Kind, QuestionState
from facilitation.domain.meeting import Meeting
from facilitation.domain.question import Source
from facilitation.storage import queries
from tests.makers import (
    MODERATOR,
    a_key,
    a_meeting,
    a_question,
    an_asker,
    meeting_now,
    take,
    take_meeting,
)

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
JUMPS = [
    *(timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)),
    timedelta(seconds=-20),
]
QUESTIONS = 40 * FAULTS

every_jump = pytest.mark.parametrize("jump", JUMPS, ids=str)


def on_the_wall(database, meeting) -> list[int]:
    """What residents see, by its numbers in the order of the wall."""
    with database.read() as session:
        shown = queries.wall(session, meeting_now(database, meeting), Audience.PUBLIC)
    return [one.number for one in sorted(shown, key=lambda one: (one.order, one.id))]


def ask(database, meeting, key):
    letters = "".join(filter(str.isalpha, key))  # digits of a key may look like a phone number
    words = {"kind": Kind.QUESTION, "text": f"Wat is {letters}?", "name": ""}
    return database.perform(asking.ask_question, meeting.code, key=key, by=an_asker(key), **words)


def place_a_waiting_one(database, meeting):
    take(database, a_question(database, meeting), "approve")


def place_one_again(database, meeting):
    take(database, a_question(database, meeting, state=QuestionState.DECLINED), "undo")
    place_a_waiting_one(database, meeting)


def enter_one_from_paper(database, meeting):
    words = {"key": a_key(), "kind": Kind.IDEA, "text": "Een speeltuin?", "name": ""}
    database.perform(asking.enter_question, meeting.id, source=Source.PAPER, by=MODERATOR, **words)


every_way = pytest.mark.parametrize(
    "place", [place_a_waiting_one, place_one_again, enter_one_from_paper]
)


@every_jump
@every_way
def test_what_is_placed_during_a_pause_shows_when_it_ends(database, clock, jump, place):
    meeting = a_meeting(database)
    a_question(database, meeting, state=QuestionState.ON_WALL)
    take_meeting(database, meeting.id, "pause")
    before = on_the_wall(database, meeting)

    clock.move(seconds=jump.total_seconds())
    place(database, meeting)
    during = on_the_wall(database, meeting)
    take_meeting(database, meeting.id, "resume")

    assert during == before
    assert len(on_the_wall(database, meeting)) == 2


@every_jump
def test_what_was_placed_before_a_pause_stays(database, clock, jump):
    meeting = a_meeting(database)
    a_question(database, meeting, state=QuestionState.ON_WALL)

    clock.move(seconds=jump.total_seconds())
    take_meeting(database, meeting.id, "pause")

    assert len(on_the_wall(database, meeting)) == 1


def test_a_pause_that_believes_the_clock_is_seen(database, clock, tally, monkeypatch):
    monkeypatch.setattr(Meeting, "after_pause", lambda meeting, now: now)
    meeting = a_meeting(database)
    take_meeting(database, meeting.id, "pause")

    clock.move(seconds=-20)
    place_a_waiting_one(database, meeting)

    assert on_the_wall(database, meeting), "the control did not turn red"
    tally.add_control("clock jumps", "a pause that believes the clock 1 shown")


def test_an_evening_on_a_jumping_clock_loses_and_reorders_nothing(database, clock, tally):
    dice, meeting = random.Random(SEED), a_meeting(database, is_moderated=False)
    asked = {}

    for _ in range(QUESTIONS):
        clock.move(seconds=dice.choice(JUMPS).total_seconds())
        key = a_key()
        asked[key] = ask(database, meeting, key)
        clock.move(seconds=dice.choice(JUMPS).total_seconds())
        again = dice.choice(list(asked))
        assert ask(database, meeting, again).receipt == asked[again].receipt

    assert on_the_wall(database, meeting) == list(range(1, QUESTIONS + 1))
    tally.add("clock jumps", runs=2 * QUESTIONS, acknowledged=len(asked))
