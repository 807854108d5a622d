"""What other people rely on is written down: settings, events, commands, steps, make's targets."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from facilitation.domain import lifecycle
from tests.house.ground import files, read

LIVES = [lifecycle.QUESTION_STEPS, lifecycle.FOLLOW_UP_STEPS, lifecycle.MEETING_STEPS]
STATES = [lifecycle.QuestionState, lifecycle.FollowUpState, lifecycle.MeetingState]


def docs(*names: str) -> str:
    """Read these pages, those that exist, as one text; all that are ours when none is named."""
    pages = [path for path in files(*(names or ("docs", "README.md"))) if path.suffix == ".md"]
    return "\n".join(read(path) for path in pages)


def not_named(words: Iterable[str], text: str) -> list[str]:
    """Name the words that the text does not hold in code letters, alone or in a command."""
    spans = re.findall(r"(?s)```.*?```|`[^`\n]+`", text)
    written = "\n".join(spans)
    return sorted(word for word in set(words) if not re.search(rf"(?<!\w){word}(?!\w)", written))


def settings_in(source: str) -> Iterator[str]:
    """Find the names of the environment: whole constants in capitals."""
    for node in ast.walk(ast.parse(source)):
        word = node.value if isinstance(node, ast.Constant) else None
        if isinstance(word, str) and re.fullmatch(r"[A-Z][A-Z0-9]{2,}(?:_[A-Z0-9]+)*", word):
            yield word


def events_in(source: str) -> Iterator[str]:
    """Find the socket events that are sent."""
    for node in ast.walk(ast.parse(source)):
        if not (
            isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        ):
            continue
        if getattr(node.func, "attr", getattr(node.func, "id", "")) in {"emit", "send", "_emit"}:
            yield str(node.args[0].value)


def commands_in(source: str) -> Iterator[str]:
    """Find the flask commands and their groups, by the name one types."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AppGroup":
            yield str(ast.literal_eval(node.args[0]))
        if isinstance(node, ast.FunctionDef):
            marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Call)]
            yield from (typed_name(mark, node) for mark in marks if makes_a_command(mark))


def makes_a_command(mark: ast.Call) -> bool:
    return getattr(mark.func, "attr", "") in {"command", "group"}


def typed_name(mark: ast.Call, function: ast.FunctionDef) -> str:
    """Read the name in the decorator; without one it is the function's."""
    return str(ast.literal_eval(mark.args[0])) if mark.args else function.name.replace("_", "-")


def test_every_setting_is_documented():
    found = set(settings_in(read(Path("facilitation/settings.py"))))

    assert {"HOST", "PORT", "INSTANCE", "PUBLIC_URL", "EXAMPLE"} <= found
    assert not_named(found, docs("docs/settings.md")) == []


def test_every_event_is_documented():
    found = set(events_in(read(Path("facilitation/web/live.py"))))

    assert not_named(found | {"changed", "counted", "mine", "pulse", "bye"}, docs("docs")) == []


def test_every_command_is_documented():
    found = set(commands_in(read(Path("facilitation/cli.py"))))

    assert {"staff", "meeting", "add", "create", "step"} <= found
    assert not_named(found, docs()) == []


@pytest.mark.parametrize("steps", LIVES, ids=["question", "follow-up", "meeting"])
def test_every_step_is_documented(steps):
    assert not_named(steps, docs("docs/architecture.md", "docs/lives.md")) == []


@pytest.mark.parametrize("states", STATES, ids=lambda states: states.__name__)
def test_every_state_is_documented(states):
    assert not_named(states, docs("docs/architecture.md", "docs/lives.md")) == []


def test_every_target_of_make_is_explained_by_make():
    makefile = read(Path("Makefile"))
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    inner = {"help", "environment", "tools"}

    assert declared
    assert [
        t for t in declared[1].split() if t not in inner and f'"make {t} ' not in makefile
    ] == []


def test_what_is_not_written_down_would_be_seen():
    assert not_named(["PORT", "HOST"], "`HOST` says where; PORT in passing") == ["PORT"]
    assert not_named(["call"], "`recall`") == ["call"]
    assert list(settings_in("port = source.get('PORT', 'x')")) == ["PORT"]
    assert list(events_in("socket.emit('changed', {})")) == ["changed"]
    assert list(commands_in("staff = AppGroup('staff')")) == ["staff"]
    assert list(commands_in("@staff.command('add')\ndef add_staff(): pass")) == ["add"]
    assert list(commands_in("@staff.command()\ndef set_role(): pass")) == ["set-role"]
