"""A real PostgreSQL server of our own: made by initdb in a folder that is gone afterwards."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg

from tests.server import free_port, wait_until

USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root: one of these does
TEMPLATE = "tables"
OWN_TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
)


@cache
def postgres_programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it out of PATH."""
    places = [Path(found).parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def postgres_is_here() -> bool:
    return postgres_programs() is not None


class Postgres:
    """One server that can be stopped, killed, halted and started again on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._idle: list[str] = []
        self._made = 0
        self._user = _another_user() if os.getuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", str(folder / "data"), "-U", "vragenmuur", "-A", "trust", "-N")

    def start(self) -> "Postgres":
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(_program("postgres"), "-D", str(self.folder / "data")),
                    *("-p", str(self.port), "-c", "listen_addresses=127.0.0.1"),
                    *("-c", f"unix_socket_directories={self.folder}", *self.options),
                ],
                user=self._user,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.answers, "PostgreSQL answers")
        return self

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT drops everybody at once and recovers from its log when it is started again."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """Halt the server and all that works for it: lines stay open, and nothing answers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        halted = [self.process.pid]
        try:
            os.kill(self.process.pid, signal.SIGSTOP)  # first: from now on it has no new ones
            for pid in map(int, children.read_text().split()):
                halted.append(pid)
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in halted:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._connect():
            return True
        return False

    def create(self, name: str, *, template: str = "template1") -> str:
        """Make a database; the answer is its address as a setting."""
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return f"postgresql+psycopg://vragenmuur@127.0.0.1:{self.port}/{name}"

    def lend(self) -> str:
        """A database with empty tables: emptying one is ten times faster than making one."""
        if self._idle:
            return self._idle.pop()
        self._made += 1
        return self.create(f"lent_{self._made}", template=TEMPLATE)

    def take_back(self, url: str) -> None:
        with self._connect(url.rpartition("/")[2]) as connection:
            tables = connection.execute(OWN_TABLES).fetchall()
            names = ", ".join(name for (name,) in tables)
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
        self._idle.append(url)

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="vragenmuur", dbname=database, autocommit=True
        )

    def _run(self, program: str, *options: str) -> None:
        subprocess.run(
            [_program(program), *options],
            user=self._user,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )


@contextlib.contextmanager
def a_postgres(*options: str) -> Iterator[Postgres]:
    """A running server that is gone afterwards, its folder included."""
    with tempfile.TemporaryDirectory(prefix="vragenmuur-") as folder:
        server = Postgres(Path(folder), *options)
        try:
            yield server.start()
        finally:
            server.stop()


def _program(name: str) -> str:
    programs = postgres_programs()
    assert programs is not None, "PostgreSQL is not installed"
    return str(programs / name)


def _another_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in known)
