"""A refusal has one status and one name, as JSON for programs and as a page for people."""

import re
import sqlite3
from contextlib import closing

import pytest

from facilitation.domain.lifecycle import MeetingState, QuestionState, Role
from tests.makers import (
    a_browser,
    a_colleague,
    a_key,
    a_meeting,
    a_question,
    database_of,
    now,
    send_question,
)

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>\'"&'


@pytest.fixture(scope="module")
def app(tmp_path_factory, new_app):
    return new_app(tmp_path_factory.mktemp("refusals"), has_limits=False)


@pytest.fixture(scope="module")
def database(app):
    return database_of(app)


@pytest.fixture(scope="module")
def meeting(database):
    return a_meeting(database)


REFUSALS = [
    ("GET", "/m/999999/live", 404, "not-found"),
    ("GET", "/m/{code}/live?screen=console", 404, "not-found"),
    ("GET", "/q/no-such-receipt", 404, "not-found"),
    ("POST", "/q/no-such-receipt/withdraw", 404, "not-found"),
    ("PUT", "/m/{code}/questions/999/support", 422, "invalid"),
    ("GET", "/nowhere", 404, "not-found"),
    ("GET", "/theme/../secret_key", 404, "not-found"),
    ("GET", "/theme/%2e%2e/secret_key", 404, "not-found"),
    ("DELETE", "/m/{code}", 405, "not-allowed-here"),
    ("GET", "/m/{code}/questions", 405, "not-allowed-here"),
    ("GET", "/staff/", 401, "sign-in"),
    ("POST", "/staff/meetings", 401, "sign-in"),
    ("GET", "/staff/meetings/abc", 404, "not-found"),
    ("GET", "/staff/welcome/made-up", 404, "not-found"),
    ("GET", "/m/" + "A" * 3000, 404, "not-found"),
    ("GET", "/m/%00%ff", 404, "not-found"),
    ("GET", "/staff/meetings/99999999999999999999/console", 404, "not-found"),
]


@pytest.mark.parametrize(("method", "path", "status", "name"), REFUSALS, ids=lambda v: str(v)[:40])
def test_a_program_gets_a_status_and_a_name(app, meeting, method, path, status, name):
    answer = a_browser(app).open(path.format(code=meeting.code), method=method)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["type"], answer.json["status"]) == (f"urn:problem:{name}", status)
    assert answer.json["title"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [row[:3] for row in REFUSALS if row[2] in {404, 405}],
    ids=lambda v: str(v)[:40],
)
def test_a_person_gets_a_page_in_words(app, meeting, method, path, status):
    answer = a_browser(app, accept="text/html").open(path.format(code=meeting.code), method=method)

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "<h1" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("number", [10**9, 2**63, 10**25])
def test_a_number_beyond_all_numbers_is_not_found(app, database, number):
    browser = a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))

    found = {
        browser.get(f"/staff/meetings/{number}/live").status_code,
        browser.post(f"/staff/meetings/{number}/pause").status_code,
        browser.get(f"/staff/meetings/1/questions/{number}").status_code,
        browser.post(f"/staff/meetings/1/questions/{number}/undo").status_code,
        browser.get(f"/staff/meetings/1/register/{number}").status_code,
    }

    assert found == {404}


@pytest.mark.parametrize(
    ("state", "takes_late"), [(MeetingState.CLOSED, False), (MeetingState.ARCHIVED, True)]
)
def test_who_comes_too_late_reads_so_in_a_sentence(app, database, state, takes_late):
    meeting = a_meeting(database, state=state, takes_late_questions=takes_late)

    answer = send_question(a_browser(app), meeting)

    assert (answer.status_code, answer.json["type"]) == (409, "urn:problem:not-open")
    assert answer.json["title"].endswith(".")


def test_every_unknown_receipt_gets_the_very_same_answer(app, database, meeting):
    question = a_question(database, meeting)
    tries = [question.receipt[:-1], question.receipt[:-1] + "_", question.receipt.swapcase(), "x"]
    tries = [receipt for receipt in tries if receipt != question.receipt]

    answers = [a_browser(app).get(f"/q/{receipt}") for receipt in tries]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert a_browser(app).get(f"/q/{question.receipt}").json["number"] == question.number


def test_a_receipt_takes_a_question_back_once(app, database, meeting):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    browser = a_browser(app)

    first = browser.post(f"/q/{question.receipt}/withdraw")
    again = browser.post(f"/q/{question.receipt}/withdraw")

    assert first.json["state"] == "withdrawn"
    assert (again.status_code, again.json["type"]) == (409, "urn:problem:not-open")


@pytest.mark.sqlite
def test_when_the_database_is_held_the_phone_is_told_to_try_again(app, database, meeting):
    raw = database._writer.raw_connection()
    raw.driver_connection.execute("PRAGMA busy_timeout = 50")
    raw.close()
    phone, sent = a_browser(app), {"key": a_key(), "text": "Hoeveel?"}

    with closing(
        sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = phone.post(f"/m/{meeting.code}/questions", json=sent)
        other.execute("ROLLBACK")
    again = phone.post(f"/m/{meeting.code}/questions", json=sent)

    assert (busy.status_code, busy.json["type"]) == (503, "urn:problem:unavailable")
    assert int(busy.headers["Retry-After"]) >= 1
    assert again.status_code == 201


def test_a_mistake_of_ours_says_nothing_of_our_insides(app, database, meeting, monkeypatch):
    def fail(*args, **kwargs):
        raise KeyError("a secret of the house")

    monkeypatch.setattr(database, "perform", fail)

    answer = send_question(a_browser(app), meeting)

    assert (answer.status_code, answer.json["type"]) == (500, "urn:problem:error")
    assert "secret" not in answer.text


@pytest.mark.sqlite
def test_not_ready_is_said_with_a_reason(app, database):
    raw = database._writer.raw_connection()
    raw.driver_connection.execute("PRAGMA synchronous = 1")
    raw.close()

    broken = a_browser(app).get("/readyz")
    raw = database._writer.raw_connection()
    raw.driver_connection.execute("PRAGMA synchronous = 2")
    raw.driver_connection.execute("PRAGMA busy_timeout = 10000")
    raw.close()
    mended = a_browser(app).get("/readyz")

    assert (broken.status_code, list(broken.json["reasons"])) == (503, ["database"])
    assert mended.status_code == 200
    assert a_browser(app).get("/healthz").status_code == 200


# -- what people typed is shown as they typed it


def test_html_in_a_question_is_shown_as_typed_on_every_screen(app, database):
    meeting = a_meeting(database, title=EVIL, about=EVIL, topics=[EVIL[:60]])
    question = a_question(
        database, meeting, state=QuestionState.DEFERRED, text=EVIL, name=EVIL[:60]
    )
    resident = a_browser(app, accept="text/html")
    staff = a_browser(
        app, account_id=a_colleague(database, role=Role.ORGANISER), accept="text/html"
    )
    owed = now(database, question).follow_up
    pages = {
        path: browser.get(path)
        for browser, path in [
            (resident, f"/m/{meeting.code}"),
            (resident, f"/m/{meeting.code}/live"),
            (resident, f"/m/{meeting.code}/live?screen=hall"),
            (resident, f"/m/{meeting.code}/hall"),
            (resident, f"/m/{meeting.code}/answers"),
            (resident, f"/q/{question.receipt}"),
            (staff, f"/staff/meetings/{meeting.id}"),
            (staff, f"/staff/meetings/{meeting.id}/edit"),
            (staff, f"/staff/meetings/{meeting.id}/live"),
            (staff, f"/staff/meetings/{meeting.id}/console"),
            (staff, f"/staff/meetings/{meeting.id}/questions/{question.id}"),
            (staff, f"/staff/meetings/{meeting.id}/register"),
            (staff, f"/staff/meetings/{meeting.id}/register/{owed.id}"),
        ]
    }

    for path, page in pages.items():
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path
        assert re.search(r"&lt;script&gt;alert", page.text), path


@pytest.mark.parametrize(
    "text", ["=1+1", "+31", "-5", "@SUM(A1)", "\uff1d1+1", "=cmd|' /C calc'!A0"]
)
def test_a_spreadsheet_calculates_nothing_that_residents_typed(app, database, text):
    meeting = a_meeting(database)
    question = a_question(
        database, meeting, state=QuestionState.DEFERRED, text=text, name="=HYPERLINK(1)"
    )
    staff = a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))

    tables = [
        a_browser(app).get(f"/m/{meeting.code}/answers.csv").text,
        staff.get(f"/staff/meetings/{meeting.id}/register.csv").text,
    ]

    for table in tables:
        cells = [cell.strip('"') for cell in re.split(r"[;\r\n]", table)]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\uff1d"))]
        assert f"'{question.text}" in table
