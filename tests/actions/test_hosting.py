"""The meeting as a whole: closing it, reopening it, clearing a rehearsal, the order of the wall."""

from itertools import product

import pytest

from facilitation.actions import hosting
from facilitation.actions.hosting import MeetingText
from facilitation.domain.audience import Audience
from facilitation.domain.events import QuestionsDealt
from facilitation.domain.follow_up import Track
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState
from facilitation.domain.meeting import View
from facilitation.domain.refusals import NotOpen, Outdated
from facilitation.storage import queries
from tests.makers import (
    EVENING,
    a_meeting,
    a_question,
    a_rehearsal,
    meeting_now,
    now,
    support,
    take,
    take_meeting,
)

UNSETTLED = {QuestionState.WAITING, QuestionState.ON_WALL, QuestionState.ON_STAGE}
OWED_BEFORE = {QuestionState.DEFERRED, QuestionState.PARKED}


def wall(database, meeting, audience=Audience.PUBLIC):
    with database.read() as session:
        return [
            found.id for found in queries.wall(session, meeting_now(database, meeting), audience)
        ]


def register(database, meeting):
    with database.read() as session:
        return {found.id: found for found in queries.register(session, meeting.id)}


def test_closing_opens_a_follow_up_for_all_that_is_unsettled_and_for_nothing_else(database):
    meeting = a_meeting(database)
    kinds = {
        QuestionState.ANSWERED: [Kind.QUESTION],
        QuestionState.ACKNOWLEDGED: [Kind.CONCERN, Kind.IDEA],
        QuestionState.ON_STAGE: [Kind.CONCERN],
    }
    asked = [
        a_question(database, meeting, state=state, kind=kind)
        for state in QuestionState
        for kind in kinds.get(state, list(Kind))
    ]
    merged_into = {question.merged_into_id for question in asked} - {None}

    take_meeting(database, meeting.id, "close")

    owed = register(database, meeting)
    expected = {
        question.id for question in asked if question.state in UNSETTLED | OWED_BEFORE
    } | merged_into
    assert set(owed) == expected
    assert {found.state for found in owed.values()} == UNSETTLED | OWED_BEFORE


@pytest.mark.parametrize(("state", "kind"), product(sorted(UNSETTLED), Kind))
def test_what_is_owed_after_the_evening_keeps_its_state_and_its_kind(database, state, kind):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState(state), kind=kind)

    take_meeting(database, meeting.id, "close")

    owed = now(database, question)
    assert (owed.state, owed.kind) == (question.state, kind)
    assert owed.follow_up.state is FollowUpState.OPEN
    assert owed.follow_up.track is (Track.ANSWER if kind is Kind.QUESTION else Track.HEARING)


def test_what_waited_stays_unpublished_after_the_evening(database):
    meeting = a_meeting(database)
    a_question(database, meeting)

    take_meeting(database, meeting.id, "close")

    assert wall(database, meeting) == []


def test_closing_again_opens_nothing_twice(database):
    meeting = a_meeting(database)
    a_question(database, meeting, state=QuestionState.ON_WALL)
    take_meeting(database, meeting.id, "close")
    before = register(database, meeting)

    take_meeting(database, meeting.id, "reopen")
    take_meeting(database, meeting.id, "close")

    assert register(database, meeting) == before


def test_a_meeting_that_is_reopened_takes_questions_again(database):
    meeting = a_meeting(database, state=MeetingState.CLOSED, takes_late_questions=False)

    take_meeting(database, meeting.id, "reopen")

    assert a_question(database, meeting).follow_up is None


def test_a_rehearsal_is_cleared_and_the_evening_starts_clean(database):
    rehearsal = a_rehearsal(database, topics=["Verkeer"])
    for state in QuestionState:
        question = a_question(database, rehearsal, state=state)
    support(database, a_question(database, rehearsal, state=QuestionState.ON_WALL))

    cleared = take_meeting(database, rehearsal.id, "clear")

    assert (cleared.state, cleared.is_rehearsal) == (MeetingState.DRAFT, False)
    assert wall(database, cleared, Audience.STAFF) == []
    assert register(database, cleared) == {}
    assert cleared.epoch != rehearsal.epoch
    assert [topic.name for topic in cleared.topics] == ["Verkeer"]
    for step in ("open", "start"):
        take_meeting(database, cleared.id, step)
    first = a_question(database, cleared)
    assert (first.number, first.can_undo) == (1, False)
    assert question.receipt != first.receipt


@pytest.mark.parametrize("state", [MeetingState.LIVE, MeetingState.PAUSED, MeetingState.CLOSED])
def test_what_residents_asked_is_never_cleared(database, state):
    meeting = a_meeting(database, state=state)
    question = a_question(database, meeting)

    with pytest.raises(NotOpen):
        take_meeting(database, meeting.id, "clear")

    assert now(database, question).text == question.text


def test_a_rehearsal_touches_no_other_meeting(database):
    kept = a_question(database, a_meeting(database), state=QuestionState.DEFERRED)
    rehearsal = a_rehearsal(database)
    a_question(database, rehearsal)

    take_meeting(database, rehearsal.id, "clear")

    assert now(database, kept) == kept


# -- pause


def test_while_paused_the_public_wall_stands_still(database, clock):
    meeting = a_meeting(database)
    standing, going = (a_question(database, meeting, state=QuestionState.ON_WALL) for _ in range(2))
    clock.move(seconds=1)
    take_meeting(database, meeting.id, "pause")
    clock.move(seconds=1)

    placed = a_question(database, meeting, state=QuestionState.ON_WALL)
    take(database, going, "decline")

    assert wall(database, meeting) == [standing.id]
    take_meeting(database, meeting.id, "resume")
    assert wall(database, meeting) == [standing.id, placed.id]


# -- the order of the wall


def test_a_support_moves_no_card(database):
    meeting = a_meeting(database)
    first, second = (a_question(database, meeting, state=QuestionState.ON_WALL) for _ in range(2))

    support(database, second)

    assert wall(database, meeting) == [first.id, second.id]


@pytest.mark.parametrize("step", ["sort", "view"])
def test_the_wall_is_dealt_anew_only_when_a_moderator_asks(database, heard, step):
    meeting = a_meeting(database)
    first, second, third = (
        a_question(database, meeting, state=QuestionState.ON_WALL) for _ in range(3)
    )
    support(database, third)
    heard.clear()

    take_meeting(database, meeting.id, step, view=View.WALL)

    assert wall(database, meeting) == [third.id, first.id, second.id]
    assert QuestionsDealt(meeting.id) in heard[-1].events


def test_a_wall_that_is_in_order_is_left_alone(database, heard):
    meeting = a_meeting(database)
    for _ in range(3):
        a_question(database, meeting, state=QuestionState.ON_WALL)
    heard.clear()

    take_meeting(database, meeting.id, "sort")

    assert heard == []


def test_the_hall_shows_the_wall_when_the_evening_starts(database):
    meeting = a_meeting(database, state=MeetingState.OPEN)

    assert meeting.view is View.JOIN
    assert take_meeting(database, meeting.id, "start").view is View.WALL


# -- what is said about it


def test_two_organisers_do_not_overwrite_each_other(database):
    meeting = a_meeting(database)
    text = MeetingText(title="Nieuwe titel", starts_at=EVENING)
    database.perform(hosting.edit_meeting, meeting.id, text, version=meeting.version)

    with pytest.raises(Outdated):
        database.perform(hosting.edit_meeting, meeting.id, text, version=meeting.version)


def test_a_topic_that_keeps_its_name_keeps_its_questions(database):
    meeting = a_meeting(database, topics=["Veiligheid", "Verkeer"])
    safe, busy = (
        take(database, a_question(database, meeting), "edit", topic_id=topic.id)
        for topic in meeting.topics
    )
    text = MeetingText(title="Anders", starts_at=EVENING, topics=["Verkeer", "Zorg"])

    database.perform(hosting.edit_meeting, meeting.id, text)

    assert [topic.name for topic in meeting_now(database, meeting).topics] == ["Verkeer", "Zorg"]
    assert now(database, busy).topic.name == "Verkeer"
    assert now(database, safe).topic is None


def test_codes_are_read_aloud_without_mistakes(database):
    codes = {a_meeting(database, state=MeetingState.DRAFT).code for _ in range(20)}

    assert len(codes) == 20
    assert set("".join(codes)) <= set("3479CDFGHJKMNPQRTVWX")
