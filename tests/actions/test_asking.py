"""Asking: exactly once for each key, when the meeting takes questions, seen by who may see it."""

import pytest

from facilitation.actions import asking
from facilitation.domain.audience import Audience
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState
from facilitation.domain.question import Source
from facilitation.domain.refusals import KeyTaken, NotFound, NotOpen
from facilitation.storage import queries
from facilitation.storage.database import Database
from facilitation.storage.queries import MeetingFacts
from tests.makers import (
    SCRIBE,
    a_key,
    a_meeting,
    a_question,
    an_asker,
    meeting_now,
    now,
    question_now,
    take,
    take_meeting,
)


def ask(database: Database, meeting: MeetingFacts, **changes):
    sent = {
        "key": a_key(),
        "kind": Kind.QUESTION,
        "text": "Hoeveel mensen komen er?",
        "name": "",
        "by": an_asker(),
    } | changes
    return database.perform(asking.ask_question, meeting.code, **sent)


def enter(database: Database, meeting: MeetingFacts, **changes):
    sent = {
        "key": a_key(),
        "kind": Kind.QUESTION,
        "text": "Waarom hier?",
        "name": "",
        "source": Source.SPOKEN,
        "by": SCRIBE,
    } | changes
    return database.perform(asking.enter_question, meeting.id, **sent)


def wall(database: Database, meeting: MeetingFacts, audience: Audience) -> list[int]:
    with database.read() as session:
        return [
            found.id for found in queries.wall(session, meeting_now(database, meeting), audience)
        ]


def test_a_question_that_is_sent_twice_is_kept_once(database):
    meeting, key = a_meeting(database), a_key()

    first = ask(database, meeting, key=key)
    second = ask(database, meeting, key=key)

    assert (first.is_new, second.is_new) == (True, False)
    assert (second.id, second.number, second.receipt) == (first.id, first.number, first.receipt)
    assert wall(database, meeting, Audience.STAFF) == [first.id]


@pytest.mark.parametrize(
    "other", [{"text": "Iets anders"}, {"kind": Kind.CONCERN}, {"name": "Jan"}], ids=str
)
def test_another_body_under_the_same_key_is_refused(database, other):
    meeting, key = a_meeting(database), a_key()
    first = ask(database, meeting, key=key)

    with pytest.raises(KeyTaken):
        ask(database, meeting, key=key, **other)

    assert wall(database, meeting, Audience.STAFF) == [first.id]


def test_a_late_retry_finds_its_question_after_it_was_edited_and_the_meeting_closed(database):
    meeting, key = a_meeting(database, takes_late_questions=False), a_key()
    first = ask(database, meeting, key=key)
    take(database, question_now(database, meeting.id, first.id), "edit", kind=Kind.IDEA)
    take_meeting(database, meeting.id, "close")

    again = ask(database, meeting, key=key)

    assert (again.id, again.is_new) == (first.id, False)


def test_the_same_key_in_another_meeting_is_another_question(database):
    key = a_key()

    first = ask(database, a_meeting(database), key=key)
    second = ask(database, a_meeting(database), key=key)

    assert first.id != second.id


@pytest.mark.parametrize(
    ("state", "takes_late", "is_taken"),
    [
        (MeetingState.DRAFT, True, False),
        (MeetingState.OPEN, False, True),
        (MeetingState.LIVE, False, True),
        (MeetingState.PAUSED, False, True),
        (MeetingState.CLOSED, True, True),
        (MeetingState.CLOSED, False, False),
        (MeetingState.ARCHIVED, True, False),
    ],
)
def test_a_meeting_takes_questions_when_it_should(database, state, takes_late, is_taken):
    meeting = a_meeting(database, state=state, takes_late_questions=takes_late)

    if is_taken:
        assert ask(database, meeting).state is QuestionState.WAITING
    else:
        with pytest.raises(NotOpen):
            ask(database, meeting)
        assert wall(database, meeting, Audience.STAFF) == []


def test_a_late_question_comes_straight_to_the_register(database):
    meeting = a_meeting(database, state=MeetingState.CLOSED)

    asked = ask(database, meeting)

    owed = question_now(database, meeting.id, asked.id).follow_up
    assert owed.state is FollowUpState.OPEN
    assert wall(database, meeting, Audience.PUBLIC) == []


@pytest.mark.parametrize(
    ("state", "is_moderated", "text", "placed"),
    [
        (MeetingState.LIVE, True, "Hoeveel?", False),
        (MeetingState.LIVE, False, "Hoeveel?", True),
        (MeetingState.OPEN, False, "Hoeveel?", True),
        (MeetingState.PAUSED, False, "Hoeveel?", False),
        (MeetingState.CLOSED, False, "Hoeveel?", False),
        (MeetingState.LIVE, False, "Bel mij: 06-12345678", False),
        (MeetingState.LIVE, False, "Mail jan@example.nl", False),
        (MeetingState.LIVE, False, "Maak over op BE68 5390 0754 7034", False),
    ],
)
def test_a_question_goes_up_unread_only_without_moderation_and_without_details(
    database, state, is_moderated, text, placed
):
    meeting = a_meeting(database, state=state, is_moderated=is_moderated)

    asked = ask(database, meeting, text=text)

    assert (asked.state is QuestionState.ON_WALL) is placed
    assert bool(wall(database, meeting, Audience.PUBLIC)) is placed


def test_details_in_the_name_hold_a_question_too(database):
    meeting = a_meeting(database, is_moderated=False)

    asked = ask(database, meeting, name="Jan, jan@example.nl")

    assert question_now(database, meeting.id, asked.id).held_for == ("email",)
    assert asked.state is QuestionState.WAITING


def test_what_waited_during_a_pause_still_waits_when_it_resumes(database):
    meeting = a_meeting(database, state=MeetingState.PAUSED, is_moderated=False)
    asked = ask(database, meeting)

    take_meeting(database, meeting.id, "resume")

    assert question_now(database, meeting.id, asked.id).state is QuestionState.WAITING


def test_numbers_follow_each_other_and_a_refusal_uses_none(database):
    meeting, key = a_meeting(database), a_key()

    first = ask(database, meeting, key=key).number
    with pytest.raises(KeyTaken):
        ask(database, meeting, key=key, text="Iets anders")
    second = ask(database, meeting).number
    third = enter(database, meeting).number

    assert [first, second, third] == [1, 2, 3]


def test_receipts_cannot_be_guessed_from_each_other(database):
    meeting = a_meeting(database)

    receipts = {ask(database, meeting).receipt for _ in range(50)}

    assert len(receipts) == 50
    assert {len(receipt) for receipt in receipts} == {22}


def test_what_was_spoken_goes_straight_to_the_wall_and_says_so(database):
    meeting = a_meeting(database)

    entered = enter(database, meeting, source=Source.PAPER)

    question = question_now(database, meeting.id, entered.id)
    assert (question.state, question.source) == (QuestionState.ON_WALL, Source.PAPER)
    assert wall(database, meeting, Audience.PUBLIC) == [entered.id]


def test_a_spoken_question_entered_twice_is_kept_once(database):
    meeting, key = a_meeting(database), a_key()

    entered = [enter(database, meeting, key=key).id for _ in range(2)]

    assert entered[0] == entered[1]
    assert len(wall(database, meeting, Audience.STAFF)) == 1


def test_a_code_or_receipt_that_does_not_exist_finds_nothing(database):
    a_question(database, a_meeting(database))

    with pytest.raises(NotFound):
        database.perform(asking.withdraw_question, "no-such-receipt-at-all")
    with pytest.raises(NotFound):
        database.perform(asking.support_question, "AAAAAA", 1, device=a_key())


def test_withdrawing_takes_the_question_off_the_wall_and_ends_what_was_owed(database):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    take_meeting(database, meeting.id, "close")

    take(database, question, "withdraw")

    assert wall(database, meeting, Audience.PUBLIC) == []
    assert now(database, question).follow_up.state is FollowUpState.CLOSED
