"""What is answered before Flask is, byte for byte, what Flask would have answered."""

import gzip
import re
from functools import partial

import pytest
from flask import Flask
from werkzeug.test import Client

from facilitation.domain.lifecycle import QuestionState
from facilitation.web.front import Front
from facilitation.web.headers import Hardened
from tests.makers import a_browser, a_meeting, a_question, database_of, take, take_meeting

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "nl-NL,nl;q=0.9,en;q=0.8",
}


@pytest.fixture
def meeting(app):
    database = database_of(app)
    meeting = a_meeting(database)
    for _ in range(3):
        a_question(database, meeting, state=QuestionState.ON_WALL)
    return meeting


@pytest.fixture
def passed_on(app, monkeypatch):
    """The paths that went on to Flask."""
    front, paths = app.wsgi_app._wsgi, []
    assert isinstance(front, Front)
    ours = front._wsgi

    def count(environ, start_response):
        paths.append(environ["PATH_INFO"])
        return ours(environ, start_response)

    monkeypatch.setattr(front, "_wsgi", count)
    return paths


@pytest.fixture
def ask(app):
    """Ask as a browser that was never here, by the front door or straight at Flask."""

    def answer(path, *, flask=False, **headers):
        door = Hardened(partial(Flask.wsgi_app, app), is_https=False) if flask else app.wsgi_app
        response = Client(_bare(door), use_cookies=False).get(path, headers={**BROWSER, **headers})
        key = re.compile(rb'name="key" value="[0-9a-f-]{36}"')
        packed = response.headers.get("Content-Encoding") == "gzip"
        body = gzip.decompress(response.data) if packed else response.data
        kept = sorted(
            (name, re.sub(r"device-(\d+)=[^;]+", r"device-\1=…", value))
            for name, value in response.headers
            if name not in {"Content-Length", "Date"}  # the server itself says when
        )
        return response.status, kept, key.sub(b"", body)

    return answer


def _bare(door):
    """The same door, behind a server that leaves out what is empty, as eventlet's does."""

    def call(environ, start_response):
        if not environ["QUERY_STRING"]:
            del environ["QUERY_STRING"]
        return door(environ, start_response)

    return call


PATHS = ["", "/live?screen=phone", "/live?screen=hall"]
READERS = [
    {},
    {"Accept-Language": "en-GB,en;q=0.9"},
    {"Accept-Language": "fr"},
    {"Accept-Language": ""},
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("reader", READERS, ids=str)
def test_from_memory_it_is_what_flask_answers(meeting, passed_on, ask, path, reader):
    address = f"/m/{meeting.code}{path}"
    drawn = ask(address, **reader)
    passed_on.clear()

    again = ask(address, **reader)

    assert passed_on == []
    assert again == drawn == ask(address, flask=True, **reader)


@pytest.mark.parametrize("path", PATHS[1:])
def test_a_screen_that_has_the_region_hears_just_that(meeting, passed_on, ask, path):
    address = f"/m/{meeting.code}{path}"
    etag = dict(ask(address)[1])["ETag"]
    passed_on.clear()

    answers = {
        known: ask(address, **{"If-None-Match": known})
        for known in (etag, f'"older", {etag}', f"W/{etag}", "*", '"older"')
    }

    assert passed_on == []
    assert [status[:3] for status, _, _ in answers.values()] == ["304", "304", "304", "304", "200"]
    for known, answer in answers.items():
        assert answer == ask(address, flask=True, **{"If-None-Match": known})


def test_every_first_visit_gets_a_device_and_a_key_of_its_own(app, meeting):
    visits = [
        Client(app.wsgi_app, use_cookies=False).get(f"/m/{meeting.code}", headers=BROWSER)
        for _ in range(4)
    ]

    pages = [gzip.decompress(visit.data).decode() for visit in visits]
    assert len({visit.headers["Set-Cookie"] for visit in visits}) == 4
    assert len({re.search(r'name="key" value="([^"]+)"', page)[1] for page in pages}) == 4


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("?lang=en", {}, id="chooses a language"),
        pytest.param("", {"Cookie": "lang=en"}, id="chose a language before"),
        pytest.param("", {"Cookie": "other=1"}, id="was on this site before"),
        pytest.param("", {"Accept-Encoding": "identity"}, id="takes nothing packed"),
        pytest.param("", {"Accept-Encoding": "gzip;q=0"}, id="refuses gzip"),
        pytest.param("/live?screen=phone", {"Accept": "application/json"}, id="wants facts"),
        pytest.param("/live?screen=console", {}, id="a screen for staff"),
        pytest.param("/live", {}, id="names no screen"),
    ],
)
def test_everything_else_goes_on_to_flask(meeting, passed_on, ask, path, headers):
    for known in PATHS:
        ask(f"/m/{meeting.code}{known}")
    passed_on.clear()

    ask(f"/m/{meeting.code}{path}", **headers)

    assert passed_on == [f"/m/{meeting.code}{path.partition('?')[0]}"]


def test_what_changed_is_drawn_anew(app, meeting, ask):
    address = f"/m/{meeting.code}/live?screen=phone"
    ask(address)
    hidden = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)
    shown = ask(address)[2]

    take(database_of(app), hidden, "take_down")

    assert f'id="question-{hidden.id}"'.encode() in shown
    assert f'id="question-{hidden.id}"'.encode() not in ask(address)[2]


def test_a_meeting_that_is_being_prepared_is_for_staff_only(app, ask):
    meeting = a_meeting(database_of(app), state="draft")

    assert ask(f"/m/{meeting.code}")[0] == ask(f"/m/{meeting.code}/live?screen=phone")[0]
    assert ask(f"/m/{meeting.code}")[0] == "404 NOT FOUND"


def test_a_pause_is_seen_at_once(app, meeting, ask):
    address = f"/m/{meeting.code}/live?screen=hall"
    before = ask(address)[2]

    take_meeting(database_of(app), meeting.id, "pause")

    assert ask(address)[2] != before
    assert b'data-state="paused"' in ask(address)[2]


def test_the_browser_of_a_hall_gets_whole_pages(app, meeting):
    assert a_browser(app, accept="text/html").get(f"/m/{meeting.code}").status_code == 200
