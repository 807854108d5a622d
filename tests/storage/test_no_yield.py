"""No command yields inside its transaction; on green threads that would freeze everybody."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def an_evening(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.green_evening", str(folder), how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_a_whole_evening_never_yields_while_it_writes(tmp_path: Path):
    evening = an_evening(tmp_path, "plain")

    assert evening.returncode == 0, evening.stdout + evening.stderr
    assert "0 while writing" in evening.stdout


def test_a_command_that_sleeps_is_seen(tmp_path: Path):
    evening = an_evening(tmp_path, "sleeping")

    assert evening.returncode == 1, evening.stdout + evening.stderr
    assert " 0 while writing" not in evening.stdout
    assert "while writing" in evening.stdout
