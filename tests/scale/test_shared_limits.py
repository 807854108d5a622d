"""Several processes count together what a device may do, and alone while Redis is away."""

import shutil
import signal
from itertools import count

import pytest

from facilitation.domain.refusals import TooMany
from facilitation.web import limits
from facilitation.web.limits import BUDGETS, Limits
from tests.scale.cluster import a_redis
from tests.server import PATIENCE, wait_until

MOST = BUDGETS["questions"].amount

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not shutil.which("redis-server"), reason="Redis is not installed"),
]


@pytest.fixture
def redis(tmp_path):
    redis = a_redis(tmp_path).start()
    yield redis
    redis.stop()


@pytest.fixture
def processes(redis, monkeypatch):
    """Makes the limits of so many processes on one Redis."""
    monkeypatch.setattr(limits, "AWAY_SECONDS", 0.3)

    def make(number=2, url=f"redis://127.0.0.1:{redis.port}", patience=PATIENCE):
        monkeypatch.setattr(limits, "REDIS_PATIENCE", patience)
        return [
            Limits(is_on=True, sleep=lambda seconds: None, redis_url=url) for _ in range(number)
        ]

    return make


def is_refused(process, who):
    try:
        process.spend("questions", who)
    except TooMany as refusal:
        assert 1 <= refusal.wait <= 300
        return True
    return False


def asked(processes, who, tries=3 * MOST):
    """How many questions were taken, sent to each process in turn."""
    return [is_refused(processes[n % len(processes)], who) for n in range(tries)].count(False)


def test_a_device_has_one_budget_in_all_processes(processes):
    assert asked(processes(), "a device") == MOST
    assert asked(processes(), "another device") == MOST


def test_without_redis_each_process_has_a_budget_of_its_own(processes):
    """The control: the same check, of processes that share nothing."""
    assert asked(processes(url=""), "a device") == 2 * MOST


@pytest.mark.parametrize("what", ["stopped", "hung"])
def test_while_redis_is_away_nobody_is_refused_and_then_it_counts_again(processes, redis, what):
    two = processes(patience=0.25)

    if what == "stopped":
        redis.stop()
    else:
        redis.tell(signal.SIGSTOP)
    while_away = asked(two, "a device")
    if what == "stopped":
        redis.start()
    else:
        redis.tell(signal.SIGCONT)

    assert while_away == 2 * MOST  # each counts for itself: generous, and still tight to programs
    devices = (f"device {number}" for number in count())
    wait_until(lambda: asked(two, next(devices)) == MOST, "they count together again")


def test_redis_learns_of_no_device_and_no_address(processes, redis):
    (one,) = processes(1)

    one.spend("wrong passwords", "jan@gemeente.example")

    keys = one._together.storage.get_connection().keys()
    assert len(keys) == 1
    assert b"jan" not in keys[0]
