"""Play an evening against a running server: phones ask, support, sleep and come back.

    .venv/bin/python -m bench.evening http://localhost:8000/m/K7PM2Q --phones 200 --minutes 5
    … --console http://localhost:8000/staff/meetings/3/console --moderator mo@gemeente.example

With a console a moderator works as well; the password is the first line of standard input.
It ends with status 0 when every question that was received is there once, and every screen
shows what a fresh one shows.
"""

import argparse
import asyncio
import contextlib
import csv
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.measuring import percentile, until
from bench.phones import Phone, ask, facts_in

QUESTIONS = Path(__file__).parents[1] / "tests" / "data" / "questions.csv"
JSON = {"Accept": "application/json"}
CONVERGED = 10.0  # seconds within which every screen must be up to date
SLEEPS = (5.0, 20.0)
MOMENTS = (1.0, 8.0)  # between two things that somebody does
ARRIVE_WITHIN = 10.0


@dataclass
class Evening:
    """What all of them know of: where it is, and what happened so far."""

    base: str
    page: str
    texts: list[str]
    ends: float
    dice: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self.ends

    async def moment(self) -> None:
        await asyncio.sleep(self.dice.uniform(*MOMENTS))

    async def send(self, path: str, body: Mapping[str, Any], *, method: str, cookie: str) -> Any:
        """Send until there is an answer, as an outbox does; the facts, or nothing when refused."""
        while True:
            began = time.perf_counter()
            with contextlib.suppress(OSError):
                headers = JSON | {"Cookie": cookie}
                answer = await ask(self.base, path, method=method, body=body, headers=headers)
                if answer.status < 500 and answer.status != 429:
                    self.waits.append(time.perf_counter() - began)
                    return answer.json() if answer.status < 300 else self._refused(answer.status)
            self.counts["sent again"] += 1
            await asyncio.sleep(self.dice.uniform(0.5, 5))

    def _refused(self, status: int) -> None:
        self.counts[f"refused with {status}"] += 1


@dataclass
class Resident:
    """One phone and whoever holds it; keeps its screen by the rules of docs/live-channel.md."""

    evening: Evening
    cookie: str = ""
    phone: Phone | None = None
    epoch: str = ""
    revision: int = -1
    cards: dict[int, str] = field(default_factory=dict)
    is_fetching: bool = False
    fetching: asyncio.Task[None] | None = None

    async def take_part(self) -> None:
        await asyncio.sleep(self.evening.dice.uniform(0, ARRIVE_WITHIN))
        self.cookie = (await ask(self.evening.base, self.evening.page)).cookie
        await self.wake()
        while self.evening.is_on:
            await self.evening.moment()
            chance = self.evening.dice.random()
            if chance < 0.05:
                await self.ask_question()
            elif chance < 0.3:
                await self.support()
            elif chance < 0.35:
                await self.sleep()
            if self.phone is None or self.phone.left:
                await self.wake()

    async def ask_question(self) -> None:
        body = {"key": str(uuid.uuid4()), "kind": "question"}
        body["text"] = self.evening.dice.choice(self.evening.texts)
        path = f"{self.evening.page}/questions"
        facts = await self.evening.send(path, body, method="POST", cookie=self.cookie)
        if facts is not None:
            self.evening.counts["received"] += 1
            self.evening.numbers.append(facts["number"])
            self.evening.receipts.append(facts["link"])

    async def support(self) -> None:
        if not self.cards:
            return
        path = f"{self.evening.page}/questions/{self.evening.dice.choice([*self.cards])}/support"
        body = {"supported": "true"}
        if await self.evening.send(path, body, method="PUT", cookie=self.cookie):
            self.evening.counts["supports"] += 1

    async def sleep(self) -> None:
        """The phone goes into a pocket and its line is gone."""
        assert self.phone is not None
        self.phone.leave()
        self.evening.counts["slept"] += 1
        await asyncio.sleep(self.evening.dice.uniform(*SLEEPS))

    async def wake(self) -> None:
        code = self.evening.page.rpartition("/")[2]
        auth = {"meeting": code, "screen": "phone", "lang": "nl"}
        while True:
            self.phone = Phone(self.evening.base, auth, self.hear, cookie=self.cookie)
            with contextlib.suppress(OSError, TimeoutError):
                await self.phone.join()
                await self.fetch()
                return
            self.evening.counts["joined again"] += 1
            await asyncio.sleep(self.evening.dice.uniform(2, 5))

    def hear(self, phone: Phone, words: bytes, now: float) -> None:
        name, message = facts_in(words)
        if phone is not self.phone or name not in {"changed", "pulse"}:
            return
        if message["epoch"] == self.epoch and message["revision"] <= self.revision:
            return
        follows = name == "changed" and message["epoch"] == self.epoch
        if follows and message["previous"] == self.revision and not self.is_fetching:
            self.revision = message["revision"]
            self.put(message["cards"])
        elif not self.is_fetching:
            self.evening.counts["fetched anew"] += 1
            self.fetching = asyncio.create_task(self.fetch())  # kept: else it may be collected

    def put(self, cards: list[dict[str, Any]]) -> None:
        for card in cards:
            if card["html"] is None:
                self.cards.pop(card["id"], None)
            else:
                self.cards[card["id"]] = card["state"]

    async def fetch(self) -> None:
        """Take the live region again; one at a time."""
        if self.is_fetching:
            return
        self.is_fetching = True
        try:
            self.epoch, self.revision, self.cards = await wall(self.evening)
        finally:
            self.is_fetching = False


@dataclass
class Moderator:
    """Reads what waits, places it, calls it to the stage, answers or defers."""

    evening: Evening
    staff: str
    cookie: str

    async def work(self) -> None:
        while self.evening.is_on:
            await asyncio.sleep(self.evening.dice.uniform(0.5, 2))
            address = f"{self.staff}/live?screen=console"
            answer = await ask(self.evening.base, address, headers=JSON | {"Cookie": self.cookie})
            for state, step, fields in self.plan():
                cards = [card for card in answer.json()["cards"] if card["state"] == state]
                if cards:
                    await self.take(cards[0]["id"], step, fields)

    def plan(self) -> list[tuple[str, str, dict[str, str]]]:
        """All that waits goes up; of the stage and the wall now and then one goes on."""
        due = (datetime.now(UTC).date() + timedelta(days=14)).isoformat()
        promise = {"owner": "Gemeente", "due": due, "promise": "Wij zoeken het uit."}
        plan = [("waiting", "approve", {})]
        if self.evening.dice.random() < 0.2:
            end = self.evening.dice.choice(
                [("answer", {"speaker": "Wethouder"}), ("defer", promise)]
            )
            plan = [("on_stage", *end), ("on_wall", "call", {}), *plan]
        return plan

    async def take(self, question_id: int, step: str, fields: Mapping[str, str]) -> None:
        path = f"{self.staff}/questions/{question_id}/{step}"
        if await self.evening.send(path, fields, method="POST", cookie=self.cookie):
            self.evening.counts["steps"] += 1


async def wall(evening: Evening) -> tuple[str, int, dict[int, str]]:
    """The wall as a fresh screen has it."""
    answer = await ask(evening.base, f"{evening.page}/live?screen=phone", headers=JSON)
    facts = answer.json()
    return (
        facts["epoch"],
        facts["revision"],
        {card["id"]: card["state"] for card in facts["cards"]},
    )


async def sign_in(base: str, email: str, password: str) -> str:
    body = {"email": email, "password": password}
    answer = await ask(base, "/staff/sign-in", method="POST", body=body)
    assert answer.status == 303, f"the moderator could not sign in: {answer.status}"
    return answer.cookie


async def tell(evening: Evening, residents: list[Resident]) -> None:
    """A line every five seconds."""
    while evening.is_on:
        await asyncio.sleep(5)
        awake = sum(1 for one in residents if one.phone is not None and not one.phone.left)
        happened = ", ".join(f"{what} {count}" for what, count in sorted(evening.counts.items()))
        p95 = percentile(evening.waits or [0], 0.95) * 1e3
        print(f"{awake} phones awake; answers p95 {p95:.0f} ms; {happened}", flush=True)


async def judge(evening: Evening, residents: list[Resident]) -> list[str]:
    """What is not as promised."""
    for one in residents:
        if one.phone is None or one.phone.left:
            await one.wake()
    fresh = await wall(evening)
    await until(lambda: all(one.cards == fresh[2] for one in residents), CONVERGED)
    behind = sum(one.cards != fresh[2] for one in residents)
    doubled = len(evening.numbers) - len(set(evening.numbers))
    found = [(await ask(evening.base, link)).status for link in evening.receipts]
    lost = sum(status != 200 for status in found)
    wrong = {"screens behind": behind, "numbers given twice": doubled, "questions lost": lost}
    return [f"{count} {what}" for what, count in wrong.items() if count]


async def play(asked: argparse.Namespace, password: str) -> int:
    where = urlsplit(asked.address)
    base = f"{where.scheme}://{where.netloc}"
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        texts = [row["text"][:480] for row in csv.DictReader(file)]
    ends = time.monotonic() + asked.minutes * 60
    evening = Evening(base, where.path.rstrip("/"), texts, ends, random.Random(asked.seed))
    residents = [Resident(evening) for _ in range(asked.phones)]
    tasks = [one.take_part() for one in residents]
    if asked.console:
        cookie = await sign_in(base, asked.moderator, password)
        staff = urlsplit(asked.console).path.removesuffix("/console")
        tasks.append(Moderator(evening, staff, cookie).work())
    await asyncio.gather(tell(evening, residents), *tasks)
    wrong = await judge(evening, residents)
    print("; ".join(wrong) or "Nothing lost, nothing doubled, every screen up to date.")
    return bool(wrong)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.evening")
    asked.add_argument("address", help="the phone's address: http://host:port/m/CODE")
    asked.add_argument("--phones", type=int, default=200)
    asked.add_argument("--minutes", type=float, default=5)
    asked.add_argument("--console", help="the console's address, for a moderator who works")
    asked.add_argument("--moderator", help="the e-mail address of that moderator")
    asked.add_argument("--seed", type=int, default=random.randrange(10**6))
    wanted = asked.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    password = sys.stdin.readline().rstrip("\n") if wanted.console else ""
    return asyncio.run(play(wanted, password))


if __name__ == "__main__":
    raise SystemExit(main())
