"""Pictures of a plan with its evenings: for its public page and for its desk."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from facilitation.domain.audience import PUBLIC_STATES, Fate, fate
from facilitation.domain.lifecycle import QuestionState
from facilitation.domain.meeting import Meeting
from facilitation.domain.question import Question
from facilitation.domain.refusals import NotFound
from facilitation.domain.series import Series, Update
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts


@dataclass(frozen=True)
class SeriesFacts:
    """What staff wrote about the plan, and whom residents can reach."""

    id: int
    code: str
    title: str
    about: str
    contact_name: str
    contact_email: str
    contact_phone: str
    needs_second_reader: bool
    created_at: datetime
    version: int

    @property
    def has_contact(self) -> bool:
        return bool(self.contact_name or self.contact_email or self.contact_phone)


@dataclass(frozen=True)
class UpdateFacts:
    """News of the plan."""

    id: int
    title: str
    text: str
    written_at: datetime
    hidden_at: datetime | None


@dataclass(frozen=True)
class Point:
    """A question that the public page tells of, and the evening on which it was asked."""

    question: QuestionFacts
    meeting: MeetingFacts

    @property
    def asked(self) -> int:
        """By how many: who asked it, and who has it too, as who asked what was merged into it."""
        return 1 + self.question.support_count

    @property
    def fate(self) -> Fate:
        owed = self.question.follow_up
        return fate(self.question.state, owed.state if owed else None)

    @property
    def is_owed(self) -> bool:
        return self.fate is Fate.OWED

    @property
    def topic(self) -> str:
        return self.question.topic.name if self.question.topic else ""


@dataclass(frozen=True)
class Tally:
    """What became of all that was received; the rest of the numbers add up to it."""

    received: int
    placed: int
    elsewhere: int
    merged: int
    declined: int
    withdrawn: int
    waiting: int


@dataclass(frozen=True)
class PublicPage:
    """All that everybody may read of a plan. Meetings that only staff know of do not count."""

    series: SeriesFacts
    meetings: tuple[MeetingFacts, ...]
    updates: tuple[UpdateFacts, ...]
    points: tuple[Point, ...]
    tally: Tally

    @property
    def has_begun(self) -> bool:
        """Whether there is something to read; until then only staff know of the plan."""
        return bool(self.meetings or self.updates)

    @property
    def coming(self) -> list[MeetingFacts]:
        """The meetings that are still to be held or under way, the first one first."""
        return [meeting for meeting in reversed(self.meetings) if not meeting.state.is_over]

    @property
    def held(self) -> list[MeetingFacts]:
        return [meeting for meeting in self.meetings if meeting.state.is_over]

    @property
    def newest(self) -> MeetingFacts | None:
        return self.meetings[0] if self.meetings else None

    @property
    def asking(self) -> MeetingFacts | None:
        """The newest meeting that takes questions, also afterwards."""
        return next((meeting for meeting in self.meetings if meeting.takes_questions), None)

    @property
    def is_example(self) -> bool:
        return any(meeting.is_example for meeting in self.meetings)


def by_id(session: Session, series_id: int) -> SeriesFacts:
    found = session.get(Series, series_id)
    if found is None:
        raise NotFound(what="series")
    return _series_facts(found)


def by_code(session: Session, code: str) -> SeriesFacts:
    found = session.scalar(select(Series).where(Series.code == code))
    if found is None:
        raise NotFound(what="series")
    return _series_facts(found)


def all_series(session: Session) -> list[SeriesFacts]:
    """Every plan, the newest first."""
    newest_first = select(Series).order_by(Series.created_at.desc(), Series.id.desc())
    return [_series_facts(found) for found in session.scalars(newest_first)]


def meeting_counts(session: Session) -> dict[int, int]:
    """How many meetings each plan has."""
    counted = select(Meeting.series_id, func.count().label("found")).group_by(Meeting.series_id)
    return {row.series_id: row.found for row in session.execute(counted)}


def meetings(session: Session, series_id: int) -> list[MeetingFacts]:
    """The meetings of a plan, the latest evening first, also those that only staff know of."""
    ids = session.scalars(select(Meeting.id).where(Meeting.series_id == series_id)).all()
    return queries.meetings(session, ids)


def updates(session: Session, series_id: int) -> list[UpdateFacts]:
    """The news of a plan, the newest first; also what was taken back."""
    newest_first = (
        select(Update)
        .where(Update.series_id == series_id)
        .order_by(Update.written_at.desc(), Update.id.desc())
    )
    return [_update_facts(found) for found in session.scalars(newest_first)]


def public_page(session: Session, code: str) -> PublicPage:
    """The page behind this code, as it stands now."""
    series = by_code(session, code)
    known = [
        meeting
        for meeting in meetings(session, series.id)
        if not (meeting.state.is_prepared or meeting.is_rehearsal)
    ]
    return PublicPage(
        series=series,
        meetings=tuple(known),
        updates=tuple(one for one in updates(session, series.id) if one.hidden_at is None),
        points=tuple(_points(session, known)),
        tally=tally(session, [meeting.id for meeting in known]),
    )


def _points(session: Session, known: Sequence[MeetingFacts]) -> list[Point]:
    """What is told of these meetings, the most asked first and of those the newest."""
    found = [
        Point(question, meeting) for meeting in known for question in queries.told(session, meeting)
    ]
    return sorted(found, key=lambda point: (-point.asked, -point.question.id))


def root_of(session: Session, question_id: int) -> int:
    """The question that this one goes on in, or itself."""
    found = session.get(Question, question_id)
    while found is not None and found.merged_into_id is not None:
        found = session.get(Question, found.merged_into_id)
    return found.id if found else question_id


def tally(session: Session, meeting_ids: Collection[int]) -> Tally:
    """What was done with all that came in at these meetings."""
    counted = (
        select(Question.state, func.count().label("found"))
        .where(Question.meeting_id.in_(meeting_ids))
        .group_by(Question.state)
    )
    counts = {row.state: row.found for row in session.execute(counted)}

    def of(states: Iterable[QuestionState]) -> int:
        return sum(counts.get(state, 0) for state in states)

    return Tally(
        received=of(QuestionState),
        placed=of(PUBLIC_STATES),
        elsewhere=of({QuestionState.PARKED}),
        merged=of({QuestionState.MERGED}),
        declined=of({QuestionState.DECLINED}),
        withdrawn=of({QuestionState.WITHDRAWN}),
        waiting=of({QuestionState.WAITING}),
    )


def _series_facts(found: Series) -> SeriesFacts:
    return SeriesFacts(**{field.name: getattr(found, field.name) for field in fields(SeriesFacts)})


def _update_facts(found: Update) -> UpdateFacts:
    return UpdateFacts(**{field.name: getattr(found, field.name) for field in fields(UpdateFacts)})
