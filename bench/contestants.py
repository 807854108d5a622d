"""The servers that are measured, each a fresh process on a core that the phones leave alone."""

import atexit
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.phones import Answer, Hear, Phone, PollingPhone, ask
from tests.server import ROOT, Server, wait_until

BASELINES = ROOT / "bench" / "baselines"
CORES = os.sched_getaffinity(0)  # before the phones keep to their own
SERVER_CORE, PHONES_CORE = 0, 1
TEXT = (
    "Hoe bewaakt de gemeente dat mensen rondom de opvang zich veilig blijven voelen, ook als het "
    "’s avonds donker is, en wie kunnen wij dan bellen? ({})"
)
JSON = {"Accept": "application/json"}


@dataclass
class Contestant:
    """A running server and what its phones say to it."""

    server: Server
    page: str = "/"
    live: str = ""  # where a page of its own has none, the page holds it all
    event: bytes = b'42["changed"'
    auth: Mapping[str, Any] = field(default_factory=dict)
    counter: Iterator[int] = field(default_factory=itertools.count)

    def phone(self, hear: Hear, cookie: str = "") -> Phone:
        """A screen of this wall, not yet joined."""
        return Phone(self.base, self.auth, hear, cookie=cookie)

    @property
    def base(self) -> str:
        return self.server.base

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self.server.process is not None
        return self.server.process

    def restart(self) -> None:
        """Stop it as a service manager would, and start it again on the same port."""
        self.server.stop(30)
        with on_the_servers_core():
            self.server.launch()
        wait_until(self.server.is_ready, f"{self.server.entry} answers")

    async def place(self) -> Answer:
        """Let one question come to every screen."""
        return await ask(self.base, "/say", method="POST", body=_sample(), headers=TYPED)

    @property
    def cpu_seconds(self) -> float:
        """What its threads have used so far."""
        spent = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e9

    @property
    def memory_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)


def a_question(number: int) -> dict[str, str]:
    """What a phone sends to our wall."""
    return {"key": str(uuid.uuid4()), "kind": "question", "text": TEXT.format(number)}


TYPED = {"Content-Type": "application/json"}


@dataclass
class OurWall(Contestant):
    console: str = ""

    def moderator(self) -> str:
        """A colleague who has signed in, as a line of cookies."""
        self.server.add_colleague("moderator@gemeente.example")
        session = self.server.sign_in("moderator@gemeente.example")
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)

    async def place(self) -> Answer:
        body = a_question(next(self.counter))
        return await ask(
            self.base, f"{self.page}/questions", method="POST", body=body, headers=JSON
        )


@dataclass
class TutorialWall(Contestant):
    def phone(self, hear: Hear, cookie: str = "") -> Phone:
        """Its page opens the socket as the library does when it is told nothing."""
        return PollingPhone(self.base, self.auth, hear)

    async def place(self) -> Answer:
        body = {"text": TEXT.format(next(self.counter))}
        return await ask(self.base, "/ask", method="POST", body=body)


def keep_sample(words: bytes) -> None:
    """Remember a message of the real wall: broadcasters send the very same."""
    _samples[:] = [json.dumps(json.loads(words[2:])[1]).encode()]


_samples: list[bytes] = []


def _sample() -> bytes:
    return _samples[0]


@contextlib.contextmanager
def ours(folder: Path, entry: str = "app.py", **settings: str) -> Iterator[OurWall]:
    """The real wall, moderation off, so that a question is placed as soon as it is received."""
    with _running(Server(folder, entry=entry, settings=settings)) as server:
        evening = server.make_meeting(moderation="off")
        page = f"/m/{evening.code}"
        yield OurWall(
            server,
            page=page,
            live=f"{page}/live?screen=phone",
            console=f"/staff/meetings/{evening.id}/console",
            auth={"meeting": evening.code, "screen": "phone", "lang": "nl"},
        )


@contextlib.contextmanager
def ours_one_by_one(folder: Path, **settings: str) -> Iterator[OurWall]:
    with ours(folder, entry=str(BASELINES / "one_by_one.py"), **settings) as contestant:
        yield contestant


@contextlib.contextmanager
def default(folder: Path) -> Iterator[Contestant]:
    entry = str(BASELINES / "default_broadcaster.py")
    with _running(Server(folder, entry=entry)) as server:
        yield Contestant(server)


@contextlib.contextmanager
def tutorial(folder: Path) -> Iterator[TutorialWall]:
    entry = str(BASELINES / "tutorial_wall.py")
    with _running(Server(folder, entry=entry)) as server:
        yield TutorialWall(server, event=b'42["questions"')


@contextlib.contextmanager
def node(folder: Path) -> Iterator[Contestant]:
    program = shutil.copy(BASELINES / "node_broadcaster.mjs", node_folder())
    with _running(NodeServer(folder, entry=str(program))) as server:
        yield Contestant(server)


@cache
def node_folder() -> Path:
    """Socket.IO for Node in a folder that is thrown away: no package of it is part of the project.

    Empty-handed (no npm, no network) it raises, and the row is left out.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-node-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "socket.io@4.8"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder


def has_node() -> bool:
    """Whether Node can take part."""
    try:
        return shutil.which("node") is not None and node_folder().is_dir()
    except (OSError, subprocess.SubprocessError):
        return False


@dataclass
class NodeServer(Server):
    program: str = "node"

    def launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [self.program, self.entry], env=self.environment, stdin=subprocess.DEVNULL
        )


@contextlib.contextmanager
def _running(server: Server) -> Iterator[Server]:
    """Start it with the core of the servers only; its threads inherit that."""
    with on_the_servers_core():
        server.launch()
    try:
        wait_until(server.is_ready, f"{server.entry} answers")
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def on_the_servers_core() -> Iterator[None]:
    """What is started in here has that core only, its threads too."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE} & CORES or CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)
