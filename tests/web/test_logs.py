"""A log line says what happened and where, and nothing that anybody typed."""

import json
import logging
import sqlite3

import pytest

from facilitation import logs
from tests.makers import a_browser, a_meeting, database_of, send_question

SECRET = "merk@merk.example"


@pytest.fixture
def lines(capfd):
    """Reads what was logged since the last time."""
    logs._log_from(logging.INFO)
    yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    logs._log_from(logging.ERROR)


def break_down() -> None:
    raise ValueError(SECRET)


def test_of_an_exception_the_kind_and_the_places_are_kept_and_not_its_words(lines):
    try:
        break_down()
    except ValueError:
        logs.fail("a task failed")

    (line,) = lines()
    assert (line["event"], line["error"]) == ("a task failed", "ValueError")
    assert line["places"][-1].endswith(" break_down")
    assert line["places"][-1].startswith("web/test_logs.py:")
    assert SECRET not in str(line)


def test_of_a_library_only_who_spoke_and_where_is_kept(lines):
    logger = logging.getLogger("werkzeug.apart")
    logger.propagate = False
    logger.addHandler(logs.Foreign())

    logger.error("for %s", SECRET)
    try:
        break_down()
    except ValueError:
        logger.exception(SECRET)

    plain, broken = lines()
    assert (plain["logger"], plain["error"]) == ("werkzeug.apart", "error")
    assert broken["error"] == "ValueError"
    assert SECRET not in str([plain, broken])


def test_a_field_that_is_not_known_is_left_out(lines):
    logs.say("command", email=SECRET, status=200)

    assert [set(line) for line in lines()] == [{"timestamp", "level", "event", "status"}]


def test_a_command_is_one_line_and_a_look_is_none(app, lines):
    meeting = a_meeting(database_of(app))
    phone = a_browser(app)
    phone.get(f"/m/{meeting.code}")
    send_question(phone, meeting, text=SECRET, name=SECRET)
    send_question(phone, meeting, text="")

    asked, refused = lines()

    assert (asked["event"], asked["endpoint"], asked["status"]) == ("command", "phone.ask", 201)
    assert (refused["reason"], refused["status"]) == ("invalid", 422)
    assert not [word for word in (SECRET, meeting.code) if word in str([asked, refused])]


def test_an_address_that_somebody_made_up_is_not_logged(app, lines):
    a_browser(app).post(f"/staff/meetings/1/{SECRET}")
    a_browser(app).post(f"/{SECRET}")

    found = lines()

    assert len(found) == 2
    assert SECRET not in str(found)


def test_what_cannot_be_logged_keeps_nobody_from_an_answer(app, lines, monkeypatch):
    meeting = a_meeting(database_of(app))

    def fail(*words):
        raise OSError("no space left on device")

    monkeypatch.setattr(logs.os, "write", fail)

    assert send_question(a_browser(app), meeting).status_code == 201


def test_in_commands_only_failures_are_logged(app, capfd):
    send_question(a_browser(app), a_meeting(database_of(app)))
    assert capfd.readouterr().err == ""

    try:
        raise sqlite3.Error
    except sqlite3.Error:
        logs.fail("a task failed")
    assert json.loads(capfd.readouterr().err)["event"] == "a task failed"
