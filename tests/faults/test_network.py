"""The promise on bad Wi-Fi: whatever happens on the way, nothing is lost and nothing doubled."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.faults.checker import Verdict, judge, kept_in, shown_on
from tests.faults.crowd import Crowd, Received, Sent
from tests.faults.proxy import CLEAR, GONE, PORTAL_OF_THE_HALL, Proxy, Weather, a_proxy
from tests.server import Server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
ROUNDS = 2 * FAULTS
ANSWERS = 40  # that come through while a weather lasts
STRUCK = 10  # requests, at least, that each stretch of a weather must have met

pytestmark = [pytest.mark.server, pytest.mark.timeout(120 + 60 * FAULTS)]

LOST_ANSWERS = Weather(lost_answers=0.3)
# Each weather, and under which word the proxy counts what it did.
WEATHERS = [
    (LOST_ANSWERS, "lost answers"),
    (Weather(resets=0.3), "resets"),
    (Weather(delay=0.8), "requests"),
    (Weather(stalls=0.2), "stalls"),
    (GONE, "swallowed"),
    (PORTAL_OF_THE_HALL, "portal answers"),
]


class Gullible(Crowd):
    """Phones that take any page with a good status for a receipt: a captive portal gives those."""

    def _send(self, question: Sent, *, hears_answer: bool) -> None:
        try:
            super()._send(question, hears_answer=hears_answer)
        except ValueError:
            question.received = Received(0, 0, "")


def judged_through(
    server: Server, weathers: Sequence[tuple[Weather, str]], phones: type[Crowd] = Crowd
) -> tuple[Verdict, Counter[str]]:
    """Let twenty phones ask through one weather after another, and then in a clear sky."""
    try:
        evening = server.start().make_meeting(moderation="off")
        with a_proxy(server.port, seed=SEED) as proxy:
            with phones(replace(server, port=proxy.port), evening, SEED).asking() as crowd:
                for weather, what in weathers:
                    crowd.wait_for_answers(5)
                    proxy.switch(weather)
                    wait_it_out(weather, what, crowd, proxy)
                    proxy.switch(CLEAR)
            return judge(crowd.sent, kept_in(server.database), shown_on(evening)), proxy.did
    finally:
        server.kill()


def wait_it_out(weather: Weather, what: str, crowd: Crowd, proxy: Proxy) -> None:
    """Until it has struck and, where it lets anything through, many an answer came all the same."""
    before = proxy.did[what]
    if not (weather.is_gone or weather.has_portal):
        crowd.wait_for_answers(ANSWERS)
    wait_until(lambda: proxy.did[what] >= before + STRUCK, f"{STRUCK} {what}")


def say(capsys, line: str) -> None:
    with capsys.disabled():
        print(f"\n  {line} (FAULT_SEED={SEED})")  # noqa: T201


def test_what_was_acknowledged_exists_exactly_once_in_every_weather(tmp_path, capsys, tally):
    weathers = WEATHERS * ROUNDS
    random.Random(SEED).shuffle(weathers)

    verdict, did = judged_through(Server(tmp_path), weathers)

    say(capsys, f"bad Wi-Fi × {len(weathers)}: {verdict}; {dict(did)}")
    tally.add(
        "bad Wi-Fi",
        runs=len(weathers),
        acknowledged=verdict.acknowledged,
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
    )
    assert verdict.is_kept, verdict.__dict__
    assert all(did[what] for _, what in WEATHERS), did


def test_a_server_that_knows_no_repeats_doubles_what_was_sent_again(tmp_path, capsys, tally):
    server = Server(tmp_path, entry="tests/faults/broken_without_keys.py")

    verdict, _ = judged_through(server, [(LOST_ANSWERS, "lost answers")])

    say(capsys, f"control, no keys: {verdict}")
    assert verdict.doubled, "the control did not turn red: the checker proves nothing"
    tally.add_control("bad Wi-Fi", "no keys: doubled")


def test_phones_that_believe_a_portal_lose_what_they_sent(tmp_path, capsys, tally):
    portal = [(PORTAL_OF_THE_HALL, "portal answers")]

    verdict, _ = judged_through(Server(tmp_path), portal, Gullible)

    say(capsys, f"control, gullible phones: {verdict}")
    assert verdict.lost, "the control did not turn red: the checker proves nothing"
    tally.add_control("bad Wi-Fi", "believes a portal: lost")
