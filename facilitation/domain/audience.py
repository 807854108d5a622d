"""Who may see a question: the one rule that the wall, the sockets and the revisions share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facilitation.domain.lifecycle import QuestionState


class Audience(StrEnum):
    """Public: phones and the hall. Staff: consoles and the register."""

    PUBLIC = "public"
    STAFF = "staff"


PUBLIC_STATES = frozenset(
    {
        QuestionState.ON_WALL,
        QuestionState.ON_STAGE,
        QuestionState.ANSWERED,
        QuestionState.DEFERRED,
        QuestionState.ACKNOWLEDGED,
    }
)


@dataclass(frozen=True)
class Sight:
    """What must be known of a question to say who may see it."""

    state: QuestionState
    placed_at: datetime | None


def may_see(audience: Audience, sight: Sight | None, *, paused_at: datetime | None) -> bool:
    """Whether this audience sees the question; `None` is a question that was not there yet.

    While a meeting is paused its public wall stands still: what is placed meanwhile shows when it
    resumes, what is taken away goes at once.
    """
    if sight is None:
        return False
    if audience is Audience.STAFF:
        return True
    if sight.state not in PUBLIC_STATES or sight.placed_at is None:
        return False
    return paused_at is None or sight.placed_at <= paused_at
