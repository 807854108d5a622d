"""Revisions: an audience's rises with every change that it can see, and with no other."""

import pytest

from facilitation.domain.audience import Audience
from facilitation.domain.events import Announcement
from facilitation.domain.lifecycle import FollowUpState, MeetingState, QuestionState
from facilitation.storage.database import Database
from tests.makers import (
    a_meeting,
    a_question,
    follow_up,
    meeting_now,
    now,
    support,
    take,
    take_meeting,
)

Q = QuestionState
NOBODY: set[Audience] = set()
STAFF = {Audience.STAFF}
EVERYBODY = {Audience.STAFF, Audience.PUBLIC}


def risen(before, after) -> dict[Audience, int]:
    return {
        audience: after.revision(audience) - before.revision(audience)
        for audience in Audience
        if after.revision(audience) != before.revision(audience)
    }


@pytest.mark.parametrize(
    ("state", "step", "hear"),
    [
        (Q.WAITING, "approve", EVERYBODY),
        (Q.WAITING, "call", EVERYBODY),
        (Q.WAITING, "defer", EVERYBODY),
        (Q.WAITING, "edit", STAFF),
        (Q.WAITING, "decline", STAFF),
        (Q.WAITING, "park", STAFF),
        (Q.WAITING, "withdraw", STAFF),
        (Q.ON_WALL, "edit", EVERYBODY),
        (Q.ON_WALL, "answer", EVERYBODY),
        (Q.ON_WALL, "decline", EVERYBODY),
        (Q.ON_WALL, "park", EVERYBODY),
        (Q.ON_WALL, "take_down", EVERYBODY),
        (Q.ON_WALL, "withdraw", EVERYBODY),
        (Q.ON_WALL, "undo", EVERYBODY),
        (Q.ON_STAGE, "put_back", EVERYBODY),
        (Q.PARKED, "edit", STAFF),
        (Q.PARKED, "undo", STAFF),
        (Q.DECLINED, "undo", STAFF),
    ],
)
def test_residents_hear_only_of_what_they_could_or_can_see(database, state, step, hear):
    question = a_question(database, a_meeting(database), state=state)
    before = meeting_now(database, question.meeting_id)

    take(database, question, step)

    assert risen(before, meeting_now(database, question.meeting_id)) == dict.fromkeys(hear, 1)


def test_residents_hear_nothing_of_a_waiting_question(database):
    meeting = a_meeting(database)

    a_question(database, meeting)

    assert risen(meeting, meeting_now(database, meeting)) == {Audience.STAFF: 1}


@pytest.mark.parametrize(
    ("step", "hear"),
    [("draft", STAFF), ("approve", STAFF), ("assign", EVERYBODY), ("publish", EVERYBODY)],
)
def test_residents_hear_nothing_of_an_answer_that_is_being_written(database, step, hear):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=Q.DEFERRED)
    if step in {"approve", "publish"}:
        question = follow_up(database, question, "draft")
    before = meeting_now(database, meeting)

    follow_up(database, question, step)

    assert risen(before, meeting_now(database, meeting)) == dict.fromkeys(hear, 1)


def test_a_draft_makes_no_new_version_of_the_card_that_residents_have(database):
    question = a_question(database, a_meeting(database), state=Q.DEFERRED)

    drafted = follow_up(database, question, "draft")

    assert drafted.follow_up.state is FollowUpState.DRAFTED
    assert drafted.version == question.version


@pytest.mark.parametrize("step", ["pause", "close"])
def test_everybody_hears_what_becomes_of_the_meeting(database, step):
    meeting = a_meeting(database)

    after = take_meeting(database, meeting.id, step)

    assert risen(meeting, after) == dict.fromkeys(EVERYBODY, 1)


def test_a_support_is_counted_and_raises_no_revision(database):
    question = a_question(database, a_meeting(database), state=Q.ON_WALL)
    before = meeting_now(database, question.meeting_id)

    support(database, question)

    after = meeting_now(database, question.meeting_id)
    assert risen(before, after) == {}
    assert after.supports == before.supports + 1


@pytest.mark.parametrize(
    ("placed_before", "step", "hear"),
    [(True, "decline", EVERYBODY), (True, "edit", EVERYBODY), (False, "decline", STAFF)],
    ids=["what shows is taken away", "what shows is edited", "what does not show yet"],
)
def test_while_paused_residents_hear_only_of_what_still_shows(
    database, clock, placed_before, step, hear
):
    meeting = a_meeting(database)
    shown = a_question(database, meeting, state=Q.ON_WALL)
    clock.move(seconds=1)
    take_meeting(database, meeting.id, "pause")
    clock.move(seconds=1)
    hidden = a_question(database, meeting, state=Q.ON_WALL)
    before = meeting_now(database, meeting)

    take(database, shown if placed_before else hidden, step)

    assert before.state is MeetingState.PAUSED
    assert risen(before, meeting_now(database, meeting)) == dict.fromkeys(hear, 1)


def test_placing_a_question_while_paused_is_for_staff_only(database, clock):
    meeting = a_meeting(database, state=MeetingState.PAUSED)
    clock.move(seconds=1)

    a_question(database, meeting, state=Q.ON_WALL)

    assert set(risen(meeting, meeting_now(database, meeting))) == STAFF


def test_every_announcement_follows_the_one_before_without_a_gap(
    database: Database, heard: list[Announcement]
):
    meeting = a_meeting(database)
    first, second = (a_question(database, meeting) for _ in range(2))
    for step in ("approve", "call", "answer", "undo", "put_back", "decline"):
        take(database, first, step)
    take(database, second, "call")

    for audience in Audience:
        rises = [told.raises[audience] for told in heard if audience in told.raises]

        assert [rise.previous for rise in rises] == list(range(len(rises)))
        assert [rise.revision for rise in rises] == list(range(1, len(rises) + 1))
        assert meeting_now(database, meeting).revision(audience) == len(rises)


def test_one_command_raises_a_revision_once_however_much_it_changes(database, heard):
    meeting = a_meeting(database)
    a_question(database, meeting, state=Q.ON_STAGE)
    other = a_question(database, meeting, state=Q.ON_WALL)
    before = meeting_now(database, meeting)

    take(database, other, "call")

    assert risen(before, meeting_now(database, meeting)) == dict.fromkeys(EVERYBODY, 1)
    assert len(heard[-1].events) == 2
    assert now(database, other).state is Q.ON_STAGE
