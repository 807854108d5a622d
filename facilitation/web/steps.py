"""The steps of a question as commands: which action each calls, and which fields it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from facilitation.actions import moderating
from facilitation.domain.lifecycle import Kind
from facilitation.domain.text import NOTE_LIMIT, TEXT_LIMIT
from facilitation.web.forms import Fields

Read = Callable[[Fields], dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """An action and how to read what it needs."""

    action: Callable[..., int]
    read: Read


def nothing(fields: Fields) -> dict[str, Any]:
    """What a step reads that asks for nothing more than itself."""
    return {}


def _reason(fields: Fields) -> dict[str, Any]:
    return {"reason": fields.text("reason", limit=NOTE_LIMIT)}


def _said(fields: Fields) -> dict[str, Any]:
    return {
        "speaker": fields.line("speaker"),
        "summary": fields.text("summary", limit=NOTE_LIMIT, is_needed=False),
    }


def _heard(fields: Fields) -> dict[str, Any]:
    return {
        "speaker": fields.line("speaker", is_needed=False),
        "summary": fields.text("summary", limit=NOTE_LIMIT, is_needed=False),
    }


def _promise(fields: Fields) -> dict[str, Any]:
    return {
        "owner": fields.line("owner"),
        "due": fields.day("due"),
        "promise": fields.text("promise", limit=NOTE_LIMIT),
    }


def _elsewhere(fields: Fields) -> dict[str, Any]:
    return {
        "owner": fields.line("owner", is_needed=False),
        "due": fields.day("due", is_needed=False),
        "note": fields.text("note", limit=NOTE_LIMIT, is_needed=False),
    }


def _target(fields: Fields) -> dict[str, Any]:
    return {"into": fields.number("into", is_needed=True)}


def _clearer(fields: Fields) -> dict[str, Any]:
    return {
        "text": fields.text("text", limit=TEXT_LIMIT),
        "topic_id": fields.number("topic"),
        "kind": fields.optional_word("kind", Kind),
    }


QUESTION_COMMANDS: dict[str, Command] = {
    "approve": Command(moderating.approve_question, nothing),
    "call": Command(moderating.call_question, nothing),
    "put_back": Command(moderating.put_back_question, nothing),
    "answer": Command(moderating.answer_question, _said),
    "acknowledge": Command(moderating.acknowledge_question, _heard),
    "defer": Command(moderating.defer_question, _promise),
    "park": Command(moderating.park_question, _elsewhere),
    "merge": Command(moderating.merge_question, _target),
    "decline": Command(moderating.decline_question, _reason),
    "take_down": Command(moderating.take_down_question, nothing),
    "edit": Command(moderating.edit_question, _clearer),
    "undo": Command(moderating.undo_step, nothing),
}
