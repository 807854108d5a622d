"""The register of a series: one list over its evenings, its filter in the address, all at once."""

import csv
import io
import re

import pytest

from facilitation.actions import accounts
from facilitation.actions.following_up import Owner
from facilitation.domain.follow_up import OwnerKind
from facilitation.domain.lifecycle import FollowUpState, QuestionState, Role
from tests.makers import (
    IN_TWO_WEEKS,
    a_browser,
    a_colleague,
    a_follow_up,
    a_meeting,
    a_question,
    database_of,
    follow_up,
    now,
    take,
)

OPEN, ASSIGNED = FollowUpState.OPEN, FollowUpState.ASSIGNED
SENT = {"owner": "Anna", "due": "2026-12-15", "promise": "Anna zoekt het uit."}


@pytest.fixture
def meetings(app):
    """Two evenings about one plan."""
    first = a_meeting(database_of(app), title="Eerste avond", topics=["Verkeer"])
    second = a_meeting(database_of(app), title="Tweede avond", series_id=first.series_id)
    return [first, second]


def address(meetings, tail="", **query):
    asked = "&".join(f"{name}={value}" for name, value in {"lang": "en", **query}.items())
    return f"/staff/series/{meetings[0].series_id}/register{tail}?{asked}"


def a_desk(app, *meetings, role=Role.MODERATOR, accept="text/html"):
    """A browser of somebody with this role in these meetings."""
    return a_browser(app, account_id=an_account(app, *meetings, role=role), accept=accept)


def an_account(app, *meetings, role):
    database, email = database_of(app), f"{role}-{len(meetings)}-{meetings[0].id}@example.org"
    account_id = a_colleague(database, role=role, meeting=meetings[0], email=email)
    for meeting in meetings[1:]:
        database.perform(accounts.grant_role, meeting.id, email=email, role=role)
    return account_id


def shown(answer):
    """The points of the list, in its order."""
    assert answer.status_code == 200, answer.text
    return [int(id) for id in re.findall(r'<tr id="follow-up-(\d+)"', answer.text)]


def ids(*questions):
    return [question.follow_up.id for question in questions]


def key(question):
    return f"{question.follow_up.id}:{question.follow_up.version}"


# -- who sees what


def test_the_list_goes_over_all_evenings_of_the_series_and_no_other(app, meetings):
    points = [a_follow_up(database_of(app), meeting) for meeting in meetings]
    a_follow_up(database_of(app), a_meeting(database_of(app)))

    answer = a_desk(app, *meetings).get(address(meetings))

    assert shown(answer) == ids(*points)
    assert "2 meetings" in answer.text


def test_who_works_on_one_evening_sees_that_one_only(app, meetings):
    ours, theirs = (a_follow_up(database_of(app), meeting) for meeting in meetings)

    desk = a_desk(app, meetings[0])

    assert shown(desk.get(address(meetings))) == ids(ours)
    assert theirs.text not in desk.get(address(meetings, ".csv")).text
    assert theirs.text not in desk.get(address(meetings, meeting=meetings[1].id)).text


def test_organisers_see_everything(app, meetings):
    points = [a_follow_up(database_of(app), meeting) for meeting in meetings]

    answer = a_desk(app, meetings[0], role=Role.ORGANISER).get(address(meetings))

    assert shown(answer) == ids(*points)


@pytest.mark.parametrize("tail", ["", ".csv"])
def test_who_works_on_none_of_its_evenings_is_kept_out(app, meetings, tail):
    stranger = a_desk(app, a_meeting(database_of(app)))

    assert stranger.get(address(meetings, tail)).status_code == 403


def test_a_series_that_is_not_there_is_not_found(app, meetings):
    desk = a_desk(app, meetings[0], role=Role.ORGANISER)

    assert desk.get("/staff/series/999/register").status_code == 404


# -- order, filter, groups


def test_what_is_too_late_comes_first(app, meetings, clock):
    database = database_of(app)
    free, late, later = (a_follow_up(database, meetings[0]) for _ in range(3))
    clock.move(days=-10)
    later = follow_up(database, later, "assign", due=clock().date())
    clock.move(days=5)
    late = follow_up(database, late, "assign", due=clock().date())
    clock.move(days=10)

    answer = a_desk(app, meetings[0]).get(address(meetings))

    assert shown(answer) == ids(later, late, free)
    assert "15 days late" in answer.text


@pytest.fixture
def three(app, meetings):
    """A point of the police about traffic, one of the COA on the second evening, a free one."""
    database = database_of(app)
    police = a_question(database, meetings[0], state=QuestionState.DEFERRED, text="Wie handhaaft?")
    topic = meetings[0].topics[0].id
    police = take(database, police, "edit", text=police.text, topic_id=topic)
    police = follow_up(database, police, "assign", owner=Owner("Anna", "Politie"))
    coa = a_follow_up(database, meetings[1], state=ASSIGNED)
    coa = follow_up(database, coa, "assign", owner=Owner("Bo", "COA", OwnerKind.PARTNER))
    return {"police": police, "coa": coa, "free": a_follow_up(database, meetings[1])}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "open"}, {"free"}),
        ({"state": "owed"}, {"police", "coa", "free"}),
        ({"state": "overdue"}, set()),
        ({"owner": "Bo"}, {"coa"}),
        ({"organisation": "Politie"}, {"police"}),
        ({"topic": "Verkeer"}, {"police"}),
        ({"track": "off_topic"}, {"coa", "free"}),
        ({"meeting": "2"}, {"coa", "free"}),
        ({"words": "HANDHAAFT"}, {"police"}),
        ({"words": "nergens"}, set()),
        ({"owner": "me"}, set()),
        ({"track": "off_topic", "owner": "Bo"}, {"coa"}),
        ({"state": "nonsense", "group": "nonsense"}, set()),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_the_address_holds_the_filter(app, meetings, three, query, expected):
    if "meeting" in query:
        query = {"meeting": meetings[1].id}
    desk = a_desk(app, *meetings)

    found = set(shown(desk.get(address(meetings, **query))))
    table = desk.get(address(meetings, ".csv", **query)).text

    assert found == set(ids(*(three[name] for name in expected)))
    assert len(list(csv.reader(io.StringIO(table)))) == 1 + len(expected)


@pytest.mark.parametrize(
    ("group", "headings"),
    [("owner", ["Nobody yet", "Anna", "Bo"]), ("topic", ["Verkeer", "No topic"])],
)
def test_the_list_is_grouped(app, meetings, three, group, headings):
    html = a_desk(app, *meetings).get(address(meetings, group=group)).text

    assert re.findall(r'scope="rowgroup">(.+?) <span', html) == headings
    assert f'<option value="{group}" selected>' in html


def test_an_owner_is_said_with_organisation_and_kind(app, meetings, three):
    html = a_desk(app, *meetings).get(address(meetings, owner="Bo")).text

    assert "COA · Partner" in html


def test_who_only_answers_comes_for_their_own_points(app, meetings):
    database = database_of(app)
    account_id = an_account(app, *meetings, role=Role.ANSWERER)
    other, mine = (a_follow_up(database, meetings[0]) for _ in range(2))
    mine = follow_up(database, mine, "assign", owner=Owner("Anna", account_id=account_id))
    browser = a_browser(app, account_id=account_id, accept="text/html")
    path = address(meetings).split("?", 1)[0]

    arrived = browser.get(path)

    assert (arrived.status_code, arrived.location) == (303, f"{path}?owner=me")
    assert shown(browser.get(arrived.location)) == ids(mine)
    assert shown(browser.get(f"{path}?owner=")) == ids(other, mine)
    assert shown(a_desk(app, *meetings).get(path)) == ids(other, mine)


# -- many at once


def test_ticked_points_get_their_owner_and_lead_back_to_the_same_list(app, meetings):
    points = [a_follow_up(database_of(app), meeting) for meeting in meetings]
    desk = a_desk(app, *meetings)

    answer = desk.post(
        address(meetings, "/assign", group="topic"),
        data={**SENT, "organisation": "COA", "point": [key(each) for each in points]},
    )

    assert answer.status_code == 303
    assert "group=topic" in answer.location
    assert "Saved: 2 points are changed." in desk.get(answer.location + "&lang=en").text
    for each in points:
        owed = now(database_of(app), each).follow_up
        assert (owed.owner, owed.organisation, owed.due) == ("Anna", "COA", IN_TWO_WEEKS)


def test_a_program_moves_a_date_and_hears_how_many(app, meetings):
    point = a_follow_up(database_of(app), meetings[0], state=ASSIGNED)
    desk = a_desk(app, *meetings, accept="application/json")

    answer = desk.post(
        address(meetings, "/move"),
        json={"due": "2027-01-12", "promise": "Later.", "point": [str(point.follow_up.id)]},
    )

    assert (answer.status_code, answer.json) == (200, {"changed": 1})
    owed = now(database_of(app), point).follow_up
    assert (owed.owner, owed.due.isoformat(), owed.promise) == ("Politie", "2027-01-12", "Later.")


def test_a_refusal_names_the_point_and_keeps_ticks_and_text(app, meetings):
    database = database_of(app)
    fresh, stale = (a_follow_up(database, meeting) for meeting in meetings)
    seen = [key(fresh), key(stale)]
    follow_up(database, stale, "draft")

    answer = a_desk(app, *meetings).post(address(meetings, "/assign"), data={**SENT, "point": seen})

    assert answer.status_code == 409
    assert "Nothing is saved" in answer.text
    assert re.search(
        rf'href="#follow-up-{stale.follow_up.id}">No\. {stale.number} of .+?</a>: '
        "Somebody else was just before you",
        answer.text,
    )
    assert re.search(rf'value="{key(fresh)}"[^>]* checked', answer.text)
    assert 'value="Anna"' in answer.text
    assert "Anna zoekt het uit." in answer.text
    assert now(database, fresh) == fresh


def test_a_program_hears_which_points_were_in_the_way(app, meetings):
    database = database_of(app)
    fresh = a_follow_up(database, meetings[0])
    closed = follow_up(database, a_follow_up(database, meetings[0]), "close")
    sent = {**SENT, "point": [key(fresh), key(closed)]}

    answer = a_desk(app, *meetings, accept="application/json").post(
        address(meetings, "/assign"), json=sent
    )

    assert (answer.status_code, answer.json["type"]) == (409, "urn:problem:not-all")
    assert set(answer.json["errors"]) == {str(closed.follow_up.id)}
    assert now(database, fresh) == fresh


@pytest.mark.parametrize(
    ("step", "changes", "field"),
    [
        ("assign", {"owner": ""}, "owner"),
        ("assign", {"due": "2020-01-01"}, "due"),
        ("assign", {"due": "morgen"}, "due"),
        ("assign", {"owner_kind": "king"}, "owner_kind"),
        ("assign", {"point": []}, "point"),
        ("assign", {"point": ["1; drop"]}, "point"),
        ("move", {"promise": ""}, "promise"),
        ("move", {"due": ""}, "due"),
        ("move", {"point": [{}]}, "point"),
    ],
)
def test_what_is_filled_in_wrong_is_said_beside_its_field(app, meetings, step, changes, field):
    point = a_follow_up(database_of(app), meetings[0], state=ASSIGNED)
    sent = {**SENT, "point": [key(point)], **changes}

    answer = a_desk(app, *meetings, accept="application/json").post(
        address(meetings, f"/{step}"), json=sent
    )

    assert (answer.status_code, set(answer.json["errors"])) == (422, {field})
    assert now(database_of(app), point) == point


def test_points_of_an_evening_where_one_only_answers_cannot_be_ticked_or_given(app, meetings):
    database = database_of(app)
    email = "gemengd@example.org"
    account_id = a_colleague(database, role=Role.MODERATOR, meeting=meetings[0], email=email)
    database.perform(accounts.grant_role, meetings[1].id, email=email, role=Role.ANSWERER)
    ours, theirs = (a_follow_up(database, meeting) for meeting in meetings)
    browser = a_browser(app, account_id=account_id, accept="text/html")

    html = browser.get(address(meetings)).text
    answer = browser.post(
        address(meetings, "/assign"), data={**SENT, "point": [key(ours), key(theirs)]}
    )

    assert f'value="{key(ours)}"' in html
    assert f'value="{key(theirs)}"' not in html
    assert answer.status_code == 403
    assert f'href="#follow-up-{theirs.follow_up.id}"' in answer.text
    assert [now(database, each) for each in (ours, theirs)] == [ours, theirs]


def test_a_step_for_many_that_does_not_exist_is_not_found(app, meetings):
    desk = a_desk(app, *meetings)

    assert desk.post(address(meetings, "/delete"), data={}).status_code == 404


def test_the_register_of_an_evening_leads_to_that_of_its_series(app, meetings):
    html = a_desk(app, *meetings).get(f"/staff/meetings/{meetings[0].id}/register").text

    assert f'href="/staff/series/{meetings[0].series_id}/register"' in html
