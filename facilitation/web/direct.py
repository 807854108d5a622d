"""The direct writer: a broadcast is framed once and goes straight to every screen that is idle.

The stock path wakes a green thread, a queue and a timer for each screen; with a thousand of them
that is most of what a placed question costs. Whoever is not idle gets the stock path, which waits.
It reaches into parts of engineio and eventlet that are not public: each line is looked at before
it is used, and one that looks different is left to the stock path. `DIRECT_WRITES=off` leaves all.
"""

import contextlib
import socket
from collections.abc import Callable
from typing import Any

TEXT = b"\x81"  # a whole message of text, as websockets frame it (RFC 6455, 5.2)
MESSAGE = "4"  # what Engine.IO puts before a message


class Direct:
    """Sends to the rooms of a Socket.IO server; knows the line of every screen that joined."""

    def __init__(self, server: Any, spawn: Callable[..., None]) -> None:
        self._server = server
        self._spawn = spawn
        self._lines: dict[str, Any] = {}
        make = server.eio._async["websocket"]
        # A copy: what engineio keeps is shared by all servers of the process.
        server.eio._async = server.eio._async | {
            "websocket": lambda handler, eio: make(self._knowing(handler), eio)
        }

    def emit(self, name: str, message: Any, room: str) -> None:
        """Send to everybody in the room, in the order of the calls."""
        words = self._server.packet_class(data=[name, message], namespace="/").encode()
        sent = framed(MESSAGE + words)
        screens = self._server.eio.sockets
        for _, eio_sid in list(self._server.manager.get_participants("/", room)):
            screen, line = screens.get(eio_sid), self._lines.get(eio_sid)
            is_idle = line is not None and screen is not None and is_free(screen, line)
            if not (is_idle and self._send(line, sent)):
                with contextlib.suppress(KeyError):  # it left just now
                    self._server.eio.send(eio_sid, words)

    def _knowing(self, handler: Any) -> Callable[[Any], Any]:
        """The same handler, during which we know the line of its screen."""

        def handle(line: Any) -> Any:
            sid = handler.__self__.sid
            if is_as_we_know_it(line):
                self._lines[sid] = line
            try:
                return handler(line)
            finally:
                self._lines.pop(sid, None)

        return handle

    def _send(self, line: Any, sent: bytes) -> bool:
        """Send it now; false leaves it to the stock path, which waits, or finds the screen gone.

        Nobody else can come in between: no green thread gets its turn before the rest is theirs.
        """
        try:
            size = line.socket.fd.send(sent)
        except OSError:
            return False
        if size < len(sent):
            line._sendlock.acquire()  # free, as `is_free` saw: does not wait
            self._spawn(self._finish, line, sent[size:])
        return True

    def _finish(self, line: Any, rest: bytes) -> None:
        """Wait until the rest of a frame is out; meanwhile nobody else writes on this line."""
        try:
            line.socket.sendall(rest)
        except OSError:  # half a frame is out: nothing sensible can follow
            with contextlib.suppress(OSError):
                line.socket.shutdown(socket.SHUT_RDWR)
        finally:
            line._sendlock.release()


def is_free(screen: Any, line: Any) -> bool:
    """Nothing queued, nobody who writes or waits to, and no ping that waits for too long."""
    return bool(
        not screen.queue.queue
        and line._sendlock.balance == 1
        and not (screen.closed or screen.closing)
        and (not screen.last_ping or screen.check_ping_timeout())
    )


def framed(words: str) -> bytes:
    """The words as one frame of text, unmasked as servers send."""
    data = words.encode()
    size = len(data)
    if size < 126:
        return TEXT + bytes([size]) + data
    if size < 65536:
        return TEXT + b"\x7e" + size.to_bytes(2, "big") + data
    return TEXT + b"\x7f" + size.to_bytes(8, "big") + data


def is_as_we_know_it(line: Any) -> bool:
    """Whether this line has the parts that we use, and frames as we do (no compression)."""
    try:
        return bool(
            line._sendlock.balance == 1
            and callable(line._sendlock.acquire)
            and line.socket.fd.fileno() >= 0
            and not line.socket.fd.getblocking()
            and all(line._pack_message(words) == framed(words) for words in ("x", "é" * 100))
        )
    except (AttributeError, TypeError):
        return False
