"""Seen from outside, call by call: the disk is synced before an answer leaves."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.crowd import Sent, send
from tests.makers import a_key
from tests.server import Evening, Server, a_server, wait_until

QUESTIONS = 20
CALLS = "fsync,fdatasync,pwrite64,sendto"
# Of the log, in one line, or as the end of a line that another thread came between.
SYNCED = re.compile(r"f(?:data)?sync(?:\(\d+<[^>]*-wal>\)| resumed>\)) += 0")
ANSWERED = re.compile(r'sendto\(.*"HTTP/1\.1 201')

pytestmark = pytest.mark.server


@contextmanager
def watched(server: Server, calls: Path) -> Iterator[None]:
    """Write down what this server asks of the machine; skips where that is not allowed."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("there is no strace here")
    assert server.process is not None
    command = [strace, "-f", "-y", "-s", "32", "-e", f"trace={CALLS}", "-o", str(calls)]
    watching = subprocess.Popen(
        [*command, "-p", str(server.process.pid)], stderr=subprocess.PIPE, text=True
    )
    try:
        said = watching.stderr.readline() if watching.stderr else ""
        if "attached" not in said:
            pytest.skip(f"strace may not look here: {said}")
        yield
    finally:
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=30)


def ask(server: Server, evening: Evening) -> None:
    status, _ = send(server, evening, Sent(a_key(), "Wordt dit bewaard?"))
    assert status == 201


def answers_before_a_sync(calls: str) -> tuple[int, int]:
    """How many questions were answered, and how many of them with nothing synced since the last."""
    answered = hasty = 0
    is_synced = False
    for line in calls.splitlines():
        if SYNCED.search(line):
            is_synced = True
        elif ANSWERED.search(line):
            answered, hasty = answered + 1, hasty + (not is_synced)
            is_synced = False
    return answered, hasty


def counted(folder: Path, entry: str) -> tuple[int, int]:
    calls = folder / "calls.txt"
    with a_server(folder, entry=entry) as server:
        evening = server.make_meeting(moderation="off")
        with watched(server, calls):
            for _ in range(QUESTIONS):
                ask(server, evening)
            wait_until(
                lambda: answers_before_a_sync(calls.read_text())[0] >= QUESTIONS,
                "all that was answered is written down",
            )
    return answers_before_a_sync(calls.read_text())


def test_every_answer_leaves_after_a_sync(tmp_path, tally):
    answered, hasty = counted(tmp_path, "app.py")

    assert hasty == 0
    tally.add("sync seen from outside", runs=answered, acknowledged=answered)


def test_a_database_that_syncs_later_is_seen(tmp_path, tally):
    _, hasty = counted(tmp_path, "tests/faults/broken_forgetful.py")

    assert hasty, "the control did not turn red: the calls prove nothing"
    tally.add_control("sync seen from outside", f"synchronous=NORMAL {hasty} too early")
