"""Every step by its real action, in every state, by everybody, of every kind."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState, Role
from facilitation.domain.refusals import NotAllowed, NotOpen
from facilitation.storage.database import Database
from tests.domain import lives
from tests.makers import (
    MEETING_WAYS,
    STAFF,
    Clock,
    Stock,
    a_follow_up,
    a_meeting,
    a_question,
    a_rehearsal,
    an_asker,
    follow_up,
    meeting_now,
    now,
    take,
    take_meeting,
)

EVERYBODY = STAFF | {Role.ASKER: an_asker()}


@pytest.fixture(scope="module")
def kept(new_database) -> Iterator[Database]:
    """One database for all that is tried here: nothing looks at more than it made itself."""
    with new_database(now=Clock()) as database:
        yield database


@pytest.fixture(scope="module")
def stock(kept: Database) -> Stock:
    return Stock(kept, a_meeting(kept))


def outcome(take_step: Callable[[], str]) -> str:
    try:
        return take_step()
    except NotAllowed:
        return lives.NOT_ALLOWED
    except NotOpen:
        return lives.NOT_OPEN


@pytest.fixture
def kinds(database_kind: str) -> list[Kind]:
    """Which kind may take a step is decided above the database: the slower one tries one kind."""
    return list(Kind) if database_kind == "sqlite" else [Kind.QUESTION]


@pytest.mark.parametrize("step", sorted(set(lives.QUESTION_STAFF) - {"withdraw"}))
@pytest.mark.parametrize("state", QuestionState)
def test_a_question_takes_a_step_only_where_its_life_has_it(stock: Stock, kinds, state, step):
    database, found = stock.database, {}
    target = stock.question(QuestionState.ON_WALL, Kind.IDEA)
    if state is QuestionState.ON_WALL:
        target = a_question(database, stock.meeting, state=QuestionState.ON_WALL)
    into = {"into": target.id} if step == "merge" else {}

    for kind in kinds:
        question = stock.question(state, kind)
        for role, actor in EVERYBODY.items():
            found[kind, role] = outcome(
                lambda asked=question, by=actor: take(database, asked, step, by=by, **into).state
            )
            if found[kind, role] in set(QuestionState):
                question = stock.question(state, kind)
        assert now(database, question) == question, "a refused step left a trace"

    assert found == {
        (kind, role): lives.question_outcome_of_a_maker(state, step, role, kind)
        for kind in kinds
        for role in EVERYBODY
    }


@pytest.mark.parametrize("state", QuestionState)
def test_an_asker_withdraws_only_what_waits_or_hangs_on_the_wall(kept: Database, state):
    question = a_question(kept, a_meeting(kept), state=state)

    found = outcome(lambda: take(kept, question, "withdraw").state)

    assert found == lives.question_outcome(state, "withdraw", Role.ASKER, Kind.QUESTION)


@pytest.mark.parametrize("step", sorted(lives.FOLLOW_UP_STAFF))
@pytest.mark.parametrize("state", FollowUpState)
def test_a_follow_up_takes_a_step_only_where_its_life_has_it(kept: Database, state, step):
    meeting = a_meeting(kept)
    found = {}

    for role, actor in EVERYBODY.items():
        question = a_follow_up(kept, meeting, state=state)

        def take_step(question=question, by=actor) -> str:
            return follow_up(kept, question, step, by=by).follow_up.state

        found[role] = outcome(take_step)
        if found[role] not in set(FollowUpState):
            assert now(kept, question) == question

    assert found == {role: lives.follow_up_outcome(state, step, role) for role in EVERYBODY}


@pytest.mark.parametrize("step", sorted(lives.MEETING_STAFF))
@pytest.mark.parametrize("state", MeetingState)
def test_a_meeting_takes_a_step_only_where_its_life_has_it(kept: Database, state, step):
    found = {}

    for role, actor in EVERYBODY.items():
        meeting = a_meeting(kept, state=state)
        if step == "clear" and "start" in MEETING_WAYS[state]:  # only a rehearsal is cleared
            meeting = a_rehearsal(kept)
            for more in MEETING_WAYS[state][2:]:
                meeting = take_meeting(kept, meeting.id, more)
        found[role] = outcome(
            lambda meeting=meeting, by=actor: take_meeting(kept, meeting.id, step, by=by).state
        )
        if found[role] not in set(MeetingState):
            assert meeting_now(kept, meeting) == meeting

    assert found == {
        role: lives.meeting_outcome_of_a_maker(state, step, role) for role in EVERYBODY
    }


def test_the_clock_of_these_evenings_can_be_moved(database: Database, clock):
    before = a_question(database, a_meeting(database))

    clock.move(minutes=5)
    after = a_question(database, a_meeting(database))

    assert after.asked_at - before.asked_at == timedelta(minutes=5)
