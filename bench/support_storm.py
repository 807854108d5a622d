"""Every phone says "I have this question too" once, within five seconds."""

import asyncio
import random
import time
from functools import partial

from bench import contestants
from bench.contestants import Contestant, TutorialWall
from bench.measuring import Bench, Figures, Limit, Ratio, a_hall, until
from bench.phones import Phone, ask, facts_in

QUESTIONS = 10
SECONDS = 5.0


async def measure(contestant: Contestant, size: int) -> Figures:
    for _ in range(QUESTIONS):
        await contestant.place()
    cookies = await _cookies(contestant, size)
    know: dict[Phone, float] = {}
    is_tutorial = isinstance(contestant, TutorialWall)
    event = b'42["questions"' if is_tutorial else b'42["counted"'
    last_words: dict[Phone, bytes] = {}
    totals: dict[bytes, bool] = {}

    def hear(phone: Phone, words: bytes, now: float) -> None:
        if words.startswith(event):
            last_words[phone] = words
            if words not in totals:
                totals[words] = _total(words, is_tutorial=is_tutorial) >= size
            if totals[words]:
                know.setdefault(phone, now)

    async with a_hall(contestant, size, hear) as phones:
        before = contestant.cpu_seconds
        moments = await asyncio.gather(
            *(_support(contestant, *pair) for pair in zip(phones, cookies, strict=True))
        )
        assert await until(lambda: len(know) == size), f"{len(know)} phones know"
        spent = contestant.cpu_seconds - before
    return {
        "CPU, s": spent,
        "CPU per support, ms": spent / size * 1e3,
        "last phone after the last support, s": max(know.values()) - max(moments),
    }


async def _cookies(contestant: Contestant, size: int) -> list[str]:
    if isinstance(contestant, TutorialWall):
        return [""] * size
    return [(await ask(contestant.base, contestant.page)).cookie for _ in range(size)]


async def _support(contestant: Contestant, phone: Phone, cookie: str) -> float:
    """Say it at a moment of one's own; the moment at which it was taken."""
    await asyncio.sleep(random.uniform(0, SECONDS))
    question = random.randint(1, QUESTIONS)
    if isinstance(contestant, TutorialWall):
        phone.emit("support", question)
        return time.perf_counter()
    while True:
        answer = await ask(
            contestant.base,
            f"{contestant.page}/questions/{question}/support",
            method="PUT",
            body={"supported": "true"},
            headers={"Accept": "application/json", "Cookie": cookie},
        )
        if answer.status == 200:
            return time.perf_counter()
        assert answer.status == 503, answer  # busy: as the page does, later, spread
        await asyncio.sleep(int(answer.headers["retry-after"]) * random.uniform(1, 2))


def _total(words: bytes, *, is_tutorial: bool) -> int:
    """How many supports this message knows of."""
    message = facts_in(words)[1]
    if is_tutorial:
        return sum(question["count"] for question in message)
    return int(message["supports"])


def bench() -> Bench:
    return Bench(
        "support_storm",
        f"each phone supports once in {SECONDS:.0f} s",
        measure,
        {"ours": partial(contestants.ours, LIMITS="on"), "tutorial": contestants.tutorial},
        (
            Ratio("CPU, s", "tutorial", 0.25),
            Limit("last phone after the last support, s", most=0.6),  # one tick and 400 ms
        ),
    )
