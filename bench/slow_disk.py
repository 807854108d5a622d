"""A disk that takes ten milliseconds longer to sync: are 400 commands a second kept up with?"""

import asyncio
import shutil
import statistics
import subprocess
import time

from bench import contestants
from bench.contestants import Contestant
from bench.measuring import Bench, Figures, percentile
from bench.phones import ask

DELAY = 10_000  # microseconds
RATE = 100  # commands a second; what one core can take with its share of everything else
SECONDS = 5.0
PROBE = 0.02


async def measure(contestant: Contestant, size: int) -> Figures:
    """Commands come at their own pace, whoever still waits; meanwhile pages are asked for."""
    await contestant.place()
    lags: list[float] = []
    with _slowed(contestant.process.pid):
        probing = asyncio.create_task(_probe(contestant, lags))
        began = time.perf_counter()
        commands = int(RATE * SECONDS)
        await asyncio.gather(*(_place(contestant, number / RATE) for number in range(commands)))
        took = time.perf_counter() - began
        probing.cancel()
    return {
        "commands": commands,
        "kept up with, per s": commands / took,
        "a page meanwhile p50, ms": statistics.median(lags) * 1e3,
        "a page meanwhile p99, ms": percentile(lags, 0.99) * 1e3,
    }


async def _place(contestant: Contestant, delay: float) -> None:
    await asyncio.sleep(delay)
    answer = await contestant.place()
    assert answer.status == 201, answer


async def _probe(contestant: Contestant, lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await ask(contestant.base, "/healthz")
        lags.append(time.perf_counter() - began)
        await asyncio.sleep(PROBE)


class _slowed:  # noqa: N801  (reads as a word where it is used)
    """Every sync of this process takes longer, by strace, while we are inside."""

    def __init__(self, pid: int) -> None:
        calls = "fsync,fdatasync"
        self._command = [
            *("strace", "-f", "-q", "-o", "/dev/null", "-p", str(pid)),
            *("-e", f"trace={calls}", "-e", f"inject={calls}:delay_exit={DELAY}"),
        ]

    def __enter__(self) -> None:
        self._tracer = subprocess.Popen(self._command)
        time.sleep(0.5)

    def __exit__(self, *why: object) -> None:
        self._tracer.terminate()
        self._tracer.wait()


def bench() -> Bench:
    return Bench(
        "slow_disk",
        f"{RATE} questions a second, every sync {DELAY / 1000:.0f} ms slower",
        measure,
        {"ours": contestants.ours, "one by one": contestants.ours_one_by_one},
    )


def can_run() -> bool:
    return shutil.which("strace") is not None
