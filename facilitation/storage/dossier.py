"""Pictures for the dossier of a plan: its evenings, its register, and what was told and done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from facilitation.domain.follow_up import FollowUp, FollowUpStep
from facilitation.domain.question import Question
from facilitation.storage import queries, register
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.storage.register import Point, SeriesFacts


@dataclass(frozen=True)
class Line:
    """A step in the life of a point, without the account that took it; `asker` is to be hidden."""

    meeting_id: int
    number: int
    asker: str
    step: str
    taken_at: datetime
    note: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Material:
    """What a dossier is made of."""

    series: SeriesFacts
    meetings: tuple[MeetingFacts, ...]
    points: tuple[Point, ...]
    told: tuple[QuestionFacts, ...]
    history: tuple[Line, ...]


def material(session: Session, series_id: int) -> Material:
    """All of a plan, the first evening first; no account, address, receipt or device."""
    series = register.series(session, series_id)
    ids = [evening.id for evening in series.meetings]
    meetings = tuple(reversed(queries.meetings(session, ids)))
    return Material(
        series=series,
        meetings=meetings,
        points=tuple(register.points(session, ids)),
        told=tuple(found for shown in meetings for found in queries.told(session, shown)),
        history=tuple(_history(session, ids)),
    )


def _history(session: Session, meeting_ids: Collection[int]) -> list[Line]:
    rows = session.execute(
        select(FollowUpStep, Question.meeting_id, Question.number, Question.name)
        .join(FollowUp, FollowUp.id == FollowUpStep.follow_up_id)
        .join(Question, Question.id == FollowUp.question_id)
        .where(Question.meeting_id.in_(meeting_ids))
        .order_by(FollowUpStep.id)
    )
    return [
        Line(
            meeting_id=meeting_id,
            number=number,
            asker=name,
            step=step.step,
            taken_at=step.taken_at,
            note=step.note,
            before=_without_accounts(step.before),
            after=_without_accounts(step.after),
        )
        for step, meeting_id, number, name in rows
    ]


def _without_accounts(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name not in _ACCOUNTS}


_ACCOUNTS = {"owner_id", "drafted_by_id"}
