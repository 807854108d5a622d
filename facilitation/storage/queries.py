"""Pictures for the eye: meetings, walls, one's own questions, the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from facilitation.domain.audience import Audience, Sight, is_told, may_see
from facilitation.domain.follow_up import FollowUp, OwnerKind, Track
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState
from facilitation.domain.meeting import Meeting, Topic, View
from facilitation.domain.question import Question, Source, StepTaken, Support
from facilitation.domain.refusals import NotFound


@dataclass(frozen=True)
class TopicFacts:
    id: int
    name: str


@dataclass(frozen=True)
class MeetingFacts:
    """A meeting as it stands."""

    id: int
    series_id: int
    code: str
    title: str
    starts_at: datetime
    organisation: str
    place: str
    about: str
    settled: str
    open_to_change: str
    contact: str
    is_moderated: bool
    takes_late_questions: bool
    shows_counts: bool
    is_example: bool
    is_rehearsal: bool
    state: MeetingState
    view: View
    paused_at: datetime | None
    closed_at: datetime | None
    version: int
    epoch: str
    public_revision: int
    staff_revision: int
    supports: int
    topics: tuple[TopicFacts, ...]

    @property
    def takes_questions(self) -> bool:
        return self.state.takes_questions or (self.state.is_closed and self.takes_late_questions)

    def revision(self, audience: Audience) -> int:
        return self.public_revision if audience is Audience.PUBLIC else self.staff_revision


@dataclass(frozen=True)
class FollowUpFacts:
    """What is owed for a question."""

    id: int
    track: Track
    state: FollowUpState
    owner: str
    organisation: str
    owner_kind: OwnerKind
    owner_id: int | None
    drafted_by_id: int | None
    due: date | None
    promise: str
    note: str
    answer: str
    public_reason: str
    opened_at: datetime
    published_at: datetime | None
    version: int

    @property
    def told(self) -> str:
        """The answer once it is published; a draft stays inside."""
        return self.answer if self.state.is_published else ""


@dataclass(frozen=True)
class QuestionFacts:
    """All there is to know of a question; what of it an audience gets is decided in web/cards."""

    id: int
    meeting_id: int
    number: int
    kind: Kind
    state: QuestionState
    text: str
    original_text: str
    name: str
    device: str
    source: Source
    held_for: tuple[str, ...]
    asked_at: datetime
    placed_at: datetime | None
    receipt: str
    version: int
    place: int
    support_count: int
    topic: TopicFacts | None
    speaker: str
    summary: str
    reason: str
    follow_up: FollowUpFacts | None
    merged_into_id: int | None
    can_undo: bool = False
    followed: "QuestionFacts | None" = None

    @property
    def order(self) -> int:
        """Its place in its list; what waits stands in the order in which it was asked."""
        return self.place or self.number

    def sight(self) -> Sight:
        return Sight(state=self.state, placed_at=self.placed_at)


def meeting(session: Session, meeting_id: int) -> MeetingFacts:
    return _one_meeting(session, _BY_ID, meeting_id)


def meeting_by_code(session: Session, code: str) -> MeetingFacts:
    return _one_meeting(session, _BY_CODE, code)


def meetings(session: Session, ids: Sequence[int] | None = None) -> list[MeetingFacts]:
    """All meetings, or these; the latest evening first."""
    chosen = select(Meeting).order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    if ids is not None:
        chosen = chosen.where(Meeting.id.in_(ids))
    return [_meeting_facts(found) for found in session.scalars(chosen)]


def wall(session: Session, shown: MeetingFacts, audience: Audience) -> list[QuestionFacts]:
    """Every question that this audience may see, each list in its order."""
    rows = session.scalars(
        select(Question)
        .where(Question.meeting_id == shown.id)
        .order_by(Question.place, Question.number)
    )
    seen = [row for row in rows if may_see(audience, row.sight(), paused_at=shown.paused_at)]
    undoable = _undoable(session, shown.id) if audience is Audience.STAFF else frozenset()
    return _with_followed(session, seen, undoable)


def told(session: Session, shown: MeetingFacts) -> list[QuestionFacts]:
    """Every question that the pages afterwards tell of, the most supported first."""
    rows = session.scalars(
        select(Question)
        .where(Question.meeting_id == shown.id)
        .order_by(Question.support_count.desc(), Question.number)
    )
    return _with_followed(session, [row for row in rows if _is_told(row, shown)], frozenset())


def _is_told(row: Question, shown: MeetingFacts) -> bool:
    owed = row.follow_up
    return is_told(row.sight(), owed.state if owed else None, paused_at=shown.paused_at)


def questions(session: Session, meeting_id: int, ids: Sequence[int]) -> list[QuestionFacts]:
    """These questions, whoever may see them."""
    rows = session.scalars(
        select(Question).where(Question.meeting_id == meeting_id, Question.id.in_(ids))
    ).all()
    return _with_followed(session, rows, _undoable(session, meeting_id, ids))


def question(session: Session, meeting_id: int, question_id: int) -> QuestionFacts:
    found = questions(session, meeting_id, [question_id])
    if not found:
        raise NotFound(what="question")
    return found[0]


def question_by_receipt(session: Session, receipt: str) -> QuestionFacts:
    row = session.scalar(select(Question).where(Question.receipt == receipt))
    if row is None:
        raise NotFound(what="receipt")
    return _with_followed(session, [row], frozenset())[0]


def own_questions(session: Session, meeting_id: int, device: str) -> list[QuestionFacts]:
    """What this device asked, the newest first."""
    rows = session.scalars(
        select(Question)
        .where(Question.meeting_id == meeting_id, Question.device == device)
        .order_by(Question.number.desc())
    ).all()
    return _with_followed(session, rows, frozenset())


def supported(session: Session, meeting_id: int, device: str) -> list[int]:
    """The questions that this device has too."""
    return list(
        session.scalars(
            select(Support.question_id)
            .join(Question, Question.id == Support.question_id)
            .where(Question.meeting_id == meeting_id, Support.device == device)
        )
    )


def askers_following(session: Session, meeting_id: int, question_ids: Sequence[int]) -> set[int]:
    """The questions whose askers follow these, because they were merged into them."""
    found: set[int] = set()
    newest = set(question_ids)
    while newest:
        newest = (
            set(session.scalars(select(Question.id).where(Question.merged_into_id.in_(newest))))
            - found
        )
        found |= newest
    return found


def merge_targets(session: Session, shown: MeetingFacts, question_id: int) -> list[QuestionFacts]:
    """The questions that this one could go on in: all that are public."""
    return [found for found in wall(session, shown, Audience.PUBLIC) if found.id != question_id]


def register(session: Session, meeting_id: int) -> list[QuestionFacts]:
    """Every point that is or was owed, in the order of the evening."""
    rows = session.scalars(
        select(Question)
        .join(FollowUp, FollowUp.question_id == Question.id)
        .where(Question.meeting_id == meeting_id)
        .order_by(Question.number)
    ).all()
    return _with_followed(session, rows, _undoable(session, meeting_id))


def register_point(session: Session, meeting_id: int, follow_up_id: int) -> QuestionFacts:
    """One point of the register."""
    owed = session.get(FollowUp, follow_up_id)
    if owed is None or owed.meeting_id != meeting_id:
        raise NotFound(what="follow_up")
    return question(session, meeting_id, owed.question_id)


# Every request and every pulse asks for a meeting: as columns it costs half of an entity.
_COLUMNS = tuple(name for name in MeetingFacts.__annotations__ if name != "topics")
_MEETING = select(*(getattr(Meeting, name) for name in _COLUMNS))
_BY_ID = _MEETING.where(Meeting.id == bindparam("wanted"))
_BY_CODE = _MEETING.where(Meeting.code == bindparam("wanted"))
_TOPICS = (
    select(Topic.id, Topic.name)
    .where(Topic.meeting_id == bindparam("wanted"))
    .order_by(Topic.position)
)


def _one_meeting(session: Session, asked: Select[Any], wanted: int | str) -> MeetingFacts:
    found = session.execute(asked, {"wanted": wanted}).one_or_none()
    if found is None:
        raise NotFound(what="meeting")
    topics = session.execute(_TOPICS, {"wanted": found.id})
    return MeetingFacts(
        **dict(zip(_COLUMNS, found, strict=True)),
        topics=tuple(TopicFacts(*topic) for topic in topics),
    )


def _meeting_facts(found: Meeting) -> MeetingFacts:
    facts = {name: getattr(found, name) for name in MeetingFacts.__annotations__}
    facts["topics"] = tuple(TopicFacts(topic.id, topic.name) for topic in found.topics)
    return MeetingFacts(**facts)


_COPIED = tuple(
    name
    for name in QuestionFacts.__annotations__
    if name not in {"held_for", "topic", "follow_up", "can_undo", "followed"}
)


def question_facts(
    row: Question, *, can_undo: bool, followed: QuestionFacts | None
) -> QuestionFacts:
    owed = row.follow_up
    return QuestionFacts(
        **{name: getattr(row, name) for name in _COPIED},
        held_for=tuple(row.held_for.split()),
        topic=TopicFacts(row.topic.id, row.topic.name) if row.topic else None,
        follow_up=_follow_up_facts(owed) if owed else None,
        can_undo=can_undo,
        followed=followed,
    )


def _follow_up_facts(owed: FollowUp) -> FollowUpFacts:
    return FollowUpFacts(**{name: getattr(owed, name) for name in FollowUpFacts.__annotations__})


def _with_followed(
    session: Session, rows: Sequence[Question], undoable: frozenset[int]
) -> list[QuestionFacts]:
    """The facts of these rows; a merged one brings those of the question it follows."""

    def facts(row: Question) -> QuestionFacts:
        target = row
        while target.merged_into_id is not None:
            target = session.get_one(Question, target.merged_into_id)
        followed = None if target is row else question_facts(target, can_undo=False, followed=None)
        return question_facts(row, can_undo=row.id in undoable, followed=followed)

    return [facts(row) for row in rows]


def _undoable(
    session: Session, meeting_id: int, ids: Sequence[int] | None = None
) -> frozenset[int]:
    chosen = select(StepTaken.question_id).where(
        StepTaken.meeting_id == meeting_id, StepTaken.is_undone.is_(False)
    )
    if ids is not None:
        chosen = chosen.where(StepTaken.question_id.in_(ids))
    return frozenset(session.scalars(chosen.distinct()))
