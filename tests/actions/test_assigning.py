"""Several points at once: all of them change, or none, and who is refused hears which."""

from datetime import date

import pytest

from facilitation.actions import assigning
from facilitation.actions.assigning import Picked
from facilitation.actions.following_up import Owner
from facilitation.domain.follow_up import OwnerKind
from facilitation.domain.lifecycle import FollowUpState
from facilitation.domain.refusals import Invalid, NotAll, NotAllowed, NotFound, NotOpen, Outdated
from facilitation.storage import register
from tests.makers import ANSWERER, IN_TWO_WEEKS, MODERATOR, a_follow_up, a_meeting, follow_up, now

LATER = date(2027, 1, 12)
POLICE = Owner("Anna", "Politie", OwnerKind.PARTNER)


@pytest.fixture
def meetings(database):
    """Two evenings about one plan."""
    first = a_meeting(database)
    return [first, a_meeting(database, series_id=first.series_id)]


def point_in(database, meeting, state=FollowUpState.OPEN):
    return a_follow_up(database, meeting, state=state)


def picked(*questions):
    return [Picked(each.follow_up.id, each.follow_up.version) for each in questions]


def assign(database, meetings, points, *, by=None, **fields):
    sent = {"owner": POLICE, "due": IN_TWO_WEEKS, "promise": "De politie zoekt het uit."} | fields
    actors = {meeting.id: MODERATOR for meeting in meetings} if by is None else by
    return database.perform(
        assigning.assign_follow_ups, meetings[0].series_id, points, by=actors, **sent
    )


def move(database, meetings, points, **fields):
    sent = {"due": LATER, "promise": "Het onderzoek duurt langer."} | fields
    actors = {meeting.id: MODERATOR for meeting in meetings}
    return database.perform(
        assigning.move_follow_ups, meetings[0].series_id, points, by=actors, **sent
    )


def test_points_of_two_evenings_get_one_owner_and_one_day(database, meetings):
    points = [point_in(database, meeting) for meeting in meetings]

    assert assign(database, meetings, picked(*points)) == 2

    for point in points:
        owed = now(database, point).follow_up
        assert (owed.owner, owed.organisation, owed.owner_kind) == (
            "Anna",
            "Politie",
            OwnerKind.PARTNER,
        )
        assert (owed.due, owed.promise) == (IN_TWO_WEEKS, "De politie zoekt het uit.")
        assert owed.state is FollowUpState.ASSIGNED


def test_each_keeps_its_own_promise_when_none_is_given(database, meetings):
    point = point_in(database, meetings[0])
    point = follow_up(database, point, "assign", promise="Wij vragen het na.")

    assign(database, meetings, picked(point), promise="")

    assert now(database, point).follow_up.promise == "Wij vragen het na."


def test_the_date_moves_and_each_keeps_its_owner(database, meetings):
    points = [
        follow_up(database, point_in(database, meeting), "assign", owner=Owner(name))
        for meeting, name in zip(meetings, ["COA", "Politie"], strict=True)
    ]

    assert move(database, meetings, picked(*points)) == 2

    found = [now(database, point).follow_up for point in points]
    assert [owed.owner for owed in found] == ["COA", "Politie"]
    assert {(owed.due, owed.promise) for owed in found} == {(LATER, "Het onderzoek duurt langer.")}


def test_every_change_stands_in_the_history_of_its_point(database, meetings):
    points = [point_in(database, meeting) for meeting in meetings]

    assign(database, meetings, picked(*points))

    with database.read() as session:
        lines = [register.history(session, point.follow_up.id) for point in points]
    assert [[line.step for line in each] for each in lines] == [["assign"], ["assign"]]


def refusals_of(error):
    return {id: type(why) for id, why in error.value.refused.items()}


def test_one_that_was_changed_meanwhile_stops_them_all_and_is_named(database, meetings):
    fresh, stale = (point_in(database, meetings[0]) for _ in range(2))
    seen = picked(fresh, stale)
    stale = follow_up(database, stale, "draft")

    with pytest.raises(NotAll) as error:
        assign(database, meetings, seen)

    assert refusals_of(error) == {stale.follow_up.id: Outdated}
    assert [now(database, each) for each in (fresh, stale)] == [fresh, stale]


def test_all_that_are_in_the_way_are_named_at_once(database, meetings):
    points = [point_in(database, meetings[0]) for _ in range(3)]
    seen = picked(*points)
    points[0] = follow_up(database, points[0], "draft")
    closed = follow_up(database, points[1], "close")

    with pytest.raises(NotAll) as error:
        assign(database, meetings, [*seen[:1], *picked(closed), *seen[2:]])

    assert refusals_of(error) == {
        points[0].follow_up.id: Outdated,
        closed.follow_up.id: NotOpen,
    }
    assert now(database, points[2]) == points[2]


def test_a_role_counts_in_its_own_meeting_only(database, meetings):
    ours, theirs = (point_in(database, meeting) for meeting in meetings)
    actors = {meetings[0].id: MODERATOR, meetings[1].id: ANSWERER}

    with pytest.raises(NotAll) as error:
        assign(database, meetings, picked(ours, theirs), by=actors)

    assert refusals_of(error) == {theirs.follow_up.id: NotAllowed}
    assert now(database, ours) == ours


def test_a_point_without_an_owner_has_no_date_to_move(database, meetings):
    owned = point_in(database, meetings[0], FollowUpState.ASSIGNED)
    free = point_in(database, meetings[0])

    with pytest.raises(NotAll) as error:
        move(database, meetings, picked(owned, free))

    (why,) = error.value.refused.values()
    assert isinstance(why, Invalid)
    assert why.problems == {"owner": "empty"}
    assert now(database, owned) == owned


@pytest.mark.parametrize("take", [assign, move])
def test_nothing_is_promised_for_a_day_that_has_passed(database, meetings, take):
    point = point_in(database, meetings[0], FollowUpState.ASSIGNED)

    with pytest.raises(Invalid) as error:
        take(database, meetings, picked(point), due=date(2026, 11, 30))

    assert error.value.problems == {"due": "past"}
    assert now(database, point) == point


@pytest.mark.parametrize("take", [assign, move])
def test_a_point_of_another_series_is_not_there(database, meetings, take):
    ours = point_in(database, meetings[0], FollowUpState.ASSIGNED)
    elsewhere = point_in(database, a_meeting(database), FollowUpState.ASSIGNED)

    with pytest.raises(NotFound):
        take(database, meetings, picked(ours, elsewhere))

    assert [now(database, each) for each in (ours, elsewhere)] == [ours, elsewhere]


def test_a_point_of_an_evening_that_is_not_ours_is_not_there(database, meetings):
    theirs = point_in(database, meetings[1])

    with pytest.raises(NotFound):
        assign(database, meetings, picked(theirs), by={meetings[0].id: MODERATOR})

    assert now(database, theirs) == theirs
