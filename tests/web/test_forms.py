"""Bad input gets a clear answer and leaves nothing behind."""

import io

import pytest

from facilitation.domain.audience import Audience
from facilitation.domain.lifecycle import QuestionState, Role
from facilitation.domain.text import TEXT_LIMIT
from facilitation.storage import queries
from tests.makers import (
    a_browser,
    a_colleague,
    a_key,
    a_meeting,
    a_question,
    database_of,
    meeting_now,
    now,
)


@pytest.fixture(scope="module")
def app(tmp_path_factory, new_app):
    return new_app(tmp_path_factory.mktemp("forms"), has_limits=False)


@pytest.fixture(scope="module")
def database(app):
    return database_of(app)


@pytest.fixture
def meeting(database):
    return a_meeting(database, topics=["Verkeer"])


@pytest.fixture
def console(app, database, meeting):
    return a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))


def kept(database, meeting) -> list[str]:
    with database.read() as session:
        wall = queries.wall(session, meeting_now(database, meeting), Audience.STAFF)
    return [question.text for question in wall]


def is_invalid(answer, *fields: str) -> bool:
    assert answer.mimetype == "application/problem+json"
    problem = answer.json
    assert (answer.status_code, problem["type"]) == (422, "urn:problem:invalid"), problem
    assert problem["status"] == 422
    assert problem["title"]
    assert all(problem["errors"].values())
    return set(problem["errors"]) == set(fields)


# -- a question


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   \n\t "}, "text"),
        ({"text": "\u200b\u202e\u2800"}, "text"),
        ({"text": "\u0000\u0007"}, "text"),
        ({"text": "a" * (TEXT_LIMIT + 1)}, "text"),
        ({"text": None}, "text"),
        ({"text": 12}, "text"),
        ({"text": True}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": {"a": 1}}, "text"),
        ({"kind": "complaint"}, "kind"),
        ({"kind": ["question"]}, "kind"),
        ({"name": "n" * 61}, "name"),
        ({"key": ""}, "key"),
        ({"key": "1"}, "key"),
        ({"key": "zz" * 16}, "key"),
        ({"key": 7}, "key"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_question_that_cannot_be_taken_is_refused_beside_its_field(
    app, database, meeting, changes, field
):
    sent = {"key": a_key(), "kind": "question", "text": "Hoeveel?", "name": ""} | changes

    answer = a_browser(app).post(f"/m/{meeting.code}/questions", json=sent)

    assert is_invalid(answer, field)
    assert kept(database, meeting) == []


def test_all_that_is_wrong_is_said_at_once(app, meeting):
    sent = {"key": "x", "kind": "x", "text": "", "name": "n" * 100}

    answer = a_browser(app).post(f"/m/{meeting.code}/questions", json=sent)

    assert is_invalid(answer, "key", "kind", "text", "name")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ('"half \\ud800 teken"', "half teken"),
        ('"nul\\u0000byte"', "nulbyte"),
        ('"rechts\\u202enaar"', "rechtsnaar"),
        ('"\\ufdfa"', "\ufdfa"),
        ('"<script>alert(1)</script>"', "<script>alert(1)</script>"),
        ('"{{ 7 * 7 }} %s {0}"', "{{ 7 * 7 }} %s {0}"),
    ],
)
def test_what_breaks_or_hides_is_taken_out_and_the_rest_is_kept(
    app, database, meeting, sent, stored
):
    body = f'{{"key": "{a_key()}", "text": {sent}}}'

    answer = a_browser(app).post(
        f"/m/{meeting.code}/questions", data=body, content_type="application/json"
    )

    assert answer.status_code == 201
    assert kept(database, meeting) == [stored]


@pytest.mark.parametrize("field", ["key", "kind", "name"])
def test_a_lone_surrogate_in_any_field_breaks_nothing(app, meeting, field):
    body = f'{{"key": "{a_key()}", "text": "Hoeveel?", "{field}": "\\udfff"}}'

    answer = a_browser(app).post(
        f"/m/{meeting.code}/questions", data=body, content_type="application/json"
    )

    assert answer.status_code in {201, 422}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"12",
        b"\xff\xfe",
        b"\x00",
        b'{"text": NaN',
        b"[" * 15_000,
        b'{"a":' * 3_000,
        b'{"version": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_json_that_is_not_ours_is_refused(app, database, meeting, body):
    answer = a_browser(app).post(
        f"/m/{meeting.code}/questions", data=body, content_type="application/json"
    )

    assert answer.status_code == 422
    assert answer.json["type"] == "urn:problem:invalid"
    assert kept(database, meeting) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "nonsense"])
def test_another_kind_of_body_is_an_empty_form(app, meeting, content_type):
    answer = a_browser(app).post(
        f"/m/{meeting.code}/questions", data=b"text=Hoeveel", content_type=content_type
    )

    assert is_invalid(answer, "key", "text")


def test_a_plain_form_is_taken_as_well_as_json(app, database, meeting):
    sent = {"key": a_key(), "text": "Hoeveel?", "kind": "idea"}

    first = a_browser(app).post(f"/m/{meeting.code}/questions", data=sent)
    again = a_browser(app).post(f"/m/{meeting.code}/questions", data=sent)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert kept(database, meeting) == ["Hoeveel?"]


def test_the_same_key_with_another_text_is_refused_and_the_first_stays(app, database, meeting):
    phone, key = a_browser(app), a_key()
    phone.post(f"/m/{meeting.code}/questions", json={"key": key, "text": "Eerst"})

    answer = phone.post(f"/m/{meeting.code}/questions", json={"key": key, "text": "Anders"})

    assert (answer.status_code, answer.json["type"]) == (409, "urn:problem:key-taken")
    assert kept(database, meeting) == ["Eerst"]


# -- too large


@pytest.mark.parametrize("how", ["json", "form", "file"])
def test_a_body_that_is_too_large_is_refused(app, database, meeting, how):
    large = "a" * 17_000
    body = {
        "json": {"json": {"key": a_key(), "text": large}},
        "form": {"data": {"key": a_key(), "text": large}},
        "file": {"data": {"key": a_key(), "text": (io.BytesIO(large.encode()), "text.txt")}},
    }[how]

    answer = a_browser(app).post(f"/m/{meeting.code}/questions", **body)

    assert (answer.status_code, answer.json["type"]) == (413, "urn:problem:too-large")
    assert kept(database, meeting) == []


def test_a_file_is_no_text(app, database, meeting):
    sent = {"key": a_key(), "text": (io.BytesIO(b"Hoeveel?"), "text.txt")}

    answer = a_browser(app).post(f"/m/{meeting.code}/questions", data=sent)

    assert is_invalid(answer, "text")
    assert kept(database, meeting) == []


# -- steps


@pytest.mark.parametrize(
    ("step", "sent", "fields"),
    [
        ("decline", {}, ["reason"]),
        ("decline", {"reason": " "}, ["reason"]),
        ("answer", {}, ["speaker"]),
        ("answer", {"speaker": "x" * 201}, ["speaker"]),
        ("defer", {}, ["owner", "due", "promise"]),
        ("defer", {"owner": "COA", "due": "morgen", "promise": "Ja"}, ["due"]),
        ("defer", {"owner": "COA", "due": "2026-02-30", "promise": "Ja"}, ["due"]),
        ("defer", {"owner": "COA", "due": "2026-11-30", "promise": "Ja"}, ["due"]),
        ("defer", {"owner": "COA", "due": "0000-01-01", "promise": "Ja"}, ["due"]),
        ("park", {"due": "2026-11-30"}, ["due"]),
        ("merge", {}, ["into"]),
        ("merge", {"into": "x"}, ["into"]),
        ("merge", {"into": "-1"}, ["into"]),
        ("merge", {"into": "９"}, ["into"]),
        ("merge", {"into": "9" * 30}, ["into"]),
        ("edit", {"text": ""}, ["text"]),
        ("edit", {"text": "Ja", "topic": "999"}, ["topic"]),
        ("edit", {"text": "Ja", "kind": "answer"}, ["kind"]),
        ("approve", {"version": "x"}, ["version"]),
        ("approve", {"version": "1.5"}, ["version"]),
    ],
    ids=str,
)
def test_a_step_with_wrong_fields_changes_nothing(database, meeting, console, step, sent, fields):
    question = a_question(database, meeting)

    answer = console.post(f"/staff/meetings/{meeting.id}/questions/{question.id}/{step}", data=sent)

    assert is_invalid(answer, *fields)
    assert now(database, question) == question


def test_a_stale_step_gets_the_newest(database, meeting, console):
    question = a_question(database, meeting)
    address = f"/staff/meetings/{meeting.id}/questions/{question.id}"
    console.post(f"{address}/edit", json={"text": "Nieuwer", "version": question.version})

    answer = console.post(f"{address}/approve", json={"version": question.version})

    assert (answer.status_code, answer.json["type"]) == (409, "urn:problem:outdated")
    assert answer.json["newest"]["text"] == "Nieuwer"
    assert now(database, question).state is QuestionState.WAITING
    newest = answer.json["newest"]["version"]
    assert console.post(f"{address}/approve", json={"version": newest}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "morgen"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59-12:00"}, "starts_at"),
        ({"about": "a" * 2001}, "about"),
        ({"topics": "t" * 81}, "topics"),
        ({"is_moderated": "perhaps"}, "is_moderated"),
    ],
    ids=str,
)
def test_a_meeting_that_cannot_be_prepared_so_is_refused(console, changes, field):
    sent = {"title": "Opvang", "starts_at": "2026-12-01T19:30", "is_moderated": "on"} | changes

    answer = console.post("/staff/meetings", data=sent)

    assert is_invalid(answer, field)


def test_a_meeting_starts_at_dutch_time(database, console):
    sent = {"title": "Opvang", "starts_at": "2026-12-01T19:30", "topics": "Verkeer\n\nZorg\nZorg"}

    made = console.post("/staff/meetings", data=sent).json

    meeting = meeting_now(database, made["id"])
    assert meeting.starts_at.isoformat() == "2026-12-01T18:30:00+00:00"
    assert [topic.name for topic in meeting.topics] == ["Verkeer", "Zorg"]


@pytest.mark.parametrize("view", ["", "curtain", "WALL"])
def test_the_hall_shows_no_view_that_does_not_exist(database, meeting, console, view):
    answer = console.post(f"/staff/meetings/{meeting.id}/view", data={"view": view})

    assert is_invalid(answer, "view")
    assert meeting_now(database, meeting) == meeting


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "no address", "role": "scribe"}, "email"),
        ({"email": "olga@example.org", "role": "organiser"}, "role"),
        ({"email": "olga@example.org", "role": "asker"}, "role"),
        ({"email": "olga@example.org", "role": "king"}, "role"),
    ],
    ids=str,
)
def test_a_role_that_cannot_be_given_is_refused(console, meeting, sent, field):
    answer = console.post(f"/staff/meetings/{meeting.id}/people", data=sent)

    assert is_invalid(answer, field)


def test_support_says_yes_or_no(app, database, meeting):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    address = f"/m/{meeting.code}/questions/{question.id}/support"
    phone = a_browser(app)
    assert is_invalid(phone.put(address, json={"supported": True}), "device")
    phone.post(f"/m/{meeting.code}/questions", json={"key": a_key(), "text": "Hoi"})

    answers = [phone.put(address, json={"supported": value}) for value in (True, True, False)]

    assert is_invalid(phone.put(address, json={"supported": "perhaps"}), "supported")
    assert [answer.json for answer in answers] == [
        {"supported": True, "count": 1},
        {"supported": True, "count": 1},
        {"supported": False, "count": 0},
    ]
