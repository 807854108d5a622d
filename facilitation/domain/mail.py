"""What is still to be mailed: put in the same transaction as what it tells of, sent later."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.follow_up import FollowUp
from facilitation.domain.lifecycle import QuestionState
from facilitation.domain.mapping import Base, one_of


class MailKind(StrEnum):
    """What a mail tells; its words are made when it is sent, of what then stands."""

    CONFIRM = "confirm"
    RECEIVED = "received"
    PROMISED = "promised"
    MOVED = "moved"
    ANSWERED = "answered"
    CLOSED = "closed"
    NEWS = "news"
    REMINDER = "reminder"
    DIGEST = "digest"

    @property
    def asks_consent(self) -> bool:
        """The one mail to an address that is not confirmed yet."""
        return self is MailKind.CONFIRM

    @property
    def outdated_by(self) -> frozenset["MailKind"]:
        """Kinds that tell the same asker all of it anew: the older of two is not sent."""
        return _PROMISES if self in _PROMISES else frozenset({self})

    def still_tells(self, state: QuestionState, owed: FollowUp | None) -> bool:
        """Whether what it tells of the question was not undone, or overtaken, since."""
        match self:
            case MailKind.RECEIVED:
                return not state.is_taken_back
            case MailKind.PROMISED | MailKind.MOVED:
                return owed is not None and owed.state.is_owed and bool(owed.owner)
            case MailKind.ANSWERED:
                return state.has_answer or (owed is not None and owed.state.is_published)
            case MailKind.CLOSED:
                return owed is not None and owed.state.is_closed
            case _:
                return True


_PROMISES = frozenset({MailKind.PROMISED, MailKind.MOVED})


class Mail(Base):
    """One mail to one person, once: `key` names what it is about."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_sent_at_next_at", "sent_at", "next_at"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[MailKind] = mapped_column(one_of(MailKind))
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), default=None
    )
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), default=None
    )
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    given_up_at: Mapped[datetime | None] = mapped_column(default=None)
