"""Templates stay short, are all used, and decide nothing about states."""

import re
from pathlib import Path

from tests.house.ground import files, lines_matching, offences, read

MOST_LINES = 80

states_in_branches = lines_matching(
    r"\{%-?\s*(?:if|elif)\b[^%]*?\bstate\b\s*(?:==|!=|(?:not\s+)?in)\s*[\"'(\[]"
    r"|\{[{%][^%}]*?\bif\s[^%}]*?\bstate\b\s*(?:==|!=|(?:not\s+)?in)\s*[\"'(\[]"
)


def templates() -> list[Path]:
    return [path for path in files("templates") if path.suffix in {".html", ".txt", ".xml", ".svg"}]


def too_long(text: str) -> bool:
    return len(text.splitlines()) >= MOST_LINES


def unused(names: list[str], sources: list[str]) -> list[str]:
    """Name the templates that no source mentions, by path or beside the one that mentions it."""
    everything = "\n".join(sources)
    return [name for name in names if not re.search(rf"[\"'/]{re.escape(name)}[\"']", everything)]


def test_every_template_is_under_eighty_lines():
    assert [str(path) for path in templates() if too_long(read(path))] == []


def test_a_long_template_would_be_seen():
    assert too_long("<p>\n" * MOST_LINES)
    assert not too_long("<p>\n" * (MOST_LINES - 1))


def test_every_template_is_used():
    sources = [read(path) for path in files("facilitation", "templates") if path.suffix != ".po"]
    names = [str(path.relative_to("templates")) for path in templates()]

    assert names
    assert unused(names, sources) == []


def test_an_unused_template_would_be_seen():
    assert unused(["hall/page.html"], ["render_template('hall/other.html')"]) == ["hall/page.html"]


def test_no_template_decides_by_state():
    assert offences(templates(), states_in_branches) == []


def test_a_decision_by_state_would_be_seen():
    assert states_in_branches('{% if card.state == "on_wall" %}')
    assert states_in_branches("{{ 'x' if state in ('waiting',) }}")
    assert not states_in_branches('<li data-state="{{ card.state }}">')
