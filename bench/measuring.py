"""What every bench does: fresh servers in turn, several rounds, medians, ratios, a table."""

import asyncio
import contextlib
import math
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from bench.contestants import PHONES_CORE, Contestant
from bench.phones import PATIENCE, Phone

AT_ONCE = 50  # phones that knock together while a hall is being filled, not measured
Open = Callable[[Path], AbstractContextManager[Contestant]]
Figures = dict[str, float]


@dataclass(frozen=True)
class Ratio:
    """One figure of ours against another's; at most `bar` was promised."""

    figure: str
    against: str
    bar: float
    of: str = "ours"

    def verdict(self, medians: dict[str, Figures]) -> str:
        found = medians[self.of][self.figure] / medians[self.against][self.figure]
        is_met = "met" if found <= self.bar else "NOT MET"
        words = f"{self.figure}: {self.of} is {found:.2f} × {self.against}"
        return f"{words}; the bar is {self.bar:.2f}: {is_met}"


@dataclass(frozen=True)
class Limit:
    """One figure that was promised as it is: at most, or at least, so much."""

    figure: str
    most: float = math.inf
    least: float = 0.0
    of: str = "ours"

    def verdict(self, medians: dict[str, Figures]) -> str:
        found = medians[self.of][self.figure]
        is_met = "met" if self.least <= found <= self.most else "NOT MET"
        bar = f"at least {self.least:g}" if self.least else f"at most {self.most:g}"
        return f"{self.figure}: {self.of} is {found:.4g}; the bar is {bar}: {is_met}"


@dataclass(frozen=True)
class Bench:
    """One kind of load, and who bears it."""

    name: str
    what: str
    measure: Callable[[Contestant, int], Awaitable[Figures]]
    contestants: dict[str, Open]
    bars: Sequence[Ratio | Limit] = ()
    times: Mapping[str, float] = field(default_factory=dict)  # more or fewer phones for some

    def run(self, phones: int, rounds: int) -> None:
        """Measure everybody in turn, so that what the machine does besides hits all alike."""
        stay_on_own_core()
        seen: dict[str, list[Figures]] = {name: [] for name in self.contestants}
        for _ in range(rounds):
            for name, open_one in self.contestants.items():
                with tempfile.TemporaryDirectory() as folder, open_one(Path(folder)) as contestant:
                    seen[name].append(
                        asyncio.run(self.measure(contestant, self._size(name, phones)))
                    )
        sizes = {self._size(name, phones) for name in self.contestants}
        halls = " and ".join(f"{size:,}" for size in sorted(sizes))
        print(f"\n{self.name}: {self.what}; {halls} phones, median of {rounds} rounds\n")
        medians = {name: middle(rows) for name, rows in seen.items()}
        print(*table(medians), sep="\n")
        print("", *self._verdicts(medians), sep="\n", flush=True)

    def _size(self, name: str, phones: int) -> int:
        return int(phones * self.times.get(name, 1))

    def _verdicts(self, medians: dict[str, Figures]) -> list[str]:
        return [
            bar.verdict(medians)
            for bar in self.bars
            if isinstance(bar, Limit) or bar.against in medians
        ]


def stay_on_own_core() -> None:
    """The phones must not take time from the server."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {PHONES_CORE})


def middle(rows: Sequence[Figures]) -> Figures:
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def table(medians: dict[str, Figures]) -> list[str]:
    """The medians as a table of Markdown, ready for docs/promise.md."""
    columns = list(next(iter(medians.values())))
    lines = ["| wall | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, figures in medians.items():
        cells = " | ".join(f"{figures[column]:.{digits(figures[column])}f}" for column in columns)
        lines.append(f"| {name} | {cells} |")
    return lines


def digits(figure: float) -> int:
    return 0 if figure >= 100 else 1 if figure >= 1 else 3


def percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@contextlib.asynccontextmanager
async def a_hall(
    contestant: Contestant, size: int, hear: Callable[[Phone, bytes, float], None]
) -> AsyncIterator[list[Phone]]:
    """So many phones, all joined."""
    phones = [Phone(contestant.base, contestant.auth, hear) for _ in range(size)]
    try:
        for first in range(0, size, AT_ONCE):
            await asyncio.gather(*(phone.join() for phone in phones[first : first + AT_ONCE]))
        await asyncio.sleep(0.5)
        yield phones
    finally:
        for phone in phones:
            phone.leave()


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether it came to hold in time."""
    deadline = time.perf_counter() + patience
    while not holds():
        if time.perf_counter() > deadline:
            return False
        await asyncio.sleep(0.002)
    return True
