"""Having a question too: each device once, carried along by merging and brought back by undo."""

import pytest

from facilitation.actions import asking
from facilitation.domain.events import SupportChanged
from facilitation.domain.lifecycle import FollowUpState, MeetingState, QuestionState
from facilitation.domain.refusals import Invalid, NotFound
from tests.makers import (
    a_meeting,
    a_question,
    drop_support,
    meeting_now,
    now,
    support,
    take,
    take_meeting,
)

ON_WALL = QuestionState.ON_WALL
HIDDEN = [
    QuestionState.WAITING,
    QuestionState.PARKED,
    QuestionState.DECLINED,
    QuestionState.WITHDRAWN,
]


def test_a_device_counts_once_however_often_it_says_so(database):
    question = a_question(database, a_meeting(database), state=ON_WALL)

    counts = [support(database, question, device) for device in ("a", "a", "b", "a")]

    assert counts == [1, 1, 2, 2]


def test_saying_it_again_tells_nobody_anything(database, heard):
    question = a_question(database, a_meeting(database), state=ON_WALL)
    support(database, question, "a")
    heard.clear()

    support(database, question, "a")
    drop_support(database, question, "never said it")

    assert heard == []


def test_support_can_be_taken_back(database):
    question = a_question(database, a_meeting(database), state=ON_WALL)
    support(database, question, "a")
    support(database, question, "b")

    counts = [drop_support(database, question, device) for device in ("a", "a", "c")]

    assert counts == [1, 1, 1]


def test_the_counter_of_the_meeting_rises_with_every_change(database, heard):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=ON_WALL)
    before = meeting_now(database, meeting)

    support(database, question, "a")
    drop_support(database, question, "a")

    after = meeting_now(database, meeting)
    assert after.supports == before.supports + 2
    assert after.public_revision == before.public_revision
    assert heard[-1].events == (SupportChanged(meeting.id, question.id, after.supports),)


@pytest.mark.parametrize("state", HIDDEN)
def test_what_residents_cannot_see_they_cannot_support(database, state):
    question = a_question(database, a_meeting(database), state=state)

    with pytest.raises(NotFound):
        support(database, question)


def test_a_question_of_another_meeting_is_not_found(database):
    elsewhere = a_question(database, a_meeting(database), state=ON_WALL)
    meeting = a_meeting(database)

    with pytest.raises(NotFound):
        database.perform(asking.support_question, meeting.code, elsewhere.id, device="a")


# -- merging


def test_merging_carries_supporters_and_the_asker_along(database):
    meeting = a_meeting(database)
    target = a_question(database, meeting, state=ON_WALL)
    other = a_question(database, meeting, state=ON_WALL, device="asker of the other")
    for question, device in ((target, "a"), (target, "b"), (other, "b"), (other, "c")):
        support(database, question, device)

    take(database, other, "merge", into=target.id)

    assert now(database, target).support_count == 4  # a, b, c and who asked the other


def test_who_asked_both_is_not_counted_for_having_the_own_question_too(database):
    meeting = a_meeting(database)
    target = a_question(database, meeting, state=ON_WALL, device="same")
    other = a_question(database, meeting, state=ON_WALL, device="same")

    take(database, other, "merge", into=target.id)

    assert now(database, target).support_count == 0


def test_a_chain_of_merges_keeps_everybody(database):
    meeting = a_meeting(database)
    first, second, third = (
        a_question(database, meeting, state=ON_WALL, device=f"asker {n}") for n in range(3)
    )
    support(database, first, "a")
    support(database, second, "b")

    take(database, first, "merge", into=second.id)
    take(database, second, "merge", into=third.id)

    assert now(database, third).support_count == 4
    assert now(database, first).followed.id == third.id


def test_merging_into_a_merged_one_means_its_target(database):
    meeting = a_meeting(database)
    first, second, third = (a_question(database, meeting, state=ON_WALL) for _ in range(3))
    take(database, first, "merge", into=second.id)

    take(database, third, "merge", into=first.id)

    assert now(database, third).merged_into_id == second.id


def test_supporting_a_merged_question_counts_for_its_target(database):
    meeting = a_meeting(database)
    target, other = (a_question(database, meeting, state=ON_WALL) for _ in range(2))
    take(database, other, "merge", into=target.id)

    count = support(database, other, "a")

    assert count == now(database, target).support_count == 2


def test_support_given_before_a_merge_can_be_taken_back_after_it(database):
    meeting = a_meeting(database)
    target, other = (a_question(database, meeting, state=ON_WALL, device="same") for _ in range(2))
    support(database, other, "a")
    take(database, other, "merge", into=target.id)

    assert drop_support(database, target, "a") == 0


def test_undoing_a_merge_brings_both_counts_back(database):
    meeting = a_meeting(database)
    target, other = (a_question(database, meeting, state=ON_WALL) for _ in range(2))
    support(database, target, "a")
    support(database, other, "b")
    take(database, other, "merge", into=target.id)

    take(database, other, "undo")

    assert now(database, target).support_count == 1
    assert now(database, other).support_count == 1
    assert now(database, other).state is ON_WALL


def test_undoing_the_middle_of_a_chain_takes_its_own_along(database):
    meeting = a_meeting(database)
    first, second, third = (a_question(database, meeting, state=ON_WALL) for _ in range(3))
    take(database, first, "merge", into=second.id)
    take(database, second, "merge", into=third.id)

    take(database, second, "undo")

    assert now(database, third).support_count == 0
    assert now(database, second).support_count == 1
    assert now(database, first).followed.id == second.id


@pytest.mark.parametrize("state", HIDDEN)
def test_nothing_is_merged_into_what_residents_cannot_see(database, state):
    meeting = a_meeting(database)
    hidden = a_question(database, meeting, state=state)
    question = a_question(database, meeting, state=ON_WALL)

    with pytest.raises(Invalid) as refused:
        take(database, question, "merge", into=hidden.id)

    assert refused.value.problems == {"into": "not_mergeable"}


def test_no_question_is_merged_into_itself_by_whatever_way(database):
    meeting = a_meeting(database)
    first, second = (a_question(database, meeting, state=ON_WALL) for _ in range(2))
    take(database, first, "merge", into=second.id)

    for target in (second, first):
        with pytest.raises(Invalid):
            take(database, second, "merge", into=target.id)


def test_when_the_target_is_withdrawn_the_others_stand_on_their_own_again(database):
    meeting = a_meeting(database)
    target, other, child = (a_question(database, meeting, state=ON_WALL) for _ in range(3))
    support(database, other, "a")
    take(database, child, "merge", into=other.id)
    take(database, other, "merge", into=target.id)

    take(database, target, "withdraw")

    released = now(database, other)
    assert (released.state, released.merged_into_id) == (QuestionState.WAITING, None)
    assert released.support_count == 2
    assert now(database, child).merged_into_id == other.id


@pytest.mark.parametrize("is_merged_first", [True, False])
def test_what_a_withdrawn_target_releases_after_the_evening_is_owed_again(
    database, is_merged_first
):
    meeting = a_meeting(database)
    target, other = (a_question(database, meeting, state=ON_WALL) for _ in range(2))
    if is_merged_first:
        take(database, other, "merge", into=target.id)
        take_meeting(database, meeting.id, "close")
    else:
        take_meeting(database, meeting.id, "close")
        take(database, other, "merge", into=target.id)

    take(database, target, "withdraw")

    assert now(database, other).follow_up.state is FollowUpState.OPEN


def test_while_paused_what_still_shows_can_be_supported(database, clock):
    meeting = a_meeting(database)
    shown = a_question(database, meeting, state=ON_WALL)
    clock.move(seconds=1)
    take_meeting(database, meeting.id, "pause")
    clock.move(seconds=1)
    hidden = a_question(database, meeting, state=ON_WALL)

    assert meeting_now(database, meeting).state is MeetingState.PAUSED
    assert support(database, shown) == 1
    with pytest.raises(NotFound):
        support(database, hidden)
