"""Everything that can have happened: past tense, frozen, plain data."""

from dataclasses import dataclass

from facilitation.domain.audience import Audience, Sight


@dataclass(frozen=True)
class QuestionChanged:
    """A question was asked, or took a step. `before` is None for a new one.

    What is internal is noticed by staff only, although the question itself may be public.
    """

    meeting_id: int
    question_id: int
    device: str
    step: str
    before: Sight | None
    after: Sight
    is_internal: bool = False


@dataclass(frozen=True)
class QuestionsDealt:
    """The wall was put in a new order: every screen takes the whole of it again."""

    meeting_id: int


@dataclass(frozen=True)
class MeetingChanged:
    """The meeting took a step, or what is said about it was rewritten."""

    meeting_id: int
    step: str


@dataclass(frozen=True)
class SupportChanged:
    """A device has this question too, or no longer; `supports` is the meeting's counter since."""

    meeting_id: int
    question_id: int
    supports: int


@dataclass(frozen=True)
class SessionsEnded:
    """These staff sessions may hear nothing more."""

    session_ids: tuple[int, ...]


@dataclass(frozen=True)
class RoleWithdrawn:
    """An account may no longer do what it did in this meeting."""

    meeting_id: int
    account_id: int


Event = (
    QuestionChanged
    | QuestionsDealt
    | MeetingChanged
    | SupportChanged
    | SessionsEnded
    | RoleWithdrawn
)


@dataclass(frozen=True)
class Raise:
    """A revision that rose, for one audience."""

    previous: int
    revision: int


@dataclass(frozen=True)
class Announcement:
    """What one saved command has to tell about one meeting, and to whom."""

    meeting_id: int
    epoch: str
    raises: dict[Audience, Raise]
    events: tuple[Event, ...]

    @property
    def is_of_questions(self) -> bool:
        """Whether screens can follow it card by card; else each takes the whole of its region."""
        return all(isinstance(event, QuestionChanged | SupportChanged) for event in self.events)

    def joined(self, later: "Announcement") -> "Announcement | None":
        """Both told in one, when the later one follows right upon this one; else None."""
        is_one_kind = self.is_of_questions and later.is_of_questions
        if self.meeting_id != later.meeting_id or not is_one_kind:
            return None
        if self.raises and later.raises and self.epoch != later.epoch:
            return None
        raises = dict(self.raises)
        for audience, rise in later.raises.items():
            known = raises.get(audience, Raise(rise.previous, rise.previous))
            if known.revision != rise.previous:
                return None
            raises[audience] = Raise(known.previous, rise.revision)
        epoch = later.epoch if later.raises else self.epoch
        return Announcement(self.meeting_id, epoch, raises, self.events + later.events)
