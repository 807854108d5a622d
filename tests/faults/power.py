"""A disk that loses power: it writes down what reached it, and what of that was synced.

One recorded run gives as many cuts as we like. After a cut a file holds everything up to its last
sync; of what was written later each piece may be there, missing, or torn within a sector's bounds.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(frozen=True)
class Write:
    """A piece of a file that was written; `data` is None where the file was cut off at `at`."""

    file: str
    at: int
    data: bytes | None


@dataclass(frozen=True)
class Sync:
    file: str


@dataclass(frozen=True)
class Deleted:
    """Gone at once: only the journal of the very first moment is ever deleted."""

    file: str


@dataclass(frozen=True)
class Told:
    """Somebody was told that this is kept."""

    what: Any


Entry = Write | Sync | Deleted | Told


class RecordingDisk(apsw.VFS):
    """The machine's own disk, with a record of all that happens on it in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.record: list[Entry] = []
        super().__init__(name, base="")

    def xOpen(self, name, flags):  # noqa: N802
        return RecordedFile(name, flags, self.record)

    def xDelete(self, name, sync):  # noqa: N802
        self.record.append(Deleted(Path(name).name))
        super().xDelete(name, sync)


class RecordedFile(apsw.VFSFile):
    """One file of that disk."""

    def __init__(self, name, flags, record: list[Entry]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.named = Path(path or "").name
        self.record = record
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802
        self.record.append(Write(self.named, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802
        self.record.append(Write(self.named, size, None))
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: N802
        super().xSync(flags)
        self.record.append(Sync(self.named))


def cut(record: Sequence[Entry], moment: int, dice: random.Random, folder: Path) -> None:
    """Leave in this folder what the disk holds when the power goes just before that entry."""
    files: dict[str, bytearray] = defaultdict(bytearray)
    unsynced: dict[str, list[Write]] = defaultdict(list)
    for entry in record[:moment]:
        if isinstance(entry, Write):
            unsynced[entry.file].append(entry)
        elif isinstance(entry, Sync):
            for write in unsynced.pop(entry.file, []):
                _apply(files[entry.file], write)
        elif isinstance(entry, Deleted):
            files.pop(entry.file, None)
            unsynced.pop(entry.file, None)
    for name, writes in unsynced.items():
        for write in writes:
            _apply_perhaps(files[name], write, dice)
    files.pop("", None)  # SQLite's own scrap paper, which has no name and outlives nothing
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _apply(file: bytearray, write: Write) -> None:
    if write.data is None:
        del file[write.at :]
        return
    file.extend(bytes(max(0, write.at - len(file))))
    file[write.at : write.at + len(write.data)] = write.data


def _apply_perhaps(file: bytearray, write: Write, dice: random.Random) -> None:
    """Drop it, tear it at the bounds of its sectors, or let it be whole: the disk chooses."""
    fate = dice.choice(["dropped", "torn", "whole"])
    if fate == "whole" or (fate == "torn" and write.data is None):
        _apply(file, write)
    elif fate == "torn":
        assert write.data is not None
        for start in range(0, len(write.data), SECTOR):
            if dice.random() < 0.5:
                _apply(
                    file, Write(write.file, write.at + start, write.data[start : start + SECTOR])
                )


def told_before(record: Sequence[Entry], moment: int) -> list[Any]:
    """What had been acknowledged when the power went."""
    return [entry.what for entry in record[:moment] if isinstance(entry, Told)]
