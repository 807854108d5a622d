"""What a resident posts, its life, and the devices that have it too."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from facilitation.domain.audience import PUBLIC_STATES, Sight
from facilitation.domain.codes import new_secret
from facilitation.domain.follow_up import FollowUp
from facilitation.domain.lifecycle import (
    QUESTION_STEPS,
    Kind,
    QuestionState,
    Role,
    next_state,
)
from facilitation.domain.mapping import Base, one_of
from facilitation.domain.meeting import Topic
from facilitation.domain.refusals import Outdated


class Source(StrEnum):
    """How a question reached us."""

    PHONE = "phone"
    SPOKEN = "spoken"
    PAPER = "paper"


class Verdict(StrEnum):
    """What the asker says of the answer."""

    YES = "yes"
    NOT_YET = "not_yet"


class Question(Base):
    """One question, concern or idea. `original_text` is what was sent and never changes."""

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("meeting_id", "key"),
        UniqueConstraint("meeting_id", "number"),
        Index("ix_questions_meeting_id_state", "meeting_id", "state"),
        Index("ix_questions_meeting_id_device", "meeting_id", "device"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(36))
    number: Mapped[int]
    kind: Mapped[Kind] = mapped_column(one_of(Kind))
    original_kind: Mapped[Kind] = mapped_column(one_of(Kind, "original_kind"))
    text: Mapped[str]
    original_text: Mapped[str]
    name: Mapped[str] = mapped_column(String(120))
    device: Mapped[str] = mapped_column(String(36))
    source: Mapped[Source] = mapped_column(one_of(Source))
    held_for: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    receipt: Mapped[str] = mapped_column(String(22), unique=True, default_factory=new_secret)
    state: Mapped[QuestionState] = mapped_column(
        one_of(QuestionState), default=QuestionState.WAITING
    )
    version: Mapped[int] = mapped_column(default=1)
    place: Mapped[int] = mapped_column(default=0)
    placed_at: Mapped[datetime | None] = mapped_column(default=None)
    support_count: Mapped[int] = mapped_column(default=0)
    topic_id: Mapped[int | None] = mapped_column(
        ForeignKey("topics.id", ondelete="SET NULL"), default=None
    )
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("questions.id", ondelete="SET NULL"), default=None, index=True
    )
    speaker: Mapped[str] = mapped_column(String(200), default="")
    summary: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    verdict: Mapped[Verdict | None] = mapped_column(one_of(Verdict), default=None)
    verdict_at: Mapped[datetime | None] = mapped_column(default=None)
    topic: Mapped[Topic | None] = relationship(viewonly=True, lazy="joined", init=False)
    follow_up: Mapped[FollowUp | None] = relationship(
        lazy="joined", cascade="all, delete-orphan", single_parent=True, default=None
    )

    def check_version(self, seen: int | None) -> None:
        """Refuse a step on an older version than the one that stands; `None` takes the newest."""
        if seen is not None and seen != self.version:
            raise Outdated(question_id=self.id, newest=self.version)

    def take(self, step: str, *, roles: Iterable[Role], now: datetime) -> None:
        """Take a step of the question's life; refuses what is not open."""
        self.move(
            next_state(QUESTION_STEPS, step, self.state, roles=roles, kind=self.kind), now=now
        )

    def move(self, state: QuestionState, *, now: datetime) -> None:
        """Stand in this state from now on, with the moment at which the public first saw it."""
        was_public = self.state in PUBLIC_STATES
        self.state = state
        self.version += 1
        if state not in PUBLIC_STATES:
            self.placed_at = None
        elif not was_public:
            self.placed_at = now

    def sight(self) -> Sight:
        return Sight(state=self.state, placed_at=self.placed_at)

    @property
    def is_answered(self) -> bool:
        """In the hall or in writing."""
        is_published = self.follow_up is not None and self.follow_up.state.is_published
        return self.state.has_answer or is_published

    @property
    def takes_clarification(self) -> bool:
        return self.state.takes_clarification or self.is_answered

    def snapshot(self) -> dict[str, Any]:
        """What undo must bring back, as plain data."""
        return {
            "state": self.state.value,
            "kind": self.kind.value,
            "text": self.text,
            "topic_id": self.topic_id,
            "merged_into_id": self.merged_into_id,
            "place": self.place,
            "speaker": self.speaker,
            "summary": self.summary,
            "reason": self.reason,
            "follow_up": self.follow_up.snapshot() if self.follow_up else None,
        }

    def restore(self, kept: dict[str, Any], *, now: datetime) -> None:
        """Bring a snapshot back; the version goes on, so that nobody acts on an older picture."""
        self.move(QuestionState(kept["state"]), now=now)
        self.kind = Kind(kept["kind"])
        for field in (
            "text",
            "topic_id",
            "merged_into_id",
            "place",
            "speaker",
            "summary",
            "reason",
        ):
            setattr(self, field, kept[field])
        if kept["follow_up"] is None:
            self.follow_up = None
        elif self.follow_up is not None:
            self.follow_up.restore(kept["follow_up"])


class Support(Base):
    """One device that has this question too."""

    __tablename__ = "supports"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True
    )
    device: Mapped[str] = mapped_column(String(36), primary_key=True)
    given_at: Mapped[datetime]


class Clarification(Base):
    """What the asker added later; only colleagues read it."""

    __tablename__ = "clarifications"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str]
    sent_at: Mapped[datetime]


class StepTaken(Base):
    """A line of a question's history: who did what when, and how it stood before."""

    __tablename__ = "steps_taken"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), index=True
    )
    step: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    taken_at: Mapped[datetime]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_undone: Mapped[bool] = mapped_column(default=False)
