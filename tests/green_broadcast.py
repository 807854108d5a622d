"""A server that broadcasts without end: `green_broadcast.py PORT SCREENS MESSAGES [careless]`.

Its send buffers are tiny, so that most frames go out in parts. `careless` takes no lock: the
control that must turn red.
"""

import eventlet

eventlet.monkey_patch()

import contextlib  # noqa: E402
import random  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402

import eventlet.wsgi  # noqa: E402
import socketio  # noqa: E402

from facilitation.web.direct import Direct, is_free  # noqa: E402

PORT, SCREENS, MESSAGES = map(int, sys.argv[1:4])
partial = 0


class Counting(Direct):
    """Ours, but it counts the frames that went out in parts."""

    def _finish(self, line, rest):
        global partial
        partial += 1
        super()._finish(line, rest)


class Careless(Counting):
    """Sends as if the line were always its own."""

    def _send(self, line, sent):
        size = 0
        with contextlib.suppress(BlockingIOError):
            size = line.socket.fd.send(sent)
        if size < len(sent):
            eventlet.spawn_n(self._hurry, line, sent[size:])
        return True

    def _hurry(self, line, rest):
        global partial
        partial += 1
        with contextlib.suppress(OSError):
            line.socket.sendall(rest)


server = socketio.Server(
    async_mode="eventlet", transports=["websocket"], ping_interval=1, ping_timeout=30
)
direct = (Careless if "careless" in sys.argv else Counting)(server, eventlet.spawn_n)


def all_idle():
    lines = list(direct._lines.items())
    return all(is_free(server.eio.sockets[sid], line) for sid, line in lines)


def broadcast():
    dice = random.Random(7)
    for number in range(MESSAGES):
        message = [number, "x" * dice.choice([1, 126, 3_000, 9_000, 20_000, 70_000])]
        if dice.random() < 0.2:  # the stock path, to the same screens
            server.emit("numbered", message, to="hall")
        else:
            direct.emit("numbered", message, "hall")
        eventlet.sleep(dice.choice([0, 0, 0.001]))
        while dice.random() < 0.99 and not all_idle():  # else soon all goes by the stock path
            eventlet.sleep(0.001)
    server.emit("end", {"partial": partial}, to="hall")


@server.on("connect")
def connect(sid, environ, auth=None):
    server.enter_room(sid, "hall")


@server.on("ready")
def ready(sid):
    """Begin once every screen says so."""
    server.enter_room(sid, "ready")
    if len(list(server.manager.get_participants("/", "ready"))) == SCREENS:
        eventlet.spawn_n(broadcast)


listening = eventlet.listen(("127.0.0.1", PORT))
listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
eventlet.wsgi.server(listening, socketio.WSGIApp(server), log_output=False)
