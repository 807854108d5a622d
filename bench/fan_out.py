"""One question reaches every screen: CPU for each delivery, and when the last phone has it."""

import asyncio
import time

from bench import contestants
from bench.contestants import Contestant, keep_sample
from bench.measuring import Bench, Figures, Ratio, a_hall, percentile, until
from bench.phones import Phone

QUESTIONS = 20
PAUSE = 0.1


async def measure(contestant: Contestant, size: int) -> Figures:
    heard = 0
    newest = 0.0

    def hear(phone: Phone, words: bytes, now: float) -> None:
        nonlocal heard, newest
        if words.startswith(contestant.event):
            heard, newest = heard + 1, now
            if heard == 1 and isinstance(contestant, contestants.OurWall):
                keep_sample(words)

    empty = contestant.memory_kb
    async with a_hall(contestant, size, hear):
        grown = contestant.memory_kb - empty
        before, own_before = contestant.cpu_seconds, time.process_time()
        began = time.perf_counter()
        waits = []
        for number in range(1, QUESTIONS + 1):
            sent = time.perf_counter()
            await contestant.place()
            assert await until(lambda due=number * size: heard >= due), f"{heard} heard"
            waits.append(newest - sent)
            await asyncio.sleep(PAUSE)
        spent = contestant.cpu_seconds - before
        own = (time.process_time() - own_before) / (time.perf_counter() - began)
    return {
        "CPU per delivery, µs": spent / heard * 1e6,
        "last phone p50, ms": percentile(waits, 0.5) * 1e3,
        "last phone p95, ms": percentile(waits, 0.95) * 1e3,
        "memory per phone, KB": grown / size,
        "phones' own load, %": own * 100,
    }


def bench() -> Bench:
    node = {"node": contestants.node} if contestants.has_node() else {}
    return Bench(
        "fan_out",
        f"{QUESTIONS} questions placed one after another",
        measure,
        {"ours": contestants.ours, "default": contestants.default, **node},
        (
            Ratio("CPU per delivery, µs", "default", 0.5),
            Ratio("CPU per delivery, µs", "node", 1.5),
            Ratio("last phone p95, ms", "default", 0.6),
            Ratio("memory per phone, KB", "default", 0.6),
        ),
    )
