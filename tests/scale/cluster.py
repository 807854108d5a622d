"""Everything that a large evening runs on, all real: PostgreSQL, Redis, four workers and nginx."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from tests.faults.checker import Kept
from tests.postgres import Postgres, a_postgres, postgres_is_here
from tests.server import ROOT, Evening, Server, free_port, wait_until

WORKERS = 4
QUESTIONS = "SELECT id, number, receipt, text FROM questions WHERE meeting_id = %s"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
MISSING = [
    name
    for name, is_here in {
        "PostgreSQL": postgres_is_here(),
        "Redis": shutil.which("redis-server"),
        "nginx": NGINX,
    }.items()
    if not is_here
]


@dataclass
class Program:
    """A program of others that can be stopped, halted and started again."""

    command: list[str]
    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Program":
        with (self.folder / f"{Path(self.command[0]).name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(self.answers, f"{self.command[0]} answers")
        return self

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
            return True
        return False

    def tell(self, what: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(what)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.tell(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(30)


@dataclass
class Cluster(Server):
    """Workers behind one address; whoever asks it asks nginx."""

    first: int = field(default_factory=lambda: free_ports(WORKERS))
    workers: int = WORKERS

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PORT": str(self.first), "WORKERS": str(self.workers)}

    def start(self) -> "Cluster":
        self.launch()
        wait_until(lambda: all(map(self.worker_answers, self.ports)), "all workers answer")
        wait_until(self.is_ready, "nginx answers")
        return self

    @property
    def ports(self) -> list[int]:
        return [self.first + number for number in range(self.workers)]

    def worker_answers(self, port: int) -> bool:
        return Server(self.folder, port=port).status("/healthz") == 200

    def screens_of(self, port: int) -> int:
        """How many screens listen to this worker, by the connections that the system knows."""
        found = Path("/proc/net/tcp").read_text()
        return len(re.findall(rf"^\s*\d+: \w+:{port:04X} \w+:\w+ 01 ", found, re.MULTILINE))

    def pid_of(self, port: int) -> int:
        """The process that serves this port."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in map(int, children.split()):
            surroundings = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            if f"PORT={port}".encode() in surroundings:
                return pid
        raise AssertionError(f"no worker on port {port}")

    def kill_worker(self, port: int) -> None:
        os.kill(self.pid_of(port), signal.SIGKILL)

    def kill(self) -> None:
        """The workers end by themselves when who looks after them is gone; do not wait for that."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        super().kill()


@dataclass
class House:
    """The cluster and what it stands on."""

    postgres: Postgres
    redis: Program
    nginx: Program
    server: Cluster
    url: str

    def kept(self, evening: Evening) -> list[Kept]:
        """What the database holds of it, read past all of our own code."""
        place = make_conninfo(self.url.replace("+psycopg", ""))
        with psycopg.connect(place) as reading:
            rows = reading.execute(QUESTIONS, (evening.id,)).fetchall()
        return [Kept(*row) for row in rows]


@contextlib.contextmanager
def a_house(folder: Path, *, entry: str = "app.py", workers: int = WORKERS) -> Iterator[House]:
    """All of it, running; all of it is gone afterwards."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(a_postgres())
        url = postgres.create("vragenmuur")
        redis = a_redis(folder).start()
        stack.callback(redis.stop)
        server = Cluster(
            folder,
            entry,
            workers=workers,
            settings={"DATABASE_URL": url, "REDIS_URL": f"redis://127.0.0.1:{redis.port}"},
        )
        nginx = an_nginx(folder, server.port, server.ports).start()
        stack.callback(nginx.stop)
        stack.callback(server.kill)
        yield House(postgres, redis, nginx, server.start(), url)


def a_redis(folder: Path) -> Program:
    port = free_port()
    options = ["--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    return Program(["redis-server", *options], port, folder)


def an_nginx(folder: Path, port: int, workers: list[int]) -> Program:
    """The proxy with our own configuration as it stands, but for the ports."""
    assert NGINX is not None
    ours = (ROOT / "docs" / "deploy" / "nginx.conf").read_text()
    for number, own in enumerate(workers):
        assert f"127.0.0.1:{8000 + number} " in ours
        ours = ours.replace(f"127.0.0.1:{8000 + number} ", f"127.0.0.1:{own} ")
    ours = re.sub(r"\n *server 127\.0\.0\.1:800\d .*", "", ours)  # of workers that are not there
    assert "listen 80;" in ours
    (folder / "ours.conf").write_text(ours.replace("listen 80;", f"listen 127.0.0.1:{port};"))
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; worker_processes 1;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ {places} include {folder}/ours.conf; }}\n"
    )
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    return Program(command, port, folder)


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    while True:
        first = free_port()
        if first + count < 65536 and all(map(_is_free, range(first, first + count))):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
