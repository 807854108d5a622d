"""What residents and the hall receive on a whole walk holds nothing that was not meant for them."""

import os
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from tests.journeys.screen import Screen, a_screen
from tests.journeys.walk import MARK, Walk
from tests.server import Server, a_server, wait_until

SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
ROUNDS, STEPS = 15, 10
HTML = {"Accept": "text/html"}
MARKS = re.compile(rf"{MARK}\d{{5}}")
ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@dataclass
class Permitted:
    """Everything that was public at some moment, and for each phone what was its own to know.

    Every text of a walk ends in a mark of its own, by which it is known wherever it turns up.
    """

    walk: Walk
    screens: list[Screen]
    public: set[str] = field(default_factory=set)
    own: dict[str, set[str]] = field(default_factory=dict)

    def look(self) -> None:
        """Note what may be known after this step: by then it was decided who may see what."""
        stranger, evening = self.walk.phones["toestel 0"], self.walk.evening
        for page in (f"{evening.public}/live", f"{evening.public}/answers.json"):
            self.public |= marks_in(stranger.get(page).text)
        for screen in self.screens:
            if screen.name == "phone":
                mine = screen.web.get(f"{evening.public}/mine").text
                self.own.setdefault(seat_of(screen), set()).update(marks_in(mine))

    def for_screen(self, screen: Screen) -> set[str]:
        return self.public | self.own.get(seat_of(screen), set())


def marks_in(text: str) -> set[str]:
    return set(MARKS.findall(text))


def seat_of(screen: Screen) -> str:
    return f"{screen.name} {screen.lang}"


@dataclass
class Recording:
    """One evening with all that every screen received, and what it was allowed to."""

    permitted: Permitted
    receipts: set[str]
    devices: set[str]

    def leaks_to(self, screen: Screen) -> list[str]:
        """Name what this screen received and should not have."""
        received = "\n".join(screen.heard)
        asked = self.permitted.walk.asked.values()
        own = {question.receipt for question in asked if question.device == seat_of(screen)}
        return [
            *sorted(marks_in(received) - self.permitted.for_screen(screen)),
            *(receipt for receipt in self.receipts - own if receipt in received),
            *(device for device in self.devices if device in received),
            *ADDRESSES.findall(received),
        ]


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Iterator[Recording]:
    with a_server(tmp_path_factory.mktemp("private")) as server:
        yield record(server)


def record(server: Server) -> Recording:
    evening, desk = server.make_meeting(), server.organiser()
    screens = [
        a_screen(evening, "phone", lang="nl"),
        a_screen(evening, "phone", lang="en"),
        a_screen(evening, "hall"),
        a_screen(evening, "console", web=desk),
    ]
    phones = {seat_of(screen): screen.web for screen in screens[:2]}
    walk = Walk.on(evening, desk, f"{SEED}/private", phones)
    permitted = Permitted(walk, screens)
    walk.after = permitted.look
    for _ in range(ROUNDS):
        walk.take(STEPS)
        for screen in screens:
            screen.catch_up()
    walk.show("join")
    for screen in screens:
        hear_all(screen)
    return Recording(permitted, *secrets_in(server))


def hear_all(screen: Screen) -> None:
    """Hear what is still under way, read the other pages, and go."""
    newest = screen.fetch().revision

    def has_heard_all() -> bool:
        screen.catch_up()
        return screen.told >= newest

    wait_until(has_heard_all, f"the {seat_of(screen)} heard all")
    screen.load()
    if screen.name != "console":
        screen.heard.append(screen.web.get(f"{screen.place}/answers", headers=HTML).text)
        screen.heard.append(screen.web.get(f"{screen.place}/answers.csv").text)
        screen.heard.append(screen.web.get(f"{screen.place}/live?screen=hall").text)
    screen.leave()


def secrets_in(server: Server) -> tuple[set[str], set[str]]:
    """Every receipt and every device there is."""
    with closing(sqlite3.connect(server.database)) as reading:
        rows = reading.execute("SELECT receipt, device FROM questions").fetchall()
    return {receipt for receipt, _ in rows}, {device for _, device in rows}


@pytest.mark.parametrize("seat", ["phone nl", "phone en", "hall nl"])
def test_nobody_receives_what_is_not_for_everybody_and_not_their_own(recording, seat):
    screen = next(one for one in recording.permitted.screens if seat_of(one) == seat)

    assert len(screen.heard) > ROUNDS
    assert recording.leaks_to(screen) == [], f"FAULT_SEED={SEED}"


def test_the_walk_held_what_had_to_be_kept_from_them(recording):
    """The console's own recording, judged as if a resident had received it, is full of leaks."""
    console = next(one for one in recording.permitted.screens if one.name == "console")

    assert len(recording.leaks_to(console)) > 10
