"""Announcements told together: only what follows right upon each other, and card by card."""

import pytest

from facilitation.domain.audience import Audience, Sight
from facilitation.domain.events import (
    Announcement,
    MeetingChanged,
    QuestionChanged,
    QuestionsDealt,
    Raise,
    SupportChanged,
)
from facilitation.domain.lifecycle import QuestionState

PUBLIC, STAFF = Audience.PUBLIC, Audience.STAFF
SIGHT = Sight(state=QuestionState.WAITING, placed_at=None)


def told(question_id: int, *, public=None, staff=None, meeting_id=1, epoch="e") -> Announcement:
    raises = {PUBLIC: public, STAFF: staff}
    return Announcement(
        meeting_id,
        epoch,
        {audience: Raise(*rise) for audience, rise in raises.items() if rise},
        (QuestionChanged(meeting_id, question_id, "device", "ask", None, SIGHT),),
    )


def test_two_that_follow_each_other_are_one_step_of_the_revision():
    joined = told(1, public=(4, 5), staff=(7, 8)).joined(told(2, public=(5, 6), staff=(8, 9)))

    assert joined.raises == {PUBLIC: Raise(4, 6), STAFF: Raise(7, 9)}
    assert [event.question_id for event in joined.events] == [1, 2]


def test_who_hears_one_of_both_only_keeps_that_step():
    joined = told(1, staff=(7, 8)).joined(told(2, public=(5, 6), staff=(8, 9)))

    assert joined.raises == {PUBLIC: Raise(5, 6), STAFF: Raise(7, 9)}


def test_supports_raise_nothing_and_go_along():
    counted = Announcement(1, "", {}, (SupportChanged(1, 3, supports=8),))

    asked = told(1, public=(4, 5))
    assert counted.joined(asked).epoch == asked.joined(counted).epoch == "e"
    assert counted.joined(asked).raises == asked.joined(counted).raises == asked.raises


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(told(2, public=(6, 7)), id="one in between was not heard"),
        pytest.param(told(2, public=(5, 6), meeting_id=2), id="another meeting"),
        pytest.param(told(2, public=(5, 6), epoch="f"), id="another epoch"),
        pytest.param(
            Announcement(1, "e", {PUBLIC: Raise(5, 6)}, (QuestionsDealt(1),)), id="a dealt wall"
        ),
        pytest.param(
            Announcement(1, "e", {PUBLIC: Raise(5, 6)}, (MeetingChanged(1, "pause"),)), id="a pause"
        ),
    ],
)
def test_everything_else_is_told_by_itself(later):
    assert told(1, public=(4, 5)).joined(later) is None
