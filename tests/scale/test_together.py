"""An evening on four processes while everything under it is stopped, hung and started again."""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field

import pytest
import requests

from facilitation.web.live import PULSE_SECONDS
from tests.faults import crowd
from tests.faults.checker import judge, shown_on
from tests.faults.crowd import Sent
from tests.makers import a_key
from tests.scale.cluster import MISSING, House, a_house
from tests.scale.hall import SPREAD, Behind, Hall, a_hall
from tests.server import PATIENCE, Server, a_program, a_server, wait_until

SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
PHONES, ASKERS = 190, 10  # two hundred: that listen, and that ask
FEW = 12  # enough to sit with every worker
ANSWERS = 3

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with a_house(tmp_path_factory.mktemp("together")) as house:
        house.server.add_colleague("organiser@gemeente.example")
        yield house


@dataclass
class Crowd(crowd.Crowd):
    """Phones that ask at the pace of people, and hold their tongues when they are told to."""

    may_ask: threading.Event = field(default_factory=threading.Event)

    def _send_until_received(self, question: Sent, dice: random.Random) -> None:
        while not (self.may_ask.wait(0.05) or self.is_over.is_set()):
            pass
        super()._send_until_received(question, dice)
        self.is_over.wait(dice.uniform(1, 3))

    @contextlib.contextmanager
    def talking(self) -> Iterator[None]:
        """Let them ask while something happens, and until a few more questions were received."""
        self.may_ask.set()
        self.wait_for_answers(1)
        yield
        self.wait_for_answers(ANSWERS)
        self.may_ask.clear()
        wait_until(self.is_quiet, "everything that was sent is received")

    def is_quiet(self) -> bool:
        return all(one.received or one.refused or not one.tries for one in [*self.sent])


class Together:
    """One evening, the hall that follows it, and how long the hall took after each fault."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.evening = house.server.make_meeting(moderation="off")
        self.desk = house.server.sign_in("organiser@gemeente.example")
        self.crowd = Crowd(house.server, self.evening, SEED, size=ASKERS)
        self.took: dict[str, float] = {}
        self.answered: set[int] = set()  # numbers

    def moderate(self) -> None:
        """Call a question to the stage and answer it: what every screen must hear of."""
        waiting = sorted({number for number, _ in shown_on(self.evening)} - self.answered)
        number = random.Random(SEED + len(self.took)).choice(waiting)
        self.answered.add(number)
        id = next(kept.id for kept in self.house.kept(self.evening) if kept.number == number)
        for step, fields in (("call", {}), ("answer", {"speaker": "Wethouder De Vries"})):
            answer = self.desk.post(f"{self.evening.staff}/questions/{id}/{step}", data=fields)
            assert answer.status_code == 200, answer.text

    def settle(self, what: str, hall: Hall) -> None:
        self.took[what] = hall.wait_until_equal()

    def conclude(self, capsys: pytest.CaptureFixture[str], *more: str) -> None:
        """Hold what the phones were told against the database and the wall, and say so."""
        kept = self.house.kept(self.evening)
        verdict = judge(self.crowd.sent, kept, shown_on(self.evening))
        figures = ", ".join(f"{what} {took:.1f} s" for what, took in self.took.items())
        lines = [f"{verdict} (FAULT_SEED={SEED})", f"equal after: {figures}", *more]
        with capsys.disabled():
            print("\n  four processes:", *lines, sep="\n    ")  # noqa: T201
        assert verdict.is_kept, verdict.__dict__


def test_the_pulse_leaves_time_to_fetch_within_the_ten_seconds_that_are_promised():
    assert PULSE_SECONDS + SPREAD[1] < 10


def test_every_screen_equals_a_reload_whatever_is_stopped_hung_or_killed(house, capsys):
    together = Together(house)
    asking = together.crowd
    with asking.asking(), a_hall(house.server, together.evening, PHONES) as hall:
        busy = [port for port in house.server.ports if house.server.screens_of(port)]
        with asking.talking():
            together.moderate()
        together.settle("nothing", hall)

        house.redis.stop()
        with asking.talking():
            together.moderate()
        together.settle("Redis stopped", hall)

        house.redis.start()
        with asking.talking():
            together.moderate()
        together.settle("Redis back", hall)

        house.redis.tell(signal.SIGSTOP)
        with asking.talking():
            together.moderate()
        together.settle("Redis hung", hall)

        house.redis.tell(signal.SIGCONT)
        with asking.talking():
            together.moderate()
        together.settle("Redis going on", hall)

        with asking.talking():
            house.postgres.stop()
            house.postgres.start()
        together.settle("PostgreSQL restarted", hall)

        with asking.talking():
            house.server.kill_worker(house.server.ports[1])
        together.settle("a worker killed", hall)
        wait_until(lambda: house.server.worker_answers(house.server.ports[1]), "the worker is back")

    together.conclude(capsys)
    assert len(busy) == len(house.server.ports), "nginx spread the screens over all workers"


def test_workers_whose_pulse_does_not_read_the_database_are_seen(tmp_path):
    with a_house(tmp_path, entry="tests/scale/broken_pulse.py", workers=2) as house:
        house.server.add_colleague("organiser@gemeente.example")
        together = Together(house)
        asking = together.crowd
        with asking.asking(), a_hall(house.server, together.evening, FEW) as hall:
            with asking.talking():
                pass
            together.settle("nothing", hall)

            house.redis.stop()
            together.moderate()
            with pytest.raises(Behind):
                hall.wait_until_equal()


# -- a database that hangs


class Doors:
    """What a phone and a moderator ask of a server, each once."""

    def __init__(self, server: Server, together: Together) -> None:
        base, evening = server.base, together.evening
        self.phone, self.desk = a_program(base), together.desk
        self.page = f"{base}/m/{evening.code}"
        self.question = {"key": a_key(), "kind": "question", "text": "Wie luistert er nu?"}
        self.console = f"{evening.staff}/live?screen=console"

    def look(self) -> requests.Response:
        return self.phone.get(f"{self.page}/live?screen=phone", timeout=4 * PATIENCE)

    def ask(self) -> requests.Response:
        body = self.question
        return self.phone.post(f"{self.page}/questions", data=body, timeout=4 * PATIENCE)

    def moderate(self) -> requests.Response:
        return self.desk.get(self.console, timeout=4 * PATIENCE)


@pytest.fixture
def patient(house, tmp_path):
    """A server on the same database that waits as long as it takes, beside the four."""
    settings = {"DATABASE_URL": house.url}
    with a_server(tmp_path, entry="tests/scale/broken_patient.py", settings=settings) as server:
        yield server


def test_while_postgresql_hangs_all_are_told_not_now_and_then_it_goes_on(house, patient, capsys):
    together = Together(house)
    ours, theirs = Doors(house.server, together), Doors(patient, together)
    asking = together.crowd
    awake: set[int] = set()
    with (
        ThreadPoolExecutor(4) as pool,
        asking.asking(),
        a_hall(house.server, together.evening, FEW) as hall,
    ):
        assert ours.look().status_code == theirs.look().status_code == 200
        with asking.talking(), house.postgres.hung():
            began = time.monotonic()
            waiting = pool.submit(theirs.look)
            asked: list[Future[requests.Response]] = [
                pool.submit(door) for door in (ours.look, ours.ask, ours.moderate)
            ]
            while wait_for(asked, 0.2).not_done:
                awake |= {port for port in house.server.ports if house.server.worker_answers(port)}
            took = time.monotonic() - began
            is_still_waiting = not waiting.done()
        together.settle("PostgreSQL going on", hall)
        answers = [one.result() for one in asked]
        late = waiting.result()
        again = ours.ask()
        own = Sent(ours.question["key"], ours.question["text"])
        own.received = crowd.Received(*(again.json()[name] for name in ("id", "number", "receipt")))
        asking.sent.append(own)

    together.conclude(capsys, f"PostgreSQL hung: all answered 'not now' after {took:.1f} s")
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert awake == {*house.server.ports}, "a worker stood still as well"
    assert is_still_waiting, (
        "the control: a server without a deadline waits for as long as it takes"
    )
    assert late.status_code == 200
