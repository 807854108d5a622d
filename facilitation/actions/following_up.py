"""What happens with a point of the register, until the people who asked have their answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from facilitation.actions.stepping import give_place, step_taken
from facilitation.actions.telling import tell_askers
from facilitation.domain.audience import Sight
from facilitation.domain.events import QuestionChanged
from facilitation.domain.follow_up import FollowUp, FollowUpStep, OwnerKind
from facilitation.domain.lifecycle import Kind, QuestionState
from facilitation.domain.meeting import local_day
from facilitation.domain.people import Actor
from facilitation.domain.question import Question
from facilitation.domain.refusals import Invalid, Outdated
from facilitation.storage import finding
from facilitation.storage.work import Work


@dataclass(frozen=True)
class Owner:
    """Who finds out: a person, for an organisation; `account_id` when they have an account."""

    name: str
    organisation: str = ""
    kind: OwnerKind = OwnerKind.OFFICIAL
    account_id: int | None = None


def assign_follow_up(
    work: Work,
    meeting_id: int,
    follow_up_id: int,
    *,
    owner: Owner,
    due: date,
    promise: str,
    by: Actor,
    note: str = "",
    version: int | None = None,
) -> int:
    """Say who finds out and by when, in the words that the asker reads; also to hand it over.

    A later day than was promised is told with the reason, which is the promise anew. `note` is
    for colleagues only.
    """
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    check_day(work, due)
    _check_colleague(work, meeting_id, owner.account_id)
    is_moved = owed.due is not None and owed.due != due
    with _remembered(work, owed, "assign", by=by, note=note):
        owed.take("assign", roles=by.roles, now=work.now)
        owed.owner, owed.organisation = owner.name, owner.organisation
        owed.owner_kind, owed.owner_id = owner.kind, owner.account_id
        owed.due = due
        owed.promise = promise or owed.promise
    _tell(work, question, "assign", question.sight())
    tell_askers(work, question, "follow_up.move" if is_moved else "follow_up.assign")
    return owed.id


def draft_answer(
    work: Work,
    meeting_id: int,
    follow_up_id: int,
    *,
    answer: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Write the answer; nobody outside the register sees it yet."""
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    with _remembered(work, owed, "draft", by=by):
        owed.take("draft", roles=by.roles, now=work.now)
        owed.answer, owed.drafted_by_id = answer, by.account_id
    _tell_staff(work, question, "draft")
    return owed.id


def approve_answer(
    work: Work, meeting_id: int, follow_up_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Say that the answer may go out; with a second reader, not of what you wrote yourself."""
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    is_own = by.account_id is not None and by.account_id == owed.drafted_by_id
    with _remembered(work, owed, "approve", by=by):
        owed.take("approve", roles=by.roles, now=work.now)
    if is_own and finding.series_of(work, meeting_id).needs_second_reader:
        raise Invalid(answer="own")
    _tell_staff(work, question, "approve")
    return owed.id


def publish_answer(
    work: Work, meeting_id: int, follow_up_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Give the answer to the asker and, if the question is public, to everybody."""
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    _check_placed(question)
    is_read_over = owed.state.is_read_over
    with _settling(work, owed, question, "publish", by=by):
        owed.take("publish", roles=by.roles, now=work.now)
    _check_read_over(work, meeting_id, is_read_over)
    tell_askers(work, question, "follow_up.publish")
    return owed.id


def answer_at_once(
    work: Work,
    meeting_id: int,
    follow_up_id: int,
    *,
    answer: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """Write the answer and publish it in one go; not where a second reader is needed."""
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    _check_placed(question)
    with _settling(work, owed, question, "answer", by=by):
        owed.take("answer", roles=by.roles, now=work.now)
        owed.answer, owed.drafted_by_id = answer, by.account_id
    _check_read_over(work, meeting_id, is_read_over=False)
    tell_askers(work, question, "follow_up.answer")
    return owed.id


def close_follow_up(
    work: Work,
    meeting_id: int,
    follow_up_id: int,
    *,
    public_reason: str,
    by: Actor,
    version: int | None = None,
) -> int:
    """End it without an answer; everybody reads why."""
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    with _remembered(work, owed, "close", by=by):
        owed.take("close", roles=by.roles, now=work.now)
        owed.public_reason = public_reason
    _tell(work, question, "close", question.sight())
    tell_askers(work, question, "follow_up.close")
    return owed.id


def reopen_follow_up(
    work: Work, meeting_id: int, follow_up_id: int, *, by: Actor, version: int | None = None
) -> int:
    """Take it up again: a published answer is a draft again, and its question owed again."""
    owed, question = _owed(work, meeting_id, follow_up_id, version)
    before = question.sight()
    with _remembered(work, owed, "reopen", by=by):
        owed.take("reopen", roles=by.roles, now=work.now)
        owed.public_reason = ""
    _unsettle(work, question)
    _tell(work, question, "reopen", before)
    return owed.id


def check_day(work: Work, due: date) -> None:
    """Nothing is promised for a day that has passed."""
    if due < local_day(work.now):
        raise Invalid(due="past")


def _check_colleague(work: Work, meeting_id: int, account_id: int | None) -> None:
    """Only who works on the meeting can own a point: anybody else would not get to see it."""
    if account_id is not None and not finding.works_on(work, meeting_id, account_id):
        raise Invalid(account="unknown")


@contextmanager
def _remembered(
    work: Work, owed: FollowUp, step: str, *, by: Actor, note: str = ""
) -> Iterator[None]:
    """Write down what the step changes."""
    before = owed.snapshot()
    yield
    after = owed.snapshot()
    changed = [name for name in after if after[name] != before[name]]
    work.session.add(
        FollowUpStep(
            follow_up_id=owed.id,
            step=step,
            taken_at=work.now,
            account_id=by.account_id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            note=note,
        )
    )


def _owed(
    work: Work, meeting_id: int, follow_up_id: int, version: int | None
) -> tuple[FollowUp, Question]:
    owed = finding.follow_up(work, meeting_id, follow_up_id)
    if version is not None and version != owed.version:
        raise Outdated(question_id=owed.question_id, newest=owed.version)
    return owed, finding.question(work, meeting_id, owed.question_id)


def _check_read_over(work: Work, meeting_id: int, is_read_over: bool) -> None:
    """Where two must agree, what one wrote does not go out before another read it."""
    if not is_read_over and finding.series_of(work, meeting_id).needs_second_reader:
        raise Invalid(answer="second_reader")


def _check_placed(question: Question) -> None:
    """An answer to a question that nobody has read over yet would publish it unread."""
    if question.state.is_waiting:
        raise Invalid(answer="place_first")


@contextmanager
def _settling(
    work: Work, owed: FollowUp, question: Question, step: str, *, by: Actor
) -> Iterator[None]:
    """Settle the question with the answer, as one step, so that undo brings both back."""
    if not question.state.is_to_be_settled_in_writing:
        with _remembered(work, owed, step, by=by):
            yield
        _tell(work, question, step, question.sight())
        return
    spoken = "answer" if question.kind is Kind.QUESTION else "acknowledge"
    with step_taken(work, question, spoken, by=by), _remembered(work, owed, step, by=by):
        yield
        question.speaker, question.summary = owed.owner, owed.answer
        give_place(work, question)


def _unsettle(work: Work, question: Question) -> None:
    """Bring an answered question back to where it was; what was edited since stays edited."""
    since = finding.steps_since(work, question.id, {"answer", "acknowledge"})
    if not since:
        return
    was = QuestionState(since[-1].before["state"])
    # Not back on stage: the register does not interrupt the hall.
    question.move(QuestionState.ON_WALL if was.is_on_stage else was, now=work.now)
    question.speaker = question.summary = ""
    for step in since:
        step.is_undone = True


def _tell_staff(work: Work, question: Question, step: str) -> None:
    """What nobody outside the register may notice: not even that, or when, it happened."""
    work.announce(
        QuestionChanged(
            question.meeting_id,
            question.id,
            question.device,
            f"follow_up.{step}",
            question.sight(),
            question.sight(),
            is_internal=True,
        )
    )


def _tell(work: Work, question: Question, step: str, before: Sight) -> None:
    question.version += 1
    work.announce(
        QuestionChanged(
            question.meeting_id,
            question.id,
            question.device,
            f"follow_up.{step}",
            before,
            question.sight(),
        )
    )
