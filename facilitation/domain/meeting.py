"""One evening: what it is about, where it stands, what the hall shows."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from facilitation.domain.codes import CODE_LENGTH, new_code
from facilitation.domain.lifecycle import (
    MEETING_STEPS,
    MeetingState,
    Role,
    next_state,
)
from facilitation.domain.mapping import Base, one_of
from facilitation.domain.refusals import NotOpen

ZONE = ZoneInfo("Europe/Amsterdam")
INSTANT = timedelta(microseconds=1)


class View(StrEnum):
    """What the hall shows."""

    WALL = "wall"
    STAGE = "stage"
    COLLECTION = "collection"
    JOIN = "join"


def new_epoch() -> str:
    return uuid.uuid4().hex


def local_day(moment: datetime) -> date:
    """The calendar day in the Netherlands."""
    return moment.astimezone(ZONE).date()


class Topic(Base):
    __tablename__ = "topics"
    __table_args__ = (UniqueConstraint("meeting_id", "name"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), init=False
    )
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]


class Meeting(Base):
    """One evening. Its revisions rise with every change that an audience can see."""

    __tablename__ = "meetings"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    # Never empty, although SQLite cannot be told so of a column that came later.
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True, nullable=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True, default_factory=new_code)
    organisation: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    about: Mapped[str] = mapped_column(default="")
    settled: Mapped[str] = mapped_column(default="")  # wat ligt vast
    open_to_change: Mapped[str] = mapped_column(default="")  # waarover kunt u meepraten
    contact: Mapped[str] = mapped_column(String(200), default="")
    is_moderated: Mapped[bool] = mapped_column(default=True)
    takes_late_questions: Mapped[bool] = mapped_column(default=True)
    shows_counts: Mapped[bool] = mapped_column(default=True)
    is_example: Mapped[bool] = mapped_column(default=False)
    is_rehearsal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MeetingState] = mapped_column(one_of(MeetingState), default=MeetingState.DRAFT)
    view: Mapped[View] = mapped_column(one_of(View), default=View.JOIN)
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    forgotten_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    epoch: Mapped[str] = mapped_column(String(32), default_factory=new_epoch)
    public_revision: Mapped[int] = mapped_column(default=0)
    staff_revision: Mapped[int] = mapped_column(default=0)
    supports: Mapped[int] = mapped_column(default=0)
    last_number: Mapped[int] = mapped_column(default=0)
    last_place: Mapped[int] = mapped_column(default=0)
    topics: Mapped[list[Topic]] = relationship(
        order_by=Topic.position, cascade="all, delete-orphan", default_factory=list
    )

    def take(self, step: str, *, roles: Iterable[Role], now: datetime) -> None:
        """Take a step of the meeting's life, with what belongs to it."""
        self.state = next_state(MEETING_STEPS, step, self.state, roles=roles)
        self.version += 1
        self.paused_at = now if self.state.is_paused else None
        if step == "close":
            self.closed_at = now
        if step in {"start", "rehearse"}:
            self.view = View.WALL

    def after_pause(self, now: datetime) -> datetime:
        """The moment of what is placed now: after the pause, even if the clock was put back."""
        return now if self.paused_at is None else max(now, self.paused_at + INSTANT)

    def take_view(self, view: View, *, roles: Iterable[Role]) -> None:
        """Choose what the hall shows."""
        next_state(MEETING_STEPS, "view", self.state, roles=roles)
        self.view = view

    def check_takes_questions(self) -> None:
        """Refuse a question when the meeting takes none: not yet, or no more."""
        is_late = self.state.is_closed and self.takes_late_questions
        if not self.state.takes_questions and not is_late:
            raise NotOpen(step="ask", state=self.state)

    def check_takes_entries(self) -> None:
        """Refuse a scribe's entry before the meeting opens and after it is archived."""
        if not self.state.takes_entries:
            raise NotOpen(step="ask", state=self.state)

    @property
    def places_at_once(self) -> bool:
        """Whether a question goes on the wall unread."""
        return not self.is_moderated and self.state.places_at_once

    def next_number(self) -> int:
        self.last_number += 1
        return self.last_number

    def next_place(self) -> int:
        self.last_place += 1
        return self.last_place
