"""People with an account, what they are in a meeting, and their sessions; askers are devices."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from facilitation.domain.lifecycle import Role
from facilitation.domain.mapping import Base, one_of


@dataclass(frozen=True)
class Actor:
    """Who does it: a member of staff with roles in this meeting, or the device that asked."""

    roles: frozenset[Role]
    account_id: int | None = None
    name: str | None = None
    device: str | None = None


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_organiser: Mapped[bool]
    created_at: Mapped[datetime]


class MeetingRole(Base):
    """What an account may be in one meeting; organisers need none."""

    __tablename__ = "meeting_roles"
    __table_args__ = (UniqueConstraint("meeting_id", "account_id", "role"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(one_of(Role))


class StaffSession(Base):
    """A signed-in browser. Only the digest of its token is kept."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class OneTimeLink(Base):
    """A link that lets somebody choose a password, once. Only the digest of its token is kept.

    It is for this account, a colleague or partner who was invited; without one it makes the first
    organiser.
    """

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), default=None)
