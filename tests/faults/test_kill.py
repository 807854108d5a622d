"""The promise under kill -9: what was acknowledged exists exactly once (docs/promise.md)."""

import os
import random

import pytest

from tests.faults.checker import Kept, Verdict, judge, kept_in, shown_on
from tests.faults.crowd import Received, Sent, run_evening_with_kills, send
from tests.server import Server

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
KILLS = 30 * FAULTS
KILLS_OF_A_CONTROL = 2
REPLAYS = 50

pytestmark = [pytest.mark.server, pytest.mark.timeout(120 + 240 * FAULTS)]


def judged_after_kills(server: Server, *, kills: int) -> Verdict:
    try:
        crowd, evening = run_evening_with_kills(server, kills=kills, seed=SEED)
        replayed = [sent for sent in crowd.sent if sent.received][:: -max(1, kills // REPLAYS)]
        verdict = judge(crowd.sent, kept_in(server.database), shown_on(evening))
        verdict.doubled += [
            sent.text for sent in replayed[:REPLAYS] if not is_known(server, evening, sent)
        ]
        return verdict
    finally:
        server.kill()


def is_known(server, evening, sent: Sent) -> bool:
    """Whether sending it once more gives the very same receipt again."""
    status, body = send(server, evening, sent)
    told = Received(body["id"], body["number"], body["receipt"])
    return status == 200 and told == sent.received


def say(capsys, line: str) -> None:
    """Print past pytest: these figures belong in the log of every run."""
    with capsys.disabled():
        print(f"\n  {line} (FAULT_SEED={SEED})")  # noqa: T201


def test_what_was_acknowledged_exists_exactly_once_whenever_the_server_is_killed(
    tmp_path, capsys, tally
):
    verdict = judged_after_kills(Server(tmp_path), kills=KILLS)

    say(capsys, f"kill -9 × {KILLS}: {verdict}")
    tally.add(
        "kill -9",
        runs=KILLS,
        acknowledged=verdict.acknowledged,
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
    )
    assert verdict.is_kept, verdict.__dict__
    assert verdict.acknowledged > 10 * KILLS


@pytest.mark.parametrize(
    ("entry", "broken"),
    [("broken_without_keys", "doubled"), ("broken_hasty", "lost")],
)
def test_a_server_that_breaks_the_promise_is_seen(tmp_path, capsys, tally, entry, broken):
    server = Server(tmp_path, entry=f"tests/faults/{entry}.py")

    verdict = judged_after_kills(server, kills=KILLS_OF_A_CONTROL)

    say(capsys, f"control {entry}: {verdict}")
    found = getattr(verdict, broken)
    assert found, "the control did not turn red: the checker proves nothing"
    tally.add_control("kill -9", f"{entry.removeprefix('broken_')} {len(found)} {broken}")


@pytest.mark.parametrize(
    ("kept", "shown", "flaw"),
    [
        ([], [], "lost"),
        ([Kept(1, 1, "r", "a"), Kept(2, 2, "s", "a")], [(1, "a"), (2, "a")], "doubled"),
        ([Kept(1, 1, "r", "a"), Kept(2, 1, "s", "b")], [(1, "a"), (1, "b")], "doubled"),
        ([Kept(1, 1, "r", "a"), Kept(2, 2, "s", "z")], [(1, "a"), (2, "z")], "phantom"),
        ([Kept(1, 1, "r", "a")], [], "unseen"),
        ([Kept(1, 9, "r", "a")], [(9, "a")], "lost"),
    ],
)
def test_each_flaw_has_a_name(kept, shown, flaw):
    sent = [Sent("k", "a", received=Received(1, 1, "r")), Sent("l", "b")]

    assert getattr(judge(sent, kept, shown), flaw)


def test_a_kept_promise_has_no_flaw():
    sent = [Sent("k", "a", received=Received(1, 1, "r")), Sent("l", "b")]

    assert judge(sent, [Kept(1, 1, "r", "a")], [(1, "a")]).is_kept
