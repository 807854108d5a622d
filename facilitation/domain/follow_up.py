"""What is owed: by whom, by when, and what came of it."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.lifecycle import (
    FOLLOW_UP_STEPS,
    FollowUpState,
    Role,
    next_state,
    open_steps,
)
from facilitation.domain.mapping import Base, one_of


class Track(StrEnum):
    """Why it is followed up: an answer is owed, it is off-topic, or a concern is to be heard."""

    ANSWER = "answer"
    OFF_TOPIC = "off_topic"
    HEARING = "hearing"


class OwnerKind(StrEnum):
    """Whose answer it is to give."""

    OFFICIAL = "official"
    POLITICAL = "political"
    PARTNER = "partner"


class FollowUp(Base):
    """One point of the register; every question has at most one."""

    __tablename__ = "follow_ups"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), index=True
    )
    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), unique=True, init=False
    )
    track: Mapped[Track] = mapped_column(one_of(Track))
    opened_at: Mapped[datetime]
    state: Mapped[FollowUpState] = mapped_column(one_of(FollowUpState), default=FollowUpState.OPEN)
    owner: Mapped[str] = mapped_column(String(200), default="")
    organisation: Mapped[str] = mapped_column(String(200), default="")
    owner_kind: Mapped[OwnerKind] = mapped_column(one_of(OwnerKind), default=OwnerKind.OFFICIAL)
    # The owner's account, if there is one; and who wrote the answer.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), default=None)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), default=None)
    due: Mapped[date | None] = mapped_column(default=None)
    promise: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    public_reason: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)

    def take(self, step: str, *, roles: Iterable[Role], now: datetime) -> None:
        """Take a step of the follow-up's life."""
        self.state = next_state(FOLLOW_UP_STEPS, step, self.state, roles=roles)
        self.version += 1
        self.published_at = now if self.state.is_published else None

    def snapshot(self) -> dict[str, Any]:
        """What undo must bring back, as plain data."""
        return {
            "track": self.track.value,
            "state": self.state.value,
            "owner": self.owner,
            "organisation": self.organisation,
            "owner_kind": self.owner_kind.value,
            "owner_id": self.owner_id,
            "due": self.due.isoformat() if self.due else None,
            "promise": self.promise,
            "note": self.note,
            "answer": self.answer,
            "public_reason": self.public_reason,
            "published_at": self.published_at.isoformat() if self.published_at else None,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Bring a snapshot back; the version goes on."""
        self.track = Track(kept["track"])
        self.state = FollowUpState(kept["state"])
        self.due = date.fromisoformat(kept["due"]) if kept["due"] else None
        self.owner_kind = OwnerKind(kept.get("owner_kind", OwnerKind.OFFICIAL))
        self.organisation = kept.get("organisation", "")
        self.owner_id = kept.get("owner_id")
        for field in ("owner", "promise", "note", "answer", "public_reason"):
            setattr(self, field, kept[field])
        published = kept["published_at"]
        self.published_at = datetime.fromisoformat(published) if published else None
        self.version += 1


def follow_up_steps(
    state: FollowUpState, *, roles: Iterable[Role], needs_second_reader: bool, is_own: bool
) -> list[str]:
    """The steps to offer; where two must agree, none by which one person's answer goes out.

    `is_own`: who looks wrote the answer.
    """
    steps = open_steps(FOLLOW_UP_STEPS, state, roles=roles)
    if not needs_second_reader:
        return steps
    barred = {"answer"} | ({"approve"} if is_own else set())
    if not state.is_read_over:
        barred.add("publish")
    return [step for step in steps if step not in barred]


class FollowUpStep(Base):
    """A line of a follow-up's history, written once: who did what when, and what it changed.

    `before` and `after` hold only the fields that differ.
    """

    __tablename__ = "follow_up_steps"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(
        ForeignKey("follow_ups.id", ondelete="CASCADE"), index=True
    )
    step: Mapped[str] = mapped_column(String(20))
    taken_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(default="")
