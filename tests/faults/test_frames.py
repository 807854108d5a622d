"""What no browser says on a line: it ends at once and is forgotten, and everybody else goes on."""

import contextlib
import json
import socket
import struct
from collections.abc import Iterator

import pytest
import websocket

from tests.faults.crowd import Sent, send
from tests.faults.keeper import figure
from tests.journeys.screen import Screen, a_screen
from tests.makers import a_key
from tests.server import PATIENCE, Evening, Server, a_server, wait_until

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

TEXT, MORE, BINARY, CLOSE, PING = 1, 0, 2, 8, 9
LAST, NOT_LAST = 0x80, 0  # of a message, RFC 6455, 5.2


def frame(kind: int, said: bytes, *, last: int = LAST, size: int | None = None) -> bytes:
    """A frame with a mask that changes nothing; `size` is what it claims to hold."""
    size = len(said) if size is None else size
    if size < 126:
        return struct.pack("!BB4x", last | kind, 0x80 | size) + said
    return struct.pack("!BBQ4x", last | kind, 0xFF, size) + said


# By what it breaks: the first are against RFC 6455, the last against Engine.IO.
BROKEN = {
    "no mask": b"\x81\x012",
    "a bit that means nothing": frame(TEXT | 0x40, b"2"),
    "a kind that there is not": frame(3, b"2"),
    "a sign that there is not": frame(0xB, b"2"),
    "a ping in pieces": frame(PING, b"2", last=NOT_LAST),
    "a long ping": frame(PING, b"2" * 126),
    "the end of nothing": frame(MORE, b"2"),
    "a message within another": frame(TEXT, b"4", last=NOT_LAST) + frame(TEXT, b"4"),
    "no letters": frame(TEXT, b"4\xff\xfe"),
    "no letters, in pieces": frame(TEXT, b"4\xff", last=NOT_LAST) + frame(MORE, b"\xfe"),
    "a terabyte": frame(TEXT, b"", size=2**40),
    "half a goodbye": frame(CLOSE, b"2"),
    "a goodbye without a reason": frame(CLOSE, b"\x00\x01"),
}
NONSENSE = {"nothing at all": frame(TEXT, b""), "a word": frame(TEXT, b"hallo")}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with a_server(tmp_path_factory.mktemp("x"), entry="tests/faults/quick_pings.py") as running:
        yield running


@pytest.fixture(scope="module")
def evening(server) -> Evening:
    return server.make_meeting(moderation="off")


@pytest.fixture
def hall(evening) -> Iterator[Screen]:
    """A screen of somebody else."""
    hall = a_screen(evening, "hall")
    yield hall
    hall.leave()


@contextlib.contextmanager
def a_guest(server: Server, evening: Evening) -> Iterator[socket.socket]:
    """A phone's line, once it was told how far the meeting is."""
    line = websocket.create_connection(
        f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket", timeout=PATIENCE
    )
    with contextlib.closing(line.sock) as bare:
        line.send("40" + json.dumps({"meeting": evening.code, "screen": "phone", "lang": "nl"}))
        while not line.recv().startswith('42["pulse"'):
            pass
        yield bare


def ends(line: socket.socket) -> bool:
    """Whether the other side ends the line; fails when it stays open."""
    with contextlib.suppress(ConnectionResetError):
        while line.recv(4096):
            pass
    return True


def phones(server: Server) -> float:
    return figure(server, 'vragenmuur_sockets{screen="phone"}')


def hears(screen: Screen, number: int) -> bool:
    screen.catch_up()
    return any(card["data-number"] == str(number) for card in screen.region.cards.values())


@pytest.mark.parametrize("name", [*BROKEN, *NONSENSE])
def test_what_breaks_the_rules_ends_the_line_and_is_forgotten(server, evening, hall, tally, name):
    with a_guest(server, evening) as line:
        assert phones(server) == 1

        line.sendall({**BROKEN, **NONSENSE}[name])

        assert ends(line)
        wait_until(lambda: phones(server) == 0, "the guest is forgotten")
    status, asked = send(server, evening, Sent(a_key(), "Hoort iemand mij?"))
    assert status == 201
    wait_until(lambda: hears(hall, asked["number"]), "the hall goes on hearing")
    assert not hall.left.is_set()
    tally.add("broken frames", runs=1, acknowledged=1)


def test_a_server_that_reads_on_lets_a_stranger_stay(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/broken_forgiving.py") as server:
        evening = server.make_meeting(moderation="off")
        with a_guest(server, evening) as line:
            line.sendall(BROKEN["no mask"])

            line.settimeout(3)
            with pytest.raises(TimeoutError):
                ends(line)
    tally.add_control("broken frames", "reads on: stays")
