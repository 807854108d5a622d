"""The pictures of the lives in docs/lives.md show exactly the steps that lifecycle holds."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitation.domain import lifecycle
from tests.house.ground import read

LIVES = {
    "A question": (lifecycle.QUESTION_STEPS, "waiting"),
    "A follow-up": (lifecycle.FOLLOW_UP_STEPS, "open"),
    "A meeting": (lifecycle.MEETING_STEPS, "draft"),
}


def arrows(steps, first: str) -> list[str]:
    """The lines of the diagram; a step that stays where it is has no arrow."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, step in steps.items():
        for source, target in step.moves.items():
            if source != target:
                found[source.value, target.value].append(name)
    named = [f"{a} --> {b}: {', '.join(names)}" for (a, b), names in found.items()]
    return [f"[*] --> {first}", *sorted(named)]


def rows(steps) -> Iterator[str]:
    """One line of the table for each step: from where, to where, by whom."""
    for name, step in steps.items():
        goals = {target.value for source, target in step.moves.items() if source != target}
        roles = ", ".join(sorted(step.roles))
        sources = ", ".join(sorted(source.value for source in step.moves))
        yield f"| `{name}` | {sources} | {', '.join(sorted(goals)) or 'stays'} | {roles} |"


def part_of(page: str, title: str) -> str:
    return re.split(r"(?m)^## ", page.partition(f"\n## {title}\n")[2])[0]


def drawn(part: str) -> list[str]:
    block = re.search(r"(?s)```mermaid\nstateDiagram-v2\n(.*?)```", part)
    return [line.strip() for line in block[1].splitlines()] if block else []


@pytest.mark.parametrize("title", LIVES)
def test_the_diagram_shows_every_step_and_no_other(title):
    part = part_of(read(Path("docs/lives.md")), title)

    assert drawn(part) == arrows(*LIVES[title])


@pytest.mark.parametrize("title", LIVES)
def test_the_table_names_every_step_and_who_may_take_it(title):
    part = part_of(read(Path("docs/lives.md")), title)

    assert re.findall(r"(?m)^\| `.*$", part) == list(rows(LIVES[title][0]))


def test_a_missing_arrow_would_be_seen():
    part = "```mermaid\nstateDiagram-v2\n    [*] --> waiting\n```"

    assert drawn(part) != arrows(*LIVES["A question"])
