"""On PostgreSQL green threads wait for the server and for nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import postgres_is_here

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(not postgres_is_here(), reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def url(postgres):
    url = postgres.lend()
    yield url
    postgres.take_back(url)


def run(url: str, *, driver: str = "wait_select") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.green_postgresql", url, driver]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )


def test_twenty_slow_questions_to_the_server_take_the_time_of_a_few(url):
    ended = run(url)

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["seconds"] < found["seconds asleep in all"] == 10
    assert found["rounds meanwhile"] > 20


def test_commands_gather_while_the_server_saves(url):
    found = json.loads(run(url).stdout)

    assert found["answered"] == 60
    assert found["commits"] < 30
    assert found["told in order"]


def test_a_driver_that_would_freeze_every_phone_is_refused(url):
    ended = run(url, driver="wait_c")

    assert ended.returncode != 0
    assert "PSYCOPG_WAIT_FUNC must be wait_select" in ended.stderr
