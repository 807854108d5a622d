"""Real servers for tests: each a process of its own, on a free port, with a folder of its own."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import requests

from facilitation.actions import accounts, hosting
from facilitation.actions.hosting import MeetingText
from facilitation.cli import KEEPER, TAKEN, WAYS
from facilitation.domain.lifecycle import Role
from facilitation.storage import people, queries
from facilitation.storage.database import Database
from facilitation.web.accounts import hasher

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0  # seconds; more than any machine needs, so that slowness is no failure
PASSWORD = "correct horse battery staple"


def wait_until(holds: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """Wait for a condition and give what it gave; fails with what was waited for."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {patience:.0f} s in vain until {what}")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Evening:
    """A meeting made by command, and where its screens are."""

    id: int
    code: str
    base: str

    @property
    def public(self) -> str:
        return f"{self.base}/m/{self.code}"

    @property
    def staff(self) -> str:
        return f"{self.base}/staff/meetings/{self.id}"


@dataclass
class Server:
    """One server that can be stopped, killed and started again on the same port and folder."""

    folder: Path
    entry: str = "app.py"
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "instance" / "vragenmuur.db"

    @property
    def log(self) -> str:
        """All that this server and its earlier lives printed."""
        written = self.folder / "server.log"
        return written.read_text(errors="replace") if written.exists() else ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "INSTANCE": str(self.folder / "instance"),
            "PUBLIC_URL": self.base,
            "EXAMPLE": "no",
            "LIMITS": "off",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    # -- living and dying

    def launch(self) -> None:
        """Start the process and do not wait for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, self.entry],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> "Server":
        self.launch()
        wait_until(self.is_ready, f"{self.entry} answers on port {self.port}")
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended at its start:\n{self.log}"
        return self.status("/readyz") == 200

    def status(self, path: str) -> int:
        """The status of one page, 0 when nobody answers."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(asking):
            try:
                asking.request("GET", path)
                return asking.getresponse().status
            except (OSError, http.client.HTTPException):
                return 0

    def stop(self, patience: float = 15) -> int:
        """Ask it to stop, as a service manager would; the answer is its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def kill(self) -> None:
        """Kill -9: nothing of it runs any more when this returns."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # -- beside the server

    def run(self, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of ours beside the server: `run("meeting", "list")`."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    @contextlib.contextmanager
    def beside(self) -> Iterator[Database]:
        """The same database, from this process: as our commands do it, without starting one."""
        database = Database(self.settings.get("DATABASE_URL") or f"sqlite:///{self.database}")
        try:
            yield database
        finally:
            database.dispose()

    def make_meeting(self, *, state: str = "live", moderation: str = "on") -> Evening:
        text = MeetingText(
            title="Opvang aan de Sportlaan",
            starts_at=datetime(2026, 12, 1, 18, 30, tzinfo=UTC),
            is_moderated=moderation == "on",
        )
        with self.beside() as database:
            made = database.perform(hosting.create_meeting, text)
            for step in WAYS[state]:
                take = TAKEN.get(step) or partial(hosting.take_meeting_step, step=step)
                database.perform(take, made, by=KEEPER)
            with database.read() as session:
                return Evening(made, queries.meeting(session, made).code, self.base)

    def add_colleague(
        self, email: str, *, role: str = "organiser", meeting: int | None = None
    ) -> None:
        with self.beside() as database:
            with database.read() as session:
                is_known = people.password_of(session, email) is not None
            if meeting is None or not is_known:
                database.perform(
                    accounts.add_account,
                    email=email,
                    name=email.partition("@")[0],
                    password_hash=_hashed(PASSWORD),
                    is_organiser=meeting is None,
                )
            if meeting is not None:
                database.perform(accounts.grant_role, meeting, email=email, role=Role(role))

    def sign_in(self, email: str) -> requests.Session:
        """A program's session of a colleague; it says where its requests come from."""
        session = a_program(self.base)
        answer = session.post(
            f"{self.base}/staff/sign-in",
            data={"email": email, "password": PASSWORD},
            headers={"Accept": "text/html"},
            allow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return session

    def organiser(self) -> requests.Session:
        self.add_colleague("organiser@gemeente.example")
        return self.sign_in("organiser@gemeente.example")


@cache
def _hashed(password: str) -> str:
    return hasher.hash(password)


def a_program(base: str) -> requests.Session:
    """A session that asks for JSON, keeps cookies and comes from our own pages."""
    session = requests.Session()
    session.trust_env = False  # no proxy of this machine between us and the server
    session.headers.update({"Accept": "application/json", "Origin": base})
    return session


@contextlib.contextmanager
def a_server(folder: Path, **how: Any) -> Iterator[Server]:
    """A running server that is gone afterwards, whatever happened."""
    server = Server(folder, **how)
    try:
        yield server.start()
    finally:
        server.kill()
