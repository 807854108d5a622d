"""The evenings about one plan, who answers for them, and the news that is written meanwhile."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.codes import CODE_LENGTH, new_code
from facilitation.domain.mapping import Base


class Series(Base):
    """A plan with its evenings: one register, one public page, one contact person.

    With a second reader no answer goes out that was not read by somebody else than its writer.
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True, default_factory=new_code)
    about: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    needs_second_reader: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class Update(Base):
    """News of the plan, on its public page; `hidden_at` when it was taken back."""

    __tablename__ = "updates"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    written_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="SET NULL"), default=None
    )
    hidden_at: Mapped[datetime | None] = mapped_column(default=None)
