"""What there is of people whose day has come, and taking it away."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, or_, select

from facilitation.domain.audience import is_told
from facilitation.domain.codes import new_secret
from facilitation.domain.contact import Contact
from facilitation.domain.erasure import MAIL_KEPT, MEETING_KEPT, SESSION_KEPT
from facilitation.domain.follow_up import FollowUp, FollowUpStep
from facilitation.domain.lifecycle import MeetingState
from facilitation.domain.mail import Mail
from facilitation.domain.meeting import Meeting
from facilitation.domain.people import StaffSession
from facilitation.domain.question import Clarification, Question, StepTaken, Support
from facilitation.storage.work import Work

GONE = "—"


def meetings_due(work: Work) -> Sequence[Meeting]:
    """Evenings that are over for so long that nobody who asked is to be known any more."""
    over = [state for state in MeetingState if state.is_over]
    return work.session.scalars(
        select(Meeting).where(
            Meeting.state.in_(over),
            Meeting.forgotten_at.is_(None),
            Meeting.starts_at < work.now - MEETING_KEPT,
        )
    ).all()


def forget_meeting(work: Work, meeting: Meeting) -> int:
    """Keep what is public and the counts; who asked, and what only they and staff saw, goes."""
    questions = work.session.scalars(
        select(Question).where(Question.meeting_id == meeting.id)
    ).all()
    for question in questions:
        _forget_asker(question)
    ids = [question.id for question in questions]
    for rows in (Support, StepTaken, Clarification):
        work.session.execute(delete(rows).where(rows.question_id.in_(ids)))
    owed = select(FollowUp.id).where(FollowUp.question_id.in_(ids))
    work.session.execute(delete(FollowUpStep).where(FollowUpStep.follow_up_id.in_(owed)))
    meeting.forgotten_at = work.now
    return len(questions)


def _forget_asker(question: Question) -> None:
    owed = question.follow_up
    if not is_told(question.sight(), owed.state if owed else None):
        question.text = GONE
    question.original_text = question.text
    question.key, question.device = str(uuid.uuid4()), str(uuid.uuid4())
    question.receipt = new_secret()
    question.name = question.held_for = question.reason = ""
    question.verdict = question.verdict_at = None
    question.version += 1
    if owed is not None:
        owed.note = ""


def forget_contacts(work: Work, day: date) -> int:
    """Addresses whose day has come; their mails go with them."""
    return _gone(work, delete(Contact).where(Contact.delete_on <= day))


def forget_mails(work: Work) -> int:
    before = work.now - MAIL_KEPT
    return _gone(work, delete(Mail).where(or_(Mail.sent_at < before, Mail.given_up_at < before)))


def forget_sessions(work: Work) -> int:
    before = work.now - SESSION_KEPT
    ended = or_(StaffSession.ends_at < before, StaffSession.revoked_at < before)
    return _gone(work, delete(StaffSession).where(ended))


def _gone(work: Work, statement: Any) -> int:
    return int(work.session.execute(statement).rowcount)  # type: ignore[attr-defined]
