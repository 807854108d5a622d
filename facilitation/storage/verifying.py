"""Whether what is kept hangs together: the file, the tables, numbers, follow-ups and revisions."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Select, create_engine, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from facilitation.domain.lifecycle import MeetingState, QuestionState
from facilitation.domain.meeting import Meeting
from facilitation.domain.question import Question, StepTaken, Support

MIGRATIONS = Path(__file__).parent / "migrations"
# A clock that was set right by a moment is no flaw; one that is an hour back is.
CLOCK_SLACK = timedelta(minutes=1)


def flaws(session: Session, now: datetime) -> list[str]:
    """Everything that should not be so, in sentences that name nobody; empty when all is well."""
    found: list[str] = []
    for check in CHECKS:
        try:
            found += check(session, now)
        except DatabaseError as why:
            found.append(f"this cannot be read as a database of ours ({type(why.orig).__name__})")
    return list(dict.fromkeys(found))


def flaws_in_file(path: Path, now: datetime) -> list[str]:
    """The same for a backup; nothing is written, in the file or beside it."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with Session(engine) as session:
            return flaws(session, now)
    finally:
        engine.dispose()


def is_at_head(session: Session) -> bool:
    """Whether the tables are those of this version."""
    return MigrationContext.configure(session.connection()).get_current_revision() == _head()


def newest_moment(session: Session) -> datetime | None:
    """When the last question was asked, or the last step taken."""
    moments = (
        session.scalar(select(func.max(Question.asked_at))),
        session.scalar(select(func.max(StepTaken.taken_at))),
    )
    return max((moment for moment in moments if moment), default=None)


@cache
def _head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _broken_file(session: Session, now: datetime) -> Iterator[str]:
    if session.get_bind().dialect.name != "sqlite":
        return
    for (found,) in session.execute(text("PRAGMA integrity_check(10)")):
        if found != "ok":
            yield f"the file is damaged: {found}"
    for table, *_ in session.execute(text("PRAGMA foreign_key_check")):
        yield f"a row of {table} belongs to a row that is not there"


def _old_tables(session: Session, now: datetime) -> Iterator[str]:
    if not is_at_head(session):
        yield "the tables are of another version: a start, or a restore, brings them up to date"


def _numbers(session: Session, now: datetime) -> Iterator[str]:
    """Every question that was received has its own number, and no number is missing."""
    found = session.execute(
        select(
            Meeting.id,
            Meeting.last_number,
            func.count(Question.id),
            func.count(Question.number.distinct()),
            func.coalesce(func.min(Question.number), 1),
            func.coalesce(func.max(Question.number), 0),
        )
        .outerjoin(Question, Question.meeting_id == Meeting.id)
        .group_by(Meeting.id)
    )
    for meeting_id, last, count, different, lowest, highest in found:
        if different != count:
            yield f"meeting {meeting_id}: a number was given twice"
        if (lowest, highest, different) != (1, last, last):
            yield f"meeting {meeting_id}: {different} questions, but numbers up to {last}"


def _without_follow_up(session: Session, now: datetime) -> Iterator[str]:
    """Nothing asked ends nowhere."""
    over = [state for state in MeetingState if state.is_over]
    unsettled = [state for state in QuestionState if state.is_unsettled]
    found = session.execute(
        select(Question.meeting_id, Question.number)
        .join(Meeting, Meeting.id == Question.meeting_id)
        .where(Meeting.state.in_(over), Question.state.in_(unsettled), ~Question.follow_up.has())
    )
    for meeting_id, number in found:
        yield f"meeting {meeting_id}: no. {number} is unsettled and has no follow-up"


def _merged_nowhere(session: Session, now: datetime) -> Iterator[str]:
    found = session.execute(
        select(Question.meeting_id, Question.number).where(
            (Question.state == QuestionState.MERGED) != Question.merged_into_id.is_not(None)
        )
    )
    for meeting_id, number in found:
        yield f"meeting {meeting_id}: no. {number} is merged, and it is not said into which"


def _two_on_stage(session: Session, now: datetime) -> Iterator[str]:
    staged = select(Question.meeting_id).where(Question.state == QuestionState.ON_STAGE)
    crowded = staged.group_by(Question.meeting_id).having(func.count() > 1)
    for meeting_id in session.scalars(crowded):
        yield f"meeting {meeting_id}: more than one question is on stage"


def _revisions_behind(session: Session, now: datetime) -> Iterator[str]:
    """Each question and each support raised a counter: one that is lower was set back."""
    asked = _each(select(Question.meeting_id, func.count()).group_by(Question.meeting_id), session)
    supported = _each(
        select(Question.meeting_id, func.count())
        .join(Support, Support.question_id == Question.id)
        .group_by(Question.meeting_id),
        session,
    )
    for meeting in session.scalars(select(Meeting)):
        is_behind = (
            meeting.staff_revision < max(meeting.public_revision, asked.get(meeting.id, 0))
            or meeting.supports < supported.get(meeting.id, 0)
        )  # fmt: skip
        if is_behind:
            yield f"meeting {meeting.id}: its revisions are behind what is kept"


def _each(counted: Select[int, int], session: Session) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(counted)}


def _clock_behind(session: Session, now: datetime) -> Iterator[str]:
    newest = newest_moment(session)
    if newest is not None and newest > now + CLOCK_SLACK:
        yield "the clock of this machine is behind what is kept"


CHECKS: tuple[Callable[[Session, datetime], Iterator[str]], ...] = (
    _broken_file,
    _old_tables,
    _numbers,
    _without_follow_up,
    _merged_nowhere,
    _two_on_stage,
    _revisions_behind,
    _clock_behind,
)
