"""Where somebody wants to hear from us, for what, and until when we keep it.

These tables hold the only addresses of residents; no live message, log or public page reads them.
"""

import hashlib
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.codes import new_secret
from facilitation.domain.mapping import Base, one_of

KEPT = timedelta(days=365)  # after the evening that somebody left an address for


class Purpose(StrEnum):
    """What an address was given for; each is consented to by itself (handbook C)."""

    ANSWER = "answer"
    NEWS = "news"
    HELP = "help"
    PANEL = "panel"

    @property
    def is_about_one_question(self) -> bool:
        """The others are about the whole plan."""
        return self is Purpose.ANSWER


class Contact(Base):
    """An address for one purpose. It is used once it is confirmed, and gone after `delete_on`."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("series_id", "question_id", "email", "purpose"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    question_id: Mapped[int | None] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(254), index=True)
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose))
    language: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[datetime]
    delete_on: Mapped[date]
    token: Mapped[str] = mapped_column(String(22), unique=True, default_factory=new_secret)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)


def delete_day(evening: date, *, today: date) -> date:
    """The day on which an address that is left today goes; a year from now for an old evening."""
    after = evening + KEPT
    return after if after > today else today + KEPT


def masked(email: str) -> str:
    """As it is shown to who left it: `a***@example.nl`."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}***@{host}"


def confirmation_key(email: str, day: date) -> str:
    """The one confirmation that an address may get on a day, also after it was erased meanwhile.

    Made anew for each day, so that it says of no two days that the address is the same.
    """
    digest = hashlib.sha256(f"{day}|{email}".encode()).hexdigest()
    return f"confirm:{digest[:32]}:{day}"
