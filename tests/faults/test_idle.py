"""One address for a whole hall: idle lines and slow headers take no place, and all may join."""

import contextlib
import os
import resource
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.faults.keeper import memory_of
from tests.server import PATIENCE, Evening, a_program, a_server

FAULTS = int(os.environ.get("FAULTS", "1"))
IDLE = min(1_500 * FAULTS, 5_000)  # more than the library serves when it is not told otherwise
SLOW = 50
PLENTY = 64 * 1024  # bytes for a connection that says nothing
PHONES = 200 * min(FAULTS, 5)
FIRST_WORDS = b"GET / HTTP/1.1\r\nHost: vragen.example\r\nX-Slow: "

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
def many_files() -> None:
    """A connection is a file, here as on the server."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < IDLE + 500:
        pytest.skip(f"this machine allows {most} files: the idle connections were NOT tried")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def idle_lines(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Lines that say nothing, and a few that never come to the end of their first sentence."""
    with contextlib.ExitStack() as kept:
        lines = []
        for number in range(count):
            line = kept.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            if number < SLOW:
                line.sendall(FIRST_WORDS)
            lines.append(line)
        yield lines


def ask(phone: requests.Session, evening: Evening, text: str, patience: float = PATIENCE) -> int:
    sent = {"key": str(uuid.uuid4()), "kind": "question", "text": text}
    return phone.post(f"{evening.public}/questions", data=sent, timeout=patience).status_code


def test_idle_and_slow_connections_take_no_honest_phones_place(tmp_path):
    with a_server(tmp_path) as server:
        evening = server.make_meeting(moderation="off")
        before = memory_of(server)
        with idle_lines(server.port, IDLE) as lines:
            for number in range(20):
                for line in lines[:SLOW]:
                    line.sendall(b"x")

                assert ask(a_program(server.base), evening, f"Vraag {number}?") == 201

            assert memory_of(server) - before < IDLE * PLENTY


def test_a_server_with_few_places_leaves_honest_phones_outside(tmp_path):
    with a_server(tmp_path, entry="tests/faults/broken_few_places.py") as server:
        evening = server.make_meeting(moderation="off")
        with idle_lines(server.port, SLOW), pytest.raises(requests.Timeout):
            ask(a_program(server.base), evening, "Hoort iemand mij?", patience=3)


def test_a_hall_behind_one_address_joins_without_a_refusal(tmp_path):
    with a_server(tmp_path, settings={"LIMITS": "on"}) as server:
        evening = server.make_meeting(moderation="off")

        with ThreadPoolExecutor(10) as hall:
            joined = hall.map(lambda phone: join(evening, phone), range(PHONES))
            answers = sorted(status for statuses in joined for status in statuses)

        assert answers == [200] * (2 * PHONES) + [201] * (PHONES // 5)


def test_one_phone_that_asks_for_a_whole_hall_is_told_to_wait(tmp_path):
    with a_server(tmp_path, settings={"LIMITS": "on"}) as server:
        evening = server.make_meeting(moderation="off")
        phone = a_program(server.base)
        phone.get(evening.public)

        answers = [ask(phone, evening, f"Vraag {number}?") for number in range(30)]

    assert 429 in answers, "the control did not turn red: the limits are off"


def join(evening: Evening, number: int) -> list[int]:
    """What a phone does that scans the code; every fifth asks."""
    phone = a_program(evening.base)
    html = {"Accept": "text/html"}
    pages = [
        phone.get(address, headers=html).status_code
        for address in (evening.public, f"{evening.public}/live?screen=phone")
    ]
    return pages if number % 5 else [*pages, ask(phone, evening, f"Vraag van toestel {number}?")]
