"""The summary of an evening or of a whole series: what was asked most, and what came of it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from facilitation.domain.audience import Fate, fate, is_told
from facilitation.domain.lifecycle import Kind
from facilitation.domain.meeting import local_day
from facilitation.domain.question import Question, StepTaken
from facilitation.storage.queries import QuestionFacts, question_facts
from facilitation.storage.series import Tally, tally

STEP_OF_TIME = timedelta(minutes=10)
MOST_ASKED = 10
MOST_STEPS = 36  # of ten minutes: an evening; what came days before or after is summed at its ends


@dataclass(frozen=True)
class Asked:
    """A question everybody may read, and how many people have it."""

    question: QuestionFacts
    people: int


@dataclass(frozen=True)
class TopicRow:
    """A topic (None: no topic chosen): how often it was asked about, and supported."""

    name: str | None
    kinds: Mapping[Kind, int]
    supports: int

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True)
class Moment:
    """Ten minutes of the evening."""

    begins: datetime
    asked: int
    answered: int


@dataclass(frozen=True)
class Promises:
    """What one owner said would come by a day: kept, kept too late or not at all, still open."""

    owner: str
    organisation: str
    kept: int
    broken: int
    pending: int


@dataclass(frozen=True)
class Summary:
    tally: Tally
    fates: Mapping[Fate, int]
    most_asked: tuple[Asked, ...]
    topics: tuple[TopicRow, ...]
    course: tuple[Moment, ...]
    promises: tuple[Promises, ...]
    days_to_answer: float | None


def summary(session: Session, meeting_ids: Collection[int], today: date) -> Summary:
    rows = session.scalars(select(Question).where(Question.meeting_id.in_(meeting_ids))).all()
    found = [question_facts(row, can_undo=False, followed=None) for row in rows]
    told = [
        question
        for question in found
        if is_told(question.sight(), question.follow_up.state if question.follow_up else None)
    ]
    # Whoever asked what was merged into it is among its supports.
    asked = [Asked(question, 1 + question.support_count) for question in told]
    return Summary(
        tally=tally(session, meeting_ids),
        fates=Counter(_fate(question) for question in told),
        most_asked=tuple(sorted(asked, key=lambda each: -each.people)[:MOST_ASKED]),
        topics=tuple(_topics(told)),
        course=tuple(_course(session, meeting_ids, found)),
        promises=tuple(_promises(found, today)),
        days_to_answer=_days_to_answer(found),
    )


def _fate(question: QuestionFacts) -> Fate:
    return fate(question.state, question.follow_up.state if question.follow_up else None)


def _topics(told: Iterable[QuestionFacts]) -> list[TopicRow]:
    by_name: dict[str | None, list[QuestionFacts]] = defaultdict(list)
    for question in told:
        by_name[question.topic.name if question.topic else None].append(question)
    rows = [
        TopicRow(
            name=name,
            kinds=Counter(question.kind for question in questions),
            supports=sum(question.support_count for question in questions),
        )
        for name, questions in by_name.items()
    ]
    return sorted(rows, key=lambda row: -row.total - row.supports)


def _course(
    session: Session, meeting_ids: Collection[int], found: Iterable[QuestionFacts]
) -> list[Moment]:
    """When was asked and when answered, from the first ten minutes to the last."""
    asked = Counter(_ten_minutes(question.asked_at) for question in found)
    answered = Counter(
        _ten_minutes(moment)
        for moment in session.scalars(
            select(StepTaken.taken_at).where(
                StepTaken.meeting_id.in_(meeting_ids),
                StepTaken.step.in_(["answer", "acknowledge"]),
                StepTaken.is_undone.is_(False),
            )
        )
    )
    moments = sorted(asked | answered)
    if not moments:
        return []
    busiest = max(moments, key=lambda moment: asked[moment] + answered[moment])
    first = max(moments[0], busiest - STEP_OF_TIME * (MOST_STEPS // 2))
    last = min(moments[-1], first + STEP_OF_TIME * (MOST_STEPS - 1))
    steps = round((last - first) / STEP_OF_TIME) + 1
    every = [first + STEP_OF_TIME * number for number in range(steps)]
    return [Moment(moment, asked[moment], answered[moment]) for moment in every]


def _ten_minutes(moment: datetime) -> datetime:
    seconds = STEP_OF_TIME.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)


def _promises(found: Iterable[QuestionFacts], today: date) -> list[Promises]:
    tallies: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for question in found:
        owed = question.follow_up
        if owed is None or owed.due is None or not owed.owner:
            continue
        if owed.published_at is not None:
            came = "kept" if local_day(owed.published_at) <= owed.due else "broken"
        elif owed.state.is_owed:
            came = "broken" if owed.due < today else "pending"
        else:
            continue  # ended without an answer, for a reason that everybody can read
        tallies[owed.owner, owed.organisation][came] += 1
    rows = [
        Promises(owner, organisation, tally["kept"], tally["broken"], tally["pending"])
        for (owner, organisation), tally in tallies.items()
    ]
    return sorted(rows, key=lambda row: (-row.broken, row.owner.casefold()))


def _days_to_answer(found: Iterable[QuestionFacts]) -> float | None:
    """The median of days from asked to published in writing."""
    days = [
        (local_day(question.follow_up.published_at) - local_day(question.asked_at)).days
        for question in found
        if question.follow_up is not None and question.follow_up.published_at is not None
    ]
    return median(days) if days else None
