"""A disk that takes ten milliseconds longer to sync: are 400 commands a second kept up with?"""

import asyncio
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from bench import contestants
from bench.contestants import BASELINES, JSON, Contestant, OurWall, a_question
from bench.measuring import Bench, Figures, Limit, percentile
from bench.phones import Visit, ask

DELAY = 10_000  # microseconds
RATE = 400  # commands a second: nine of ten say "I have this question too", one asks
SECONDS = 10.0
DEVICES, QUESTIONS = 200, 40
PROBE = 0.1


async def measure(contestant: Contestant, size: int) -> Figures:
    """Commands come at their own pace, whoever still waits; meanwhile pages are asked for."""
    for _ in range(QUESTIONS):
        await contestant.place()
    cookies = [(await ask(contestant.base, contestant.page)).cookie for _ in range(DEVICES)]
    visits = [Visit(contestant.base) for _ in cookies]  # a browser keeps its connection
    turns = [asyncio.Lock() for _ in cookies]
    pairs = [(device, number + 1) for device in range(DEVICES) for number in range(QUESTIONS)]
    random.Random(1).shuffle(pairs)

    async def send(device: int, path: str, method: str, body: Mapping[str, str]) -> int:
        headers = {**JSON, "Cookie": cookies[device]}
        async with turns[device]:
            sent = visits[device].ask(
                f"{contestant.page}/{path}", method=method, body=body, headers=headers
            )
            return (await sent).status

    async def support(device: int, question: int) -> None:
        path = f"questions/{question}/support"
        assert await send(device, path, "PUT", {"supported": "true"}) == 200

    async def place(device: int) -> None:
        assert await send(device, "questions", "POST", a_question(next(contestant.counter))) == 201

    lags: list[float] = []
    probing = asyncio.create_task(_probe(contestant, lags))
    before, hung = contestant.cpu_seconds, await _lags(contestant)
    began = time.perf_counter()
    commands = int(RATE * SECONDS)
    await asyncio.gather(
        *(
            _at(
                number / RATE,
                partial(place, number // 10 % DEVICES)
                if number % 10 == 0
                else partial(support, *pairs[number]),
            )
            for number in range(commands)
        )
    )
    took = time.perf_counter() - began
    probing.cancel()
    return {
        "commands": commands,
        "kept up with, per s": commands / took,
        "CPU per command, ms": (contestant.cpu_seconds - before) / commands * 1e3,
        "hub lag p99 at most, ms": _p99(hung, await _lags(contestant)) * 1e3,
        "a page meanwhile p50, ms": percentile(lags, 0.5) * 1e3,
        "a page meanwhile p99, ms": percentile(lags, 0.99) * 1e3,
    }


async def _at(moment: float, command: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(moment)
    await command()


async def _probe(contestant: Contestant, lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await ask(contestant.base, "/healthz")
        lags.append(time.perf_counter() - began)
        await asyncio.sleep(PROBE)


async def _lags(contestant: Contestant) -> dict[float, float]:
    """How often the hub woke so late, at most: what the server itself counts."""
    figures = (await ask(contestant.base, "/metrics")).body.decode()
    found = re.findall(r'loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', figures)
    return {float(late): float(count) for late, count in found}


def _p99(before: dict[float, float], after: dict[float, float]) -> float:
    """The least of the counted steps that 99 of 100 stayed under."""
    counts = {late: after[late] - before.get(late, 0) for late in after}
    return min(late for late, count in counts.items() if count >= 0.99 * max(counts.values()))


@contextmanager
def _slowed(
    open_one: Callable[..., AbstractContextManager[OurWall]], folder: Path
) -> Iterator[OurWall]:
    with tempfile.TemporaryDirectory() as made:
        library = Path(made) / "slow_sync.so"
        source = str(BASELINES / "slow_sync.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), source, "-ldl"], check=True)
        with open_one(folder, LD_PRELOAD=str(library), SYNC_DELAY=str(DELAY)) as contestant:
            yield contestant


def bench() -> Bench:
    return Bench(
        "slow_disk",
        f"{RATE} commands a second, every sync {DELAY / 1000:.0f} ms slower",
        measure,
        {
            "ours": partial(_slowed, contestants.ours),
            "one by one": partial(_slowed, contestants.ours_one_by_one),
        },
        (
            Limit("kept up with, per s", least=0.95 * RATE),  # the last ones are still under way
            Limit("hub lag p99 at most, ms", most=25),
        ),
    )


def can_run() -> bool:
    return shutil.which("cc") is not None
