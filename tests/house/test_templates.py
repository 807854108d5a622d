"""Templates stay short, are all used, and decide nothing about states."""

import re
from fnmatch import fnmatch
from pathlib import Path

from tests.house.ground import files, lines_matching, offences, read

MOST_LINES = 80

states_in_branches = lines_matching(
    r"\{%-?\s*(?:if|elif)\b[^%]*?\bstate\b\s*(?:==|!=|(?:not\s+)?in)\s*[\"'(\[]"
    r"|\{[{%][^%}]*?\bif\s[^%}]*?\bstate\b\s*(?:==|!=|(?:not\s+)?in)\s*[\"'(\[]"
)


def templates() -> list[Path]:
    return [path for path in files("templates") if path.suffix == ".html"]


def too_long(text: str) -> bool:
    return len(text.splitlines()) >= MOST_LINES


def mentioned(sources: list[str]) -> set[str]:
    """Name the templates that code or other templates call for, `*` where a name is filled in."""
    named = re.findall(r"[\"']([\w{}./-]+\.html)[\"']", "\n".join(sources))
    return {re.sub(r"\{.*?\}", "*", name) for name in named if not name.startswith("/")}


def unused(names: list[str], calls: set[str]) -> list[str]:
    """Name the templates that nothing calls for."""
    return [name for name in names if not any(fnmatch(name, call) for call in calls)]


def absent(names: list[str], calls: set[str]) -> list[str]:
    """Name what is called for and is not there."""
    return sorted(call for call in calls if not any(fnmatch(name, call) for name in names))


def test_every_template_is_under_eighty_lines():
    assert [str(path) for path in templates() if too_long(read(path))] == []


def test_a_long_template_would_be_seen():
    assert too_long("<p>\n" * MOST_LINES)
    assert not too_long("<p>\n" * (MOST_LINES - 1))


def test_templates_and_calls_for_them_are_the_same():
    sources = [read(path) for path in files("facilitation", "templates") if path.suffix != ".po"]
    names = [str(path.relative_to("templates")) for path in templates()]
    calls = mentioned(sources)

    assert names
    assert unused(names, calls) == []
    assert absent(names, calls) == []


def test_an_unused_and_an_absent_template_would_be_seen():
    calls = mentioned(['render_template("hall/page.html")', 'render(f"{seat.screen}/_live.html")'])

    assert unused(["hall/_live.html", "hall/page.html", "hall/old.html"], calls) == [
        "hall/old.html"
    ]
    assert absent(["hall/_live.html"], calls) == ["hall/page.html"]


def test_no_template_decides_by_state():
    assert offences(templates(), states_in_branches) == []


def test_a_decision_by_state_would_be_seen():
    assert states_in_branches('{% if card.state == "on_wall" %}')
    assert states_in_branches("{{ 'x' if state in ('waiting',) }}")
    assert not states_in_branches('<li data-state="{{ card.state }}">')
