"""What of a question goes to which audience, and the one way to draw a card."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template

from facilitation.domain.audience import Audience
from facilitation.domain.lifecycle import QUESTION_STEPS, Role, open_steps
from facilitation.storage.queries import FollowUpFacts, MeetingFacts, QuestionFacts

SCREENS = {"phone": Audience.PUBLIC, "hall": Audience.PUBLIC, "console": Audience.STAFF}


@dataclass(frozen=True)
class Seat:
    """A kind of screen that gets the same cards as all others of its kind."""

    screen: str
    lang: str
    roles: frozenset[Role] = frozenset()

    @property
    def audience(self) -> Audience:
        return SCREENS[self.screen]

    def __str__(self) -> str:
        return "/".join([self.screen, self.lang, *sorted(self.roles)])


def facts_for(audience: Audience, question: QuestionFacts) -> dict[str, Any]:
    return staff_facts(question) if audience is Audience.STAFF else public_facts(question)


def public_facts(question: QuestionFacts) -> dict[str, Any]:
    """What everybody may know of a question on the wall."""
    return {
        "id": question.id,
        "number": question.number,
        "kind": question.kind,
        "state": question.state,
        "text": question.text,
        "name": question.name,
        "topic": question.topic.name if question.topic else None,
        "count": question.support_count,
        "order": question.order,
        "version": question.version,
        "source": question.source,
        "speaker": question.speaker,
        "summary": question.summary,
        **_public_promise(question),
    }


def staff_facts(question: QuestionFacts) -> dict[str, Any]:
    """What colleagues may know. Not the receipt and not the device: those are the asker's."""
    owed = question.follow_up
    return public_facts(question) | {
        "original_text": question.original_text,
        "held_for": list(question.held_for),
        "asked_at": question.asked_at.isoformat(),
        "reason": question.reason,
        "merged_into": question.merged_into_id,
        "follow_up": owed and follow_up_facts(owed),
    }


def own_facts(question: QuestionFacts) -> dict[str, Any]:
    """What the asker may know of the own question: all of its fate, nothing of others."""
    shown = question.followed or question
    return {
        "id": question.id,
        "number": question.number,
        "kind": question.kind,
        "state": question.state,
        "text": question.text,
        "original_text": question.original_text,
        "receipt": question.receipt,
        "reason": question.reason,
        "order": question.order,
        "version": question.version,
        "merged_into": shown.number if question.followed else None,
        "followed_state": shown.state,
        "speaker": shown.speaker,
        "summary": shown.summary,
        **_public_promise(shown),
    }


def follow_up_facts(owed: FollowUpFacts) -> dict[str, Any]:
    """A point of the register, for colleagues."""
    return {name: _plain(getattr(owed, name)) for name in FollowUpFacts.__annotations__}


def steps_open(question: QuestionFacts, roles: frozenset[Role]) -> list[str]:
    """The steps whose buttons stand on this card."""
    steps = open_steps(QUESTION_STEPS, question.state, roles=roles, kind=question.kind)
    return [step for step in steps if step != "undo" or question.can_undo]


def draw(question: QuestionFacts, meeting: MeetingFacts, seat: Seat) -> str:
    """The card as this seat sees it: the same partial as in the page."""
    return render_template(
        f"{seat.screen}/_card.html",
        question=question,
        meeting=meeting,
        seat=seat,
        steps=steps_open(question, seat.roles) if seat.roles else [],
    )


def draw_own(question: QuestionFacts, meeting: MeetingFacts) -> str:
    """The asker's own question with its timeline."""
    return render_template("questions/_own.html", question=question, meeting=meeting)


def _public_promise(question: QuestionFacts) -> dict[str, Any]:
    """Who finds out and by when, or the answer; a draft stays inside."""
    owed = question.follow_up
    if owed is None:
        return {"owner": "", "due": None, "promise": "", "answer": ""}
    return {
        "owner": owed.owner,
        "due": owed.due.isoformat() if owed.due else None,
        "promise": owed.promise,
        "answer": owed.told,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
