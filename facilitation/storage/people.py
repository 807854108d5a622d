"""Pictures of people: who is signed in, with which roles, and who works on a meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from facilitation.domain.lifecycle import Role
from facilitation.domain.people import Account, MeetingRole, OneTimeLink, StaffSession


@dataclass(frozen=True)
class StaffFacts:
    """Somebody who is signed in. Roles are read anew at every request, never remembered."""

    account_id: int
    session_id: int
    name: str
    email: str
    is_organiser: bool
    roles: dict[int, frozenset[Role]]

    def roles_in(self, meeting_id: int) -> frozenset[Role]:
        everywhere = {Role.ORGANISER} if self.is_organiser else set()
        return self.roles.get(meeting_id, frozenset()) | everywhere


@dataclass(frozen=True)
class Colleague:
    """Somebody's role in one meeting."""

    account_id: int
    name: str
    email: str
    role: Role
    can_sign_in: bool


def signed_in(session: Session, digest: str, now: datetime) -> StaffFacts | None:
    """Who holds this session, if it is neither over nor revoked."""
    return _staff(session, now, StaffSession.digest == digest)


def session_holder(session: Session, session_id: int, now: datetime) -> StaffFacts | None:
    """As `signed_in`, for a screen that stays connected."""
    return _staff(session, now, StaffSession.id == session_id)


def password_of(session: Session, email: str) -> tuple[int, str] | None:
    """The account and the hash to check a password against."""
    found = session.scalar(select(Account).where(Account.email == email))
    if found is None or found.password_hash is None:
        return None
    return found.id, found.password_hash


def colleagues(session: Session, meeting_id: int) -> list[Colleague]:
    rows = session.execute(
        select(Account, MeetingRole.role)
        .join(MeetingRole, MeetingRole.account_id == Account.id)
        .where(MeetingRole.meeting_id == meeting_id)
        .order_by(Account.name, MeetingRole.role)
    )
    return [
        Colleague(account.id, account.name, account.email, role, account.password_hash is not None)
        for account, role in rows
    ]


@dataclass(frozen=True)
class OpenLink:
    """A link that still works; for whom, unless it makes the first organiser."""

    name: str = ""
    email: str = ""

    @property
    def is_invitation(self) -> bool:
        return bool(self.email)


def open_link(session: Session, digest: str, now: datetime) -> OpenLink | None:
    link = session.scalar(select(OneTimeLink).where(OneTimeLink.digest == digest))
    if link is None or link.used_at is not None or link.ends_at < now:
        return None
    if link.account_id is None:
        return OpenLink()
    account = session.get_one(Account, link.account_id)
    return OpenLink(account.name, account.email)


def _staff(session: Session, now: datetime, *which: object) -> StaffFacts | None:
    row = session.execute(
        select(StaffSession, Account)
        .join(Account, Account.id == StaffSession.account_id)
        .where(*which, StaffSession.revoked_at.is_(None), StaffSession.ends_at > now)  # type: ignore[arg-type]
    ).one_or_none()
    if row is None:
        return None
    held, account = row
    return StaffFacts(
        account_id=account.id,
        session_id=held.id,
        name=account.name,
        email=account.email,
        is_organiser=account.is_organiser,
        roles=_roles(session, account.id),
    )


def _roles(session: Session, account_id: int) -> dict[int, frozenset[Role]]:
    held: dict[int, set[Role]] = {}
    rows: Sequence[MeetingRole] = session.scalars(
        select(MeetingRole).where(MeetingRole.account_id == account_id)
    ).all()
    for row in rows:
        held.setdefault(row.meeting_id, set()).add(row.role)
    return {meeting_id: frozenset(roles) for meeting_id, roles in held.items()}
