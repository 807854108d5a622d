"""Accounts, roles, sessions and the link that makes the first organiser. Passwords come hashed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitation.domain.events import RoleWithdrawn, SessionsEnded
from facilitation.domain.lifecycle import Role
from facilitation.domain.people import Account, MeetingRole, OneTimeLink, StaffSession
from facilitation.domain.refusals import Invalid, NotFound
from facilitation.storage import finding
from facilitation.storage.work import Work

SESSION_LENGTH = timedelta(hours=14)  # a long working day with an evening after it
LINK_LENGTH = timedelta(days=7)


@dataclass(frozen=True)
class NewSession:
    """A session just begun: its token leaves this process once, in a cookie."""

    token: str
    ends_at: datetime


@dataclass(frozen=True)
class Invited:
    """Who was invited; the token of their link, which is shown once, if they need one."""

    account_id: int
    token: str | None


def digest(token: str) -> str:
    """What is kept of a token that opens a door."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_account(
    work: Work, *, email: str, name: str, password_hash: str | None, is_organiser: bool
) -> int:
    """Add a colleague; an address has one account."""
    if finding.account_by_email(work, email) is not None:
        raise Invalid(email="taken")
    account = Account(
        email=email,
        name=name,
        password_hash=password_hash,
        is_organiser=is_organiser,
        created_at=work.now,
    )
    work.session.add(account)
    work.session.flush()
    return account.id


def set_password(work: Work, *, email: str, password_hash: str) -> int:
    """Give an account another password; whoever was signed in with the old one is not any more."""
    account = finding.account_by_email(work, email)
    if account is None:
        raise NotFound(what="account")
    account.password_hash = password_hash
    _end_sessions(work, account.id)
    return account.id


def sign_in(work: Work, account_id: int) -> NewSession:
    """Begin a session for somebody whose password was right."""
    token = secrets.token_urlsafe(32)
    session = StaffSession(
        digest=digest(token),
        account_id=finding.account(work, account_id).id,
        started_at=work.now,
        ends_at=work.now + SESSION_LENGTH,
    )
    work.session.add(session)
    return NewSession(token=token, ends_at=session.ends_at)


def sign_out(work: Work, token: str) -> None:
    """End this session; saying it twice is saying it once."""
    session = finding.session_by_digest(work, digest(token))
    if session is not None and session.revoked_at is None:
        session.revoked_at = work.now
        work.announce(SessionsEnded((session.id,)))


def grant_role(work: Work, meeting_id: int, *, email: str, role: Role) -> int:
    """Let somebody with an account be this in one meeting."""
    finding.meeting(work, meeting_id)
    account = finding.account_by_email(work, email)
    if account is None:
        raise Invalid(email="unknown")
    held = finding.roles_of(work, meeting_id, account.id)
    if role not in {row.role for row in held}:
        work.session.add(MeetingRole(meeting_id=meeting_id, account_id=account.id, role=role))
    return account.id


def withdraw_role(work: Work, meeting_id: int, *, account_id: int, role: Role) -> None:
    """Take a role back; the screens that rested on it close at once."""
    for row in finding.roles_of(work, meeting_id, account_id):
        if row.role is role:
            work.session.delete(row)
            work.announce(RoleWithdrawn(meeting_id, account_id))


def make_first_link(work: Work) -> str | None:
    """The token of a link that makes the first organiser; None when there is one already."""
    if finding.has_organiser(work):
        return None
    token = secrets.token_urlsafe(24)
    work.session.add(OneTimeLink(digest=digest(token), ends_at=work.now + LINK_LENGTH))
    return token


def use_first_link(work: Work, token: str, *, email: str, name: str, password_hash: str) -> int:
    """Make the first organiser, once: of several links the first that is used ends the others."""
    link = _open_link(work, token)
    if link.account_id is not None or finding.has_organiser(work):
        raise NotFound(what="link")
    link.used_at = work.now
    return add_account(work, email=email, name=name, password_hash=password_hash, is_organiser=True)


def invite(work: Work, meeting_id: int, *, email: str, name: str, role: Role) -> Invited:
    """Let somebody be this in one meeting, with an account or without.

    Who cannot sign in yet gets a link to choose a password; an earlier one no longer works.
    """
    account = finding.account_by_email(work, email)
    if account is None:
        add_account(work, email=email, name=name, password_hash=None, is_organiser=False)
    account_id = grant_role(work, meeting_id, email=email, role=role)
    return Invited(account_id, _new_link(work, account_id))


def invite_again(work: Work, meeting_id: int, *, account_id: int) -> Invited:
    """Another link for who lost the first; only for who works on this meeting."""
    if not finding.roles_of(work, meeting_id, account_id):
        raise NotFound(what="account")
    return Invited(account_id, _new_link(work, account_id))


def accept_invitation(work: Work, token: str, *, password_hash: str) -> int:
    """Choose a password by the link, once; the account that can sign in from now on."""
    link = _open_link(work, token)
    if link.account_id is None:
        raise NotFound(what="link")
    link.used_at = work.now
    account = finding.account(work, link.account_id)
    account.password_hash = password_hash
    return account.id


def _new_link(work: Work, account_id: int) -> str | None:
    """A token for an account that has no password yet; the links before it end."""
    if finding.account(work, account_id).password_hash is not None:
        return None
    for link in finding.open_links(work, account_id):
        link.used_at = work.now
    token = secrets.token_urlsafe(24)
    work.session.add(
        OneTimeLink(digest=digest(token), ends_at=work.now + LINK_LENGTH, account_id=account_id)
    )
    return token


def _open_link(work: Work, token: str) -> OneTimeLink:
    link = finding.link_by_digest(work, digest(token))
    if link is None or link.used_at is not None or link.ends_at < work.now:
        raise NotFound(what="link")
    return link


def _end_sessions(work: Work, account_id: int) -> None:
    sessions = finding.sessions_of(work, account_id)
    for session in sessions:
        session.revoked_at = work.now
    if sessions:
        work.announce(SessionsEnded(tuple(session.id for session in sessions)))
