"""What the faults came to: a line for each, printed as a table at the end of the run."""

from collections.abc import Iterator
from dataclasses import dataclass, field

HEADS = ("fault", "runs", "acknowledged", "lost", "doubled", "control red")


@dataclass
class Line:
    """One fault: how often it struck, what was promised meanwhile, and what came of that."""

    runs: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    controls: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """The lines by fault, in the order in which they came."""

    lines: dict[str, Line] = field(default_factory=dict)

    def add(
        self, fault: str, *, runs: int, acknowledged: int, lost: int = 0, doubled: int = 0
    ) -> None:
        """Count these runs of the fault with what was counted before."""
        line = self.lines.setdefault(fault, Line())
        line.runs += runs
        line.acknowledged += acknowledged
        line.lost += lost
        line.doubled += doubled

    def add_control(self, fault: str, words: str) -> None:
        """Note a server, broken on purpose, in which the same check found the flaw."""
        self.lines.setdefault(fault, Line()).controls.append(words)

    def table(self) -> Iterator[str]:
        """The lines under their heads, as wide as need be."""
        rows = [HEADS, *(_row(fault, line) for fault, line in self.lines.items())]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
        for row in rows:
            yield " · ".join(map(_padded, row, widths)).rstrip()


def _row(fault: str, line: Line) -> tuple[str, ...]:
    counts = (line.runs, line.acknowledged, line.lost, line.doubled)
    return (fault, *map(str, counts), ", ".join(line.controls) or "-")


def _padded(word: str, width: int) -> str:
    return word.rjust(width) if word.isdecimal() else word.ljust(width)
