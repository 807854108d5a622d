"""Who may see a question: the one rule that the wall, the sockets and the revisions share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facilitation.domain.lifecycle import FollowUpState, QuestionState


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


class Fate(StrEnum):
    """What the pages afterwards say became of a question."""

    ANSWERED = "answered"
    OWED = "owed"
    ELSEWHERE = "elsewhere"
    UNANSWERED = "unanswered"


def is_told(
    sight: Sight, follow_up: FollowUpState | None, *, paused_at: datetime | None = None
) -> bool:
    """Whether the pages afterwards tell of it.

    What is public, and what is off-topic as soon as something came of it: people then read where
    their point went (handbook F).
    """
    if sight.state.is_off_topic:
        return follow_up is not None and not follow_up.is_owed
    return may_see(Audience.PUBLIC, sight, paused_at=paused_at)


def fate(state: QuestionState, follow_up: FollowUpState | None) -> Fate:
    """What became of a question that is told."""
    if state.is_off_topic:
        return Fate.ELSEWHERE
    if not state.is_to_be_settled_in_writing:
        return Fate.ANSWERED
    return Fate.UNANSWERED if follow_up and follow_up.is_closed else Fate.OWED
