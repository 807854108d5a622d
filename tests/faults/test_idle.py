"""One address for a whole hall: idle lines and slow headers take no place, and all may join."""

import contextlib
import json
import os
import resource
import socket
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests
import websocket

from tests.faults.crowd import Sent, send
from tests.faults.keeper import memory_of
from tests.makers import a_key
from tests.server import PATIENCE, Evening, Server, a_program, a_server

FAULTS = int(os.environ.get("FAULTS", "1"))
IDLE = 5_000
SLOW = 500  # of these: in the middle of a header that never ends
A_FEW = 50
PLENTY = 40 * 1024  # bytes for a connection that says nothing
ASKED = 15 * min(FAULTS, 3)  # times on each of two servers, in turn
TRIES = 3  # another program may have the processor just then
SLOWER = 1.5
PHONES = min(200 * FAULTS, 1_000)
JOINED_WITHIN = 60.0  # seconds
FIRST_WORDS = b"GET / HTTP/1.1\r\nHost: vragen.example\r\nX-Slow: "

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """A connection is a file, here as on the server."""
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < IDLE + 500:
        pytest.skip(f"this machine allows {most} files: the idle connections were NOT tried")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))


@dataclass
class Idle:
    """Lines that say nothing, and some that never come to the end of their first sentence."""

    lines: Sequence[socket.socket]
    turn: int = 0

    def say_a_little(self) -> None:
        """A letter each from some of the slow ones, the others' turn comes later."""
        for line in self.lines[self.turn : min(self.turn + A_FEW, SLOW)]:
            line.sendall(b"x")
        self.turn = (self.turn + A_FEW) % SLOW


@contextlib.contextmanager
def idle_lines(server: Server, count: int) -> Iterator[Idle]:
    with contextlib.ExitStack() as kept:
        lines = []
        for number in range(count):
            address = ("127.0.0.1", server.port)
            line = kept.enter_context(socket.create_connection(address, PATIENCE))
            if number < SLOW:
                line.sendall(FIRST_WORDS)
            lines.append(line)
        yield Idle(lines)


def seconds_for_a_question(server: Server, evening: Evening) -> float:
    began = time.perf_counter()
    status, _ = send(server, evening, Sent(a_key(), "Hoort iemand mij?"), patience=PATIENCE)
    assert status == 201
    return time.perf_counter() - began


@dataclass
class Found:
    """How honest phones fared beside idle lines, against a server of the same kind without."""

    slower: float
    memory: float  # bytes for each line

    @property
    def is_borne(self) -> bool:
        return self.slower <= SLOWER and self.memory < PLENTY


def among_idle_lines(folder, entry: str) -> Found:
    """Ask two servers in turn, one of them full of idle lines; the best of a few medians."""
    with a_server(folder / "full", entry=entry) as full, a_server(folder / "calm") as calm:
        there, here = (one.make_meeting(moderation="off") for one in (full, calm))
        before = memory_of(full)
        with idle_lines(full, IDLE) as idle:
            ratios = []
            while len(ratios) < TRIES and min(ratios, default=SLOWER + 1) > SLOWER:
                pairs = []
                for _ in range(ASKED):
                    idle.say_a_little()
                    pairs.append(
                        (seconds_for_a_question(full, there), seconds_for_a_question(calm, here))
                    )
                among, without = map(statistics.median, zip(*pairs, strict=True))
                ratios.append(among / without)
            return Found(min(ratios), (memory_of(full) - before) / IDLE)


def test_idle_and_slow_connections_cost_little_and_slow_nobody_down(tmp_path, tally):
    found = among_idle_lines(tmp_path, "app.py")

    assert found.is_borne, found
    tally.add("idle lines, slow headers", runs=IDLE, acknowledged=ASKED)


def test_a_server_that_minds_every_connection_is_seen(tmp_path, tally):
    found = among_idle_lines(tmp_path, "tests/faults/broken_restless.py")

    assert found.slower > SLOWER, "the control did not turn red: the ratio proves nothing"
    assert found.memory > PLENTY, "the control did not turn red: the memory proves nothing"
    tally.add_control("idle lines, slow headers", f"minds each: {found.slower:.1f} × slower")


def test_a_server_with_few_places_leaves_honest_phones_outside(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/broken_few_places.py") as server:
        evening = server.make_meeting(moderation="off")
        with idle_lines(server, A_FEW), pytest.raises(TimeoutError):
            send(server, evening, Sent(a_key(), "Hoort iemand mij?"), patience=3)
    tally.add_control("idle lines, slow headers", "fifty places: outside")


# -- a hall that comes in


def test_a_hall_behind_one_address_joins_without_a_refusal(tmp_path, tally):
    with a_server(tmp_path, settings={"LIMITS": "on"}) as server, contextlib.ExitStack() as lines:
        evening = server.make_meeting(moderation="off")
        began = time.monotonic()

        with ThreadPoolExecutor(10) as hall:
            joined = hall.map(lambda phone: join(evening, phone, lines), range(PHONES))
            answers = sorted(status for statuses in joined for status in statuses)

        took = time.monotonic() - began
    assert answers == [101] * PHONES + [200] * (2 * PHONES) + [201] * (PHONES // 5)
    assert took < JOINED_WITHIN
    tally.add("a hall joins from one address", runs=PHONES, acknowledged=PHONES // 5)


def test_one_phone_that_asks_for_a_whole_hall_is_told_to_wait(tmp_path, tally):
    with a_server(tmp_path, settings={"LIMITS": "on"}) as server:
        evening = server.make_meeting(moderation="off")
        phone = a_program(server.base)
        phone.get(evening.public)

        answers = [ask(phone, evening, f"Vraag {number}?") for number in range(30)]

    assert 429 in answers, "the control did not turn red: the limits are off"
    tally.add_control("a hall joins from one address", f"one for all: {answers.count(429)} × 429")


def join(evening: Evening, number: int, lines: contextlib.ExitStack) -> list[int]:
    """What a phone does that scans the code: read, listen, go on listening; every fifth asks."""
    phone = a_program(evening.base)
    html = {"Accept": "text/html"}
    statuses = [
        phone.get(address, headers=html).status_code
        for address in (evening.public, f"{evening.public}/live?screen=phone")
    ]
    line = lines.enter_context(contextlib.closing(listening(phone, evening).sock))
    assert line.fileno() >= 0
    asked = [] if number % 5 else [ask(phone, evening, f"Vraag van toestel {number}?")]
    return [101, *statuses, *asked]


def listening(phone: requests.Session, evening: Evening) -> websocket.WebSocket:
    """Its line, once it was told how far the meeting is."""
    line = websocket.create_connection(
        evening.base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        cookie="; ".join(f"{name}={value}" for name, value in phone.cookies.items()),
        origin=evening.base,
        timeout=PATIENCE,
    )
    line.recv()
    line.send("40" + json.dumps({"meeting": evening.code, "screen": "phone", "lang": "nl"}))
    while not line.recv().startswith('42["pulse"'):
        pass
    return line


def ask(phone: requests.Session, evening: Evening, text: str) -> int:
    sent = {"key": str(uuid.uuid4()), "kind": "question", "text": text}
    return phone.post(f"{evening.public}/questions", data=sent, timeout=PATIENCE).status_code
