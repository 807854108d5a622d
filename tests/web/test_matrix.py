"""Every step at its door: in every state, by everybody, of every kind, with the right status."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from facilitation.actions.following_up import Owner
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState, Role
from tests.domain import lives
from tests.makers import (
    FOLLOW_UP_FIELDS,
    FOLLOW_UP_WAYS,
    MEETING_WAYS,
    QUESTION_FIELDS,
    STAFF,
    Stock,
    a_browser,
    a_colleague,
    a_follow_up,
    a_meeting,
    a_question,
    a_rehearsal,
    database_of,
    meeting_now,
    now,
    take_meeting,
)

STATUS = {lives.NOT_ALLOWED: 403, lives.NOT_OPEN: 409}
PROBLEM = {403: "urn:problem:not-allowed", 409: "urn:problem:not-open", 401: "urn:problem:sign-in"}


@pytest.fixture(scope="module")
def app(tmp_path_factory, new_app):
    return new_app(tmp_path_factory.mktemp("doors"))


@pytest.fixture(scope="module")
def database(app):
    return database_of(app)


@pytest.fixture(scope="module")
def meeting(database):
    return a_meeting(database)


@pytest.fixture(scope="module")
def people(app, database, meeting) -> dict[Role | None, FlaskClient]:
    """A browser for each role in this meeting, and one of somebody who is not signed in."""
    colleagues = {role: a_colleague(database, role=role, meeting=meeting) for role in STAFF}
    return {None: a_browser(app)} | {
        role: a_browser(app, account_id=account_id) for role, account_id in colleagues.items()
    }


@pytest.fixture(scope="module")
def stock(database, meeting) -> Stock:
    return Stock(database, meeting)


def as_sent(fields: Any) -> dict[str, Any]:
    """The fields of an action as a browser sends them."""
    sent = {name: value for name, value in fields.items() if value is not None}
    return {name: _as_sent(value) for name, value in sent.items()}


def _as_sent(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Owner(name=name):
            return name
        case _:
            return value


def outcome(answer: Any, state: str) -> str:
    """The state it came in, or the status of a refusal that says which it is."""
    if answer.status_code == 200:
        return str(state)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == PROBLEM[answer.status_code]
    return str(answer.status_code)


def expected(role: Role | None, told: str) -> str:
    return "401" if role is None else str(STATUS.get(told, told))


@pytest.mark.parametrize("step", sorted(set(lives.QUESTION_STAFF) - {"withdraw"}))
@pytest.mark.parametrize("state", QuestionState)
def test_the_console_takes_a_step_only_where_and_from_whom_it_should(
    stock, meeting, people, state, step
):
    database, found = stock.database, {}
    sent = as_sent(QUESTION_FIELDS.get(step, {}))
    if step == "merge":
        sent["into"] = a_question(database, meeting, state=QuestionState.ON_WALL).id

    for kind in Kind:
        question = stock.question(state, kind)
        for role, browser in people.items():
            address = f"/staff/meetings/{meeting.id}/questions/{question.id}/{step}"
            answer = browser.post(address, json=sent)
            found[kind, role] = outcome(answer, answer.json.get("state"))
            if answer.status_code == 200:
                question = stock.question(state, kind)
        assert now(database, question) == question, "a refused step left a trace"

    assert found == {
        (kind, role): expected(
            role,
            role and lives.question_outcome_of_a_maker(state, step, role, kind),
        )
        for kind in Kind
        for role in people
    }


@pytest.mark.parametrize("step", sorted(lives.FOLLOW_UP_STAFF))
@pytest.mark.parametrize("state", FollowUpState)
def test_the_register_takes_a_step_only_where_and_from_whom_it_should(
    database, meeting, people, state, step
):
    sent, found = as_sent(FOLLOW_UP_FIELDS.get(step, {})), {}

    question = a_follow_up(database, meeting, state=state)
    for role, browser in people.items():
        owed = question.follow_up
        answer = browser.post(f"/staff/meetings/{meeting.id}/register/{owed.id}/{step}", json=sent)
        found[role] = outcome(answer, (answer.json.get("follow_up") or {}).get("state"))
        if answer.status_code == 200:
            question = a_follow_up(database, meeting, state=state)
    assert now(database, question) == question, "a refused step left a trace"

    assert found == {
        role: expected(role, role and lives.follow_up_outcome(state, step, role)) for role in people
    }


@pytest.mark.parametrize("step", ["assign", "move"])
@pytest.mark.parametrize("state", FollowUpState)
def test_the_register_of_a_series_takes_a_step_only_where_and_from_whom_it_should(
    database, meeting, people, state, step
):
    sent, found = {"owner": "Politie", "due": "2026-12-15", "promise": "Zij zoeken het uit."}, {}

    question = a_follow_up(database, meeting, state=state)
    for role, browser in people.items():
        address = f"/staff/series/{meeting.series_id}/register/{step}"
        answer = browser.post(address, json=sent | {"point": [str(question.follow_up.id)]})
        found[role] = answer.status_code
        if answer.status_code == 200:
            question = a_follow_up(database, meeting, state=state)
    assert now(database, question) == question, "a refused step left a trace"

    assert found == {role: _told_at_the_series(state, step, role) for role in people}


def _told_at_the_series(state: FollowUpState, step: str, role: Role | None) -> int:
    """As a step of one point; and what nobody owns has no date to move."""
    if role is None:
        return 401
    told = lives.follow_up_outcome(state, "assign", role)
    if told == lives.NOT_ALLOWED:
        return 403
    is_owned = "assign" in FOLLOW_UP_WAYS[state]
    return 409 if told == lives.NOT_OPEN or (step == "move" and not is_owned) else 200


@pytest.mark.parametrize("step", sorted(lives.MEETING_STAFF))
@pytest.mark.parametrize("state", MeetingState)
def test_the_desk_takes_a_step_only_where_and_from_whom_it_should(app, database, state, step):
    found = {}

    for role in (None, *STAFF):
        meeting = _meeting_for(database, state, step)
        account_id = role and a_colleague(database, role=role, meeting=meeting)
        answer = a_browser(app, account_id=account_id).post(
            f"/staff/meetings/{meeting.id}/{step}", json={"view": "stage"}
        )
        found[role] = outcome(answer, answer.json.get("state"))
        if answer.status_code != 200:
            assert meeting_now(database, meeting) == meeting

    assert found == {
        role: expected(role, role and _told_at_the_desk(state, step, role))
        for role in (None, *STAFF)
    }


def _meeting_for(database, state: MeetingState, step: str):
    if step != "clear" or "start" not in MEETING_WAYS[state]:
        return a_meeting(database, state=state)
    meeting = a_rehearsal(database)
    for more in MEETING_WAYS[state][2:]:
        meeting = take_meeting(database, meeting.id, more)
    return meeting


def _told_at_the_desk(state: MeetingState, step: str, role: Role) -> str:
    """Scribes and answerers do not get as far as the meeting: the door itself is not theirs."""
    if role in {Role.SCRIBE, Role.ANSWERER}:
        return lives.NOT_ALLOWED
    return lives.meeting_outcome_of_a_maker(state, step, role)


@pytest.mark.parametrize(
    "address", ["questions/{question}/delete", "register/{owed}/delete", "delete", "withdraw"]
)
def test_a_step_that_does_not_exist_is_not_found(database, meeting, people, address):
    question = a_follow_up(database, meeting)
    path = address.format(question=question.id, owed=question.follow_up.id)

    answer = people[Role.ORGANISER].post(f"/staff/meetings/{meeting.id}/{path}", json={})

    assert answer.status_code == 404
    assert now(database, question) == question
