"""What is still to be mailed, and what stands now of that which a mail tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.follow_up import FollowUp
from facilitation.domain.lifecycle import FollowUpState
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.meeting import ZONE, Meeting, local_day
from facilitation.domain.people import Account
from facilitation.domain.question import Question
from facilitation.domain.series import Series, Update
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.storage.work import Work

LEASE = timedelta(minutes=10)  # after which somebody else may send what was begun
AROUND_DUE = (-3, 0, 3)  # days from the due date on which its owner is reminded
MORNING = time(7)
MONDAY = 0
WEEK = timedelta(days=7)
OWED = [state for state in FollowUpState if state.is_owed]


@dataclass(frozen=True)
class PlanFacts:
    """The plan that a mail is about, and who answers for it."""

    title: str
    code: str
    contact_name: str
    contact_email: str
    contact_phone: str


@dataclass(frozen=True)
class OwedFacts:
    """A point of the register in a mail to colleagues."""

    number: int
    text: str
    owner: str
    due: date | None
    meeting_id: int
    meeting_title: str


@dataclass(frozen=True)
class WeekFacts:
    """The register in three figures, with the points that are late."""

    open: int
    overdue: int
    answered: int
    late: tuple[OwedFacts, ...]


@dataclass(frozen=True)
class Letter:
    """One mail with all that its words are made of, as it stands now."""

    id: int
    key: str
    kind: MailKind
    made_at: datetime
    email: str
    language: str
    reason: str = ""
    token: str = ""
    purposes: tuple[Purpose, ...] = ()
    plan: PlanFacts | None = None
    question: QuestionFacts | None = None
    own: QuestionFacts | None = None
    meeting: MeetingFacts | None = None
    title: str = ""
    text: str = ""
    day: date | None = None
    owed: tuple[OwedFacts, ...] = ()
    week: WeekFacts | None = None


def is_any_due(session: Session, now: datetime) -> bool:
    return session.scalar(_due(now).with_only_columns(Mail.id).limit(1)) is not None


def due(work: Work, most: int) -> Sequence[Mail]:
    """Mails whose time has come and that nobody is sending, the longest waiting first."""
    return work.session.scalars(_due(work.now).limit(most)).all()


def begun(work: Work) -> Sequence[Mail]:
    """What somebody is sending, or was when the process ended."""
    return work.session.scalars(select(Mail).where(_waits(), Mail.begun_at.is_not(None))).all()


def still_waiting(work: Work, mail_ids: Sequence[int]) -> Sequence[Mail]:
    """Those of these that are still to be sent; a mail goes when its contact does."""
    return work.session.scalars(select(Mail).where(_waits(), Mail.id.in_(mail_ids))).all()


def waiting(session: Session) -> int:
    """How many are still to be sent, now or later."""
    return session.scalar(select(func.count(Mail.id)).where(_waits())) or 0


def _due(now: datetime) -> Select[Any]:
    is_free = or_(Mail.begun_at.is_(None), Mail.begun_at <= now - LEASE)
    in_turn = (Mail.next_at, Mail.id)
    return select(Mail).where(_waits(), Mail.next_at <= now, is_free).order_by(*in_turn)


def _waits() -> ColumnElement[bool]:
    return Mail.sent_at.is_(None) & Mail.given_up_at.is_(None)


def letter(session: Session, mail_id: int, now: datetime) -> Letter | None:
    """What this mail tells; None when there is nothing to tell any more, or nobody to tell it."""
    mail = session.get(Mail, mail_id)
    if mail is None:
        return None
    if mail.account_id is not None:
        return _to_colleague(session, mail, now)
    contact = session.get(Contact, mail.contact_id) if mail.contact_id else None
    if contact is None or mail.kind.asks_consent is (contact.confirmed_at is not None):
        return None
    return None if _is_outdated(session, mail) else _to_asker(session, mail, contact)


def _is_outdated(session: Session, mail: Mail) -> bool:
    newer = session.scalars(
        select(Mail).where(
            Mail.contact_id == mail.contact_id,
            Mail.id > mail.id,
            Mail.kind.in_(mail.kind.outdated_by),
        )
    )
    return any(_about(one) == _about(mail) for one in newer)


def _about(mail: Mail) -> tuple[Any, Any]:
    return mail.facts.get("question"), mail.facts.get("update")


def _to_asker(session: Session, mail: Mail, contact: Contact) -> Letter | None:
    told = _told(session, mail)
    if told is None:
        return None
    plan = session.get_one(Series, contact.series_id)
    return Letter(
        **_envelope(mail, contact.email, contact.language),
        reason=str(mail.facts.get("reason") or ""),
        token=contact.token,
        purposes=_purposes(session, mail, contact),
        plan=PlanFacts(**{name: getattr(plan, name) for name in PlanFacts.__annotations__}),
        own=_question(session, contact.question_id),
        **told,
    )


def _told(session: Session, mail: Mail) -> dict[str, Any] | None:
    """The question or the news that it tells of; None when that was undone."""
    if "update" in mail.facts:
        news = session.get(Update, mail.facts["update"])
        if news is None or news.hidden_at is not None:
            return None
        return {"title": news.title, "text": news.text}
    row = session.get(Question, mail.facts.get("question") or 0)
    if row is None:
        return {} if mail.kind.asks_consent else None
    if not mail.kind.still_tells(row.state, row.follow_up):
        return None
    question = queries.question(session, row.meeting_id, row.id)
    return {"question": question, "meeting": queries.meeting(session, row.meeting_id)}


def _question(session: Session, question_id: int | None) -> QuestionFacts | None:
    row = session.get(Question, question_id) if question_id else None
    return queries.question(session, row.meeting_id, row.id) if row else None


def _purposes(session: Session, mail: Mail, contact: Contact) -> tuple[Purpose, ...]:
    """What the address was given for; one mail may ask for several."""
    asked = session.scalars(
        select(Contact)
        .where(Contact.id.in_(mail.facts.get("contacts", [contact.id])))
        .order_by(Contact.id)
    )
    return tuple(dict.fromkeys(one.purpose for one in asked))


def _envelope(mail: Mail, email: str, language: str) -> dict[str, Any]:
    named = {name: getattr(mail, name) for name in ("id", "key", "kind", "made_at")}
    return {**named, "email": email, "language": language}


# -- to colleagues


def _to_colleague(session: Session, mail: Mail, now: datetime) -> Letter | None:
    account = session.get_one(Account, mail.account_id)
    day = date.fromisoformat(mail.facts["day"])
    envelope = {**_envelope(mail, account.email, "nl"), "day": day}
    if mail.kind is MailKind.DIGEST:
        week = the_week(session, now)
        return Letter(**envelope, week=week) if week.open or week.answered else None
    owed = reminded_of(session, account.id, day)
    return Letter(**envelope, owed=tuple(owed)) if owed else None


def staff_mails(session: Session, now: datetime) -> list[tuple[MailKind, int, date]]:
    """What is to be made for colleagues this morning, and is not made yet: kind, account, day."""
    day = local_day(now)
    if now.astimezone(ZONE).time() < MORNING:
        return []
    wanted = [(MailKind.REMINDER, account, day) for account in _reminded(session, day)]
    if day.weekday() == MONDAY:
        wanted += [(MailKind.DIGEST, account, day) for account in _organisers(session, now)]
    keys = {staff_key(*one): one for one in wanted}
    made = set(session.scalars(select(Mail.key).where(Mail.key.in_(keys))))
    return [one for key, one in keys.items() if key not in made]


def staff_key(kind: MailKind, account_id: int, day: date) -> str:
    """One a day for each account."""
    return f"{kind}:{account_id}:{day.isoformat()}"


def reminded_of(session: Session, account_id: int, day: date) -> list[OwedFacts]:
    """The points of this owner of which one is reminded on this day, the earliest due first."""
    return _points(session, FollowUp.owner_id == account_id, FollowUp.due.in_(_due_around(day)))


def the_week(session: Session, now: datetime) -> WeekFacts:
    """What is open, what is late, and what was answered in seven days."""
    late = _points(session, FollowUp.due < local_day(now))
    return WeekFacts(
        open=_count(session, FollowUp.state.in_(OWED)),
        overdue=len(late),
        answered=_count(session, FollowUp.published_at > now - WEEK),
        late=tuple(late),
    )


def _reminded(session: Session, day: date) -> Sequence[int]:
    owners = (
        select(FollowUp.owner_id)
        .join(Meeting, Meeting.id == FollowUp.meeting_id)
        .where(*_owed(), FollowUp.due.in_(_due_around(day)), FollowUp.owner_id.is_not(None))
    )
    return [owner for owner in session.scalars(owners.distinct()) if owner is not None]


def _organisers(session: Session, now: datetime) -> Sequence[int]:
    week = the_week(session, now)
    if not week.open and not week.answered:
        return []
    return session.scalars(select(Account.id).where(Account.is_organiser.is_(True))).all()


def _due_around(day: date) -> list[date]:
    return [day - timedelta(days=days) for days in AROUND_DUE]


def _owed() -> tuple[ColumnElement[bool], ...]:
    return FollowUp.state.in_(OWED), Meeting.is_rehearsal.is_(False)


def _points(session: Session, *chosen: ColumnElement[bool]) -> list[OwedFacts]:
    rows = session.execute(
        select(Question.number, Question.text, FollowUp.owner, FollowUp.due, Meeting)
        .join(Question, Question.id == FollowUp.question_id)
        .join(Meeting, Meeting.id == FollowUp.meeting_id)
        .where(*_owed(), *chosen)
        .order_by(FollowUp.due, Question.meeting_id, Question.number)
    )
    return [
        OwedFacts(number, text, owner, due, meeting.id, meeting.title)
        for number, text, owner, due, meeting in rows
    ]


def _count(session: Session, chosen: ColumnElement[bool]) -> int:
    counted = select(func.count(FollowUp.id)).join(Meeting, Meeting.id == FollowUp.meeting_id)
    return session.scalar(counted.where(chosen, Meeting.is_rehearsal.is_(False))) or 0
