"""As many phones as there are, all live: does everybody hear, and do console and hall answer?"""

import asyncio
import time

from bench import contestants
from bench.contestants import Contestant, OurWall
from bench.measuring import Bench, Figures, Limit, a_hall, percentile, until
from bench.phones import Phone, ask

QUESTIONS = 10
PAUSE = 0.5


async def measure(contestant: Contestant, size: int) -> Figures:
    assert isinstance(contestant, OurWall)
    moderator = contestant.moderator()
    heard: dict[Phone, int] = {}
    newest = 0.0

    def hear(phone: Phone, words: bytes, now: float) -> None:
        nonlocal newest
        if words.startswith(contestant.event):
            heard[phone], newest = heard.get(phone, 0) + 1, now

    async with a_hall(contestant, size, hear) as phones:
        waits, pages = [], []
        for number in range(1, QUESTIONS + 1):
            sent = time.perf_counter()
            pages.append(asyncio.create_task(_ask(contestant, f"{contestant.page}/hall")))
            pages.append(asyncio.create_task(_ask(contestant, contestant.console, moderator)))
            await contestant.place()
            await until(lambda due=number * size: sum(heard.values()) >= due, patience=20)
            waits.append(newest - sent)
            await asyncio.sleep(PAUSE)
        live = sum(not phone.left for phone in phones)
        answers = await asyncio.gather(*pages)
        memory = contestant.memory_kb / 1024
    heard_all = sum(count >= QUESTIONS for count in heard.values())
    return {
        "phones live, %": live / size * 100,
        "heard everything, %": heard_all / size * 100,
        "last phone p95, ms": percentile(waits, 0.95) * 1e3,
        "hall and console meanwhile p95, ms": percentile(answers, 0.95) * 1e3,
        "memory of the server, MB": memory,
    }


async def _ask(contestant: Contestant, path: str, cookie: str = "") -> float:
    began = time.perf_counter()
    answer = await ask(contestant.base, path, headers={"Cookie": cookie})
    assert answer.status == 200, answer
    return time.perf_counter() - began


def bench() -> Bench:
    return Bench(
        "full_hall",
        f"{QUESTIONS} questions placed in a full hall on one process",
        measure,
        {"ours": contestants.ours},
        (Limit("phones live, %", least=100), Limit("heard everything, %", least=100)),
        times={"ours": 2},
    )
