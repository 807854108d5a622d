"""A whole evening, with a fault of our own in it, leaves nothing of anybody in the log."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
import requests
import websocket

from facilitation.logs import FIELDS
from tests.journeys.screen import a_screen
from tests.makers import a_key
from tests.server import ROOT, Evening, Server, a_program, wait_until

MARK = "MERKTEKEN"
BREAKS = "CREATE TRIGGER breaks BEFORE INSERT ON questions BEGIN SELECT RAISE(ABORT, 'no'); END"

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]


@dataclass
class Apart(Server):
    """A server whose standard error, the log, is kept apart from what it prints at its start."""

    def launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (
            (self.folder / "server.log").open("ab") as printed,
            (self.folder / "errors.log").open("ab") as logged,
        ):
            self.process = subprocess.Popen(
                [sys.executable, self.entry],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=logged,
            )

    @property
    def logged(self) -> str:
        return (self.folder / "errors.log").read_text()


def play(server: Apart) -> list[str]:
    """Do what people do and what goes wrong; gives all that must not be in a log."""
    evening = server.make_meeting(moderation="off")
    desk = server.organiser()
    hall = a_screen(evening, "hall")
    with a_program(server.base) as phone:
        asked = ask(phone, evening.public)
        receipt = asked.json()["receipt"].rpartition("/")[2]
        phone.get(f"{server.base}/q/{receipt}")
        tokens = leave_address(phone, server, receipt)
        phone.post(f"{server.base}/q/{receipt}/withdraw")
        phone.post(f"{server.base}/m/{MARK}/questions", data={"text": MARK})
        phone.post(f"{server.base}/{MARK}", data={"text": MARK})
        sign_in_wrongly(server)
        say_nonsense(evening)
        desk.post(f"{evening.staff}/people", data={"email": f"{MARK}@merk.example", "role": "x"})
        desk.post(f"{evening.staff}/questions/1/{MARK}", data={"reason": MARK})
        with closing(sqlite3.connect(server.database)) as other:
            other.execute(BREAKS)
        assert ask(phone, evening.public).status_code == 500
        cookies = [*phone.cookies.values(), *desk.cookies.values()]
    hall.leave()
    assert server.stop() == 0
    assert cookies
    return [MARK, "organiser@", "127.0.0.1", evening.code, receipt, *tokens, *cookies]


def leave_address(phone: requests.Session, server: Apart, receipt: str) -> list[str]:
    """Leave an address, a wrong one and a word, and press what stands in the mails."""
    own = f"{server.base}/q/{receipt}"
    for email in (f"{MARK}@merk.example", f"{MARK}@", ""):
        phone.post(f"{own}/address", data={"email": email, "news": "yes"})
    phone.post(f"{own}/clarify", data={"text": MARK})
    with closing(sqlite3.connect(server.database)) as other:
        tokens = [row[0] for row in other.execute("SELECT token FROM contacts ORDER BY id")]
    assert len(tokens) == 2
    for token in tokens:
        phone.post(f"{server.base}/mail/{token}/confirm")
    phone.post(f"{server.base}/mail/{tokens[0]}/stop")
    return tokens


def ask(phone: requests.Session, public: str) -> requests.Response:
    phone.get(public)
    sent = {"key": a_key(), "kind": "question", "text": f"{MARK}?", "name": MARK}
    return phone.post(f"{public}/questions", data=sent)


def sign_in_wrongly(server: Server) -> None:
    with a_program(server.base) as stranger:
        sent = {"email": f"{MARK}@merk.example", "password": MARK * 3}
        assert stranger.post(f"{server.base}/staff/sign-in", data=sent).status_code == 422


def say_nonsense(evening: Evening) -> None:
    """What Socket.IO cannot read: it says so in words of its own."""
    line = websocket.create_connection(
        evening.base.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket", timeout=10
    )
    with closing(line.sock):
        line.send("40" + json.dumps({"meeting": evening.code, "screen": "phone", "lang": "nl"}))
        while not line.recv().startswith('42["pulse"'):
            pass
        line.send(f'42["{MARK}')


@pytest.fixture
def a_log(tmp_path) -> Iterator[Apart]:
    servers: list[Apart] = []

    def start(entry: str) -> Apart:
        servers.append(Apart(tmp_path, entry=entry))
        return servers[0].start()

    yield start
    servers[0].kill()


def test_an_evening_leaves_nothing_of_anybody_in_the_log(a_log):
    server = a_log("app.py")

    private = play(server)

    lines = [json.loads(line) for line in server.logged.splitlines()]
    assert [word for word in private if word in server.logged] == []
    assert [line for line in lines if set(line) - set(FIELDS)] == []
    assert [lines[0]["event"], lines[-2]["event"], lines[-1]["event"]] == [
        "started",
        "stopping",
        "stopped",
    ]
    (broken,) = (line for line in lines if line.get("error") == "IntegrityError")
    assert any("actions/asking.py" in place for place in broken["places"])
    assert "engineio.server" in {line.get("logger") for line in lines}
    assert {"phone.ask", "accounts.begin"} <= {line.get("endpoint") for line in lines}


def test_a_server_that_logs_what_an_exception_says_is_seen(a_log):
    server = a_log("tests/journeys/broken_talkative.py")

    private = play(server)

    found = wait_until(
        lambda: [word for word in private if word in server.logged], "it gave somebody away"
    )
    assert MARK in found
