"""Phones without a browser: a socket each and plain HTTP, cheap enough to play a thousand of them.

They offer compression as browsers do, so that a server that takes the offer pays for it here too.
"""

import asyncio
import base64
import json
import os
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE = 180.0
SHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket{session} HTTP/1.1\r\n"
    "Host: {host}\r\nOrigin: {origin}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: {key}\r\nUser-Agent: Mozilla/5.0\r\nAccept-Encoding: gzip\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n{cookie}\r\n"
)
PLAIN = {"Content-Type": "text/plain;charset=UTF-8"}


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def cookie(self) -> str:
        return self.headers.get("set-cookie", "").partition(";")[0]

    def json(self) -> Any:
        return json.loads(self.body)


class Visit:
    """A browser's connection to one server, kept open from one request to the next."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._where = urlsplit(base)
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> "Visit":
        return self

    async def __aexit__(self, *why: object) -> None:
        if self._wire is not None:
            self._wire[1].close()

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        raw = urlencode(body).encode() if isinstance(body, Mapping) else body or b""
        lines = {
            "Host": self._where.netloc,
            "Connection": "keep-alive",
            "Accept": "text/html",
            "Accept-Encoding": "gzip",
            "Origin": self._base,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(raw)),
        } | dict(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        if self._wire is None:
            self._wire = await asyncio.open_connection(self._where.hostname, self._where.port)
        reader, writer = self._wire
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + raw)
        try:
            return await _read_answer(reader)
        except asyncio.IncompleteReadError as why:
            raise ConnectionResetError("no whole answer") from why


async def ask(base: str, path: str, **how: Any) -> Answer:
    """One request on a connection of its own, as after a sleep of the phone."""
    async with Visit(base) as visit:
        return await visit.ask(path, **how)


async def _read_answer(reader: asyncio.StreamReader) -> Answer:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await reader.read()
    if headers.get("content-encoding") == "gzip":
        body = zlib.decompress(body, 31)
    return Answer(int(first.split()[1]), headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


@dataclass(eq=False)
class Phone(asyncio.Protocol):
    """A screen with its socket; `hear` gets every event's raw words and the moment they came."""

    base: str
    auth: Mapping[str, Any]
    hear: "Hear"
    cookie: str = ""
    joined: asyncio.Future[float] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    left: bool = False
    _wire: asyncio.Transport | None = None
    _kept: bytes = b""
    _is_open: bool = False
    _session: str = ""
    _inflate: Any = None

    async def join(self, visit: Visit | None = None) -> float:
        """Open the socket; the moment at which the server had let us in."""
        await self._open()
        return await asyncio.wait_for(self.joined, PATIENCE)

    async def _open(self) -> None:
        where = urlsplit(self.base)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, where.hostname, where.port)

    def leave(self) -> None:
        """Go away without a word, as phones do."""
        self.left = True
        if self._wire is not None:
            self._wire.abort()

    def emit(self, name: str, *data: Any) -> None:
        """Send an event (only for walls that take commands by socket)."""
        self._send(b"42" + json.dumps([name, *data]).encode())

    # -- the wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport
        lines = SHAKE.format(
            session=self._session,
            host=urlsplit(self.base).netloc,
            origin=self.base,
            key=base64.b64encode(os.urandom(16)).decode(),
            cookie=f"Cookie: {self.cookie}\r\n" if self.cookie else "",
        )
        transport.write(lines.encode())

    def connection_lost(self, exc: Exception | None) -> None:
        self.left = True
        if not self.joined.done():
            self.joined.set_exception(ConnectionResetError("turned away"))

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._kept += data
        if not self._is_open and not self._shaken():
            return
        while (frame := self._next_frame()) is not None:
            self._take(*frame, now)

    def _shaken(self) -> bool:
        head, end, rest = self._kept.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head[:20]:
            assert self._wire is not None
            self._wire.abort()
            return False
        if b"permessage-deflate" in head:
            self._inflate = zlib.decompressobj(-15)
        self._kept, self._is_open = rest, True
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        kept = self._kept
        if len(kept) < 2:
            return None
        size, start = kept[1], 2
        if size == 126:
            size, start = int.from_bytes(kept[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(kept[2:10], "big"), 10
        if len(kept) < start + size:
            return None
        self._kept = kept[start + size :]
        return kept[0], kept[start : start + size]

    def _take(self, first: int, data: bytes, now: float) -> None:
        if first & 15 == 8 and self._wire is not None:
            self._wire.close()
            return
        if first & 64:
            data = self._inflate.decompress(data + b"\0\0\xff\xff")
        if data[:2] == b"42":
            self.hear(self, data, now)
        elif data[:1] == b"0":
            self._send(b"40" + json.dumps(self.auth).encode())
        elif data[:1] == b"2":
            self._send(b"3")
        elif data[:2] == b"40" and not self.joined.done():
            self.joined.set_result(now)

    def _send(self, data: bytes) -> None:
        """One text frame; a mask of zeros is a mask and costs nothing."""
        assert self._wire is not None
        size = len(data)
        head = bytes([129, 128 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
        if not self._wire.is_closing():
            self._wire.write(head + b"\0\0\0\0" + data)


@dataclass(eq=False)
class PollingPhone(Phone):
    """As `io()` without options does it: long polling first, then it asks for a WebSocket."""

    async def join(self, visit: Visit | None = None) -> float:
        """Ask for a session, connect and hear the answer by polling; the socket comes after it."""
        assert visit is not None
        path = "/socket.io/?EIO=4&transport=polling"
        opened = await visit.ask(path)
        self._session = f"&sid={json.loads(opened.body[1:])['sid']}"
        await visit.ask(path + self._session, method="POST", body=b"40", headers=PLAIN)
        heard = await visit.ask(path + self._session)
        now = time.perf_counter()
        for words in heard.body.split(b"\x1e"):
            self._take(129, words, now)
        await self._open()
        return await asyncio.wait_for(self.joined, PATIENCE)

    def _shaken(self) -> bool:
        if not super()._shaken():
            return False
        self._send(b"2probe")
        return True

    def _take(self, first: int, data: bytes, now: float) -> None:
        if data == b"3probe":
            self._send(b"5")
        elif data[:1] != b"0":
            super()._take(first, data, now)


Hear = Callable[[Phone, bytes, float], None]


def facts_in(words: bytes) -> Any:
    """The name and the message of an event."""
    return json.loads(words[2:])
