"""The files the house rules look at: everything that is, or is about to be, in git."""

import re
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"

BINARY = {".png", ".woff2", ".ico", ".jpg", ".webp", ".pdf", ".mo"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project, relative to its top; what git ignores is not of the project."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(
        path for line in sorted(set(listed.splitlines())) if (ROOT / (path := Path(line))).is_file()
    )


def files(*patterns: str, but: Iterable[str] = ()) -> list[Path]:
    """Name the project's files under these folders, or with exactly these names."""
    return [path for path in project_files() if under(path, patterns) and not under(path, but)]


def under(path: Path, places: Iterable[str]) -> bool:
    """Whether the path is one of these places, or lies in one."""
    return any(path.is_relative_to(place) for place in places)


def text_files() -> list[Path]:
    """Name every file that people can read."""
    return [path for path in project_files() if path.suffix not in BINARY]


def read(path: Path) -> str:
    """Read one of the project's files."""
    return (ROOT / path).read_text(encoding="utf-8")


def offences(paths: Iterable[Path], find: Callable[[str], Iterable[int]]) -> list[str]:
    """Gather `file:line` wherever `find` sees something in the text of a file."""
    return [f"{path}:{line}" for path in paths for line in find(read(path))]


def lines_matching(pattern: str) -> Callable[[str], list[int]]:
    """Make a finder of the lines where a pattern begins."""
    seen = re.compile(pattern)
    return lambda text: [text.count("\n", 0, hit.start()) + 1 for hit in seen.finditer(text)]
