"""Who has a question too: given, dropped and counted by a few statements, without entities.

In a storm every phone in the hall says so within seconds; each of them costs four statements.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, insert, select, text, update

from facilitation.domain.audience import Sight
from facilitation.domain.mapping import Base
from facilitation.domain.meeting import Meeting
from facilitation.domain.question import Question, Support
from facilitation.domain.refusals import NotFound
from facilitation.storage.work import Work

# The question and all that were merged into it, directly or through another.
FAMILY = """
    WITH RECURSIVE family (id, device) AS (
        SELECT id, device FROM questions WHERE id = :question
        UNION
        SELECT merged.id, merged.device
        FROM questions AS merged JOIN family ON merged.merged_into_id = family.id
    )
"""
# Each device once; who asked what was merged into it has it too, who asked it has it anyway.
_RECOUNT = text(f"""
    UPDATE questions AS counted SET support_count = (
        {FAMILY}
        SELECT count(*) FROM (
            SELECT device FROM supports WHERE question_id IN (SELECT id FROM family)
            UNION
            SELECT device FROM family WHERE id <> :question AND device <> counted.device
        ) AS devices
    )
    WHERE counted.id = :question
    RETURNING support_count
""")  # noqa: S608  (joined from words of our own only)
_DROP = text(f"""
    DELETE FROM supports
    WHERE device = :device AND question_id IN ({FAMILY} SELECT id FROM family)
    RETURNING device
""")  # noqa: S608

_meetings, _questions, _supports = (
    Base.metadata.tables[entity.__tablename__] for entity in (Meeting, Question, Support)
)
_FIND = (
    select(
        _questions.c.id,
        _questions.c.meeting_id,
        _questions.c.merged_into_id,
        _questions.c.support_count,
        _questions.c.state,
        _questions.c.placed_at,
        _meetings.c.paused_at,
    )
    .join_from(_questions, _meetings, _questions.c.meeting_id == _meetings.c.id)
    .where(
        _meetings.c.code == bindparam("code"),
        _questions.c.id == bindparam("question"),
        _meetings.c.forgotten_at.is_(None),  # devices are not counted any more
    )
)
_GIVE = (
    insert(_supports)
    .from_select(
        ["question_id", "device", "given_at"],
        select(
            bindparam("question", type_=_supports.c.question_id.type),
            bindparam("device", type_=_supports.c.device.type),
            bindparam("now", type_=_supports.c.given_at.type),
        ).where(
            ~exists().where(
                _supports.c.question_id == bindparam("question"),
                _supports.c.device == bindparam("device"),
            )
        ),
    )
    .returning(_supports.c.device)
)
_COUNTED = (
    update(_meetings)
    .where(_meetings.c.id == bindparam("meeting"))
    .values(supports=_meetings.c.supports + 1)
    .returning(_meetings.c.supports)
)


@dataclass(frozen=True)
class Supportable:
    """A question as far as support goes; a merged one is its target."""

    id: int
    meeting_id: int
    count: int
    sight: Sight
    paused_at: datetime | None


def find(work: Work, code: str, question_id: int) -> Supportable:
    """The question of this meeting, or the one it was merged into in the end."""
    row = work.connection.execute(_FIND, {"code": code, "question": question_id}).one_or_none()
    if row is None:
        raise NotFound(what="question")
    while row.merged_into_id is not None:
        row = work.connection.execute(_FIND, {"code": code, "question": row.merged_into_id}).one()
    sight = Sight(state=row.state, placed_at=row.placed_at)
    return Supportable(row.id, row.meeting_id, row.support_count, sight, row.paused_at)


def give(work: Work, question_id: int, device: str) -> bool:
    """Whether this device had not said so yet."""
    given = {"question": question_id, "device": device, "now": work.now}
    return work.connection.execute(_GIVE, given).first() is not None


def drop(work: Work, question_id: int, device: str) -> bool:
    """Whether this device had said so, of this question or of one that was merged into it."""
    dropped = {"question": question_id, "device": device}
    return work.connection.execute(_DROP, dropped).first() is not None


def recount(work: Work, meeting_id: int, question_id: int) -> tuple[int, int]:
    """Count who has this question too; the count, and the meeting's own counter, which rises."""
    work.session.flush()
    count: int = work.connection.execute(_RECOUNT, {"question": question_id}).scalar_one()
    counter: int = work.connection.execute(_COUNTED, {"meeting": meeting_id}).scalar_one()
    return count, counter
