"""Who may see a question: the one rule behind walls, sockets and revisions."""

from datetime import timedelta

import pytest

from facilitation.domain.audience import Audience, Sight, may_see
from facilitation.domain.lifecycle import QuestionState
from tests.makers import EVENING

SHOWN = {
    QuestionState.ON_WALL,
    QuestionState.ON_STAGE,
    QuestionState.ANSWERED,
    QuestionState.DEFERRED,
    QuestionState.ACKNOWLEDGED,
}


@pytest.mark.parametrize("state", QuestionState)
def test_residents_see_what_was_placed_and_nothing_else(state):
    sight = Sight(state=state, placed_at=EVENING)

    assert may_see(Audience.PUBLIC, sight, paused_at=None) is (state in SHOWN)


@pytest.mark.parametrize("state", QuestionState)
def test_staff_see_every_question(state):
    sight = Sight(state=state, placed_at=None)

    assert may_see(Audience.STAFF, sight, paused_at=EVENING)


@pytest.mark.parametrize("audience", Audience)
def test_nobody_sees_a_question_that_is_not_there(audience):
    assert not may_see(audience, None, paused_at=None)


@pytest.mark.parametrize(
    ("placed", "is_seen"),
    [(-1, True), (0, True), (1, False)],
    ids=["before the pause", "at the pause", "during the pause"],
)
def test_while_paused_the_wall_stands_still(placed, is_seen):
    sight = Sight(QuestionState.ON_WALL, placed_at=EVENING + timedelta(seconds=placed))

    assert may_see(Audience.PUBLIC, sight, paused_at=EVENING) is is_seen


def test_while_paused_what_is_taken_away_goes_at_once():
    taken_away = Sight(QuestionState.DECLINED, placed_at=None)

    assert not may_see(Audience.PUBLIC, taken_away, paused_at=EVENING)
