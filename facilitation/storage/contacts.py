"""Pictures of what an asker did afterwards: on the own receipt, in a mail, and in the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from facilitation.domain.contact import Contact, Purpose, delete_day, masked
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.meeting import Meeting, local_day
from facilitation.domain.question import Clarification, Question, Verdict
from facilitation.domain.refusals import NotFound
from facilitation.domain.series import Series
from facilitation.storage import queries


@dataclass(frozen=True)
class ContactFacts:
    """An address as its owner sees it: masked, for one purpose."""

    address: str
    purpose: Purpose
    language: str
    asked_at: datetime
    confirmed_at: datetime | None
    delete_on: date


@dataclass(frozen=True)
class ClarificationFacts:
    """What an asker added; `number` is that of the own question, also when that was merged."""

    number: int
    text: str
    sent_at: datetime


@dataclass(frozen=True)
class VerdictFacts:
    """What an asker says of the answer."""

    number: int
    verdict: Verdict
    verdict_at: datetime


@dataclass(frozen=True)
class MailFacts:
    """A mail that went, or goes, to an address on this receipt."""

    kind: MailKind
    made_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Aftermath:
    """What the receipt shows under the question, and what can be done there."""

    verdict: Verdict | None
    verdict_at: datetime | None
    may_judge: bool
    may_clarify: bool
    may_leave_address: bool
    delete_on: date
    clarifications: Sequence[ClarificationFacts]
    contacts: Sequence[ContactFacts]
    mails: Sequence[MailFacts]


@dataclass(frozen=True)
class MailLink:
    """What stands behind the link in a mail, and all that it confirms.

    `number` is that of the question, when it is about one.
    """

    series: str
    purpose: Purpose
    number: int | None
    contacts: Sequence[ContactFacts]

    @property
    def is_confirmed(self) -> bool:
        return all(contact.confirmed_at for contact in self.contacts)


@dataclass(frozen=True)
class Heard:
    """What the askers of a point of the register said since."""

    verdicts: Sequence[VerdictFacts]
    clarifications: Sequence[ClarificationFacts]


def aftermath(session: Session, receipt: str, *, today: date) -> Aftermath:
    """All of it for one receipt."""
    question = session.scalar(select(Question).where(Question.receipt == receipt))
    if question is None:
        raise NotFound(what="receipt")
    root = question
    while root.merged_into_id is not None:
        root = session.get_one(Question, root.merged_into_id)
    evening = session.get_one(Meeting, question.meeting_id).starts_at
    contacts = _contacts(session, question.id)
    return Aftermath(
        verdict=question.verdict,
        verdict_at=question.verdict_at,
        may_judge=root.is_answered,
        may_clarify=root.takes_clarification,
        may_leave_address=not question.state.is_taken_back,
        delete_on=delete_day(local_day(evening), today=today),
        clarifications=_clarifications(session, [question.id]),
        contacts=[_contact_facts(contact) for contact in contacts],
        mails=_mails(session, [contact.id for contact in contacts]),
    )


def mail_link(session: Session, token: str) -> MailLink:
    """What the link in a mail is about."""
    contact = session.scalar(select(Contact).where(Contact.token == token))
    if contact is None:
        raise NotFound(what="mail_link")
    is_about_one = contact.question_id is not None and contact.purpose.is_about_one_question
    question = session.get(Question, contact.question_id) if is_about_one else None
    return MailLink(
        series=session.get_one(Series, contact.series_id).title,
        purpose=contact.purpose,
        number=question.number if question else None,
        contacts=[_contact_facts(found) for found in asked_with(session, contact)],
    )


def asked_with(session: Session, contact: Contact) -> Sequence[Contact]:
    """All that the link of this one confirms: itself, and what its mails asked as well."""
    asked = {contact.id}
    for facts in session.scalars(
        select(Mail.facts).where(Mail.contact_id == contact.id, Mail.kind == MailKind.CONFIRM)
    ):
        asked.update(facts["contacts"])
    return session.scalars(
        select(Contact)
        .where(Contact.id.in_(asked), Contact.email == contact.email)
        .order_by(Contact.id)
    ).all()


def heard(session: Session, meeting_id: int, question_id: int) -> Heard:
    """What the askers of this question, and of those that go on in it, said since."""
    family = [question_id, *queries.askers_following(session, meeting_id, [question_id])]
    judged = session.scalars(
        select(Question)
        .where(Question.id.in_(family), Question.verdict_at.is_not(None))
        .order_by(Question.verdict_at)
    )
    return Heard(
        verdicts=[
            VerdictFacts(found.number, found.verdict, found.verdict_at)
            for found in judged
            if found.verdict and found.verdict_at
        ],
        clarifications=_clarifications(session, family),
    )


def _contacts(session: Session, question_id: int) -> Sequence[Contact]:
    return session.scalars(
        select(Contact).where(Contact.question_id == question_id).order_by(Contact.id)
    ).all()


def _contact_facts(contact: Contact) -> ContactFacts:
    return ContactFacts(
        address=masked(contact.email),
        purpose=contact.purpose,
        language=contact.language,
        asked_at=contact.asked_at,
        confirmed_at=contact.confirmed_at,
        delete_on=contact.delete_on,
    )


def _clarifications(session: Session, question_ids: Sequence[int]) -> list[ClarificationFacts]:
    rows = session.execute(
        select(Question.number, Clarification.text, Clarification.sent_at)
        .join(Question, Question.id == Clarification.question_id)
        .where(Clarification.question_id.in_(question_ids))
        .order_by(Clarification.sent_at, Clarification.id)
    )
    return [ClarificationFacts(*row) for row in rows]


def _mails(session: Session, contact_ids: Sequence[int]) -> list[MailFacts]:
    rows = session.execute(
        select(Mail.kind, Mail.made_at, Mail.sent_at)
        .where(Mail.contact_id.in_(contact_ids))
        .order_by(Mail.id)
    )
    return [MailFacts(*row) for row in rows]
