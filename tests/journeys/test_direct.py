"""The direct writer under real back-pressure: whole frames, in order, none lost, none twice."""

import contextlib
import json
import random
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import pytest
import websocket

from tests.server import PATIENCE, ROOT, free_port, wait_until

SCREENS, MESSAGES = 8, 600
ENOUGH = 1_000  # frames in parts: fewer would show little

pytestmark = [pytest.mark.server, pytest.mark.timeout(150)]


@dataclass
class Reader:
    """A screen that reads slowly, pings meanwhile, and writes down every number it gets."""

    port: int
    patience: float
    numbers: list[int] = field(default_factory=list)
    partial: int | None = None
    broken: str = ""

    def read(self) -> None:
        try:
            self._read()
        except (OSError, ValueError, websocket.WebSocketException) as why:
            self.broken = repr(why)

    def _read(self) -> None:
        dice = random.Random(self.port)
        wire = websocket.create_connection(
            f"ws://127.0.0.1:{self.port}/socket.io/?EIO=4&transport=websocket",
            timeout=self.patience,
            sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)],
        )
        with contextlib.closing(wire):
            wire.send("40")
            while self.partial is None:
                words = wire.recv()
                if words == "2":
                    wire.send("3")
                elif words.startswith("40"):
                    wire.send('42["ready"]')
                elif words.startswith("42"):
                    self._hear(*json.loads(words[2:]))
                if dice.random() < 0.05:
                    wire.ping("still there?")  # the answer goes out between the frames
                    time.sleep(0.001)

    def _hear(self, name, message) -> None:
        if name == "end":
            self.partial = message["partial"]
        else:
            self.numbers.append(message[0])


def listen_to_a_broadcast(*how: str, patience: float = PATIENCE) -> list[Reader]:
    """What eight slow screens got of six hundred messages, large and small."""
    port = free_port()
    command = [sys.executable, "tests/green_broadcast.py", str(port), str(SCREENS), str(MESSAGES)]
    process = subprocess.Popen([*command, *how], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    try:
        wait_until(lambda: accepts(port), "the broadcaster listens")
        readers = [Reader(port, patience) for _ in range(SCREENS)]
        tasks = [threading.Thread(target=reader.read, daemon=True) for reader in readers]
        for task in tasks:
            task.start()
        for task in tasks:
            task.join(PATIENCE * 2)
        return readers
    finally:
        process.kill()
        process.wait()


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def is_whole(reader: Reader) -> bool:
    return not reader.broken and reader.numbers == list(range(MESSAGES))


def test_every_slow_screen_gets_every_message_once_whole_and_in_order():
    readers = listen_to_a_broadcast()

    assert [reader.broken for reader in readers if reader.broken] == []
    assert all(is_whole(reader) for reader in readers)
    assert readers[0].partial >= ENOUGH


def test_without_the_lock_the_same_screens_get_rubbish():
    readers = listen_to_a_broadcast("careless", patience=5)

    assert not all(is_whole(reader) for reader in readers)
