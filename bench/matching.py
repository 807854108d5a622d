"""How often the right prepared answer is found first, and among the first three.

    .venv/bin/python -m bench.matching

Ours beside plain token-set matching (the words that two texts share, of all their words), on
questions that residents really asked. Two ways: a library of answers only, without the question
it was prepared for; and a library of questions, asked again in somebody else's words.
"""

import csv
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from facilitation.domain.matching import best_matches

QUESTIONS = Path(__file__).parents[1] / "tests" / "data" / "questions.csv"
FIRST = 3

Library = Mapping[int, Sequence[str]]
Finder = Callable[[str, Library], list[int]]
Case = tuple[str, Library, set[int]]


def ours(text: str, library: Library) -> list[int]:
    return [match.id for match in best_matches(text, library, count=FIRST)]


def plain(text: str, library: Library) -> list[int]:
    """By the share of words that both have."""
    asked = _words(text)
    shared = {id: _jaccard(asked, _words(" ".join(entry))) for id, entry in library.items()}
    return sorted((id for id in shared if shared[id]), key=lambda id: -shared[id])[:FIRST]


def answers_only(rows: Sequence[Mapping[str, str]]) -> Iterator[Case]:
    """Each question that has an answer, in a library of all answers."""
    answered = {n: row for n, row in enumerate(rows) if row["answer_excerpt"].strip()}
    library = {n: [row["answer_excerpt"]] for n, row in answered.items()}
    for row in answered.values():
        right = {n for n, entry in library.items() if entry == [row["answer_excerpt"]]}
        yield row["text"], library, right


def other_words(rows: Sequence[Mapping[str, str]]) -> Iterator[Case]:
    """Each question that others asked too, in a library of all other questions."""
    for n, row in enumerate(rows):
        if row["group"]:
            library = {m: [other["text"]] for m, other in enumerate(rows) if m != n}
            yield row["text"], library, {m for m in library if rows[m]["group"] == row["group"]}


def recall(find: Finder, cases: Sequence[Case]) -> tuple[float, float]:
    """How often a right one is the first, and among the first three."""
    found = [(find(text, library), right) for text, library, right in cases]
    first = statistics.fmean(bool(set(best[:1]) & right) for best, right in found)
    return first, statistics.fmean(bool(set(best) & right) for best, right in found)


def main() -> None:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    print(f"{'library':<22}{'questions':>10}  {'recall':<9}{'plain':>7}{'ours':>7}{'ratio':>7}")
    for name, cases in (
        ("answers only", list(answers_only(rows))),
        ("asked in other words", list(other_words(rows))),
    ):
        figures = zip((1, FIRST), recall(plain, cases), recall(ours, cases), strict=True)
        for rank, theirs, our in figures:
            print(
                f"{name:<22}{len(cases):>10}  recall@{rank:<2}{theirs:>7.1%}{our:>7.1%}"
                f"{our / theirs:>6.2f}×"
            )
    print(f"one question among {len(rows)}: {_milliseconds(rows):.1f} ms")


def _milliseconds(rows: Sequence[Mapping[str, str]]) -> float:
    """The usual time of one question, once the library was read."""
    library = {n: [row["text"], row["answer_excerpt"]] for n, row in enumerate(rows)}
    taken = []
    for row in rows:
        begun = time.perf_counter()
        best_matches(row["text"], library)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


if __name__ == "__main__":
    main()
