"""How often somebody may do something: per device and per meeting, never per address.

A hall shares one address: a limit on it would lock out everybody at once.
"""

import math
import time
from collections.abc import Callable

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from facilitation.domain.refusals import TooMany

# Generous to people, tight to programs.
BUDGETS: dict[str, RateLimitItem] = {
    "questions": parse("20/5minute"),
    "questions in the meeting": parse("600/minute"),
    "supports": parse("120/minute"),
    "wrong codes": parse("10/minute"),
    "wrong passwords": parse("10/minute"),
}
BUSY_WITH_WRONG_CODES = parse("60/minute")


class Limits:
    """Budgets kept in memory, one for each purpose and person."""

    def __init__(self, *, is_on: bool, sleep: Callable[[float], None]) -> None:
        self._is_on = is_on
        self._sleep = sleep
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, purpose: str, who: str) -> None:
        """Spend one of this budget, or refuse with the seconds to wait."""
        if self._is_on and not self._window.hit(BUDGETS[purpose], purpose, who):
            raise self._refusal(purpose, who)

    def check(self, purpose: str, who: str) -> None:
        """Refuse when this budget is spent; spends nothing itself."""
        if self._is_on and not self._window.test(BUDGETS[purpose], purpose, who):
            raise self._refusal(purpose, who)

    def _refusal(self, purpose: str, who: str) -> TooMany:
        reset = self._window.get_window_stats(BUDGETS[purpose], purpose, who).reset_time
        return TooMany(wait=max(1, math.ceil(reset - time.time())))

    def slow_down_guessing(self) -> None:
        """Wait a little when many wrong codes come in: nobody is locked out, guessing gets slow."""
        if self._is_on and not self._window.hit(BUSY_WITH_WRONG_CODES, "all wrong codes"):
            self._sleep(1)
