"""Finding what a command works on: entities, or a refusal. Pictures for screens are in queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.follow_up import FollowUp
from facilitation.domain.lifecycle import UNSETTLED, QuestionState
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.meeting import Meeting, Topic
from facilitation.domain.people import Account, MeetingRole, OneTimeLink, StaffSession
from facilitation.domain.question import Clarification, Question, StepTaken
from facilitation.domain.refusals import NotFound
from facilitation.domain.series import Series
from facilitation.storage import contacts
from facilitation.storage.work import Work


def meeting(work: Work, meeting_id: int) -> Meeting:
    found = work.session.get(Meeting, meeting_id)
    if found is None:
        raise NotFound(what="meeting")
    return found


def meeting_by_code(work: Work, code: str) -> Meeting:
    found = work.session.scalar(select(Meeting).where(Meeting.code == code))
    if found is None:
        raise NotFound(what="meeting")
    return found


def series(work: Work, series_id: int) -> Series:
    found = work.session.get(Series, series_id)
    if found is None:
        raise NotFound(what="series")
    return found


def series_of(work: Work, meeting_id: int) -> Series:
    return series(work, meeting(work, meeting_id).series_id)


def question(work: Work, meeting_id: int, question_id: int) -> Question:
    found = work.session.get(Question, question_id)
    if found is None or found.meeting_id != meeting_id:
        raise NotFound(what="question")
    return found


def last_placed(work: Work, meeting_id: int) -> datetime | None:
    """When the public first saw the newest of what it sees."""
    newest = select(func.max(Question.placed_at)).where(Question.meeting_id == meeting_id)
    return work.session.scalar(newest)


def question_by_receipt(work: Work, receipt: str) -> Question:
    found = work.session.scalar(select(Question).where(Question.receipt == receipt))
    if found is None:
        raise NotFound(what="receipt")
    return found


def question_by_key(work: Work, meeting_id: int, key: str) -> Question | None:
    return work.session.scalar(
        select(Question).where(Question.meeting_id == meeting_id, Question.key == key)
    )


def questions_in(work: Work, meeting_id: int, *states: QuestionState) -> Sequence[Question]:
    """The questions in these states, in the order of the wall."""
    return work.session.scalars(
        select(Question)
        .where(Question.meeting_id == meeting_id, Question.state.in_(states))
        .order_by(Question.place, Question.id)
    ).all()


def unsettled(work: Work, meeting_id: int) -> Sequence[Question]:
    return questions_in(work, meeting_id, *UNSETTLED)


def merged_into(work: Work, question_id: int) -> Sequence[Question]:
    """The questions merged straight into this one."""
    return work.session.scalars(
        select(Question).where(Question.merged_into_id == question_id).order_by(Question.id)
    ).all()


def root(work: Work, question: Question) -> Question:
    """The question that this one was merged into in the end, or itself."""
    while question.merged_into_id is not None:
        question = work.session.get_one(Question, question.merged_into_id)
    return question


def last_step(work: Work, question_id: int) -> StepTaken | None:
    """The newest step that was not taken back."""
    return work.session.scalar(
        select(StepTaken)
        .where(StepTaken.question_id == question_id, StepTaken.is_undone.is_(False))
        .order_by(StepTaken.id.desc())
        .limit(1)
    )


def steps_since(work: Work, question_id: int, names: set[str]) -> Sequence[StepTaken]:
    """The last standing step of one of these names and all after it, the newest first."""
    standing = work.session.scalars(
        select(StepTaken)
        .where(StepTaken.question_id == question_id, StepTaken.is_undone.is_(False))
        .order_by(StepTaken.id.desc())
    ).all()
    found = [index for index, step in enumerate(standing) if step.step in names]
    return standing[: found[0] + 1] if found else []


def follow_up(work: Work, meeting_id: int, follow_up_id: int) -> FollowUp:
    found = work.session.get(FollowUp, follow_up_id)
    if found is None or found.meeting_id != meeting_id:
        raise NotFound(what="follow_up")
    return found


def follow_ups(work: Work, series_id: int, ids: Iterable[int]) -> Sequence[FollowUp]:
    """Those of these points that are of this series, in the order of their ids."""
    return work.session.scalars(
        select(FollowUp)
        .join(Meeting, Meeting.id == FollowUp.meeting_id)
        .where(Meeting.series_id == series_id, FollowUp.id.in_(list(ids)))
        .order_by(FollowUp.id)
    ).all()


def contacts_of(work: Work, question_ids: Iterable[int]) -> Sequence[Contact]:
    """Who confirmed that they want to hear what becomes of these questions."""
    return work.session.scalars(
        select(Contact)
        .where(
            Contact.question_id.in_(list(question_ids)),
            Contact.purpose == Purpose.ANSWER,
            Contact.confirmed_at.is_not(None),
        )
        .order_by(Contact.id)
    ).all()


def contact_by_token(work: Work, token: str) -> Contact:
    found = work.session.scalar(select(Contact).where(Contact.token == token))
    if found is None:
        raise NotFound(what="mail_link")
    return found


def contacts_from(work: Work, question_id: int) -> Sequence[Contact]:
    """All that were left on the receipt of this question, confirmed or not."""
    return work.session.scalars(
        select(Contact).where(Contact.question_id == question_id).order_by(Contact.id)
    ).all()


def contacts_like(work: Work, contact: Contact) -> Sequence[Contact]:
    """The same address for the same purpose in the same series, from whichever receipt."""
    return work.session.scalars(
        select(Contact).where(
            Contact.series_id == contact.series_id,
            Contact.email == contact.email,
            Contact.purpose == contact.purpose,
        )
    ).all()


def contacts_asked_with(work: Work, contact: Contact) -> Sequence[Contact]:
    """All that the link of this one confirms."""
    return contacts.asked_with(work.session, contact)


def confirmations(work: Work, contact_id: int) -> Sequence[Mail]:
    return work.session.scalars(
        select(Mail).where(Mail.contact_id == contact_id, Mail.kind == MailKind.CONFIRM)
    ).all()


def last_clarification(work: Work, question_id: int) -> Clarification | None:
    return work.session.scalar(
        select(Clarification)
        .where(Clarification.question_id == question_id)
        .order_by(Clarification.id.desc())
        .limit(1)
    )


def mail_by_key(work: Work, key: str) -> Mail | None:
    return work.session.scalar(select(Mail).where(Mail.key == key))


def family(work: Work, question_id: int) -> list[int]:
    """This question and all that were merged into it, directly or through another."""
    found = [question_id]
    for one in found:
        found.extend(question.id for question in merged_into(work, one))
    return found


def topic(work: Work, meeting_id: int, topic_id: int) -> Topic | None:
    return work.session.scalar(
        select(Topic).where(Topic.id == topic_id, Topic.meeting_id == meeting_id)
    )


def account_by_email(work: Work, email: str) -> Account | None:
    return work.session.scalar(select(Account).where(Account.email == email))


def account(work: Work, account_id: int) -> Account:
    found = work.session.get(Account, account_id)
    if found is None:
        raise NotFound(what="account")
    return found


def has_organiser(work: Work) -> bool:
    return bool(
        work.session.scalar(select(func.count(Account.id)).where(Account.is_organiser.is_(True)))
    )


def roles_of(work: Work, meeting_id: int, account_id: int) -> Sequence[MeetingRole]:
    return work.session.scalars(
        select(MeetingRole).where(
            MeetingRole.meeting_id == meeting_id, MeetingRole.account_id == account_id
        )
    ).all()


def works_on(work: Work, meeting_id: int, account_id: int) -> bool:
    """Whether this colleague has a role in the meeting; organisers have one in all of them."""
    found = work.session.get(Account, account_id)
    return found is not None and (
        found.is_organiser or bool(roles_of(work, meeting_id, account_id))
    )


def sessions_of(work: Work, account_id: int) -> Sequence[StaffSession]:
    """The sessions that are not revoked."""
    return work.session.scalars(
        select(StaffSession).where(
            StaffSession.account_id == account_id, StaffSession.revoked_at.is_(None)
        )
    ).all()


def session_by_digest(work: Work, digest: str) -> StaffSession | None:
    return work.session.scalar(select(StaffSession).where(StaffSession.digest == digest))


def open_links(work: Work, account_id: int) -> Sequence[OneTimeLink]:
    return work.session.scalars(
        select(OneTimeLink).where(
            OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None)
        )
    ).all()


def link_by_digest(work: Work, digest: str) -> OneTimeLink | None:
    return work.session.scalar(select(OneTimeLink).where(OneTimeLink.digest == digest))
