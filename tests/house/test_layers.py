"""One arrow, and one place for everything that only one place may know."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.house.ground import BIN, ROOT, files, lines_matching, offences

PYTHON = ("facilitation", "app.py")
LAYERS = {"web", "actions", "storage", "domain"}
LIVES = {"QuestionState", "MeetingState", "FollowUpState"}
STATES = {
    *("waiting", "on_wall", "on_stage", "answered", "deferred", "acknowledged", "parked"),
    *("declined", "merged", "withdrawn", "draft", "open", "live", "paused", "closed", "archived"),
    *("assigned", "drafted", "approved", "published"),
}
QUERY_WORDS = {
    *("create_engine", "engine_from_config", "select", "insert", "update", "delete", "text"),
    *("Session", "sessionmaker", "scoped_session", "event", "Connection", "Engine"),
}


# --- the arrow ---------------------------------------------------------------------------


def lint_imports(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "lint-imports"), "--no-logo", "--no-cache", *options]
    surroundings = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )


def test_every_import_follows_the_arrow():
    said = lint_imports(ROOT)

    assert said.returncode == 0, said.stdout


def an_empty_house(folder: Path) -> None:
    """Build a package with no more than the modules that the contracts name."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    names = re.findall(r"\bfacilitation(?:\.\w+)+", (folder / "pyproject.toml").read_text())
    for layer in LAYERS:
        (folder / "facilitation" / layer).mkdir(parents=True)
        (folder / "facilitation" / layer / "__init__.py").touch()
    for name in names:
        place = folder / name.replace(".", "/")
        if not place.is_dir():
            place.with_suffix(".py").touch()
    (folder / "facilitation" / "__init__.py").touch()


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("arrow", "domain/wall", "import facilitation.web"),
        ("arrow", "storage/wall", "import facilitation.actions"),
        ("eventlet", "web/wall", "import eventlet"),
        ("flask", "actions/wall", "import flask"),
        ("socket", "web/wall", "import flask_socketio"),
        ("database", "actions/wall", "import sqlalchemy"),
        ("plain", "domain/wall", "import facilitation.settings"),
        ("screens", "web/phone", "import facilitation.web.console"),
    ],
)
def test_an_import_against_the_arrow_is_seen(tmp_path, contract, module, line):
    an_empty_house(tmp_path)
    before = lint_imports(tmp_path, "--contract", contract)
    (tmp_path / "facilitation" / f"{module}.py").write_text(line)

    after = lint_imports(tmp_path, "--contract", contract)

    assert before.returncode == 0, before.stdout + before.stderr
    assert after.returncode == 1
    assert "BROKEN" in after.stdout


# --- what only one place knows -----------------------------------------------------------


def imports(*modules: str) -> Callable[[str], Iterator[int]]:
    """Find imports of these packages, however they are written."""

    def find(source: str) -> Iterator[int]:
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if any(name.split(".")[0] in modules for name in names):
                yield node.lineno

    return find


def environment(source: str) -> Iterator[int]:
    """Find looks at the environment of the process; that of a request is WSGI's."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) != "request.environ":
            yield from [node.lineno] if node.attr in {"environ", "getenv"} else []
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node.lineno for alias in node.names if alias.name in {"environ", "getenv"})


def clock(source: str) -> Iterator[int]:
    """Find looks at the calendar clock; a stopwatch (`monotonic`) is something else."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value).split(".")[-1]
        if (owner, node.func.attr) in {
            *(("datetime", word) for word in ("now", "utcnow", "today")),
            ("date", "today"),
            ("time", "time"),
        }:
            yield node.lineno


def decisions(source: str) -> Iterator[ast.AST]:
    """Find what branches look at: if, while, the short if, a filter, a case."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            yield node.test
        elif isinstance(node, ast.comprehension):
            yield from node.ifs
        elif isinstance(node, ast.Match):
            yield from (case.pattern for case in node.cases)


def state_decisions(source: str) -> Iterator[int]:
    """Find branches that compare with a state by name."""
    for test in decisions(source):
        yield from states_named_in(test)


def state_comparisons(source: str) -> Iterator[int]:
    """Find every comparison with a state by name, in a branch or not."""
    yield from states_named_in(ast.parse(source))


def states_named_in(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and names_a_state(node):
            yield node.lineno
        if isinstance(node, ast.MatchValue) and is_a_state(node.value):
            yield node.lineno


def names_a_state(compare: ast.Compare) -> bool:
    sides = [compare.left, *compare.comparators]
    parts = [part for side in sides for part in ast.walk(side)]
    letters = {part.value for part in parts if isinstance(part, ast.Constant)} & STATES
    about_state = any("state" in ast.unparse(side) for side in sides)
    return any(map(is_a_state, parts)) or (about_state and bool(letters))


def is_a_state(node: ast.AST) -> bool:
    """Whether it reads `QuestionState.ON_WALL` or the like."""
    return isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[-1] in LIVES


def query_words(source: str) -> Iterator[int]:
    """Find words of SQLAlchemy that do more than say how a thing is kept."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            yield from (node.lineno for alias in node.names if alias.name in QUERY_WORDS)
        if isinstance(node, ast.Import):
            yield from (n.lineno for n in [node] if "sqlalchemy" in ast.unparse(n))


@dataclass(frozen=True)
class Rule:
    """Something that may be found only in a few places, and samples that must be found."""

    name: str
    find: Callable[[str], object]
    where: tuple[str, ...]
    samples: tuple[str, ...]
    only: tuple[str, ...] = field(default=())


RULES = [
    Rule(
        "environment variables",
        environment,
        PYTHON,
        ("import os\nport = os.environ['PORT']",),
        # app.py sets one for PostgreSQL's driver, which reads it when it is imported
        only=("facilitation/settings.py", "app.py"),
    ),
    Rule(
        "the time",
        clock,
        PYTHON,
        ("import datetime\ndatetime.datetime.now()",),
        # the one clock; and the limiter's windows, which are counted in seconds of their own
        only=("facilitation/storage/database.py", "facilitation/web/limits.py"),
    ),
    Rule(
        "eventlet",
        imports("eventlet", "greenlet"),
        PYTHON,
        ("from eventlet import wsgi",),
        only=("app.py", "facilitation/runtime.py"),
    ),
    Rule(
        "eventlet in tests below the real server",
        imports("eventlet", "greenlet"),
        ("tests/domain", "tests/actions", "tests/storage", "tests/web"),
        ("import eventlet.green",),
    ),
    Rule(
        "Socket.IO",
        imports("flask_socketio", "socketio", "engineio"),
        PYTHON,
        ("import flask_socketio",),
        only=("facilitation/web/live.py",),
    ),
    Rule(
        "which state allows what",
        state_decisions,
        PYTHON,
        (
            "if question.state == QuestionState.ON_WALL:\n    pass",
            "if lifecycle.MeetingState.PAUSED is meeting.state:\n    pass",
            "x = 1 if facts['state'] in ('on_wall', 'on_stage') else 0",
            "[card for card in cards if card.state != 'waiting']",
            "match state:\n    case QuestionState.MERGED:\n        pass",
        ),
        only=("facilitation/domain/lifecycle.py", "facilitation/domain/audience.py"),
    ),
    Rule(
        "states by name, above the domain",
        state_comparisons,
        ("facilitation/actions", "facilitation/web", "facilitation/cli.py", "app.py"),
        ("return meeting.state is MeetingState.CLOSED",),
    ),
    Rule(
        "engine, session and select",
        query_words,
        ("facilitation/domain",),
        ("from sqlalchemy import Integer, select",),
    ),
    Rule(
        "Socket.IO in the browser",
        lines_matching(r"socket\.io|\bio\("),
        ("static/js",),
        ('import { io } from "/static/vendor/socket.io.esm.min.js";',),
        only=("static/js/live.js",),
    ),
]
by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@by_name
def test_only_its_own_place_knows(rule):
    suffixes = {".py", ".js", ".mjs"}
    places = [p for p in files(*rule.where, but=rule.only) if p.suffix in suffixes]

    found = offences(places, rule.find)

    assert found == [], f"{rule.name}: only in {rule.only or 'no file here'}"


@by_name
def test_another_place_would_be_seen(rule):
    assert all(list(rule.find(sample)) for sample in rule.samples)


def test_a_query_on_a_state_is_no_decision():
    assert list(state_decisions("select(Question).where(Question.state == 'on_wall')")) == []


def test_importing_the_app_leaves_the_process_unpatched(tmp_path):
    look = "import app, sys; sys.exit('eventlet' in sys.modules)"
    surroundings = os.environ | {"INSTANCE": str(tmp_path), "EXAMPLE": "no"}

    said = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stderr
