"""Bad Wi-Fi between phone and server: a TCP proxy of our own, whose weather a test switches."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

PORTAL = b"<!doctype html><title>Gratis wifi</title><p>Accepteer eerst de voorwaarden.</p>"
CHUNK = 65_536


@dataclass(frozen=True)
class Weather:
    """What becomes of requests; each part is a share of them, drawn anew for every request."""

    lost_answers: float = 0  # the server does it, and the phone never hears
    resets: float = 0  # the connection breaks while the request is being sent
    stalls: float = 0  # nothing moves for a while, and then it goes on
    stalled: float = 0.4  # seconds
    delay: float = 0  # seconds, there and back
    is_gone: bool = False  # everything is swallowed, connections that are open too
    has_portal: bool = False  # every request is answered, by somebody else
    has_websocket: bool = True


CLEAR = Weather()
GONE = Weather(is_gone=True)
PORTAL_OF_THE_HALL = Weather(has_portal=True)
NO_WEBSOCKET = Weather(has_websocket=False)

METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"OPTIONS ")


@dataclass
class Proxy:
    """Passes on what it gets, as the weather allows; counts what it did to requests.

    A stretch in which everything is swallowed ends when the test switches, not after its time:
    the connections of that stretch are then broken, as a router forgets what was idle too long.
    """

    server_port: int
    seed: int
    port: int = 0
    did: Counter[str] = field(default_factory=Counter)
    weather: Weather = CLEAR

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.seed}/proxy")
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- what a test does

    def start(self) -> "Proxy":
        self._thread.start()
        self._do(self._listen()).result()
        return self

    def stop(self) -> None:
        self._do(self._end()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def switch(self, weather: Weather) -> None:
        """From now on the weather is this; what was swallowed until now breaks."""
        self._do(self._switch(weather)).result()

    def break_all(self) -> None:
        """Break every connection that is open, in the same moment."""
        self._do(self._break()).result()

    def _do(self, task: Coroutine[None, None, None]) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(task, self._loop)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _switch(self, weather: Weather) -> None:
        was_gone, self.weather = self.weather.is_gone, weather
        if was_gone:
            await self._break()

    async def _break(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _end(self) -> None:
        self._server.close()
        await self._break()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- one connection of a phone

    async def _serve(self, phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
        with self._held(to_phone), contextlib.suppress(OSError):
            server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
            with self._held(to_server):
                line = _Line(self, to_phone, to_server)
                ways = [
                    asyncio.create_task(_pass_on(phone, line.tell_server)),
                    asyncio.create_task(_pass_on(server, line.tell_phone)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    @contextlib.contextmanager
    def _held(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()


class _Broken(Exception):
    """This connection ends here."""


@dataclass
class _Line:
    """One connection: which fate its present request drew, and whether it became a WebSocket."""

    proxy: Proxy
    to_phone: asyncio.StreamWriter
    to_server: asyncio.StreamWriter
    is_socket: bool = False
    is_cut: bool = False
    loses_answer: bool = False

    async def tell_server(self, part: bytes) -> None:
        if self._swallows():
            return
        if not self.is_socket and part.startswith(METHODS):
            part = await self._begin_request(part)
        await self._write(self.to_server, part)
        if self.is_cut:
            self._break()

    async def tell_phone(self, part: bytes) -> None:
        if self._swallows():
            return
        if self.loses_answer:
            self._count("lost answers")
            self._break()
        await self._write(self.to_phone, part)

    def _swallows(self) -> bool:
        if self.proxy.weather.is_gone:
            self._count("swallowed")
        return self.proxy.weather.is_gone

    async def _begin_request(self, part: bytes) -> bytes:
        """Draw the fate of this request; the answer is what of it goes to the server."""
        weather, dice = self.proxy.weather, self.proxy.dice.random()
        asks_socket = b"upgrade: websocket" in part.lower()
        self._count("requests")
        if weather.has_portal or (asks_socket and not weather.has_websocket):
            await self._answer_ourselves("websockets refused" if asks_socket else "portal answers")
        self.is_socket = asks_socket
        self.proxy.did["websockets"] += asks_socket
        self.loses_answer = dice < weather.lost_answers
        self.is_cut = weather.lost_answers <= dice < weather.lost_answers + weather.resets
        if dice >= 1 - weather.stalls:
            self._count("stalls")
            await asyncio.sleep(weather.stalled)
        if not self.is_cut:
            return part
        self._count("resets")
        return part[: len(part) // 2]

    async def _answer_ourselves(self, what: str) -> None:
        self._count(what)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL)}\r\n"
        self.to_phone.write(head.encode() + b"Connection: close\r\n\r\n" + PORTAL)
        raise _Broken

    async def _write(self, target: asyncio.StreamWriter, part: bytes) -> None:
        await asyncio.sleep(self.proxy.weather.delay)
        target.write(part)
        await target.drain()

    def _break(self) -> None:
        _reset(self.to_phone)
        raise _Broken

    def _count(self, what: str) -> None:
        self.proxy.did[what] += 1


async def _pass_on(source: asyncio.StreamReader, tell: Callable[[bytes], Awaitable[None]]) -> None:
    while part := await source.read(CHUNK):
        await tell(part)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End it as a broken line does, not as a program that says goodbye."""
    at_once = struct.pack("ii", 1, 0)
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.transport.abort()


@contextlib.contextmanager
def a_proxy(server_port: int, *, seed: int) -> Iterator[Proxy]:
    """A running proxy that is gone afterwards."""
    proxy = Proxy(server_port, seed).start()
    try:
        yield proxy
    finally:
        proxy.stop()
