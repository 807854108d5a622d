"""The process itself: starting, stopping, many connections, strange frames, refused settings."""

import contextlib
import json
import re
import resource
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests
import socketio.exceptions
import websocket

from tests.journeys.screen import Screen, Wire, a_screen
from tests.server import PASSWORD, Evening, Server, a_program, a_server, wait_until

MANY = 1_200  # eventlet's own server stands still at 1,024
FRAME_LIMIT = 16 * 1024

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with a_server(tmp_path_factory.mktemp("server")) as running:
        running.add_colleague("organiser@gemeente.example")
        yield running


@pytest.fixture(scope="module")
def evening(server) -> Evening:
    return server.make_meeting(moderation="off")


def a_question() -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "kind": "question", "text": "Hoe lang blijft het open?"}


def heard(screen: Screen, event: str) -> bool:
    return any(name == event for name, _ in screen.inbox)


# -- starting


def test_a_second_start_on_the_same_port_is_refused_in_one_sentence(server, tmp_path):
    second = Server(tmp_path, port=server.port)

    second.launch()

    assert second.process.wait(20) == 1
    assert f"Not started: port {server.port} cannot be used" in second.log
    assert "Traceback" not in second.log
    assert server.status("/healthz") == 200


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"PORT": "acht"}, "PORT must be a number"),
        ({"PORT": "70000"}, "PORT must be a number"),
        ({"LIMITS": "off", "PUBLIC_URL": "https://vragen.example.nl"}, "LIMITS=off"),
        ({"LIMITS": "maybe"}, "LIMITS must be on or off"),
        ({"EXAMPLE": "perhaps"}, "EXAMPLE must be yes or no"),
        ({"PUBLIC_URL": "http://vragen.example.nl"}, "PUBLIC_URL must be https"),
        ({"PUBLIC_URL": "vragen.example.nl"}, "PUBLIC_URL must look like"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL must be a SQLite file"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL must be a SQLite file"),
        ({"REDIS_URL": "redis://localhost"}, "REDIS_URL is for several processes"),
        ({"WORKERS": "4"}, "WORKERS needs PostgreSQL"),
        ({"WORKERS": "many"}, "WORKERS must be a number"),
        ({"SMTP_URL": "mail.example"}, "SMTP_URL must look like"),
        ({"SMTP_URL": "smtp://a:geheim@b:port"}, "SMTP_URL must look like"),
        ({"SMTP_URL": "smtp://mail.example"}, "MAIL_FROM must be an address"),
        ({"SMTP_URL": "smtp://mail.example", "MAIL_FROM": "vragen"}, "MAIL_FROM must be"),
        ({"MAIL_FROM": "a@example.nl, b@example.nl"}, "MAIL_FROM must be an address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_an_unsafe_setting_is_refused_with_its_reason(tmp_path, settings, why):
    server = Server(tmp_path, settings=settings)

    server.launch()

    assert server.process.wait(20) == 2
    assert f"Not started: {why}" in server.log
    assert "Traceback" not in server.log


def test_a_secret_key_that_others_may_read_is_refused(tmp_path):
    server = Server(tmp_path)
    key = tmp_path / "instance" / "secret_key"
    key.parent.mkdir()
    key.write_bytes(b"x" * 32)
    key.chmod(0o644)

    server.launch()

    assert server.process.wait(20) == 2
    assert "chmod 600" in server.log


def test_every_address_that_the_start_prints_leads_somewhere(tmp_path):
    shown_to_all = {"HOST": "0.0.0.0", "PUBLIC_URL": "", "EXAMPLE": "yes"}
    with a_server(tmp_path, settings=shown_to_all) as server:
        wait_until(lambda: "choose a password" in server.log, "it printed the first link")
        addresses = re.findall(r"http://\S+", server.log)
        with a_program(server.base) as visitor:
            pages = {one: visitor.get(one, headers={"Accept": "text/html"}) for one in addresses}

    paths = " ".join(addresses)
    assert all(word in paths for word in ("/hall", "/answers", "/console", "/register", "/welcome"))
    assert {one: page.status_code for one, page in pages.items() if not page.ok} == {}
    assert "█" in server.log  # the QR code for the terminal


# -- stopping


def test_a_stop_answers_what_is_under_way_says_goodbye_and_takes_under_ten_seconds(tmp_path):
    with a_server(tmp_path) as server:
        evening = server.make_meeting()
        screen = a_screen(evening, "hall")
        body = urlencode(a_question()).encode()
        with half_a_request(server, f"/m/{evening.code}/questions", body) as wire:
            began = time.monotonic()

            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: heard(screen, "bye"), "the hall hears that the server goes away")
            refused = server.status("/healthz")
            wire.sendall(body[10:])
            answer = read_all(wire)

        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 10
    assert refused == 0
    assert b"201 CREATED" in answer
    assert b'"number":1' in answer.replace(b" ", b"")


@contextlib.contextmanager
def half_a_request(server: Server, path: str, body: bytes) -> Iterator[socket.socket]:
    """A request of which the server reads the body, and has not got all of it yet."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            "Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        assert b"100 Continue" in wire.recv(1000)  # sent when the application reads
        wire.sendall(body[:10])
        yield wire


def read_all(wire: socket.socket) -> bytes:
    read = b""
    while more := wire.recv(65536):
        read += more
    return read


# -- many at once


def test_more_than_a_thousand_open_connections_leave_the_server_in_health(server, evening):
    allow_files(3 * MANY)
    with contextlib.ExitStack() as opened:
        for _ in range(MANY):
            opened.enter_context(contextlib.closing(a_connection_kept_open(server)))
        hall = a_screen(evening, "hall")
        opened.callback(hall.leave)

        assert server.status("/healthz") == 200
        asked = requests.post(
            f"{evening.public}/questions",
            data=a_question(),
            headers={"Accept": "application/json"},
            timeout=10,
        )
        assert asked.status_code == 201
        wait_until(lambda: heard(hall, "changed"), "the hall hears of the question")


def allow_files(wanted: int) -> None:
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < wanted:
        pytest.skip(f"THE 1,024 CONNECTIONS WERE NOT TESTED: this machine allows {most} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


def a_connection_kept_open(server: Server) -> socket.socket:
    """A connection that asked something, and waits with its next request."""
    wire = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert wire.recv(20).startswith(b"HTTP/1.1 200")
    return wire


# -- strange guests


@contextlib.contextmanager
def a_guest(server: Server, evening: Evening) -> Iterator[websocket.WebSocket]:
    """A phone's connection without the library, to say over it what no phone says."""
    address = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    wire = websocket.create_connection(address, timeout=10)
    with contextlib.closing(wire.sock):  # the library forgets it when the other side ends it
        wire.send("40" + json.dumps({"meeting": evening.code, "screen": "phone", "lang": "nl"}))
        while not wire.recv().startswith("40"):
            pass
        yield wire


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("42" + json.dumps(["hello", "x" * FRAME_LIMIT]), id="a frame over 16 KB"),
        pytest.param("42" + json.dumps(["approve", {"id": 1}]), id="an unknown event"),
    ],
)
def test_who_says_what_no_phone_says_is_sent_away_and_disturbs_nobody(server, evening, said):
    hall = a_screen(evening, "hall")
    with a_guest(server, evening) as guest:
        guest.send(said)

        ends(guest)
    requests.post(f"{evening.public}/questions", data=a_question(), timeout=10)
    wait_until(lambda: heard(hall, "changed"), "the hall goes on hearing")
    assert not hall.left.is_set()
    hall.leave()


@pytest.mark.parametrize(
    "said", ['42["changed",', "49", "4", "6", "9nonsense", "42[]", '42{"a":1}']
)
def test_nonsense_disturbs_nobody(server, evening, said):
    hall = a_screen(evening, "hall")
    with a_guest(server, evening) as guest:
        guest.send(said)

        requests.post(f"{evening.public}/questions", data=a_question(), timeout=10)

        wait_until(lambda: heard(hall, "changed"), "the hall goes on hearing")
    assert not hall.left.is_set()
    hall.leave()


def ends(wire: websocket.WebSocket) -> None:
    """Read until the server ends it; fails when it stays open."""
    wire.settimeout(10)
    with contextlib.suppress(websocket.WebSocketConnectionClosedException, ConnectionError):
        while True:
            if wire.recv() in {"", "41"}:  # closed, or told to leave the namespace
                return


def test_a_body_over_16_kb_is_refused_with_a_problem(server, evening):
    answer = a_program(server.base).post(
        f"{evening.public}/questions", data=a_question() | {"text": "x" * FRAME_LIMIT}
    )

    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:problem:too-large"


def test_only_websockets_are_spoken_and_without_compression(server):
    address = f"{server.base}/socket.io/?EIO=4&transport="
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions": "permessage-deflate",
    }

    polled = requests.get(f"{address}polling", timeout=10)
    with requests.get(f"{address}websocket", headers=upgrade, timeout=10, stream=True) as opened:
        agreed = opened.headers

    assert polled.status_code == 400
    assert opened.status_code == 101
    assert "Sec-WebSocket-Extensions" not in agreed


@pytest.mark.parametrize(
    "auth",
    [
        {"meeting": "XXXXXX", "screen": "phone", "lang": "nl"},
        {"meeting": 1, "screen": "console", "lang": "nl"},
        {"meeting": 1, "screen": "register", "lang": "nl"},
        {"meeting": 1, "screen": "hall", "lang": "xx"},
        "hello",
        None,
    ],
    ids=str,
)
def test_who_may_not_listen_is_turned_away(server, evening, auth):
    wire = Wire(reconnection=False, handle_sigint=False)

    with pytest.raises(socketio.exceptions.ConnectionError):
        wire.connect(server.base, auth=auth, transports=["websocket"], wait_timeout=10)


# -- beside the server


def test_a_command_beside_the_server_reaches_open_screens_within_ten_seconds(server):
    evening = server.make_meeting()
    phone = a_screen(evening, "phone")
    console = a_screen(evening, "console", web=server.sign_in("organiser@gemeente.example"))

    stepped = server.run("meeting", "step", str(evening.id), "pause")

    def know() -> bool:
        phone.catch_up()
        console.catch_up()
        return phone.region.state == console.region.state == "paused"

    assert stepped.returncode == 0, stepped.stderr
    wait_until(know, "phone and console know of the pause", patience=10)
    phone.leave()
    console.leave()


def test_a_meeting_and_its_moderator_are_made_by_commands_alone(server):
    made = server.run(
        *("meeting", "create", "--title", "Opvang aan de Sportlaan"),
        *("--starts", "2026-12-01T19:30", "--moderation", "off", "--state", "live"),
    )
    facts = json.loads(made.stdout)
    added = server.run(
        *("staff", "add", "--email", "mo@gemeente.example", "--name", "Mo"),
        *("--role", "moderator", "--meeting", str(facts["id"]), "--password-stdin"),
        said=PASSWORD + "\n",
    )

    listed = json.loads(server.run("meeting", "list", "--json").stdout)
    asked = a_program(server.base).post(
        f"{facts['phone']}/questions", data={"key": str(uuid.uuid4()), "text": "Wie beslist er?"}
    )

    assert added.returncode == 0, added.stderr
    assert facts in listed
    assert facts["state"] == "live"
    assert (asked.status_code, asked.json()["state"]) == (201, "on_wall")
    assert server.sign_in("mo@gemeente.example").get(facts["console"]).status_code == 200


def test_who_signs_out_hears_nothing_more(server, evening):
    desk = server.sign_in("organiser@gemeente.example")
    console = a_screen(evening, "console", web=desk)

    desk.post(f"{server.base}/staff/sign-out")

    assert console.left.wait(10)
