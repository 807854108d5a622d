"""Looking after a running server: its health and figures, backups under load, a restore."""

import contextlib
import json
import random
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import requests

from tests.faults.checker import Verdict, judge, kept_in, shown_on
from tests.faults.crowd import Crowd, Sent
from tests.journeys.screen import a_screen
from tests.server import Evening, Server, a_program, a_server, free_port, wait_until
from tests.serving.test_server import a_question, half_a_request, read_all

BACKUPS = 3
POOL = 8  # connections, in small_pool.py

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]


@dataclass(frozen=True)
class Copy:
    """A backup made while everybody asked, and what had been acknowledged before it began."""

    file: str
    acknowledged: list[Sent]
    sent: list[Sent]


def copies_under_load(server: Server, evening: Evening) -> list[Copy]:
    """Back up again and again while twenty phones ask."""
    made = []
    with Crowd(server, evening, seed=random.SystemRandom().randrange(10**6)).asking() as crowd:
        for turn in range(BACKUPS):
            crowd.wait_for_answers(20)
            before = [sent for sent in list(crowd.sent) if sent.received]
            file = str(server.folder / f"copy-{turn}.db")
            done = server.run("backup", file)
            assert done.returncode == 0, done.stderr
            made.append((file, before))
    return [Copy(file, before, crowd.sent) for file, before in made]


def judge_copy(copy: Copy, server: Server, evening: Evening) -> Verdict:
    """Nothing acknowledged before the backup may be missing; later ones may be in it."""
    verdict = judge(copy.acknowledged, kept_in(server.database), shown_on(evening))
    verdict.phantom = sorted(set(verdict.phantom) - {one.text for one in copy.sent})
    return verdict


def restored(folder, file: str) -> Server:
    elsewhere = Server(folder)
    elsewhere.folder.mkdir()
    done = elsewhere.run("restore", file)
    assert done.returncode == 0, done.stderr
    return elsewhere


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> tuple[Evening, str, list[Copy]]:
    """An evening that was backed up again and again, its epoch then, and the copies."""
    with a_server(tmp_path_factory.mktemp("loaded")) as server:
        evening = server.make_meeting(moderation="off")
        screen = a_screen(evening, "hall")
        screen.leave()
        return evening, screen.region.epoch, copies_under_load(server, evening)


@pytest.mark.parametrize("turn", range(BACKUPS))
def test_a_backup_under_load_is_restored_elsewhere_with_all_that_was_acknowledged(
    loaded, tmp_path, turn
):
    evening, epoch, copies = loaded
    copy = copies[turn]
    elsewhere = restored(tmp_path / "elsewhere", copy.file)
    verified = elsewhere.run("verify")

    with a_server(elsewhere.folder) as second:
        there = Evening(evening.id, evening.code, second.base)
        verdict = judge_copy(copy, second, there)
        hall = a_screen(there, "hall")
        hall.leave()

    assert verdict.is_kept, verdict
    assert verdict.acknowledged == len(copy.acknowledged) >= 20
    assert (verified.returncode, json.loads(verified.stdout)) == (0, {"flaws": []})
    assert hall.region.epoch != epoch  # so that every screen fetches anew


def test_a_backup_that_misses_what_was_acknowledged_is_seen(loaded, tmp_path):
    evening, _, (older, *_, newer) = loaded
    forgetful = Copy(older.file, newer.acknowledged, newer.sent)

    with a_server(restored(tmp_path / "elsewhere", forgetful.file).folder) as second:
        verdict = judge_copy(forgetful, second, Evening(evening.id, evening.code, second.base))

    assert verdict.lost, "the control did not turn red: the checker proves nothing"


def test_a_restore_under_a_running_server_is_refused_and_after_its_stop_is_done(tmp_path):
    with a_server(tmp_path) as server:
        evening = server.make_meeting(moderation="off")
        copy = str(tmp_path / "copy.db")
        assert server.run("backup", copy).returncode == 0
        hall = a_screen(evening, "hall")

        refused = server.run("restore", copy)
        assert refused.returncode == 1
        assert "stop it first" in refused.stderr
        assert server.status("/readyz") == 200

        server.stop()
        done = server.run("restore", copy)
        assert done.returncode == 0, done.stderr
        server.start()
        hall.listen()
        hall_catches_up(hall, lambda: hall.refetches == 1)
        assert hall.region.epoch == hall.fetch().epoch
        hall.leave()


def hall_catches_up(hall, has_done: Callable[[], bool]) -> None:
    def look() -> bool:
        hall.catch_up()
        return has_done()

    wait_until(look, "the hall fetched anew, by the pulse alone")


# -- health, on a listener of its own


def test_a_full_house_does_not_keep_its_keepers_out(tmp_path):
    keepers = free_port()
    with a_server(
        tmp_path, entry="tests/serving/small_pool.py", settings={"HEALTH_PORT": str(keepers)}
    ) as server:
        with contextlib.ExitStack() as guests:
            for _ in range(POOL):
                guests.enter_context(contextlib.closing(a_guest_who_stays(server)))

            assert server.status("/healthz") == 0  # the control: here nobody gets in any more
            assert pages_at(keepers) == {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404}

        wait_until(lambda: server.status("/healthz") == 200, "there is room again")


def a_guest_who_stays(server: Server) -> socket.socket:
    """A connection that got its answer, and waits with its next request."""
    wire = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert wire.recv(20).startswith(b"HTTP/1.1 200")
    return wire


def pages_at(port: int) -> dict[str, int]:
    with a_program(f"http://127.0.0.1:{port}") as keeper:
        paths = ("/healthz", "/readyz", "/metrics", "/")
        return {
            path: keeper.get(f"http://127.0.0.1:{port}{path}", timeout=30).status_code
            for path in paths
        }


@pytest.mark.parametrize("taken", ["acht", "its own port"])
def test_a_health_port_that_cannot_be_used_is_refused(tmp_path, taken):
    server = Server(tmp_path)
    server.settings["HEALTH_PORT"] = str(server.port) if taken == "its own port" else taken

    server.launch()

    assert server.process.wait(30) in {1, 2}
    assert "Not started: " in server.log
    assert "Traceback" not in server.log


def test_the_figures_of_a_running_server_move(tmp_path):
    with a_server(tmp_path) as server:
        evening = server.make_meeting(moderation="off")
        hall = a_screen(evening, "hall")
        with Crowd(server, evening, seed=1).asking() as crowd:
            crowd.wait_for_answers(30)
        wait_until(lambda: figures(server)["vragenmuur_loop_lag_seconds_count"] > 1, "a look")
        found = figures(server)
        hall.leave()

    assert found['vragenmuur_acknowledged_total{command="phone.ask"}'] >= 30
    assert found["vragenmuur_writer_batch_commands_sum"] >= 30
    assert found["vragenmuur_writer_batch_seconds_sum"] > 0
    assert found["vragenmuur_writer_waiting"] == 0
    assert found['vragenmuur_sockets{screen="hall"}'] == 1


def figures(server: Server) -> dict[str, float]:
    with a_program(server.base) as keeper:
        lines = keeper.get(f"{server.base}/metrics", timeout=30).text.splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def test_while_it_stops_it_is_not_ready_and_finishes_what_is_under_way(tmp_path):
    keepers = free_port()
    with a_server(tmp_path, settings={"HEALTH_PORT": str(keepers)}) as server:
        evening = server.make_meeting()
        body = urlencode(a_question()).encode()
        with half_a_request(server, f"/m/{evening.code}/questions", body) as wire:
            server.process.send_signal(signal.SIGTERM)

            said = wait_until(lambda: not_ready(keepers), "the keepers are told")
            wire.sendall(body[10:])
            answer = read_all(wire)

        assert server.process.wait(30) == 0
    assert said == {"process": "stopping"}
    assert b"201 CREATED" in answer


def not_ready(port: int) -> dict[str, str] | None:
    answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=30)
    return answer.json()["reasons"] if answer.status_code == 503 else None
