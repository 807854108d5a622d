"""All that one screen is told: each frame of its socket, each body over HTTP."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error, Page, Request, WebSocket

TEXTUAL = ("text/html", "application/json", "application/problem+json", "text/csv")


@dataclass
class Recording:
    """Begins with the page, before its first request."""

    page: Page
    frames: list[str] = field(default_factory=list)
    bodies: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    _finished: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)
        self.page.on("requestfinished", self._keep)

    def read(self) -> None:
        """Read the bodies that came in; the browser keeps them for a while only."""
        while self._finished:
            request = self._finished.pop(0)
            response = request.response()
            kind = (response and response.headers.get("content-type")) or ""
            if response is None or response.status == 304 or not kind.startswith(TEXTUAL):
                continue
            if 300 <= response.status < 400:
                continue
            try:
                self.bodies.append((f"{request.method} {request.url}", response.text()))
            except Error:
                self.unread.append(f"{request.method} {request.url}")

    def messages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The events of the socket: "changed", "counted", … with what they carry."""
        for frame in self.frames:
            if frame.startswith("42"):
                name, *carried = json.loads(frame[2:])
                yield name, carried[0] if carried else {}

    def regions(self) -> list[str]:
        """The live region as it was fetched, each time."""
        return [body for address, body in self.bodies if "/live?" in address]

    def told(self) -> str:
        """Everything at once."""
        frames = (json.dumps(json.loads(f[2:]), ensure_ascii=False) for f in self._events())
        return "\n".join([*frames, *(body for _, body in self.bodies)])

    def ids_heard(self) -> set[int]:
        """Every question that a message named, by its id."""
        heard: set[int] = set()
        for name, carried in self.messages():
            if name == "changed":
                heard |= {int(card["id"]) for card in carried["cards"]}
            if name == "counted":
                heard |= {int(number) for number in carried["counts"]}
        return heard

    def _events(self) -> list[str]:
        return [frame for frame in self.frames if frame.startswith("42")]

    def _keep(self, request: Request) -> None:
        self._finished.append(request)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.frames.append(_as_text(payload)))


def _as_text(payload: str | bytes) -> str:
    return payload if isinstance(payload, str) else payload.decode(errors="replace")
