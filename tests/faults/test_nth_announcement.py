"""The n-th announcement fails, of every command, for every n: it is kept, and the pulse tells it.

An announcement is told in many calls: one that hands it over, then one for each kind of screen.
"""

import os
import random
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIO
from sqlalchemy import func, select

from facilitation import runtime
from facilitation.domain.lifecycle import Role
from facilitation.domain.meeting import Meeting
from facilitation.storage.queries import MeetingFacts
from facilitation.web.live import Live
from tests import makers
from tests.faults.commands import MADE, kept
from tests.faults.crowd import Sent, send
from tests.journeys.screen import Screen, a_screen
from tests.journeys.walk import Walk
from tests.makers import (
    a_browser,
    a_colleague,
    a_key,
    a_meeting,
    database_of,
    meeting_now,
    services_of,
)
from tests.server import Evening, Server, a_server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
WALKS = FAULTS
STEPS = 45
MOST_CALLS = 40  # more than any command makes while three screens listen
SILENT = {"first link", "use first link"}  # they announce nothing, and want a house without people


class Speechless(Exception):
    """Not an exception that anybody expects."""


@dataclass
class Mouth:
    """What speaks to the screens, and says nothing at the n-th call; the pulse is not counted."""

    n: int = 0
    calls: int = 0

    def fail_at(self, n: int) -> None:
        self.n, self.calls = n, 0

    def call(self) -> None:
        self.calls += 1
        if self.calls == self.n:
            raise Speechless

    @property
    def has_failed(self) -> bool:
        return 0 < self.n <= self.calls


@pytest.fixture(scope="module")
def app(new_app, tmp_path_factory) -> Flask:
    """One for all: each command brings a meeting of its own."""
    return new_app(tmp_path_factory.mktemp("speechless"))


@pytest.fixture
def mouth(app, monkeypatch) -> Mouth:
    mouth, database, emit = Mouth(), database_of(app), SocketIO.emit
    announce = database.announce

    def announce_or_not(announcement):
        mouth.call()
        announce(announcement)

    def emit_or_not(socketio, name, *message, **how):
        if name != "pulse":
            mouth.call()
        emit(socketio, name, *message, **how)

    monkeypatch.setattr(database, "announce", announce_or_not)
    monkeypatch.setattr(SocketIO, "emit", emit_or_not)
    return mouth


class Indoors(Screen):
    """The same screen without a network between."""

    web: FlaskClient

    def __post_init__(self) -> None:
        self.web.environ_base["HTTP_ACCEPT_LANGUAGE"] = self.lang

    def on(self, app: Flask, meeting: MeetingFacts) -> "Indoors":
        self._become(self.fetch())
        self.line = makers.a_screen(app, meeting, screen=self.name, browser=self.web)
        return self

    def get(self, path: str) -> str:
        answer = self.web.get(self.place + path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, (path, answer.text)
        return answer.text

    def catch_up(self) -> None:
        self.inbox.extend((told["name"], told["args"][0]) for told in self.line.get_received())
        super().catch_up()


def screens_of(app: Flask, meeting: MeetingFacts) -> list[Indoors]:
    """Every screen that this meeting has in its state: phone, hall and console."""
    moderator = a_colleague(database_of(app), role=Role.MODERATOR, meeting=meeting)
    evening = Evening(meeting.id, meeting.code, "")
    names = ["console"] if meeting.state == "draft" else ["phone", "hall", "console"]
    return [
        Indoors(name, "nl", evening, a_browser(app, account_id=moderator)).on(app, meeting)
        for name in names
    ]


def newest_meeting(app: Flask) -> MeetingFacts:
    database = database_of(app)
    with database.read() as session:
        newest = session.scalar(select(func.max(Meeting.id)))
    return meeting_now(database, newest) if newest else a_meeting(database)


def is_struck(app: Flask, mouth: Mouth, name: str, n: int) -> bool:
    """Let the n-th call of one command fail: it is kept, answered, and the pulse tells it."""
    database, live = database_of(app), services_of(app).live
    command = MADE[name](database)
    screens = screens_of(app, newest_meeting(app))
    before = kept(database)

    mouth.fail_at(n)
    command(database)

    is_struck = mouth.has_failed
    assert kept(database) != before
    live.pulse()
    for screen in screens:
        screen.catch_up()
        assert screen.shown == screen.fetch().as_drawn, f"{screen.name}, call {n}"
        screen.line.disconnect()
    return is_struck


@pytest.mark.parametrize("name", sorted(MADE.keys() - SILENT))
def test_whichever_announcement_fails_the_command_is_kept_and_the_pulse_tells_it(
    app, mouth, tally, name
):
    strikes = 0
    while is_struck(app, mouth, name, strikes + 1):
        strikes += 1
        assert strikes < MOST_CALLS, "a command makes more calls than we thought"

    tally.add("n-th announcement fails", runs=strikes, acknowledged=strikes + 1)


def test_without_a_pulse_the_screens_stay_behind(app, mouth, tally, monkeypatch):
    monkeypatch.setattr(Live, "pulse", lambda live: None)

    with pytest.raises(AssertionError, match="call 1"):
        is_struck(app, mouth, "approve", 1)

    tally.add_control("n-th announcement fails", "no pulse: stays behind")


def test_a_writer_that_tells_unguarded_fails_what_it_kept(app, mouth, monkeypatch):
    monkeypatch.setattr(runtime, "_tell", lambda then, outcomes: then(outcomes))

    with pytest.raises(Speechless):
        is_struck(app, mouth, "approve", 1)


# -- on the real server, where the commands of all phones go through one writer


@pytest.mark.server
@pytest.mark.timeout(60 + 60 * FAULTS)
def test_a_server_that_fails_to_tell_goes_on_and_every_screen_gets_right(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/speechless.py") as server:
        server.add_colleague("organiser@gemeente.example")
        for number in range(WALKS):
            walk_on(server, f"{SEED}/{number}")

        untold = server.log.count("not told")

    assert untold > 3, "it told everything: the walk proves nothing"
    tally.add("n-th announcement fails", runs=untold, acknowledged=WALKS * STEPS)


def walk_on(server: Server, seed: str) -> None:
    """Walk while every third thing is not told, and hold the open screens against fresh ones."""
    evening = server.make_meeting()
    desk, other = (server.sign_in("organiser@gemeente.example") for _ in range(2))
    screens = [
        *(a_screen(evening, name) for name in ("phone", "phone", "hall")),
        a_screen(evening, "console", web=other),
    ]
    walk = Walk.on(evening, desk, seed, {f"open {n}": screens[n].web for n in range(2)})
    for _ in range(3):
        walk.take(STEPS // 3)
        for screen in screens:
            wait_until(lambda one=screen: is_right(one), f"the {screen.name} is right ({seed})")
    for screen in screens:
        screen.leave()


def is_right(screen: Screen) -> bool:
    screen.catch_up()
    return screen.shown == screen.fetch().as_drawn


@pytest.mark.server
def test_a_writer_that_tells_unguarded_answers_nobody_any_more(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/broken_unguarded.py") as server:
        evening = server.make_meeting(moderation="off")

        with pytest.raises(TimeoutError):
            for number in range(10):
                send(server, evening, Sent(a_key(), f"Vraag {number}?"), patience=3)

    tally.add_control("n-th announcement fails", "unguarded: the writer stops")
