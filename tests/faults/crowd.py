"""A hall of phones that send until they hear that it was received, and remember what they heard."""

import contextlib
import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.server import PATIENCE, Evening, Server, wait_until

IN_A_HURRY = 0.1  # the part of all sends whose answer the Wi-Fi swallows
WAITS = (0.005, 0.08)  # seconds between two tries; a phone takes longer, a test has no time


@dataclass(frozen=True)
class Received:
    """What a phone was told of one question."""

    id: int
    number: int
    receipt: str


@dataclass
class Sent:
    """One question of one phone: what it sent under which key, and what came of it."""

    key: str
    text: str
    tries: int = 0
    received: Received | None = None
    refused: str = ""


@dataclass
class Crowd:
    """Twenty phones; each sends one question after another until the evening is over."""

    server: Server
    evening: Evening
    seed: int
    size: int = 20
    sent: list[Sent] = field(default_factory=list)
    tasks: list[threading.Thread] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)
    answers: int = 0

    @contextlib.contextmanager
    def asking(self) -> Iterator["Crowd"]:
        """Let them ask; at the end every question that was begun is sent until it is received."""
        self.tasks = [
            threading.Thread(target=self._ask_on, args=(phone,), daemon=True)
            for phone in range(self.size)
        ]
        for task in self.tasks:
            task.start()
        try:
            yield self
        finally:
            self.is_over.set()
            for task in self.tasks:
                task.join(PATIENCE)
        assert not any(task.is_alive() for task in self.tasks), "a phone still waits for an answer"

    def wait_for_answers(self, more: int) -> None:
        """Wait until so many more questions were received than now."""
        with self.news:
            wanted = self.answers + more
            heard = self.news.wait_for(lambda: self.answers >= wanted, PATIENCE)
        assert heard, f"the phones heard nothing for {PATIENCE:.0f} s:\n{self.server.log[-3000:]}"

    def _ask_on(self, phone: int) -> None:
        dice = random.Random(f"{self.seed}/{phone}")
        count = 0
        while not self.is_over.is_set():
            count += 1
            question = Sent(
                key=str(uuid.UUID(int=dice.getrandbits(128), version=4)),
                text=f"Vraag {count} van toestel {phone}: wanneer horen wij hier meer over?",
            )
            self.sent.append(question)
            self._send_until_received(question, dice)

    def _send_until_received(self, question: Sent, dice: random.Random) -> None:
        """As the phone's outbox does: the same body under the same key, until an answer says so."""
        deadline = time.monotonic() + PATIENCE
        while not (question.received or question.refused) and time.monotonic() < deadline:
            question.tries += 1
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                self._send(question, hears_answer=dice.random() > IN_A_HURRY)
            if not question.received:
                time.sleep(dice.uniform(*WAITS))  # what a phone does: full jitter

    def _send(self, question: Sent, *, hears_answer: bool) -> None:
        status, body = send(self.server, self.evening, question, hears_answer=hears_answer)
        if status in {200, 201}:
            question.received = Received(body["id"], body["number"], body["receipt"])
            with self.news:
                self.answers += 1
                self.news.notify_all()
        elif 400 <= status < 500:
            question.refused = f"{status} {body}"


def send(
    server: Server,
    evening: Evening,
    question: Sent,
    *,
    hears_answer: bool = True,
    patience: float = 10,
) -> tuple[int, dict[str, Any]]:
    """Send it once; the connection may be gone before the answer is."""
    body = urlencode({"key": question.key, "kind": "question", "text": question.text})
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
    ) as wire:
        wire.request("POST", f"/m/{evening.code}/questions", body, headers)
        if not hears_answer:
            raise ConnectionResetError("the Wi-Fi swallowed the answer")
        answer = wire.getresponse()
        return answer.status, json.loads(answer.read())


def run_evening_with_kills(server: Server, *, kills: int, seed: int) -> tuple[Crowd, Evening]:
    """Kill the server so many times while twenty phones ask, and start it again each time."""
    evening = server.start().make_meeting(moderation="off")
    dice = random.Random(seed)
    with Crowd(server, evening, seed).asking() as crowd:
        for _ in range(kills):
            crowd.wait_for_answers(dice.randint(1, 60))
            server.kill()
            server.launch()
            wait_until(server.is_ready, "the server is back")
        crowd.wait_for_answers(5)
    return crowd, evening
