"""Every phone sends a question at once, as when the moderator says "now"; all are kept."""

import asyncio
import time

from bench import contestants
from bench.contestants import Contestant
from bench.measuring import Bench, Figures, percentile

TOGETHER = 3.0  # seconds within which all send


async def measure(contestant: Contestant, size: int) -> Figures:
    before, began = contestant.cpu_seconds, time.perf_counter()
    waits = await asyncio.gather(
        *(_place(contestant, TOGETHER * number / size) for number in range(size))
    )
    spent, took = contestant.cpu_seconds - before, time.perf_counter() - began
    return {
        "p50, ms": percentile(waits, 0.5) * 1e3,
        "p99, ms": percentile(waits, 0.99) * 1e3,
        "all received after, s": took,
        "CPU per question, ms": spent / size * 1e3,
    }


async def _place(contestant: Contestant, delay: float) -> float:
    await asyncio.sleep(delay)
    began = time.perf_counter()
    answer = await contestant.place()
    assert answer.status in {200, 201}, answer
    return time.perf_counter() - began


def bench() -> Bench:
    return Bench(
        "question_burst",
        f"each phone asks one question within {TOGETHER:.0f} s",
        measure,
        {
            "ours": contestants.ours,
            "one by one": contestants.ours_one_by_one,
            "tutorial": contestants.tutorial,
        },
    )
