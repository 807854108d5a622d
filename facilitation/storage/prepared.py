"""Prepared answers: the one that a command works on, and the pictures of a plan's library."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from facilitation.domain.meeting import Meeting
from facilitation.domain.prepared import AnswerKind, PreparedAnswer
from facilitation.domain.refusals import NotFound
from facilitation.domain.series import Series


@dataclass(frozen=True)
class PreparedFacts:
    """A prepared answer as screens read it."""

    id: int
    question: str
    answer: str
    kind: AnswerKind
    speaker: str
    source: str
    review_on: date | None
    version: int


@dataclass(frozen=True)
class Library:
    """All that was prepared for a plan, in the order in which it was, and by which meetings."""

    id: int
    code: str
    title: str
    meeting_ids: tuple[int, ...]
    answers: tuple[PreparedFacts, ...]


def find(session: Session, series_id: int, answer_id: int) -> PreparedAnswer:
    found = session.get(PreparedAnswer, answer_id)
    if found is None or found.series_id != series_id:
        raise NotFound(what="prepared_answer")
    return found


def all_of(session: Session, series_id: int) -> Sequence[PreparedAnswer]:
    """Every prepared answer of this plan, the oldest first."""
    return session.scalars(
        select(PreparedAnswer)
        .where(PreparedAnswer.series_id == series_id)
        .order_by(PreparedAnswer.id)
    ).all()


def library(session: Session, series_id: int) -> Library:
    series = session.get(Series, series_id)
    if series is None:
        raise NotFound(what="series")
    meetings = session.scalars(
        select(Meeting.id).where(Meeting.series_id == series_id).order_by(Meeting.id)
    )
    return Library(
        id=series.id,
        code=series.code,
        title=series.title,
        meeting_ids=tuple(meetings),
        answers=tuple(_facts(found) for found in all_of(session, series_id)),
    )


def _facts(found: PreparedAnswer) -> PreparedFacts:
    return PreparedFacts(**{one.name: getattr(found, one.name) for one in fields(PreparedFacts)})
