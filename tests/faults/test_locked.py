"""Another process holds the database: questions wait or are refused, and the server stays awake."""

import os
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.faults.checker import judge, kept_in, shown_on
from tests.faults.crowd import Crowd, Sent, send
from tests.faults.keeper import figure
from tests.makers import a_key
from tests.server import Evening, Server, a_server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
LONGER_THAN_WE_WAIT = 11.0  # seconds; the busy timeout is ten
LOCKS = [0.1, 1.0, 3.0, *(random.Random(SEED).uniform(0.1, 3) for _ in range(2 * FAULTS))]
QUEUE = 5  # as in small_queue.py
TOO_MANY = 30
SURELY_REFUSED = TOO_MANY - 2 * QUEUE  # one queue is being saved, another waits

pytestmark = [pytest.mark.server, pytest.mark.timeout(120 + 60 * FAULTS)]


@contextmanager
def locked(server: Server) -> Iterator[sqlite3.Connection]:
    """The database as another process holds it, with a change that it has not committed yet."""
    with closing(sqlite3.connect(server.database, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield other
        finally:
            other.execute("ROLLBACK")


def send_all(
    server: Server, evening: Evening, count: int
) -> tuple[list[threading.Thread], Counter[int]]:
    """So many phones that send once, all together; the answers by their status, as they come."""
    answers: Counter[int] = Counter()
    turn = threading.Lock()

    def send_once(number: int) -> None:
        status, _ = send(server, evening, Sent(a_key(), f"Vraag {number}?"))
        with turn:
            answers[status] += 1

    phones = [threading.Thread(target=send_once, args=(number,)) for number in range(count)]
    for phone in phones:
        phone.start()
    return phones, answers


def test_while_another_process_holds_the_database_nothing_is_lost_and_reading_goes_on(
    tmp_path, tally
):
    with a_server(tmp_path) as server:
        evening = server.make_meeting(moderation="off")

        with Crowd(server, evening, SEED).asking() as crowd:
            for seconds in [*LOCKS, LONGER_THAN_WE_WAIT]:
                crowd.wait_for_answers(10)
                with locked(server):
                    time.sleep(seconds)
                    assert server.status("/healthz") == 200
                    assert server.status(f"/m/{evening.code}/live?screen=phone") == 200
            crowd.wait_for_answers(10)
        verdict = judge(crowd.sent, kept_in(server.database), shown_on(evening))

    tally.add(
        "database locked",
        runs=len(LOCKS) + 1,
        acknowledged=verdict.acknowledged,
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
    )
    assert verdict.is_kept, verdict.__dict__


def test_a_server_that_saves_on_its_loop_is_seen(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/broken_on_the_hub.py") as server:
        evening = server.make_meeting(moderation="off")

        with Crowd(server, evening, SEED).asking() as crowd:
            crowd.wait_for_answers(10)
            with locked(server):
                # Answered once at most: by the loop that has no question to save yet.
                deaf = wait_until(
                    lambda: server.status("/healthz") == 0, "the loop is held up by the lock"
                )

    assert deaf
    tally.add_control("database locked", "saves on its loop: deaf")


def test_more_questions_than_the_queue_takes_are_refused_at_once(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/small_queue.py") as server:
        evening = server.make_meeting(moderation="off")

        with locked(server):
            phones, answers = send_all(server, evening, TOO_MANY)
            wait_until(lambda: answers[503] >= SURELY_REFUSED, "the others are refused")
        for phone in phones:
            phone.join()
        kept = kept_in(server.database)

    assert answers.total() == answers[201] + answers[503] == TOO_MANY
    assert len(kept) == answers[201]
    tally.add("queue full", runs=1, acknowledged=len(kept))


def test_a_server_whose_queue_never_ends_keeps_them_all_waiting(tmp_path, tally):
    with a_server(tmp_path, entry="tests/faults/broken_endless_queue.py") as server:
        evening = server.make_meeting(moderation="off")

        with locked(server):
            phones, answers = send_all(server, evening, TOO_MANY)
            wait_until(
                lambda: figure(server, "vragenmuur_writer_waiting") == TOO_MANY, "all of them wait"
            )
            refused = answers[503]
        for phone in phones:
            phone.join()

    assert refused == 0, "the control did not turn red: the answers prove nothing"
    tally.add_control("queue full", f"no end to it: {TOO_MANY} wait, 0 refused")
