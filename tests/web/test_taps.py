"""A tap that is answered before Flask gets, header by header, what Flask would have answered."""

from functools import partial

import pytest
from flask import Flask
from werkzeug.test import Client

from facilitation.domain.lifecycle import QuestionState
from facilitation.web.headers import Hardened
from facilitation.web.limits import BUDGETS
from facilitation.web.taps import Taps
from tests.makers import a_browser, a_meeting, a_question, database_of, services_of

PAGE = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
    "Origin": "http://localhost",
    "Sec-Fetch-Site": "same-origin",
}
TRUE, FALSE = "supported=true", "supported=false"


@pytest.fixture
def meeting(app):
    return a_meeting(database_of(app))


@pytest.fixture
def question(app, meeting):
    return a_question(database_of(app), meeting, state=QuestionState.ON_WALL)


@pytest.fixture
def passed_on(app, monkeypatch):
    """The paths that went on to Flask."""
    taps, paths = app.wsgi_app._wsgi._wsgi, []
    assert isinstance(taps, Taps)
    ours = taps._wsgi

    def count(environ, start_response):
        if environ["REQUEST_METHOD"] == "PUT":
            paths.append(environ["PATH_INFO"])
        return ours(environ, start_response)

    monkeypatch.setattr(taps, "_wsgi", count)
    return paths


@pytest.fixture
def tap(app, meeting):
    """A phone that taps, by the front door or straight at Flask; each has been here before."""

    def a_tap(question_id, body=TRUE, *, flask=False, cookies=True, **headers):
        door = Hardened(partial(Flask.wsgi_app, app), is_https=False) if flask else app.wsgi_app
        phone = a_browser(app)
        phone.get(f"/m/{meeting.code}", headers={"Accept": "text/html"})
        cookie = "; ".join(f"{c.key}={c.value}" for c in phone._cookies.values()) if cookies else ""

        def send(body=body):
            answer = Client(door, use_cookies=False).put(
                f"/m/{meeting.code}/questions/{question_id}/support",
                data=body,
                headers={**PAGE, "Cookie": cookie, **headers},
            )
            kept = sorted(pair for pair in answer.headers if pair[0] != "Retry-After")
            return answer.status, kept, answer.get_data(as_text=True)

        return send

    return a_tap


def test_a_tap_and_another_get_what_flask_answers(question, tap, passed_on):
    ours, flasks = tap(question.id), tap(question.id, flask=True)

    heard = [ours(TRUE), ours(TRUE), ours(FALSE)]

    assert passed_on == []
    assert heard == [flasks(TRUE), flasks(TRUE), flasks(FALSE)]
    assert [body for _, _, body in heard] == [
        '{"count":1,"supported":true}\n',
        '{"count":1,"supported":true}\n',
        '{"count":0,"supported":false}\n',
    ]


def test_a_refusal_is_said_by_flask_in_the_readers_language(meeting, tap, passed_on):
    english = {"Accept-Language": "en"}

    refused = tap(999, **english)()
    assert len(passed_on) == 1

    assert refused[0] == "404 NOT FOUND"
    assert "This question is not here" in refused[2]
    assert refused == tap(999, flask=True, **english)()


def test_who_taps_without_end_is_asked_to_wait(question, tap):
    phone = tap(question.id)

    answers = [phone() for _ in range(BUDGETS["supports"].amount + 1)]

    assert [status[:3] for status, _, _ in answers[:-1]] == ["200"] * BUDGETS["supports"].amount
    assert answers[-1][0].startswith("429")


@pytest.mark.parametrize(
    ("body", "how"),
    [
        pytest.param(TRUE, {"Accept": "text/html"}, id="a form without JavaScript"),
        pytest.param(TRUE, {"Sec-Fetch-Site": "cross-site"}, id="a foreign page"),
        pytest.param('{"supported": false}', {"Content-Type": "application/json"}, id="a program"),
        pytest.param("supported=maybe", {}, id="nonsense"),
        pytest.param("supported=" + "x" * 5000, {}, id="too much"),
        pytest.param("", {}, id="nothing"),
        pytest.param(TRUE, {"cookies": False}, id="no cookie"),
    ],
)
def test_everything_else_goes_on_to_flask(question, tap, passed_on, body, how):
    heard = tap(question.id, body, **how)()

    assert len(passed_on) == 1
    assert heard == tap(question.id, body, flask=True, **how)()


def test_taps_are_counted_among_what_was_acknowledged(app, question, tap):
    acknowledged = partial(
        services_of(app).metrics.registry.get_sample_value,
        "vragenmuur_acknowledged_total",
        {"command": "phone.support"},
    )

    tap(question.id)()
    assert acknowledged() == 1

    tap(question.id, flask=True)()
    assert acknowledged() == 2
