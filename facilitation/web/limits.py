"""How often somebody may do something: per device and per meeting, never per address.

A hall shares one address: a limit on it would lock out everybody at once.
"""

import hashlib
import math
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from facilitation import logs
from facilitation.domain.refusals import TooMany

Answer = TypeVar("Answer")

REDIS_PATIENCE = 0.25  # seconds that somebody waits for a count
SWEEP_SECONDS = 30  # between two walks through what may be forgotten
AWAY_SECONDS = 5  # in which Redis is not asked again after it did not answer

# Generous to people, tight to programs.
BUDGETS: dict[str, RateLimitItem] = {
    "questions": parse("20/5minute"),
    "questions in the meeting": parse("600/minute"),
    "addresses": parse("5/hour"),
    "addresses in the meeting": parse("1000/hour"),
    "clarifications": parse("10/hour"),
    "supports": parse("120/minute"),
    "wrong codes": parse("10/minute"),
    "wrong passwords": parse("10/minute"),
}
BUSY_WITH_WRONG_CODES = parse("60/minute")


class RarelySwept(MemoryStorage):
    """A memory of who did what when, that is not walked through all the time.

    Left alone it looks for what has passed every hundredth of a second, at everybody who was ever
    there: with a thousand phones that takes a quarter of the one loop.
    """

    _sweep: threading.Timer
    _swept_at = -math.inf

    @property
    def timer(self) -> Any:
        return self

    @timer.setter
    def timer(self, sweep: threading.Timer) -> None:
        self._sweep = sweep

    def start(self) -> None:
        self._swept_at = time.monotonic()
        self._sweep.start()

    def is_alive(self) -> bool:
        """Whether it is too early for the next walk."""
        return time.monotonic() < self._swept_at + SWEEP_SECONDS


class Limits:
    """Budgets, one for each purpose and person: in memory, or in Redis for all processes."""

    def __init__(self, *, is_on: bool, sleep: Callable[[float], None], redis_url: str = "") -> None:
        self._is_on = is_on
        self._sleep = sleep
        self._own = MovingWindowRateLimiter(RarelySwept())
        self._together = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else None
        self._away_until = 0.0

    def spend(self, purpose: str, who: str) -> None:
        """Spend one of this budget, or refuse with the seconds to wait."""
        name = _nameless(who)
        if self._is_on and not self._count(lambda w: w.hit(BUDGETS[purpose], purpose, name)):
            raise self._refusal(purpose, name)

    def check(self, purpose: str, who: str) -> None:
        """Refuse when this budget is spent; spends nothing itself."""
        name = _nameless(who)
        if self._is_on and not self._count(lambda w: w.test(BUDGETS[purpose], purpose, name)):
            raise self._refusal(purpose, name)

    def _refusal(self, purpose: str, name: str) -> TooMany:
        stats = self._count(lambda w: w.get_window_stats(BUDGETS[purpose], purpose, name))
        return TooMany(wait=max(1, math.ceil(stats.reset_time - time.time())))

    def slow_down_guessing(self) -> None:
        """Wait a little when many wrong codes come in: nobody is locked out, guessing gets slow."""
        if self._is_on and not self._count(
            lambda w: w.hit(BUSY_WITH_WRONG_CODES, "all wrong codes")
        ):
            self._sleep(1)

    def _count(self, ask: Callable[[MovingWindowRateLimiter], Answer]) -> Answer:
        """Ask what all processes share; while that does not answer, what this one counted itself.

        Nobody is refused, or waits for long, because Redis is away.
        """
        if self._together is not None and time.monotonic() >= self._away_until:
            try:
                return ask(self._together)
            except Exception as why:  # whatever it is, it is no reason to refuse a question
                self._away_until = time.monotonic() + AWAY_SECONDS
                logs.say("Redis counted nothing", error=type(why).__name__)
        return ask(self._own)


def _redis(url: str) -> RedisStorage:
    # Only now: a wall of one process does without the packages of several.
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return RedisStorage(
        url,
        key_prefix="vragenmuur",
        socket_timeout=REDIS_PATIENCE,
        socket_connect_timeout=REDIS_PATIENCE,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
        protocol=2,
    )


def _nameless(who: str) -> str:
    """A device, an address of a colleague: whoever reads Redis must not learn of either."""
    return hashlib.blake2b(who.encode(errors="replace"), digest_size=12).hexdigest()
