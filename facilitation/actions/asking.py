"""What residents do: ask, withdraw, say that they have a question too."""

from dataclasses import dataclass

from facilitation.actions.stepping import (
    end_follow_up,
    give_place,
    keep_owed,
    recount,
    step_taken,
    take_up_again,
)
from facilitation.domain.audience import Audience, may_see
from facilitation.domain.events import QuestionChanged
from facilitation.domain.lifecycle import Kind, QuestionState, Role
from facilitation.domain.meeting import Meeting
from facilitation.domain.people import Actor
from facilitation.domain.question import Question, Source
from facilitation.domain.refusals import KeyTaken, NotFound
from facilitation.domain.text import private_details
from facilitation.storage import finding, supports
from facilitation.storage.work import Work


@dataclass(frozen=True)
class Asked:
    """What the asker gets: the same again when the same was sent again."""

    id: int
    number: int
    state: QuestionState
    receipt: str
    is_new: bool


@dataclass(frozen=True)
class Supported:
    supported: bool
    count: int


def ask_question(
    work: Work, code: str, *, key: str, kind: Kind, text: str, name: str, by: Actor
) -> Asked:
    """Take a question in, exactly once for each key; another body under that key is refused."""
    meeting = finding.meeting_by_code(work, code)
    sent = finding.question_by_key(work, meeting.id, key)
    if sent is not None:
        if (sent.original_text, sent.original_kind, sent.name) != (text, kind, name):
            raise KeyTaken(key=key)
        return Asked(sent.id, sent.number, sent.state, sent.receipt, is_new=False)
    meeting.check_takes_questions()
    question = _new_question(
        work, meeting, key=key, kind=kind, text=text, name=name, device=by.device or key
    )
    if _goes_straight_up(meeting, question):
        question.move(QuestionState.ON_WALL, now=work.now)
        give_place(work, question)
    keep_owed(work, question)
    return _received(work, question)


def enter_question(
    work: Work,
    meeting_id: int,
    *,
    key: str,
    kind: Kind,
    text: str,
    name: str,
    source: Source,
    by: Actor,
) -> Asked:
    """Enter what was spoken or written on paper: straight to the wall, marked as such."""
    meeting = finding.meeting(work, meeting_id)
    sent = finding.question_by_key(work, meeting.id, key)
    if sent is not None:
        return Asked(sent.id, sent.number, sent.state, sent.receipt, is_new=False)
    meeting.check_takes_entries()
    question = _new_question(
        work, meeting, key=key, kind=kind, text=text, name=name, device=key, source=source
    )
    question.move(QuestionState.ON_WALL, now=meeting.after_pause(work.now))
    give_place(work, question)
    keep_owed(work, question)
    return _received(work, question)


def withdraw_question(work: Work, receipt: str) -> int:
    """Take one's own question back; what was merged into it stands on its own again."""
    question = finding.question_by_receipt(work, receipt)
    asker = Actor(roles=frozenset({Role.ASKER}), device=question.device)
    children = finding.merged_into(work, question.id)
    with step_taken(work, question, "withdraw", by=asker):
        end_follow_up(work, question, "close", "")
    for child in children:
        _release(work, child)
    return question.number


def support_question(work: Work, code: str, question_id: int, *, device: str) -> Supported:
    """Set that this device has the question too; saying it twice is saying it once."""
    question = _supportable(work, code, question_id)
    count = question.count
    if supports.give(work, question.id, device):
        count = recount(work, question.meeting_id, question.id)
    return Supported(True, count)


def drop_support(work: Work, code: str, question_id: int, *, device: str) -> Supported:
    """Set that this device does not have the question (any more)."""
    question = _supportable(work, code, question_id)
    count = question.count
    if supports.drop(work, question.id, device):
        count = recount(work, question.meeting_id, question.id)
    return Supported(False, count)


def _new_question(
    work: Work,
    meeting: Meeting,
    *,
    key: str,
    kind: Kind,
    text: str,
    name: str,
    device: str,
    source: Source = Source.PHONE,
) -> Question:
    question = Question(
        meeting_id=meeting.id,
        key=key,
        number=meeting.next_number(),
        kind=kind,
        original_kind=kind,
        text=text,
        original_text=text,
        name=name,
        device=device,
        source=source,
        held_for=" ".join(private_details(f"{text}\n{name}")),
        asked_at=work.now,
    )
    work.session.add(question)
    return question


def _goes_straight_up(meeting: Meeting, question: Question) -> bool:
    """Without moderation a question is placed at once, unless it holds somebody's details."""
    return meeting.places_at_once and not question.held_for


def _received(work: Work, question: Question) -> Asked:
    work.session.flush()
    work.announce(
        QuestionChanged(
            question.meeting_id, question.id, question.device, "ask", None, question.sight()
        )
    )
    return Asked(question.id, question.number, question.state, question.receipt, is_new=True)


def _supportable(work: Work, code: str, question_id: int) -> supports.Supportable:
    """The public question that a phone supports; a merged one stands for its target."""
    question = supports.find(work, code, question_id)
    if not may_see(Audience.PUBLIC, question.sight, paused_at=question.paused_at):
        raise NotFound(what="question")
    return question


def _release(work: Work, question: Question) -> None:
    """Let a merged question stand on its own again, for the moderators to look at."""
    before = question.sight()
    question.merged_into_id = None
    question.move(QuestionState.WAITING, now=work.now)
    question.place = 0
    recount(work, question.meeting_id, question.id)
    take_up_again(work, question)
    keep_owed(work, question)
    work.announce(
        QuestionChanged(
            question.meeting_id, question.id, question.device, "release", before, question.sight()
        )
    )
