"""Everything that can be refused. A refusal carries data; the words are in web/refusals.py."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """The parent of all refusals: `facts` says what the reader's sentence needs."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(facts)
        self.facts = facts


class NotFound(Refusal):
    """There is no such meeting, question or page, or none that you may know of."""


class NotAllowed(Refusal):
    """You are known, and this is not yours to do."""


class Invalid(Refusal):
    """What was sent cannot be taken; `problems` maps a field to the reason, a word from forms."""

    def __init__(self, **problems: str) -> None:
        super().__init__(problems=problems)
        self.problems = problems


class Outdated(Refusal):
    """Somebody else was first; `newest` is the version that stands."""

    def __init__(self, *, question_id: int, newest: int) -> None:
        super().__init__(question_id=question_id, newest=newest)
        self.question_id = question_id


class NotOpen(Refusal):
    """The step or the meeting is not open in the state that it has now."""


class NotAll(Refusal):
    """Some of what goes together cannot be done, so nothing is; `refused` says why, by id."""

    def __init__(self, refused: Mapping[int, Refusal]) -> None:
        super().__init__(refused=refused)
        self.refused = refused


class KeyTaken(Refusal):
    """The same key came with another text: it is not sent under that key."""


class TooMany(Refusal):
    """Too many in too short a time; `wait` is in whole seconds."""

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait


class SignInNeeded(Refusal):
    """Only for people with an account."""


class Foreign(Refusal):
    """The request does not come from one of our own pages."""


class Unavailable(Refusal):
    """It could not be kept just now: nothing is saved, and it may be sent again."""
