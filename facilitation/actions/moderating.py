"""What moderators do with one question. Each step is open in the states that lifecycle lists."""

from datetime import date
from typing import Any

from facilitation.actions.stepping import (
    clear_stage,
    end_follow_up,
    give_place,
    keep_owed,
    open_follow_up,
    recount,
    step_taken,
)
from facilitation.domain.audience import PUBLIC_STATES
from facilitation.domain.events import QuestionChanged
from facilitation.domain.follow_up import Track
from facilitation.domain.lifecycle import (
    QUESTION_STEPS,
    Kind,
    QuestionState,
    next_state,
)
from facilitation.domain.meeting import local_day
from facilitation.domain.people import Actor
from facilitation.domain.question import Question, StepTaken
from facilitation.domain.refusals import Invalid, NotOpen
from facilitation.storage import finding
from facilitation.storage.work import Work


def approve_question(
    work: Work, meeting_id: int, question_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Place it on the wall, at the end."""
    question = _question(work, meeting_id, question_id, version)
    with step_taken(work, question, "approve", by=by):
        give_place(work, question)
    return question.id


def take_down_question(
    work: Work, meeting_id: int, question_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Take it off the wall for now: it waits again, and is not refused."""
    question = _question(work, meeting_id, question_id, version)
    with step_taken(work, question, "take_down", by=by):
        question.place = 0
    return question.id


def call_question(
    work: Work, meeting_id: int, question_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Bring it on stage; the one that stood there goes back to the wall."""
    question = _question(work, meeting_id, question_id, version)
    next_state(QUESTION_STEPS, "call", question.state, roles=by.roles)
    clear_stage(work, question, by=by)
    with step_taken(work, question, "call", by=by):
        if not question.place:
            give_place(work, question)
    return question.id


def put_back_question(
    work: Work, meeting_id: int, question_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Put it from the stage back on the wall, where it was."""
    question = _question(work, meeting_id, question_id, version)
    with step_taken(work, question, "put_back", by=by):
        pass
    return question.id


def answer_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    speaker: str,
    summary: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Note that it was answered aloud: by whom, and in one line what was said."""
    question = _question(work, meeting_id, question_id, version)
    with step_taken(work, question, "answer", by=by):
        _note_words(work, question, speaker, summary)
    return question.id


def acknowledge_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    speaker: str,
    summary: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Note that a concern or an idea was heard (handbook C.1: listening is not agreeing)."""
    question = _question(work, meeting_id, question_id, version)
    with step_taken(work, question, "acknowledge", by=by):
        _note_words(work, question, speaker, summary)
    return question.id


def defer_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    owner: str,
    due: date,
    promise: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Promise an answer: who finds out, by when. The promise is procedural, never a guess.

    Handbook C.1: give no answer that you do not know; say who will find out and when.
    """
    question = _question(work, meeting_id, question_id, version)
    _check_due(work, due)
    with step_taken(work, question, "defer", by=by):
        give_place(work, question)
        owed = open_follow_up(work, question)
        owed.take("assign", roles=by.roles, now=work.now)
        owed.owner, owed.due, owed.promise = owner, due, promise
    return question.id


def park_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    owner: str,
    due: date | None,
    note: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Set an off-topic point apart, to be followed up elsewhere (handbook F)."""
    question = _question(work, meeting_id, question_id, version)
    _check_due(work, due)
    with step_taken(work, question, "park", by=by):
        owed = open_follow_up(work, question)
        owed.track, owed.note = Track.OFF_TOPIC, note
        if owner:
            owed.take("assign", roles=by.roles, now=work.now)
            owed.owner, owed.due = owner, due
    return question.id


def decline_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    reason: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Do not place it; the asker reads why."""
    question = _question(work, meeting_id, question_id, version)
    with step_taken(work, question, "decline", by=by):
        question.reason = reason
        end_follow_up(work, question, "close", reason)
    return question.id


def merge_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    into: int,
    by: Actor,
    version: int | None = None,
) -> int:
    """Let it go on in another that asks the same; its asker and supporters go along."""
    question = _question(work, meeting_id, question_id, version)
    target = finding.root(work, finding.question(work, meeting_id, into))
    if target.id == question.id or target.state not in PUBLIC_STATES:
        raise Invalid(into="not_mergeable")
    with step_taken(work, question, "merge", by=by):
        question.merged_into_id = target.id
        end_follow_up(work, question, "close", "")
    recount(work, meeting_id, target.id)
    return question.id


def edit_question(
    work: Work,
    meeting_id: int,
    question_id: int,
    *,
    text: str,
    topic_id: int | None,
    kind: Kind | None,
    by: Actor,
    version: int | None = None,
) -> int:
    """Make it clearer: the original stays, the asker sees both. Topic 0 takes the topic off."""
    question = _question(work, meeting_id, question_id, version)
    if topic_id and finding.topic(work, meeting_id, topic_id) is None:
        raise Invalid(topic="unknown")
    if kind not in {None, question.kind} and not question.state.may_change_kind:
        raise Invalid(kind="settled")
    with step_taken(work, question, "edit", by=by):
        question.text = text
        question.kind = kind or question.kind
        if topic_id is not None:
            question.topic_id = topic_id or None
    work.session.flush()
    return question.id


def undo_step(
    work: Work, meeting_id: int, question_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Take the last step back; again, and the one before it."""
    question = _question(work, meeting_id, question_id, version)
    next_state(QUESTION_STEPS, "undo", question.state, roles=by.roles)
    last = finding.last_step(work, question.id)
    if last is None or _would_unpublish(question, last):
        raise NotOpen(step="undo", state=question.state)
    if QuestionState(last.before["state"]).is_on_stage:
        clear_stage(work, question, by=by)
    before, old_target = question.sight(), question.merged_into_id
    now = finding.meeting(work, meeting_id).after_pause(work.now)
    question.restore(_with_topic_that_is_there(work, question, last.before), now=now)
    last.is_undone = True
    work.session.flush()
    keep_owed(work, question)
    for target_id in {old_target, question.merged_into_id}:
        if target_id is not None:
            target = finding.root(work, finding.question(work, meeting_id, target_id))
            recount(work, meeting_id, target.id)
    work.announce(
        QuestionChanged(meeting_id, question.id, question.device, "undo", before, question.sight())
    )
    return question.id


def _question(work: Work, meeting_id: int, question_id: int, version: int | None) -> Question:
    question = finding.question(work, meeting_id, question_id)
    question.check_version(version)
    return question


def _would_unpublish(question: Question, last: StepTaken) -> bool:
    """Whether this step opened a follow-up whose answer people have read: reopen that first."""
    owed = question.follow_up
    return owed is not None and owed.state.is_published and last.before["follow_up"] is None


def _with_topic_that_is_there(
    work: Work, question: Question, kept: dict[str, Any]
) -> dict[str, Any]:
    """The snapshot without a topic that the organiser has removed since."""
    topic_id = kept["topic_id"]
    is_gone = topic_id and finding.topic(work, question.meeting_id, topic_id) is None
    return kept | {"topic_id": None} if is_gone else kept


def _note_words(work: Work, question: Question, speaker: str, summary: str) -> None:
    question.speaker, question.summary = speaker, summary
    give_place(work, question)
    end_follow_up(work, question, "answer", summary)


def _check_due(work: Work, due: date | None) -> None:
    if due is not None and due < local_day(work.now):
        raise Invalid(due="past")
