"""Whoever waits longest for a connection gets the next one."""

import sqlite3
import threading

import pytest
from sqlalchemy.exc import TimeoutError as NoConnection

from facilitation.storage.pool import InOrder
from tests.server import wait_until


def a_pool(creator=lambda: sqlite3.connect(":memory:", check_same_thread=False), *, timeout=30):
    return InOrder(creator, pool_size=1, max_overflow=0, timeout=timeout)


def test_who_just_came_does_not_go_before_those_who_wait():
    pool, served, people = a_pool(), [], []
    held = pool.connect()

    def come(number):
        connection = pool.connect()
        served.append(number)
        connection.close()

    for number in range(10):
        people.append(threading.Thread(target=come, args=(number,)))
        people[-1].start()
        wait_until(lambda so_far=number + 1: len(pool._line) == so_far, "they stand in line")
    held.close()
    come("who just came")
    for one in people:
        one.join()

    assert served == [*range(10), "who just came"]


def test_who_waits_too_long_is_told_and_takes_nobodys_place():
    pool = a_pool(timeout=0.01)

    held = pool.connect()
    with pytest.raises(NoConnection):
        pool.connect()
    held.close()

    pool.connect().close()
    assert pool._free == 1


def test_a_connection_that_cannot_be_made_takes_no_place():
    answers = iter([OSError("nobody there"), sqlite3.connect(":memory:")])

    def connect():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    pool = a_pool(connect)

    with pytest.raises(OSError, match="nobody there"):
        pool.connect()

    pool.connect().close()
    assert pool._free == 1


def test_a_line_that_broke_leaves_its_place_to_the_next():
    pool = a_pool()

    broken = pool.connect()
    broken.invalidate()
    broken.close()

    pool.connect().close()
    assert pool._free == 1
