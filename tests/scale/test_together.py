"""An evening on four processes while everything under it is stopped, hung and started again."""

import contextlib
import os
import random
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.faults import crowd
from tests.faults.checker import judge, shown_on
from tests.faults.crowd import Sent
from tests.scale.cluster import MISSING, House, a_house
from tests.scale.hall import Seat, a_hall, wait_until_equal
from tests.server import wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
PHONES = 42 * FAULTS  # that listen
ASKERS = 8
ANSWERS = 5

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(600 * FAULTS),
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
    def talking(self, answers: int) -> Iterator[None]:
        """Let them ask while something happens, and until so many more questions were received."""
        self.may_ask.set()
        self.wait_for_answers(3)
        yield
        self.wait_for_answers(answers)
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
        id = next(kept.id for kept in self.house.kept() if kept.number == number)
        for step, fields in (("call", {}), ("answer", {"speaker": "Wethouder De Vries"})):
            answer = self.desk.post(f"{self.evening.staff}/questions/{id}/{step}", data=fields)
            assert answer.status_code == 200, answer.text

    def settle(self, what: str, seats: list[Seat]) -> None:
        self.took[what] = wait_until_equal(seats)


def test_every_screen_equals_a_reload_whatever_is_stopped_hung_or_killed(house, capsys):
    together = Together(house)
    asking = together.crowd
    with asking.asking(), a_hall(house.server, together.evening, PHONES) as seats:
        busy = [port for port in house.server.ports if house.server.screens_of(port)]
        with asking.talking(ANSWERS):
            together.moderate()
        together.settle("nothing", seats)

        house.redis.stop()
        with asking.talking(ANSWERS):
            together.moderate()
        together.settle("Redis stopped", seats)

        house.redis.start()
        with asking.talking(ANSWERS):
            together.moderate()
        together.settle("Redis back", seats)

        house.redis.tell(signal.SIGSTOP)
        with asking.talking(ANSWERS):
            together.moderate()
        together.settle("Redis hung", seats)

        house.redis.tell(signal.SIGCONT)
        with asking.talking(ANSWERS):
            together.moderate()
        together.settle("Redis going on", seats)

        with asking.talking(ANSWERS):
            house.postgres.stop()
            house.postgres.start()
        together.settle("PostgreSQL restarted", seats)

        with asking.talking(ANSWERS):
            house.server.kill_worker(house.server.ports[1])
        together.settle("a worker killed", seats)
        wait_until(lambda: house.server.worker_answers(house.server.ports[1]), "the worker is back")

    verdict = judge(asking.sent, house.kept(), shown_on(together.evening))
    figures = ", ".join(f"{what} {took:.1f} s" for what, took in together.took.items())
    line = f"four processes: {verdict} (FAULT_SEED={SEED})\n  equal after: {figures}"
    with capsys.disabled():
        print(f"\n  {line}")  # noqa: T201
    assert len(busy) == len(house.server.ports), "nginx spread the screens over all workers"
    assert verdict.is_kept, verdict.__dict__
