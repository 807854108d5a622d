"""The server is started anew in the middle of an evening: when is the whole hall back?"""

import asyncio
import contextlib
import random
import time

from bench import contestants
from bench.contestants import Contestant, TutorialWall
from bench.measuring import Bench, Figures, Ratio, a_hall, percentile
from bench.phones import PATIENCE, Phone, Visit

QUESTIONS = 100
# When a phone calls again: ours by live.js, the tutorial's by the library's defaults.
OURS, LIBRARYS = (2.0, 5.0), (0.5, 1.5)


async def measure(contestant: Contestant, size: int) -> Figures:
    for _ in range(QUESTIONS):
        await contestant.place()
    waits = LIBRARYS if isinstance(contestant, TutorialWall) else OURS
    came: list[float] = []
    async with a_hall(contestant, size, lambda *heard: None) as phones:
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        restarting = loop.run_in_executor(None, contestant.restart)
        back = asyncio.gather(*(_come_back(contestant, phone, waits, came) for phone in phones))
        await restarting
        ready = time.perf_counter()
        before = contestant.cpu_seconds
        again = await back
        spent = contestant.cpu_seconds - before
        for phone in again:
            phone.leave()
    return {
        "down for, s": ready - began,
        "back p50, s after that": percentile(came, 0.5) - ready,
        "the last one back, s": max(came) - ready,
        "CPU per phone, ms": spent / size * 1e3,
    }


async def _come_back(
    contestant: Contestant, phone: Phone, waits: tuple[float, float], came: list[float]
) -> Phone:
    """Notice that the line broke, wait as the page does, and try until it is whole again."""
    while not phone.left:
        await asyncio.sleep(0.05)
    deadline = time.perf_counter() + PATIENCE
    while time.perf_counter() < deadline:
        await asyncio.sleep(random.uniform(*waits))
        with contextlib.suppress(OSError, ValueError, KeyError):
            async with Visit(contestant.base) as visit:
                again = contestant.phone(lambda *heard: None)
                await again.join(visit)
                if contestant.live:
                    await visit.ask(contestant.live)
            came.append(time.perf_counter())
            return again
    raise TimeoutError("a phone never came back")


def bench() -> Bench:
    return Bench(
        "restart_wave",
        f"the server is started anew under a hall, {QUESTIONS} questions on the wall",
        measure,
        {"ours": contestants.ours, "tutorial": contestants.tutorial},
        (Ratio("CPU per phone, ms", "tutorial", 1.0),),
    )
