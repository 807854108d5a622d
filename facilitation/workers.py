"""Several processes by one command: each on a port of its own; one that dies is started again."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from facilitation.settings import for_worker

LOOK_SECONDS = 0.2
SETTLED_SECONDS = 10  # a worker that lived so long may start again at once
LONGEST_WAIT = 8.0
DRAIN_SECONDS = 12  # each drains within ten


@dataclass
class Worker:
    """One process of several, and how long it must wait when it dies young."""

    number: int
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    wait: float = field(default=0.5)

    def look_after(self) -> None:
        """Start it, or start it again; one that keeps dying waits longer each time."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None and now - self.began > SETTLED_SECONDS:
            self.wait = 0.5
        elif self.process is not None and now - self.began < self.wait:
            return
        if self.process is not None:
            self.wait = min(2 * self.wait, LONGEST_WAIT)
        self.began = now
        self.process = subprocess.Popen(
            [sys.executable, sys.argv[0]],
            env=for_worker(self.number),  # the program that we are
        )


def run_workers(count: int) -> int:
    """Keep so many workers alive until told to stop; then stop them, and return."""
    told = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: told.append(number))
    workers = [Worker(number) for number in range(count)]
    while not told:
        for worker in workers:
            worker.look_after()
        time.sleep(LOOK_SECONDS)
    _stop([worker.process for worker in workers if worker.process is not None])
    return 0


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + DRAIN_SECONDS
    while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in processes:
        process.kill()
        process.wait()
