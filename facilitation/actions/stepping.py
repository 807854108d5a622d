"""One step of a question, with all that every step owes: guard, history, announcement, counts."""

from collections.abc import Iterator
from contextlib import contextmanager

from facilitation.actions.telling import tell_askers
from facilitation.domain.events import QuestionChanged, SupportChanged
from facilitation.domain.follow_up import FollowUp, Track
from facilitation.domain.lifecycle import Kind, QuestionState, Role
from facilitation.domain.people import Actor
from facilitation.domain.question import Question, StepTaken
from facilitation.storage import finding, supports
from facilitation.storage.work import Work

# A follow-up that ends because its question did: not a step that a person may or may not take.
BY_RULE = frozenset({Role.ORGANISER})


@contextmanager
def step_taken(work: Work, question: Question, step: str, *, by: Actor) -> Iterator[None]:
    """Take the step, let the caller fill in what goes with it, then write it down and tell it."""
    kept, before = question.snapshot(), question.sight()
    meeting = finding.meeting(work, question.meeting_id)
    question.take(step, roles=by.roles, now=meeting.after_pause(work.now))
    yield
    work.session.add(
        StepTaken(
            meeting_id=question.meeting_id,
            question_id=question.id,
            step=step,
            account_id=by.account_id,
            taken_at=work.now,
            before=kept,
        )
    )
    work.announce(
        QuestionChanged(
            question.meeting_id, question.id, question.device, step, before, question.sight()
        )
    )
    tell_askers(work, question, step)


def give_place(work: Work, question: Question) -> None:
    """Put it at the end of its list: nothing that is being read moves."""
    question.place = finding.meeting(work, question.meeting_id).next_place()


def clear_stage(work: Work, question: Question, *, by: Actor) -> None:
    """Put back what is on stage before this question comes there: there is one at a time."""
    for staged in finding.questions_in(work, question.meeting_id, QuestionState.ON_STAGE):
        if staged is not question:
            with step_taken(work, staged, "put_back", by=by):
                pass


def recount(work: Work, meeting_id: int, question_id: int) -> int:
    """Count anew who has this question too, tell it, and say how many there are."""
    count, counter = supports.recount(work, meeting_id, question_id)
    work.announce(SupportChanged(meeting_id, question_id, counter))
    return count


def open_follow_up(work: Work, question: Question) -> FollowUp:
    """The follow-up of this question, opened if it had none."""
    if question.follow_up is None:
        question.follow_up = FollowUp(
            meeting_id=question.meeting_id,
            track=Track.ANSWER if question.kind is Kind.QUESTION else Track.HEARING,
            opened_at=work.now,
        )
    return question.follow_up


def keep_owed(work: Work, question: Question) -> None:
    """Once the meeting is over, what is unsettled has a follow-up: nothing asked ends nowhere."""
    meeting = finding.meeting(work, question.meeting_id)
    if meeting.state.is_over and question.state.is_unsettled:
        open_follow_up(work, question)


def end_follow_up(work: Work, question: Question, step: str, words: str) -> None:
    """End what was still owed for it: answered with these words, or closed for this reason."""
    owed = question.follow_up
    if owed is None or not owed.state.is_owed:
        return
    owed.take(step, roles=BY_RULE, now=work.now)
    if step == "answer":
        owed.answer = words
    else:
        owed.public_reason = words


def take_up_again(work: Work, question: Question) -> None:
    """Owe again what ended only because its question went on in another one."""
    owed = question.follow_up
    if owed is not None and not owed.state.is_owed:
        owed.take("reopen", roles=BY_RULE, now=work.now)
