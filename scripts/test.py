"""Run every check and every test in parts, go on when one fails, and count them in the last lines.

`python scripts/test.py` runs all; `python scripts/test.py check unit` runs the named parts. What
waits more than it computes runs in two lanes beside each other.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
REPORTS = ROOT / ".reports"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_TESTS_COLLECTED = 5
PATIENT = 10  # of what waits for nothing and fails for no slowness


@dataclass(frozen=True)
class Count:
    """What came of one part; a remark is something the reader must not overlook."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remark: str = ""


def main(wanted: list[str]) -> int:
    """Run the wanted parts, all when none is named; zero only when nothing failed."""
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
        return 2
    REPORTS.mkdir(exist_ok=True)
    counts: dict[str, Count] = {}
    for lanes in STAGES:
        chosen = [[name for name in lane if name in (wanted or PARTS)] for lane in lanes]
        with ThreadPoolExecutor(max(1, len(chosen))) as beside_each_other:
            is_alone = sum(map(bool, chosen)) < 2
            for lane in beside_each_other.map(partial(run_lane, is_alone=is_alone), chosen):
                counts |= lane
    print(*summary(counts), sep="\n")
    return int(any(count.failed for count in counts.values()))


def run_lane(names: Sequence[str], *, is_alone: bool) -> dict[str, Count]:
    """Run these parts one after another; beside another lane each is shown when it is done."""
    return {name: timed(name) if is_alone else shown_later(name) for name in names}


def shown_later(name: str) -> Count:
    """Keep what the part says in a file of its own until it ends."""
    kept = REPORTS / f"{name}.log"
    with kept.open("w") as said:
        count = timed(name, said)
    with SHOWING:
        print(kept.read_text(errors="replace"), flush=True)
    return count


def timed(name: str, said: IO[str] | None = None) -> Count:
    """Run one part under a heading that says how long it took."""
    print(f"\n── {name} ──", file=said, flush=True)
    began = time.monotonic()
    count = PARTS[name](said)
    print(f"── {name}: {time.monotonic() - began:.0f} s", file=said, flush=True)
    return count


def summary(counts: dict[str, Count]) -> Iterable[str]:
    """Name the last lines: remarks, each part, then one plain line for any build server."""
    yield ""
    yield from (f"  !!  {count.remark}" for count in counts.values() if count.remark)
    yield " · ".join(f"{name} {in_words(count)}" for name, count in counts.items())
    passed = sum(count.passed for count in counts.values())
    failed = sum(count.failed for count in counts.values())
    yield f"{passed} passed, {failed} failed"


def in_words(count: Count) -> str:
    """Say "12 passed, 1 failed", leaving out what did not happen."""
    rest = {"failed": count.failed, "skipped": count.skipped}
    return ", ".join([f"{count.passed} passed", *(f"{n} {word}" for word, n in rest.items() if n)])


# --- check -------------------------------------------------------------------------------


def check(said: IO[str] | None) -> Count:
    """Style, types, layers and templates: each command is one check."""
    results = [succeeds(command, said) for command in check_commands()]
    return Count(passed=results.count(True), failed=results.count(False))


def check_commands() -> list[list[str]]:
    """List what `make check` runs."""
    commands = [
        [str(BIN / "ruff"), "check", "--quiet", "."],
        [str(BIN / "ruff"), "format", "--quiet", "--check", "."],
        [str(BIN / "mypy"), "--no-error-summary"],
        [str(BIN / "lint-imports"), "--no-logo"],
        [str(BIN / "djlint"), "--quiet", "--lint", "templates"],
    ]
    return commands + [["node", "--check", script] for script in own_scripts() if has_node()]


def own_scripts() -> list[str]:
    """List our own JavaScript; what others wrote is in static/vendor."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "static" / "js").rglob("*.js"))


def succeeds(command: list[str], said: IO[str] | None) -> bool:
    """Run it; name it only when it fails, below what it said itself."""
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        words = (ran.stdout, ran.stderr, f"FAILED: {' '.join(command)}\n")
        print(*words, sep="\n", file=said, flush=True)
    return ran.returncode == 0


# --- tests -------------------------------------------------------------------------------


def unit(said: IO[str] | None) -> Count:
    """Domain, actions, storage and house rules: all cores, no server."""
    folders = ["domain", "actions", "storage", "house"]
    return pytest("unit", folders, said, "-n", "auto", "--dist", "worksteal")


def doors(said: IO[str] | None) -> Count:
    """Every page and command by Flask's own client: no server, and patient, so others go first."""
    return pytest("doors", ["web"], said, nice=PATIENT)


def faults(said: IO[str] | None) -> Count:
    """Everything that can break, broken on purpose on the real server."""
    return pytest("faults", ["faults"], said, "--timeout=400")


def journey(said: IO[str] | None) -> Count:
    """Whole evenings, on the real server and on four of them."""
    return pytest("journey", ["journeys", "scale"], said, "--timeout=400")


def serving(said: IO[str] | None) -> Count:
    """One server: how it starts, stops, is looked after, and what it answers."""
    return pytest("serving", ["serving"], said, "--timeout=400")


def browser(said: IO[str] | None) -> Count:
    """Screens in Chromium."""
    if not any(shutil.which(name) for name in BROWSERS):
        return left_out("Chromium is missing: THE BROWSER TESTS WERE SKIPPED.")
    return pytest("browser", ["browser"], said, "--timeout=180")


def javascript(said: IO[str] | None) -> Count:
    """Logic of the browser's own modules, without a browser."""
    if not has_node():
        return left_out("Node 18 or newer is missing: THE JAVASCRIPT TESTS WERE SKIPPED.")
    report = REPORTS / "javascript.tap"
    report.unlink(missing_ok=True)
    files = sorted(str(path) for path in (ROOT / "tests" / "js").rglob("*.test.*js"))
    command = [
        *("node", "--test"),
        *("--test-reporter=spec", "--test-reporter-destination=stdout"),
        *("--test-reporter=tap", f"--test-reporter-destination={report}"),
    ]
    status = subprocess.run([*command, *files], cwd=ROOT, stdout=said, check=False).returncode
    count = read_tap(report.read_text() if report.exists() else "")
    return believed(count, status)


def has_node() -> bool:
    """Whether `node --test` exists here."""
    return shutil.which("node") is not None


def pytest(
    name: str, folders: list[str], said: IO[str] | None, *options: str, nice: int = 0
) -> Count:
    """Run the folders of tests/ that belong to one part."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    paths = [f"tests/{folder}" for folder in folders if (ROOT / "tests" / folder).is_dir()]
    if not paths:
        return Count(failed=1, remark=f"There are no {name} tests.")
    command = [str(BIN / "python"), "-m", "pytest", "-q", f"--junitxml={report}", *options, *paths]
    patiently = ["nice", "-n", str(nice)] if nice else []
    status = subprocess.run([*patiently, *command], cwd=ROOT, stdout=said, check=False).returncode
    return believed(read_junit(report) if report.exists() else Count(), status)


def read_junit(report: Path) -> Count:
    """Count the cases of a JUnit report; an error counts as a failure."""
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for suite in suites:
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return Count(passed=total - failed - skipped, failed=failed, skipped=skipped)


def read_tap(report: str) -> Count:
    """Read the totals at the end of a TAP report."""
    totals = dict(re.findall(r"^# (pass|fail|cancelled|skipped) (\d+)$", report, re.MULTILINE))
    failed = int(totals.get("fail", 0)) + int(totals.get("cancelled", 0))
    return Count(int(totals.get("pass", 0)), failed, int(totals.get("skipped", 0)))


def believed(count: Count, status: int) -> Count:
    """Distrust a part that ended badly, or found nothing to test, and yet counted no failure."""
    if count.failed or (status == 0 and count.passed + count.skipped):
        return count
    remark = "A part found no tests." if status in {0, NO_TESTS_COLLECTED} else "A part broke off."
    return Count(count.passed, 1, count.skipped, remark)


def left_out(remark: str) -> Count:
    """Say that a part could not run: a remark on a laptop, a failure on a build server."""
    return Count(failed=int(os.environ.get("CI") == "true"), remark=remark)


PARTS: dict[str, Callable[[IO[str] | None], Count]] = {
    "check": check,
    "javascript": javascript,
    "unit": unit,
    "doors": doors,
    "faults": faults,
    "journey": journey,
    "serving": serving,
    "browser": browser,
}
# One stage after another; the lanes of a stage beside each other.
STAGES = (
    (("check", "javascript", "unit"),),
    (("faults",), ("journey", "browser"), ("doors", "serving")),
)
SHOWING = threading.Lock()

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
