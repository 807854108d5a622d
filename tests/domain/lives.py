"""The three lives as the design tells them: written down by hand, not read from the code."""

from collections.abc import Iterable, Mapping

from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState, Role

Q, F, M = QuestionState, FollowUpState, MeetingState

NOT_OPEN = "not open"
NOT_ALLOWED = "not allowed"

_FROM_THE_HALL = {
    "answer": Q.ANSWERED,
    "acknowledge": Q.ACKNOWLEDGED,
    "defer": Q.DEFERRED,
    "park": Q.PARKED,
    "merge": Q.MERGED,
    "decline": Q.DECLINED,
}

# state → step → where it leads
QUESTION_LIFE: Mapping[QuestionState, Mapping[str, QuestionState]] = {
    Q.WAITING: {
        **_FROM_THE_HALL,
        "approve": Q.ON_WALL,
        "call": Q.ON_STAGE,
        "edit": Q.WAITING,
        "undo": Q.WAITING,
        "withdraw": Q.WITHDRAWN,
    },
    Q.ON_WALL: {
        **_FROM_THE_HALL,
        "call": Q.ON_STAGE,
        "take_down": Q.WAITING,
        "edit": Q.ON_WALL,
        "undo": Q.ON_WALL,
        "withdraw": Q.WITHDRAWN,
    },
    Q.ON_STAGE: {
        **_FROM_THE_HALL,
        "put_back": Q.ON_WALL,
        "edit": Q.ON_STAGE,
        "undo": Q.ON_STAGE,
    },
    Q.ANSWERED: {"edit": Q.ANSWERED, "undo": Q.ANSWERED},
    Q.DEFERRED: {
        "answer": Q.ANSWERED,
        "acknowledge": Q.ACKNOWLEDGED,
        "edit": Q.DEFERRED,
        "undo": Q.DEFERRED,
    },
    Q.ACKNOWLEDGED: {"edit": Q.ACKNOWLEDGED, "undo": Q.ACKNOWLEDGED},
    Q.PARKED: {"edit": Q.PARKED, "undo": Q.PARKED},
    Q.DECLINED: {"undo": Q.DECLINED},
    Q.MERGED: {"undo": Q.MERGED},
    Q.WITHDRAWN: {},
}

_MODERATES = frozenset({Role.ORGANISER, Role.MODERATOR})

QUESTION_STAFF: Mapping[str, frozenset[Role]] = {
    "approve": _MODERATES,
    "call": _MODERATES,
    "put_back": _MODERATES,
    "answer": _MODERATES,
    "acknowledge": _MODERATES,
    "defer": _MODERATES,
    "park": _MODERATES,
    "merge": _MODERATES,
    "decline": _MODERATES,
    "take_down": _MODERATES,
    "edit": _MODERATES | {Role.SCRIBE},
    "undo": _MODERATES,
    "withdraw": frozenset({Role.ASKER}),
}

# A concern or an idea is heard, a question is answered.
FOR_KINDS: Mapping[str, frozenset[Kind]] = {
    "answer": frozenset({Kind.QUESTION}),
    "acknowledge": frozenset({Kind.CONCERN, Kind.IDEA}),
}

FOLLOW_UP_LIFE: Mapping[FollowUpState, Mapping[str, FollowUpState]] = {
    F.OPEN: {
        "assign": F.ASSIGNED,
        "draft": F.DRAFTED,
        "answer": F.PUBLISHED,
        "close": F.CLOSED,
    },
    F.ASSIGNED: {
        "assign": F.ASSIGNED,
        "draft": F.DRAFTED,
        "answer": F.PUBLISHED,
        "close": F.CLOSED,
    },
    F.DRAFTED: {
        "assign": F.DRAFTED,
        "draft": F.DRAFTED,
        "approve": F.APPROVED,
        "publish": F.PUBLISHED,
        "answer": F.PUBLISHED,
        "close": F.CLOSED,
    },
    F.APPROVED: {
        "assign": F.APPROVED,
        "draft": F.DRAFTED,
        "publish": F.PUBLISHED,
        "answer": F.PUBLISHED,
        "close": F.CLOSED,
    },
    F.PUBLISHED: {"reopen": F.DRAFTED},
    F.CLOSED: {"reopen": F.OPEN},
}

FOLLOW_UP_STAFF: Mapping[str, frozenset[Role]] = {
    "assign": _MODERATES,
    "draft": _MODERATES | {Role.ANSWERER},
    "approve": _MODERATES,
    "publish": _MODERATES,
    "answer": _MODERATES,
    "close": _MODERATES,
    "reopen": _MODERATES,
}

MEETING_LIFE: Mapping[MeetingState, Mapping[str, MeetingState]] = {
    M.DRAFT: {"open": M.OPEN, "rehearse": M.LIVE, "view": M.DRAFT},
    M.OPEN: {"start": M.LIVE, "view": M.OPEN, "sort": M.OPEN},
    M.LIVE: {
        "pause": M.PAUSED,
        "close": M.CLOSED,
        "clear": M.DRAFT,
        "view": M.LIVE,
        "sort": M.LIVE,
    },
    M.PAUSED: {
        "resume": M.LIVE,
        "close": M.CLOSED,
        "clear": M.DRAFT,
        "view": M.PAUSED,
        "sort": M.PAUSED,
    },
    M.CLOSED: {
        "reopen": M.LIVE,
        "archive": M.ARCHIVED,
        "clear": M.DRAFT,
        "view": M.CLOSED,
        "sort": M.CLOSED,
    },
    M.ARCHIVED: {},
}

_HOSTS = frozenset({Role.ORGANISER})

MEETING_STAFF: Mapping[str, frozenset[Role]] = {
    "open": _HOSTS,
    "rehearse": _HOSTS,
    "start": _MODERATES,
    "pause": _MODERATES,
    "resume": _MODERATES,
    "close": _MODERATES,
    "reopen": _HOSTS,
    "archive": _HOSTS,
    "clear": _HOSTS,
    "view": _MODERATES,
    "sort": _MODERATES,
}


def question_outcome(state: Q, step: str, role: Role, kind: Kind) -> str:
    """Where the step leads this question, or why it is refused."""
    if kind not in FOR_KINDS.get(step, set(Kind)) and role in QUESTION_STAFF[step]:
        return NOT_OPEN
    return _outcome(QUESTION_LIFE[state], QUESTION_STAFF, step, [role])


def question_outcome_of_a_maker(state: Q, step: str, role: Role, kind: Kind) -> str:
    """The same for a question from the makers, which undo leads back to where it came from."""
    if step != "undo" or role not in QUESTION_STAFF["undo"] or state is Q.WITHDRAWN:
        return question_outcome(state, step, role, kind)
    if state is Q.WAITING:
        return NOT_OPEN  # nothing was done to it yet
    return Q.WAITING


def follow_up_outcome(state: F, step: str, role: Role) -> str:
    return _outcome(FOLLOW_UP_LIFE[state], FOLLOW_UP_STAFF, step, [role])


def meeting_outcome(state: M, step: str, role: Role) -> str:
    return _outcome(MEETING_LIFE[state], MEETING_STAFF, step, [role])


def meeting_outcome_of_a_maker(state: M, step: str, role: Role) -> str:
    """The same for a meeting from the makers: a rehearsal, as soon as it can be one."""
    if step == "clear" and state in {M.DRAFT, M.OPEN}:
        return NOT_OPEN
    return meeting_outcome(state, step, role)


def _outcome(
    open_now: Mapping[str, str],
    staff: Mapping[str, frozenset[Role]],
    step: str,
    roles: Iterable[Role],
) -> str:
    if not staff[step] & set(roles):
        return NOT_ALLOWED
    return open_now.get(step, NOT_OPEN)
