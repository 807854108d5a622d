"""Commands gather while the disk is busy: few commits, a loop that goes round, a bounded queue."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    def run(how: str) -> dict:
        folder = tmp_path_factory.mktemp(how)
        command = [sys.executable, "-W", "ignore", "-m", "tests.green_writer", str(folder), how]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return run


def test_commands_gather_while_the_disk_is_busy(run):
    found = run("plain")

    assert found["answered"] == 60
    assert found["commits"] < 30
    assert found["told"] == 60
    assert found["told in order"]


def test_a_slow_disk_does_not_stop_the_loop(run):
    found = run("plain")

    assert not found["on the loop"]
    assert found["rounds"] > found["commits"]


def test_what_the_writer_cannot_take_is_refused_at_once(run):
    found = run("full")

    assert found["refused"] > 0
    assert found["answered"] + found["refused"] == 60
    assert found["told"] == found["answered"]
