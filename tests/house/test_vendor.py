"""What others wrote is vendored whole: untouched, listed, and with its licence beside it."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.house.ground import ROOT

VENDOR = ROOT / "static" / "vendor"
LISTS = [VENDOR / "checksums.txt", VENDOR / "nlds" / "checksums.txt"]
OURS = {"checksums.txt", "README.md"}


def breaches(list_file: Path) -> list[str]:
    """Compare a list of sums with the files beside it, down to folders that have their own list."""
    listed = sums(list_file.read_text())
    there = {str(path.relative_to(list_file.parent)): path for path in vendored(list_file.parent)}
    missing = [f"missing: {name}" for name in listed if name not in there]
    unlisted = [f"not listed: {name}" for name in there if name not in listed]
    changed = [
        f"changed: {name}"
        for name, path in there.items()
        if name in listed and sha256(path.read_bytes()).hexdigest() != listed[name]
    ]
    return missing + unlisted + changed


def sums(text: str) -> dict[str, str]:
    rows = [line.split(maxsplit=1) for line in text.splitlines() if line and line[0] != "#"]
    return {name.strip().removeprefix("*").removeprefix("./"): digest for digest, name in rows}


def vendored(folder: Path) -> list[Path]:
    elsewhere = [other.parent for other in folder.glob("*/**/checksums.txt")]
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in OURS
        and not any(path.is_relative_to(other) for other in elsewhere)
    ]


def without_licence(folder: Path) -> list[Path]:
    """Name the files with no licence beside them, for the folder or for files named alike."""
    return [
        path
        for path in vendored(folder)
        if "LICENSE" not in path.name
        and not any(
            (path.parent / name).is_file() for name in ("LICENSE.md", "LICENSE.txt", "LICENSE")
        )
        and not any(
            path.name.startswith(licence.name.split(".LICENSE")[0])
            for licence in path.parent.glob("*.LICENSE*")
        )
    ]


@pytest.mark.parametrize("list_file", LISTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_vendored_files_are_the_ones_we_took(list_file):
    assert breaches(list_file) == []


@pytest.mark.parametrize("folder", [VENDOR, VENDOR / "nlds", ROOT / "static" / "fonts"])
def test_every_vendored_file_has_its_licence(folder):
    assert without_licence(folder) == []


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "morph.js").write_text("export {}")
    (tmp_path / "morph.LICENSE.txt").write_text("as is")
    rows = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in sorted(tmp_path.iterdir())
    ]
    (tmp_path / "checksums.txt").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_an_honest_shelf_is_left_alone(shelf):
    assert breaches(shelf / "checksums.txt") == []
    assert without_licence(shelf) == []


def test_a_changed_a_missing_and_a_new_file_are_seen(shelf):
    (shelf / "morph.js").write_text("export { mine }")
    (shelf / "morph.LICENSE.txt").unlink()
    (shelf / "new.js").write_text("")

    assert breaches(shelf / "checksums.txt") == [
        "missing: morph.LICENSE.txt",
        "not listed: new.js",
        "changed: morph.js",
    ]
    assert [path.name for path in without_licence(shelf)] == ["morph.js", "new.js"]
