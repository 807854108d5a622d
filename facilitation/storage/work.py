"""One command's work: a session, the time it is, and what will be announced once it is saved."""

from collections import defaultdict
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from facilitation.domain.audience import Audience, may_see
from facilitation.domain.events import (
    Announcement,
    Event,
    MeetingChanged,
    QuestionChanged,
    QuestionsDealt,
    Raise,
    SupportChanged,
)
from facilitation.domain.meeting import Meeting


class Work:
    """What an action needs. Actions never commit: `Database.perform` does, or undoes it all."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self._events: list[Event] = []

    @cached_property
    def connection(self) -> Connection:
        """For statements without entities."""
        return self.session.connection()

    def announce(self, event: Event) -> None:
        """Tell this to everybody who may hear it, after the commit."""
        self._events.append(event)

    def seal(self) -> list[Announcement]:
        """Raise the revisions of the audiences that can see a change, in this same transaction."""
        self.session.flush()
        by_meeting: dict[int, list[Event]] = defaultdict(list)
        for event in self._events:
            by_meeting[getattr(event, "meeting_id", 0)].append(event)
        return [self._seal_meeting(id, events) for id, events in by_meeting.items()]

    def _seal_meeting(self, meeting_id: int, events: list[Event]) -> Announcement:
        is_count = all(isinstance(event, SupportChanged) for event in events)
        meeting = None if is_count else self.session.get(Meeting, meeting_id)
        if meeting is None:  # no revision rises: what is counted, and what concerns people
            return Announcement(meeting_id, epoch="", raises={}, events=tuple(events))
        raises = {
            audience: _raise(meeting, audience)
            for audience in Audience
            if any(_is_heard(event, audience, meeting) for event in events)
        }
        return Announcement(meeting_id, meeting.epoch, raises, tuple(events))


def _raise(meeting: Meeting, audience: Audience) -> Raise:
    field = f"{audience.value}_revision"
    previous: int = getattr(meeting, field)
    setattr(meeting, field, previous + 1)
    return Raise(previous=previous, revision=previous + 1)


def _is_heard(event: Event, audience: Audience, meeting: Meeting) -> bool:
    """An audience hears of a question if it could see it before, or can see it after."""
    match event:
        case MeetingChanged() | QuestionsDealt():
            return True
        case QuestionChanged(is_internal=True):
            return audience is Audience.STAFF
        case QuestionChanged():
            return any(
                may_see(audience, sight, paused_at=meeting.paused_at)
                for sight in (event.before, event.after)
            )
        case _:
            return False
