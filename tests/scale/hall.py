"""Open screens that stay up to date by themselves, and come back when they are cut off."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import requests
import socketio.exceptions

from tests.journeys.screen import Region, Screen, a_screen
from tests.server import PATIENCE, Evening, Server, wait_until

LONG = 90.0  # seconds; what is promised is ten, on a machine with nothing else to do
TROUBLE = (AssertionError, OSError, requests.RequestException, socketio.exceptions.SocketIOError)


@dataclass
class Seat:
    """A screen, and who does on it what a browser would do."""

    screen: Screen
    is_over: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)
    is_behind: bool = False

    def sit(self) -> None:
        while not self.is_over.wait(0.05):
            with self.turn:
                try:
                    self._keep_up()
                except TROUBLE:  # as the page does: later, again
                    self.is_behind = True
                    self.is_over.wait(0.3)

    def _keep_up(self) -> None:
        if self.screen.left.is_set():
            self.screen.inbox.clear()
            self.is_behind = True
            self.screen.listen()
        if self.is_behind:
            self.screen.refetch()
            self.is_behind = False
        self.screen.catch_up()

    def is_as_far_as(self, reload: Region) -> bool:
        mine = self.screen.region
        return (mine.epoch, mine.revision, mine.supports) == (
            *(reload.epoch, reload.revision, reload.supports),
        )

    def difference(self, reload: Region) -> str:
        """What a reload shows and the screen does not, or the other way round."""
        with self.turn:
            shown = {*chain(*self.screen.shown)} ^ {*chain(*reload.as_drawn)}
            return f"{self.screen.name}: {sorted(shown)[:1]}" if shown else ""


@contextlib.contextmanager
def a_hall(server: Server, evening: Evening, phones: int) -> Iterator[list[Seat]]:
    """Phones in both languages, the hall and a console, open until the evening is over."""
    screens = [a_screen(evening, "phone", lang=("nl", "en")[n % 2]) for n in range(phones)]
    screens.append(a_screen(evening, "hall"))
    console = server.sign_in("organiser@gemeente.example")
    screens.append(a_screen(evening, "console", web=console))
    seats = [Seat(screen) for screen in screens]
    tasks = [threading.Thread(target=seat.sit, daemon=True) for seat in seats]
    for task in tasks:
        task.start()
    try:
        yield seats
    finally:
        for seat in seats:
            seat.is_over.set()
        for task in tasks:
            task.join(PATIENCE)
        for seat in seats:
            with contextlib.suppress(*TROUBLE):
                seat.screen.wire.disconnect()


def wait_until_equal(seats: list[Seat]) -> float:
    """Wait until every screen is as far as a reload, and see that it shows the same.

    The answer is for how many seconds the last of them was behind.
    """
    began = time.monotonic()
    reloads = {_kind(seat): seat.screen.fetch() for seat in seats}
    wait_until(
        lambda: all(seat.is_as_far_as(reloads[_kind(seat)]) for seat in seats),
        "every screen is as far as a reload",
        patience=LONG,
    )
    took = time.monotonic() - began
    differences = [seat.difference(reloads[_kind(seat)]) for seat in seats]
    assert not any(differences), [found for found in differences if found][:3]
    return took


def _kind(seat: Seat) -> tuple[str, str]:
    """Screens of one kind and language show the same."""
    return seat.screen.name, seat.screen.lang
