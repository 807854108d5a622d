"""A full disk: what cannot be kept is refused kindly, reading goes on, and so does the evening."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.checker import Verdict, judge, kept_in, shown_on
from tests.faults.crowd import Crowd
from tests.faults.room import Room, SmallDisk, SmallFiles, a_small_disk
from tests.makers import a_key
from tests.server import Evening, Server, a_program, a_server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
# On each of as many evenings: once the log has begun again at its start, it finds room in itself.
ROUNDS = 5
IS_THERE_ROOM = "Is er nog plaats?"

pytestmark = [pytest.mark.server, pytest.mark.timeout(120 + 60 * FAULTS)]

ROOMS = pytest.mark.parametrize(
    ("fault", "room"), [("full disk", SmallDisk()), ("no file may grow", SmallFiles())]
)


@contextmanager
def a_server_on(room: Room, folder, **how: str) -> Iterator[Server]:
    with a_small_disk(folder / "instance") as is_one:
        if isinstance(room, SmallDisk) and not is_one:
            pytest.skip("this machine lets nobody mount a small disk")
        with a_server(folder, **how) as server:
            yield server


def refusal(evening: Evening) -> dict[str, str]:
    """What one is told once there is no room left; nothing as long as a last commit fitted."""
    sent = {"key": a_key(), "kind": "question", "text": IS_THERE_ROOM}
    answer = a_program(evening.base).post(f"{evening.public}/questions", data=sent, timeout=30)
    return {**answer.json(), **answer.headers} if answer.status_code == 503 else {}


def can_be_read(server: Server, evening: Evening) -> bool:
    pages = (f"/m/{evening.code}", f"/m/{evening.code}/live?screen=phone", "/healthz")
    return [server.status(page) for page in pages] == [200, 200, 200]


def verdict_of(crowd: Crowd, evening: Evening) -> Verdict:
    """What the checker says, but for the questions that the test asked itself."""
    kept = [one for one in kept_in(crowd.server.database) if one.text != IS_THERE_ROOM]
    shown = [one for one in shown_on(evening) if one[1] != IS_THERE_ROOM]
    return judge(crowd.sent, kept, shown)


def run_out_of_room(room: Room, folder) -> Verdict:
    """One evening on which the room is taken away a few times, and given back."""
    with a_server_on(room, folder) as server:
        evening = server.make_meeting(moderation="off")
        process = server.process

        with Crowd(server, evening, SEED).asking() as crowd:
            for _ in range(ROUNDS):
                crowd.wait_for_answers(10)
                room.take(server)
                refused = wait_until(lambda: refusal(evening), "there is no room left")
                reads = can_be_read(server, evening)
                room.give_back(server)

                assert refused["Retry-After"].isdecimal()
                assert refused["type"] == "urn:problem:unavailable"
                assert "Er gaat niets verloren" in refused["title"]
                assert reads
            crowd.wait_for_answers(10)
        verdict = verdict_of(crowd, evening)

        assert server.process is process
        assert process.poll() is None
    return verdict


@ROOMS
def test_without_room_questions_are_refused_kindly_and_nothing_is_lost(
    tmp_path, tally, fault, room
):
    for number in range(FAULTS):
        verdict = run_out_of_room(room, tmp_path / str(number))

        tally.add(
            fault,
            runs=ROUNDS,
            acknowledged=verdict.acknowledged,
            lost=len(verdict.lost),
            doubled=len(verdict.doubled),
        )
        assert verdict.is_kept, verdict.__dict__


@ROOMS
def test_a_server_that_does_not_hear_the_disk_is_seen(tmp_path, tally, fault, room):
    with a_server_on(room, tmp_path, entry="tests/faults/broken_deaf.py") as server:
        evening = server.make_meeting(moderation="off")

        with Crowd(server, evening, SEED).asking() as crowd:
            crowd.wait_for_answers(10)
            room.take(server)
            crowd.wait_for_answers(40)
            room.give_back(server)
            crowd.wait_for_answers(10)
        verdict = verdict_of(crowd, evening)

    assert verdict.lost, "the control did not turn red: the checker proves nothing"
    tally.add_control(fault, f"deaf {len(verdict.lost)} lost")
