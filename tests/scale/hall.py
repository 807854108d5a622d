"""Open screens by the hundred on one loop: each does what its page does, and comes back itself."""

import asyncio
import contextlib
import random
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from bench.phones import Answer, Phone, ask, facts_in
from tests.journeys.screen import Region, Screen
from tests.server import PATIENCE, Evening, Server, a_program

# As the page does, in seconds: static/js/parts/region.js and static/js/live.js.
SPREAD = (0.0, 0.8)
BACK = (2.0, 5.0)
GIVES_UP = 12.0
HANDSHAKE = 10.0
TROUBLE = (AssertionError, OSError, ValueError)  # an answer that was no page, or none

AT_ONCE = 40  # screens that are being opened
MOST_PULSES = 2  # the first may have been on its way when the last change was made
LONG = 90.0  # seconds after which a machine is broken, or no pulse comes any more


Change = tuple[int, str | None, int, str | None]  # id, html, order, state


class Wire(Phone):
    """A phone's socket that says when it was cut off."""

    lost: Callable[[], None]

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.lost()


@dataclass
class Known:
    """What a screen knows of the region that it shows."""

    epoch: str
    revision: int
    supports: int
    state: str
    view: str

    @classmethod
    def of(cls, html: str) -> "Known":
        found = re.search(r'<div id="live"[^>]*>', html)
        assert found, html[:300]
        said = dict(re.findall(r'data-(\w+)="([^"]*)"', found[0]))
        return cls(
            *(said["epoch"], int(said["revision"]), int(said["supports"])),
            *(said["state"], said["view"]),
        )


@dataclass(eq=False)
class Seat(Screen):
    """A screen, and who does on it what a browser would do.

    It keeps what it fetched and what it was told after that; only a judge draws it.
    """

    cookie: str = ""
    pulses: int = 0  # since we began to look
    is_behind: bool = False
    is_busy: bool = True
    html: str = ""
    told_since: list[Change] = field(default_factory=list)
    etag: str = ""
    socket: Wire | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    dice: random.Random = field(default_factory=random.Random)

    # -- for ever

    async def open_page(self) -> None:
        page = await self.ask("" if self.name == "phone" else f"/{self.name}")
        self.cookie = self.cookie or page.cookie
        await self._fetch_all()
        await self._listen()

    async def sit(self) -> None:
        while True:
            with contextlib.suppress(*TROUBLE):
                if self.socket is None:
                    await self._listen()
                    await self._fetch_all()  # what was missed meanwhile
                await self._keep_up(self.socket)
            self.socket, self.is_busy = None, True
            await asyncio.sleep(self.dice.uniform(*BACK))

    async def _listen(self) -> None:
        meeting = self.evening.id if self.name == "console" else self.evening.code
        auth = {"meeting": meeting, "screen": self.name, "lang": self.lang}
        self.inbox.clear()
        self.socket = socket = Wire(self.evening.base, auth, self._heard, self.cookie)
        socket.lost = self.news.set
        try:
            async with asyncio.timeout(HANDSHAKE):
                await socket.join()
        except TROUBLE:
            socket.leave()
            self.socket = None
            raise

    def _heard(self, socket: Phone, words: bytes, moment: float) -> None:
        if socket is self.socket:
            self.inbox.append(tuple(facts_in(words)))
            self.news.set()

    async def _keep_up(self, socket: Wire) -> None:
        """Do what is heard; what cannot be fetched is told again by the next pulse."""
        while not socket.left:
            self.news.clear()
            self.catch_up()
            if self.is_behind:
                await asyncio.sleep(self.dice.uniform(*SPREAD))
                self.is_behind = False
                with contextlib.suppress(*TROUBLE):
                    await self._fetch_all()
            elif not self.inbox:
                self.is_busy = False
                await self.news.wait()
                self.is_busy = True

    # -- what the page does

    def refetch(self) -> None:
        """As soon as it is our turn."""
        self.refetches += 1
        self.is_behind = True

    def _do_pulse(self, message: dict[str, Any]) -> None:
        self.pulses += 1
        if message["epoch"] != self.region.epoch or message["revision"] >= self.region.revision:
            super()._do_pulse(message)  # else it was overtaken

    def _do_counted(self, message: dict[str, Any]) -> None:
        self.refetch()  # nobody supports in this hall

    def _put(self, change: dict[str, Any]) -> None:
        self.told_since.append((change["id"], change["html"], change["order"], change.get("state")))

    async def _fetch_all(self) -> None:
        answer = await self.ask(f"/live?screen={self.name}", {"If-None-Match": self.etag})
        if answer.status != 304:
            self._become_newer(answer.body.decode(), answer.headers["etag"])
        if self.name == "phone":
            await self.ask("/mine")

    def _become_newer(self, html: str, etag: str) -> None:
        fresh = Known.of(html)
        known = getattr(self, "region", fresh)
        if known.epoch != fresh.epoch or fresh.revision >= known.revision:
            self.region, self.etag, self.html, self.told_since = fresh, etag, html, []

    async def reload(self) -> str:
        return (await self.ask(f"/live?screen={self.name}")).body.decode()

    async def ask(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        own = {"Accept-Language": self.lang, "Cookie": self.cookie, **(headers or {})}
        place = self.place.removeprefix(self.evening.base)
        async with asyncio.timeout(GIVES_UP):
            answer = await ask(self.evening.base, place + path, headers=own)
        assert answer.status in {200, 304}, answer
        return answer

    # -- how it is judged

    @property
    def kind(self) -> tuple[str, str]:
        """Screens of one kind and language show the same."""
        return self.name, self.lang

    def is_as_far_as(self, reload: str) -> bool:
        mine, fresh = self.region, Known.of(reload)
        return (mine.epoch, mine.revision, mine.supports) == (
            *(fresh.epoch, fresh.revision, fresh.supports),
        )

    def difference(self, reload: str) -> str:
        """What a reload shows and the screen does not, or the other way round."""
        shown, fresh = drawn(self.html, tuple(self.told_since)), drawn(reload)
        return f"{self.name}: {sorted({*shown} ^ {*fresh})[:1]}" if shown != fresh else ""


class Drawing(Screen):
    """A screen without a connection."""

    def __init__(self, region: Region) -> None:
        self.region = region


@lru_cache(maxsize=256)
def drawn(html: str, told_since: tuple[Change, ...] = ()) -> list[str]:
    """The cards of a screen that fetched this and was told that: many screens did the same."""
    drawing = Drawing(Region.of(html))
    for change in told_since:
        drawing._put(dict(zip(("id", "html", "order", "state"), change, strict=True)))
    return [*chain(*drawing.shown)]


class Behind(AssertionError):
    """A screen was told twice how far we are, and shows something else."""


class Hall:
    """All seats, on one loop in one thread."""

    def __init__(self, seats: list[Seat]) -> None:
        self.seats = seats
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._sitting: list[asyncio.Task[None]] = []

    def do(self, task: Coroutine[Any, Any, Any]) -> Any:
        """Do this on the loop and give its answer."""
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(LONG + PATIENCE)

    @contextlib.contextmanager
    def open(self) -> Iterator["Hall"]:
        self._thread.start()
        try:
            self.do(self._open())
            yield self
        finally:
            self.do(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)
            self._loop.close()

    async def _open(self) -> None:
        turn = asyncio.Semaphore(AT_ONCE)

        async def open_one(seat: Seat) -> None:
            async with turn:
                await seat.open_page()
            self._sitting.append(asyncio.create_task(seat.sit()))

        await asyncio.gather(*map(open_one, self.seats))

    async def _close(self) -> None:
        for task in self._sitting:
            task.cancel()
        await asyncio.gather(*self._sitting, return_exceptions=True)
        for seat in self.seats:
            if seat.socket is not None:
                seat.socket.leave()
        await asyncio.sleep(0)

    def wait_until_equal(self) -> float:
        """Wait until every screen is as far as a reload, and see that it shows the same.

        The answer is for how many seconds the last of them was behind. Not the seconds are judged,
        which another program on the machine may stretch, but the server's own doing: whoever was
        told twice by the pulse how far we are, and had nothing left to do, must be as far.
        """
        return float(self.do(self._wait_until_equal()))

    async def _wait_until_equal(self) -> float:
        began = time.monotonic()
        one_of_each = {seat.kind: seat for seat in self.seats}
        reloads = {kind: await seat.reload() for kind, seat in one_of_each.items()}
        for seat in self.seats:
            seat.pulses = 0
        while behind := [s for s in self.seats if not s.is_as_far_as(reloads[s.kind])]:
            late = [s for s in behind if s.pulses >= MOST_PULSES and not s.is_busy]
            if late or time.monotonic() - began > LONG:
                raise Behind(f"{len(late)} of {len(self.seats)} screens, {len(behind)} not yet")
            await asyncio.sleep(0.05)
        took = time.monotonic() - began
        differences = [seat.difference(reloads[seat.kind]) for seat in self.seats]
        assert not any(differences), [found for found in differences if found][:3]
        return took


@contextlib.contextmanager
def a_hall(server: Server, evening: Evening, phones: int) -> Iterator[Hall]:
    """Phones in both languages, the hall and a console, open until the evening is over."""
    console = server.sign_in("organiser@gemeente.example")
    cookie = "; ".join(f"{name}={value}" for name, value in console.cookies.items())
    web = a_program(evening.base)
    seats = [Seat("phone", ("nl", "en")[n % 2], evening, web) for n in range(phones)]
    seats.append(Seat("hall", "nl", evening, web))
    seats.append(Seat("console", "nl", evening, web, cookie=cookie))
    with Hall(seats).open() as hall:
        yield hall
