"""Pictures of the register: the points of an evening or of a whole series, and one's history."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from facilitation.domain.follow_up import FollowUp, FollowUpStep, OwnerKind
from facilitation.domain.meeting import Meeting, Topic
from facilitation.domain.people import Account, MeetingRole
from facilitation.domain.question import Question
from facilitation.domain.refusals import NotFound
from facilitation.domain.series import Series
from facilitation.storage import queries
from facilitation.storage.queries import FollowUpFacts, QuestionFacts, question_facts


@dataclass(frozen=True)
class Evening:
    """As much of a meeting as a line of the register says."""

    id: int
    title: str
    starts_at: datetime


@dataclass(frozen=True)
class SeriesFacts:
    """A series with its evenings, the first one first."""

    id: int
    code: str
    title: str
    needs_second_reader: bool
    meetings: tuple[Evening, ...]


@dataclass(frozen=True)
class Point:
    """What was asked, on which evening, by how many askers, and what is owed for it."""

    question: QuestionFacts
    owed: FollowUpFacts
    meeting: Evening
    askers: int


@dataclass(frozen=True)
class ProposedOwner:
    """Whom most points about the same topic are with."""

    owner: str
    organisation: str
    owner_kind: OwnerKind
    owner_id: int | None


@dataclass(frozen=True)
class Change:
    """A line of a point's history; `changes` holds a field, what it was and what it became."""

    step: str
    taken_at: datetime
    who: str
    note: str
    changes: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be given a point."""

    account_id: int
    name: str


def series(session: Session, series_id: int) -> SeriesFacts:
    found = session.get(Series, series_id)
    if found is None:
        raise NotFound(what="series")
    return SeriesFacts(
        id=found.id,
        code=found.code,
        title=found.title,
        needs_second_reader=found.needs_second_reader,
        meetings=tuple(_evenings(session, Meeting.series_id == series_id)),
    )


def points(session: Session, meeting_ids: Collection[int]) -> list[Point]:
    """All points of these meetings, in the order of the evenings, in four statements.

    What was merged is no point of its own: its askers are counted where it went on.
    """
    evenings = {each.id: each for each in _evenings(session, Meeting.id.in_(meeting_ids))}
    rows = session.scalars(
        select(Question)
        .join(FollowUp, FollowUp.question_id == Question.id)
        .where(Question.meeting_id.in_(evenings), Question.merged_into_id.is_(None))
        .order_by(Question.number)
    ).all()
    askers = _askers(session, evenings)
    facts = [question_facts(row, can_undo=False, followed=None) for row in rows]
    found = [_point(each, evenings[each.meeting_id], askers[each.id]) for each in facts]
    return sorted(found, key=lambda point: (point.meeting.starts_at, point.meeting.id))


def point(session: Session, meeting_id: int, follow_up_id: int) -> Point:
    """One point, also when its question was merged into another since."""
    facts = queries.register_point(session, meeting_id, follow_up_id)
    (evening,) = _evenings(session, Meeting.id == meeting_id)
    return _point(facts, evening, _askers(session, [meeting_id])[facts.id])


def history(session: Session, follow_up_id: int) -> list[Change]:
    """What happened with a point, the newest first."""
    rows = session.execute(
        select(FollowUpStep, Account.name)
        .join(Account, Account.id == FollowUpStep.account_id, isouter=True)
        .where(FollowUpStep.follow_up_id == follow_up_id)
        .order_by(FollowUpStep.id.desc())
    )
    return [
        Change(step.step, step.taken_at, name or "", step.note, _changes(step.before, step.after))
        for step, name in rows
    ]


def proposed_owner(
    session: Session, series_id: int, question: QuestionFacts
) -> ProposedOwner | None:
    """Who has most of the points of the series about the topic of this question."""
    if question.topic is None:
        return None
    columns = (FollowUp.owner, FollowUp.organisation, FollowUp.owner_kind, FollowUp.owner_id)
    found = session.execute(
        select(*columns)
        .join(Question, Question.id == FollowUp.question_id)
        .join(Topic, Topic.id == Question.topic_id)
        .join(Meeting, Meeting.id == Question.meeting_id)
        .where(
            Meeting.series_id == series_id,
            Topic.name == question.topic.name,
            FollowUp.owner != "",
        )
        .group_by(*columns)
        .order_by(func.count().desc(), func.max(FollowUp.id).desc())
        .limit(1)
    ).one_or_none()
    return ProposedOwner(*found) if found else None


def colleagues(session: Session, meeting_ids: Collection[int]) -> list[Colleague]:
    """Who can be given a point of these meetings, by name."""
    with_a_role = select(MeetingRole.account_id).where(MeetingRole.meeting_id.in_(meeting_ids))
    rows = session.execute(
        select(Account.id, Account.name)
        .where(or_(Account.is_organiser.is_(True), Account.id.in_(with_a_role)))
        .order_by(Account.name, Account.id)
    )
    return [Colleague(*row) for row in rows]


def _evenings(session: Session, which: Any) -> list[Evening]:
    rows = session.execute(
        select(Meeting.id, Meeting.title, Meeting.starts_at)
        .where(which)
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [Evening(*row) for row in rows]


def _point(facts: QuestionFacts, evening: Evening, merged: int) -> Point:
    assert facts.follow_up is not None, "it was found by its follow-up"
    return Point(facts, facts.follow_up, evening, askers=1 + merged)


def _askers(session: Session, meeting_ids: Collection[int]) -> Counter[int]:
    """How many questions went on in each, directly or through another."""
    merged = select(Question.id, Question.merged_into_id).where(
        Question.meeting_id.in_(meeting_ids), Question.merged_into_id.is_not(None)
    )
    parents: dict[int, int] = {each: into for each, into in session.execute(merged) if into}
    return Counter(_end(parents, each) for each in parents)


def _end(parents: Mapping[int, int], question_id: int) -> int:
    while question_id in parents:
        question_id = parents[question_id]
    return question_id


# Ids say nothing to a reader, and a moment is on the line itself.
_UNTOLD = {"owner_id", "published_at"}


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[tuple[str, Any, Any], ...]:
    told = [name for name in after if name not in _UNTOLD]
    return tuple((name, _said(name, before.get(name)), _said(name, after[name])) for name in told)


def _said(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "due" and value else value
