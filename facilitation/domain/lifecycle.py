"""The three lives: states, the steps between them, and who may take each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from facilitation.domain.refusals import NotAllowed, NotOpen


class Kind(StrEnum):
    QUESTION = "question"
    CONCERN = "concern"
    IDEA = "idea"


class QuestionState(StrEnum):
    WAITING = "waiting"
    ON_WALL = "on_wall"
    ON_STAGE = "on_stage"
    ANSWERED = "answered"
    DEFERRED = "deferred"
    ACKNOWLEDGED = "acknowledged"
    PARKED = "parked"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"

    @property
    def is_waiting(self) -> bool:
        return self is QuestionState.WAITING

    @property
    def is_on_stage(self) -> bool:
        return self is QuestionState.ON_STAGE

    @property
    def is_off_topic(self) -> bool:
        return self is QuestionState.PARKED

    @property
    def is_unsettled(self) -> bool:
        """Asked, and nothing came of it yet: closing the meeting opens a follow-up for it."""
        return self in {QuestionState.WAITING, QuestionState.ON_WALL, QuestionState.ON_STAGE}

    @property
    def has_answer(self) -> bool:
        """Something was said to it: an answer, or that it was heard."""
        return self in {QuestionState.ANSWERED, QuestionState.ACKNOWLEDGED}

    @property
    def takes_clarification(self) -> bool:
        """The asker may add to it: while nobody is answering it, and after that."""
        still_there = {QuestionState.WAITING, QuestionState.ON_WALL, QuestionState.DEFERRED}
        return self in still_there or self.has_answer

    @property
    def is_taken_back(self) -> bool:
        return self is QuestionState.WITHDRAWN

    @property
    def may_change_kind(self) -> bool:
        """Not once it was answered or heard: those words belong to one kind each."""
        return not self.has_answer

    @property
    def is_to_be_settled_in_writing(self) -> bool:
        """Public and without an answer: a published follow-up settles it."""
        return self in {QuestionState.ON_WALL, QuestionState.ON_STAGE, QuestionState.DEFERRED}


class FollowUpState(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    DRAFTED = "drafted"
    APPROVED = "approved"
    PUBLISHED = "published"
    CLOSED = "closed"

    @property
    def is_owed(self) -> bool:
        """Somebody still owes an answer, or a reason why there is none."""
        return self not in {FollowUpState.PUBLISHED, FollowUpState.CLOSED}

    @property
    def is_published(self) -> bool:
        return self is FollowUpState.PUBLISHED

    @property
    def is_read_over(self) -> bool:
        """Somebody said that the answer may go out."""
        return self is FollowUpState.APPROVED

    @property
    def is_closed(self) -> bool:
        """Ended without an answer, for a reason that everybody can read."""
        return self is FollowUpState.CLOSED


class MeetingState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"
    ARCHIVED = "archived"

    @property
    def is_prepared(self) -> bool:
        """Not open yet: only staff know of it."""
        return self is MeetingState.DRAFT

    @property
    def takes_questions(self) -> bool:
        return self in {MeetingState.OPEN, MeetingState.LIVE, MeetingState.PAUSED}

    @property
    def places_at_once(self) -> bool:
        """Without moderation a question goes straight up; while paused everything waits."""
        return self in {MeetingState.OPEN, MeetingState.LIVE}

    @property
    def takes_entries(self) -> bool:
        """A scribe may enter what was spoken, also what is typed out afterwards."""
        return self.takes_questions or self.is_closed

    @property
    def is_running(self) -> bool:
        return self in {MeetingState.LIVE, MeetingState.PAUSED}

    @property
    def is_paused(self) -> bool:
        return self is MeetingState.PAUSED

    @property
    def is_closed(self) -> bool:
        return self is MeetingState.CLOSED

    @property
    def is_over(self) -> bool:
        return self in {MeetingState.CLOSED, MeetingState.ARCHIVED}


class Role(StrEnum):
    ASKER = "asker"
    ORGANISER = "organiser"
    MODERATOR = "moderator"
    SCRIBE = "scribe"
    ANSWERER = "answerer"


State = TypeVar("State", bound=StrEnum)

STAFF_ROLES = frozenset(Role) - {Role.ASKER}
DESK = frozenset({Role.ORGANISER, Role.MODERATOR})
NOTES = DESK | {Role.SCRIBE}
OWNERS = DESK | {Role.ANSWERER}
HOST = frozenset({Role.ORGANISER})
ASKER = frozenset({Role.ASKER})


@dataclass(frozen=True)
class Step(Generic[State]):
    """One row of a life: from which states to which, by whom, for which kinds.

    `undone` says whether a moderator can take the step back.
    """

    moves: Mapping[State, State]
    roles: frozenset[Role]
    kinds: frozenset[Kind] = field(default=frozenset(Kind))
    undone: bool = True


def _to(target: State, *sources: State) -> Mapping[State, State]:
    return dict.fromkeys(sources, target)


def _stay(*states: State) -> Mapping[State, State]:
    return {state: state for state in states}


_Q = QuestionState
_UNSETTLED = (_Q.WAITING, _Q.ON_WALL, _Q.ON_STAGE)
_SETTLED = (_Q.ANSWERED, _Q.DEFERRED, _Q.ACKNOWLEDGED, _Q.PARKED, _Q.DECLINED, _Q.MERGED)

# A concern or an idea is heard, not answered: marking fear as answered insults (handbook C.1).
_ANSWERED_KINDS = frozenset({Kind.QUESTION})
_HEARD_KINDS = frozenset({Kind.CONCERN, Kind.IDEA})

QUESTION_STEPS: Mapping[str, Step[QuestionState]] = {
    "approve": Step(_to(_Q.ON_WALL, _Q.WAITING), DESK),
    "call": Step(_to(_Q.ON_STAGE, _Q.WAITING, _Q.ON_WALL), DESK),
    "put_back": Step(_to(_Q.ON_WALL, _Q.ON_STAGE), DESK),
    "answer": Step(_to(_Q.ANSWERED, *_UNSETTLED, _Q.DEFERRED), DESK, _ANSWERED_KINDS),
    "acknowledge": Step(_to(_Q.ACKNOWLEDGED, *_UNSETTLED, _Q.DEFERRED), DESK, _HEARD_KINDS),
    "defer": Step(_to(_Q.DEFERRED, *_UNSETTLED), DESK),
    "park": Step(_to(_Q.PARKED, *_UNSETTLED), DESK),
    "merge": Step(_to(_Q.MERGED, *_UNSETTLED), DESK),
    "decline": Step(_to(_Q.DECLINED, *_UNSETTLED), DESK),
    "take_down": Step(_to(_Q.WAITING, _Q.ON_WALL), DESK),
    "edit": Step(_stay(*_UNSETTLED, _Q.ANSWERED, _Q.DEFERRED, _Q.ACKNOWLEDGED, _Q.PARKED), NOTES),
    "undo": Step(_stay(*_UNSETTLED, *_SETTLED), DESK, undone=False),
    "withdraw": Step(_to(_Q.WITHDRAWN, _Q.WAITING, _Q.ON_WALL), ASKER, undone=False),
}

_F = FollowUpState
_UNANSWERED = (_F.OPEN, _F.ASSIGNED, _F.DRAFTED, _F.APPROVED)

FOLLOW_UP_STEPS: Mapping[str, Step[FollowUpState]] = {
    "assign": Step(
        {_F.OPEN: _F.ASSIGNED, **_stay(_F.ASSIGNED, _F.DRAFTED, _F.APPROVED)}, DESK, undone=False
    ),
    "draft": Step(_to(_F.DRAFTED, *_UNANSWERED), OWNERS, undone=False),
    "approve": Step(_to(_F.APPROVED, _F.DRAFTED), DESK, undone=False),
    "publish": Step(_to(_F.PUBLISHED, _F.DRAFTED, _F.APPROVED), DESK, undone=False),
    "answer": Step(_to(_F.PUBLISHED, *_UNANSWERED), DESK, undone=False),
    "close": Step(_to(_F.CLOSED, *_UNANSWERED), DESK, undone=False),
    "reopen": Step({_F.PUBLISHED: _F.DRAFTED, _F.CLOSED: _F.OPEN}, DESK, undone=False),
}

_M = MeetingState

MEETING_STEPS: Mapping[str, Step[MeetingState]] = {
    "open": Step(_to(_M.OPEN, _M.DRAFT), HOST, undone=False),
    "rehearse": Step(_to(_M.LIVE, _M.DRAFT), HOST, undone=False),
    "start": Step(_to(_M.LIVE, _M.OPEN), DESK, undone=False),
    "pause": Step(_to(_M.PAUSED, _M.LIVE), DESK, undone=False),
    "resume": Step(_to(_M.LIVE, _M.PAUSED), DESK, undone=False),
    "close": Step(_to(_M.CLOSED, _M.LIVE, _M.PAUSED), DESK, undone=False),
    "reopen": Step(_to(_M.LIVE, _M.CLOSED), HOST, undone=False),
    "archive": Step(_to(_M.ARCHIVED, _M.CLOSED), HOST, undone=False),
    "clear": Step(_to(_M.DRAFT, _M.LIVE, _M.PAUSED, _M.CLOSED), HOST, undone=False),
    "view": Step(_stay(_M.DRAFT, _M.OPEN, _M.LIVE, _M.PAUSED, _M.CLOSED), DESK, undone=False),
    "sort": Step(_stay(_M.OPEN, _M.LIVE, _M.PAUSED, _M.CLOSED), DESK, undone=False),
}

UNSETTLED = frozenset(state for state in QuestionState if state.is_unsettled)


def next_state(
    steps: Mapping[str, Step[State]],
    name: str,
    state: State,
    *,
    roles: Iterable[Role],
    kind: Kind | None = None,
) -> State:
    """The state this step leads to; refuses who may not take it and a state it cannot leave."""
    step = steps.get(name)
    if step is None:
        raise NotOpen(step=name, state=state)
    if not step.roles & set(roles):
        raise NotAllowed(step=name)
    if state not in step.moves or (kind is not None and kind not in step.kinds):
        raise NotOpen(step=name, state=state)
    return step.moves[state]


def open_steps(
    steps: Mapping[str, Step[State]],
    state: State,
    *,
    roles: Iterable[Role],
    kind: Kind | None = None,
) -> list[str]:
    """The steps these roles may take now, in the order in which their buttons stand."""
    held = set(roles)
    return [
        name
        for name, step in steps.items()
        if step.roles & held and state in step.moves and (kind is None or kind in step.kinds)
    ]
