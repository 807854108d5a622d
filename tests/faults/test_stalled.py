"""Phones that stop reading: they are let go, come back to the same wall, and honest ones go on."""

import contextlib
import json
import os
import socket
import uuid

import pytest
import requests
import websocket

from tests.faults.keeper import figure
from tests.journeys.screen import Screen, a_screen
from tests.server import Evening, a_program, a_server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
STALLED = 50
QUESTIONS = 200  # more than the lines and the queue of a phone that reads nothing can hold
PLENTY = 30.0
PATIENT = "tests/faults/patient.py"

pytestmark = [pytest.mark.server, pytest.mark.timeout(180 + 60 * FAULTS)]

# A line as narrow as can be, so that little is enough to fill it.
NARROW = ((socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536), (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096))


def connected(evening: Evening) -> websocket.WebSocket:
    """A phone on a narrow line that heard how far the meeting is, and reads no more from here."""
    line = websocket.create_connection(
        evening.base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        sockopt=NARROW,
        origin=evening.base,
        timeout=PLENTY,
    )
    line.recv()
    line.send("40" + json.dumps({"meeting": evening.code, "screen": "phone", "lang": "nl"}))
    while not line.recv().startswith('42["pulse"'):
        pass
    return line


def ask(phone: requests.Session, evening: Evening, text: str) -> requests.Response:
    sent = {"key": str(uuid.uuid4()), "kind": "question", "text": text}
    return phone.post(f"{evening.public}/questions", data=sent, timeout=PLENTY)


def ask_many(evening: Evening) -> None:
    phone = a_program(evening.base)
    for number in range(QUESTIONS):
        assert ask(phone, evening, f"Vraag {number}: hoe lang duurt dit?").status_code == 201


def heard_after_all(line: websocket.WebSocket) -> int:
    """Read again: how many changes still come, until the end or all of them."""
    changes = 0
    with contextlib.closing(line.sock), contextlib.suppress(websocket.WebSocketException, OSError):
        while changes < QUESTIONS:
            said = line.recv()
            if not said:
                break
            changes += str(said).startswith('42["changed"')
    return changes


DROPPED = 'vragenmuur_sockets_dropped_total{reason="stalled"}'


def test_phones_that_stop_reading_are_let_go_and_come_back_to_the_same_wall(tmp_path, tally):
    with a_server(tmp_path, entry=PATIENT) as server:
        evening = server.make_meeting(moderation="off")
        honest, back = a_screen(evening, "phone"), a_screen(evening, "phone")
        lines = [connected(evening) for _ in range(STALLED)]

        ask_many(evening)

        wait_until(lambda: has_all(honest), "the honest phone knows every question")
        wait_until(lambda: figure(server, DROPPED) >= STALLED, "all that read nothing are let go")
        assert not honest.left.is_set()
        assert max([heard_after_all(line) for line in lines]) < QUESTIONS
        back.leave()
        back.come_back()
        for screen in (honest, back):
            screen.catch_up()
            assert screen.shown == screen.fetch().as_drawn
        for screen in (honest, back):
            screen.wire.disconnect()
    tally.add("phones that stop reading", runs=STALLED, acknowledged=QUESTIONS)


def has_all(screen: Screen) -> bool:
    screen.catch_up()
    return len(screen.region.cards) == QUESTIONS


def test_a_server_that_lets_nobody_go_keeps_it_all_in_memory(tmp_path, tally):
    with a_server(tmp_path, entry=PATIENT, settings={"MOST_UNREAD": "1000000"}) as server:
        evening = server.make_meeting(moderation="off")
        honest = a_screen(evening, "phone")
        line = connected(evening)

        ask_many(evening)

        wait_until(lambda: has_all(honest), "the honest phone knows every question")
        assert figure(server, DROPPED) == 0
        assert heard_after_all(line) == QUESTIONS, "it was let go: the control proves nothing"
        honest.wire.disconnect()
    tally.add_control("phones that stop reading", "lets nobody go: all kept in memory")
