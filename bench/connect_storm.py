"""A hall arrives within a second: page, live region and socket for each phone."""

import asyncio
import random
import time

from bench import contestants
from bench.contestants import Contestant
from bench.measuring import Bench, Figures, Ratio, percentile
from bench.phones import Phone, Visit

QUESTIONS = 100


async def measure(contestant: Contestant, size: int) -> Figures:
    for _ in range(QUESTIONS):
        await contestant.place()
    before = contestant.cpu_seconds
    phones: list[Phone] = []
    waits = await asyncio.gather(
        *(_arrive(contestant, phones) for _ in range(size)), return_exceptions=True
    )
    spent = contestant.cpu_seconds - before
    for phone in phones:
        phone.leave()
    came = [wait for wait in waits if isinstance(wait, float)]
    return {
        "p50, ms": percentile(came, 0.5) * 1e3,
        "p99, ms": percentile(came, 0.99) * 1e3,
        "CPU per phone, ms": spent / size * 1e3,
        "turned away": size - len(came),
    }


async def _arrive(contestant: Contestant, phones: list[Phone]) -> float:
    """The seconds until this phone has all it needs."""
    await asyncio.sleep(random.random())
    began = time.perf_counter()
    async with Visit(contestant.base) as visit:
        page = await visit.ask(contestant.page)
        assert page.status == 200, page
        if contestant.live:
            live = await visit.ask(contestant.live, headers={"Cookie": page.cookie})
            assert live.status == 200, live
        phone = contestant.phone(lambda *heard: None, cookie=page.cookie)
        phones.append(phone)
        return await phone.join(visit) - began


def bench() -> Bench:
    return Bench(
        "connect_storm",
        f"all arrive within a second at a wall of {QUESTIONS} questions",
        measure,
        {"ours": contestants.ours, "tutorial": contestants.tutorial},
        (Ratio("p99, ms", "tutorial", 0.2),),
    )
