"""What the program imports it asks for by name, and what it asks for is pinned."""

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.house.ground import files, read

OURS = {"facilitation", "app", "scripts", "tests"}


def plain(name: str) -> str:
    """Write a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(text: str) -> set[str]:
    """Read the names in a requirements file, pinned or not."""
    return {plain(name) for name in re.findall(r"(?m)^([A-Za-z0-9][\w.-]*)", text)}


def imported(sources: Iterable[str]) -> set[str]:
    """Name the top of everything imported that is neither Python's own nor ours."""
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    names += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom) and not n.level]
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - OURS


def unasked(modules: Iterable[str], asked: set[str]) -> list[str]:
    """Name the modules that only happen to be installed, because something else wanted them."""
    homes = packages_distributions()
    # Flask brings its own foundations and says so; nobody asks for them apart.
    asked = asked | (
        {"werkzeug", "jinja2", "markupsafe", "click", "itsdangerous"} if "flask" in asked else set()
    )
    return sorted(m for m in modules if not {plain(d) for d in homes.get(m, [m])} & asked)


def test_the_program_imports_only_what_it_asks_for():
    program = [path for path in files("facilitation", "app.py") if path.suffix == ".py"]
    asked = [wanted(read(Path(name))) for name in ("requirements.in", "requirements-scale.in")]

    assert unasked(imported(map(read, program)), set().union(*asked)) == []


def test_everything_asked_for_is_pinned():
    for name in ("requirements", "requirements-scale", "requirements-dev"):
        assert wanted(read(Path(f"{name}.in"))) - wanted(read(Path(f"{name}.txt"))) == set()


def test_a_borrowed_package_would_be_seen():
    modules = imported(["import os\nimport yaml\nfrom flask import Flask\nimport werkzeug.routing"])

    assert unasked(modules, {"flask"}) == ["yaml"]
    assert wanted("# note\nflask>=3.1\npsycopg[binary]>=3\n    --hash=x\n") == {"flask", "psycopg"}
