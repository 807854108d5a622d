"""Holds what the phones were told against what the server kept: lost, doubled, phantom."""

import json
import sqlite3
import urllib.request
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.crowd import Received, Sent
from tests.server import Evening


@dataclass(frozen=True)
class Kept:
    """A question as the server has it."""

    id: int
    number: int
    receipt: str
    text: str


@dataclass
class Verdict:
    """The questions about which the promise was broken, by how."""

    acknowledged: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        return not (self.lost or self.doubled or self.phantom or self.refused or self.unseen)

    def __str__(self) -> str:
        broken = ("lost", "doubled", "phantom", "refused", "unseen")
        return f"{self.acknowledged} acknowledged, " + ", ".join(
            f"{len(getattr(self, word))} {word}" for word in broken
        )


def judge(sent: Sequence[Sent], kept: Sequence[Kept], shown: Iterable[tuple[int, str]]) -> Verdict:
    """Judge by the phones' own history, never by the keys that the server may have dropped.

    Lost: acknowledged, but not there as it was acknowledged. Doubled: there more than once, or a
    number given twice. Phantom: there, but nobody sent it. Unseen: kept, but the wall differs.
    """
    acknowledged = {one.text: one.received for one in sent if one.received}
    there = {(one.id, one.number, one.receipt, one.text) for one in kept}
    texts, numbers = Counter(one.text for one in kept), Counter(one.number for one in kept)
    return Verdict(
        acknowledged=len(acknowledged),
        lost=[text for text, told in acknowledged.items() if _row(told, text) not in there],
        doubled=[text for text, count in texts.items() if count > 1]
        + [f"no. {number}" for number, count in numbers.items() if count > 1],
        phantom=sorted(set(texts) - {one.text for one in sent}),
        refused=[f"{one.text}: {one.refused}" for one in sent if one.refused],
        unseen=sorted(map(str, {(one.number, one.text) for one in kept} ^ set(shown))),
    )


def _row(told: Received, text: str) -> tuple[int, int, str, str]:
    return told.id, told.number, told.receipt, text


def kept_in(database: Path) -> list[Kept]:
    """What the database holds, read past all of our own code."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reading:
        assert reading.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [
            Kept(*row) for row in reading.execute("SELECT id, number, receipt, text FROM questions")
        ]


def shown_on(evening: Evening) -> list[tuple[int, str]]:
    """What everybody sees of it, by the public address."""
    asked = urllib.request.Request(
        f"{evening.public}/live?screen=phone", headers={"Accept": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return [(card["number"], card["text"]) for card in json.load(answer)["cards"]]
