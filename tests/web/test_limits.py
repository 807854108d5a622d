"""Limits: generous to people, tight to programs, and never for a whole hall at once."""

import threading

import pytest
from limits.storage import MemoryStorage

from facilitation import create_app
from facilitation.domain.lifecycle import QuestionState
from facilitation.runtime import Threads
from facilitation.web.limits import BUDGETS, BUSY_WITH_WRONG_CODES, RarelySwept
from tests.makers import (
    a_browser,
    a_meeting,
    a_phone,
    a_question,
    database_of,
    send_question,
    some_settings,
)

QUESTIONS = BUDGETS["questions"].amount
SUPPORTS = BUDGETS["supports"].amount
WRONG_CODES = BUDGETS["wrong codes"].amount


def is_too_many(answer) -> bool:
    if answer.status_code != 429:
        return False
    assert answer.json["type"] == "urn:problem:too-many"
    assert answer.json["status"] == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 300
    return True


def test_one_phone_that_sends_without_end_is_asked_to_wait(app):
    meeting, phone = a_meeting(database_of(app)), a_browser(app)

    answers = [send_question(phone, meeting) for _ in range(QUESTIONS + 2)]

    assert [answer.status_code for answer in answers[:QUESTIONS]] == [201] * QUESTIONS
    assert all(is_too_many(answer) for answer in answers[QUESTIONS:])
    assert len(phone.get(f"/m/{meeting.code}/mine").json["cards"]) == QUESTIONS


def test_a_hall_behind_one_address_is_not_one_phone(app):
    meeting = a_meeting(database_of(app))
    first = a_browser(app)
    while send_question(first, meeting).status_code == 201:
        pass

    answers = [send_question(a_browser(app), meeting) for _ in range(QUESTIONS + 5)]

    assert {answer.status_code for answer in answers} == {201}
    assert {answer.request.remote_addr for answer in answers} == {"127.0.0.1"}


def test_a_page_keeps_what_was_typed_when_it_must_wait(app):
    meeting, phone = a_meeting(database_of(app)), a_browser(app)
    while send_question(phone, meeting).status_code == 201:
        pass

    page = phone.post(
        f"/m/{meeting.code}/questions",
        data={"key": "0" * 32, "text": "Deze tekst wil ik niet kwijt"},
        headers={"Accept": "text/html"},
    )

    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert "Deze tekst wil ik niet kwijt" in page.text


def test_supports_have_a_limit_of_their_own(app):
    database = database_of(app)
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    phone, other = a_phone(app, meeting), a_phone(app, meeting)
    address = f"/m/{meeting.code}/questions/{question.id}/support"

    answers = [
        phone.put(address, json={"supported": turn % 2 == 0}) for turn in range(SUPPORTS + 1)
    ]

    assert [answer.status_code for answer in answers[:-1]] == [200] * SUPPORTS
    assert is_too_many(answers[-1])
    assert other.put(address, json={"supported": True}).status_code == 200
    assert send_question(phone, meeting).status_code == 201


def test_who_guesses_codes_is_asked_to_wait_and_finds_the_right_one_all_the_same(app):
    meeting, guesser = a_meeting(database_of(app)), a_browser(app)

    answers = [guesser.get("/m/AAAAAA/live") for _ in range(WRONG_CODES + 1)]

    assert [answer.status_code for answer in answers[:-1]] == [404] * WRONG_CODES
    assert is_too_many(answers[-1])
    assert guesser.get(f"/m/{meeting.code}/live").status_code == 200
    assert a_browser(app).get("/m/AAAAAA/live").status_code == 404


def test_many_guessers_make_guessing_slow_and_lock_nobody_out(tmp_path, empty_tables):
    class Slow(Threads):
        def __init__(self) -> None:
            self.slept: list[float] = []

        def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)

    slow = Slow()
    app = create_app(some_settings(tmp_path), slow)
    database_of(app).migrate()
    meeting = a_meeting(database_of(app))

    guesses = [
        a_browser(app).get("/m/AAAAAA/live") for _ in range(BUSY_WITH_WRONG_CODES.amount + 2)
    ]

    assert {answer.status_code for answer in guesses} == {404}
    assert len(slow.slept) == 2
    assert a_browser(app).get(f"/m/{meeting.code}/live").status_code == 200
    database_of(app).dispose()


@pytest.mark.parametrize("has_limits", [True, False])
def test_limits_can_be_lifted_for_load_tests(tmp_path, new_app, has_limits):
    app = new_app(tmp_path, has_limits=has_limits)
    meeting, phone = a_meeting(database_of(app)), a_browser(app)

    statuses = {send_question(phone, meeting).status_code for _ in range(QUESTIONS + 1)}

    assert (429 in statuses) is has_limits


def test_what_may_be_forgotten_is_looked_for_now_and_then(monkeypatch):
    walks = []

    class Walk(threading.Timer):
        def start(self):
            walks.append(self)

    monkeypatch.setattr("limits.storage.memory.threading.Timer", Walk)
    memories = {kind: kind() for kind in (MemoryStorage, RarelySwept)}

    def walked(kind):
        walks.clear()
        for device in range(20):
            memories[kind].acquire_entry(f"device {device}", 5, 60)
        return len(walks)

    assert walked(MemoryStorage) == 20  # the control: as the library does it
    assert walked(RarelySwept) == 0
    monkeypatch.setattr("facilitation.web.limits.SWEEP_SECONDS", 0)
    assert walked(RarelySwept) == 20
