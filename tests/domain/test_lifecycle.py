"""Every state × step × role × kind, against the lives as they were written down by hand."""

from collections.abc import Callable
from enum import StrEnum
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from facilitation.domain.lifecycle import (
    FOLLOW_UP_STEPS,
    MEETING_STEPS,
    QUESTION_STEPS,
    FollowUpState,
    Kind,
    MeetingState,
    QuestionState,
    Role,
    next_state,
    open_steps,
)
from facilitation.domain.refusals import NotAllowed, NotOpen
from facilitation.storage.database import Database
from tests.domain import lives
from tests.makers import a_follow_up, a_meeting, a_question


def outcome(take: Callable[[], str]) -> str:
    try:
        return take()
    except NotAllowed:
        return lives.NOT_ALLOWED
    except NotOpen:
        return lives.NOT_OPEN


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", QuestionState)
def test_a_question_takes_the_steps_of_its_life_and_no_other(state, role, kind):
    found = {
        step: outcome(
            lambda step=step: next_state(QUESTION_STEPS, step, state, roles=[role], kind=kind)
        )
        for step in lives.QUESTION_STAFF
    }

    assert found == {
        step: lives.question_outcome(state, step, role, kind) for step in lives.QUESTION_STAFF
    }


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", FollowUpState)
def test_a_follow_up_takes_the_steps_of_its_life_and_no_other(state, role):
    found = {
        step: outcome(lambda step=step: next_state(FOLLOW_UP_STEPS, step, state, roles=[role]))
        for step in lives.FOLLOW_UP_STAFF
    }

    assert found == {
        step: lives.follow_up_outcome(state, step, role) for step in lives.FOLLOW_UP_STAFF
    }


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", MeetingState)
def test_a_meeting_takes_the_steps_of_its_life_and_no_other(state, role):
    found = {
        step: outcome(lambda step=step: next_state(MEETING_STEPS, step, state, roles=[role]))
        for step in lives.MEETING_STAFF
    }

    assert found == {step: lives.meeting_outcome(state, step, role) for step in lives.MEETING_STAFF}


@pytest.mark.parametrize(
    ("steps", "written"),
    [
        (QUESTION_STEPS, lives.QUESTION_STAFF),
        (FOLLOW_UP_STEPS, lives.FOLLOW_UP_STAFF),
        (MEETING_STEPS, lives.MEETING_STAFF),
    ],
    ids=["question", "follow-up", "meeting"],
)
def test_no_step_is_missing_from_the_lives_written_here(steps, written):
    assert set(steps) == set(written)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", Role)
def test_the_buttons_that_stand_are_the_steps_that_are_open(role, kind):
    for state in QuestionState:
        buttons = open_steps(QUESTION_STEPS, state, roles=[role], kind=kind)

        assert set(buttons) == {
            step
            for step in lives.QUESTION_STAFF
            if lives.question_outcome(state, step, role, kind) in set(QuestionState)
        }, state


def test_a_step_that_does_not_exist_is_not_open_to_anybody():
    for steps, states in (
        (QUESTION_STEPS, QuestionState),
        (FOLLOW_UP_STEPS, FollowUpState),
        (MEETING_STEPS, MeetingState),
    ):
        with pytest.raises(NotOpen):
            next_state(steps, "delete", next(iter(states)), roles=list(Role))


def test_who_holds_two_roles_may_take_the_steps_of_both():
    roles = [Role.SCRIBE, Role.MODERATOR]

    assert next_state(QUESTION_STEPS, "approve", QuestionState.WAITING, roles=roles)
    assert next_state(QUESTION_STEPS, "edit", QuestionState.WAITING, roles=roles)


def test_nobody_without_a_role_takes_any_step():
    for steps, state in product((QUESTION_STEPS,), QuestionState):
        assert open_steps(steps, state, roles=[]) == []


def test_every_state_of_a_question_can_be_reached_from_a_new_one():
    reached, newest = {QuestionState.WAITING}, {QuestionState.WAITING}
    while newest:
        newest = {to for state in newest for to in lives.QUESTION_LIFE[state].values()} - reached
        reached |= newest

    assert reached == set(QuestionState)


# -- the database knows the same words


@pytest.mark.parametrize(
    ("table", "words", "make"),
    [
        ("meetings", MeetingState, a_meeting),
        ("questions", QuestionState, lambda database: a_question(database, a_meeting(database))),
        ("follow_ups", FollowUpState, lambda database: a_follow_up(database, a_meeting(database))),
    ],
    ids=["meetings", "questions", "follow_ups"],
)
def test_the_database_keeps_these_states_and_refuses_any_other(
    database: Database, table: str, words: type[StrEnum], make
):
    make(database)

    with database._writer.connect() as connection:
        for word in words:
            connection.execute(text(f"UPDATE {table} SET state = :word"), {"word": word.value})
        for word in ("", "WAITING", "deleted"):
            with pytest.raises(IntegrityError), connection.begin_nested():
                connection.execute(text(f"UPDATE {table} SET state = :word"), {"word": word})
