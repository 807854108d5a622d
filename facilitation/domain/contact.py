"""Where somebody wants to hear from us, for what, and until when we keep it.

These tables hold the only addresses of residents; no live message, log or public page reads them.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.codes import new_secret
from facilitation.domain.mapping import Base, one_of


class Purpose(StrEnum):
    """What an address was given for; each is consented to by itself (handbook C)."""

    ANSWER = "answer"
    NEWS = "news"
    HELP = "help"
    PANEL = "panel"


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
