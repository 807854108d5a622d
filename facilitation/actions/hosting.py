"""What organisers and moderators do with the meeting as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from facilitation.actions.stepping import open_follow_up
from facilitation.domain.events import MeetingChanged, QuestionsDealt
from facilitation.domain.lifecycle import MEETING_STEPS, QuestionState, next_state
from facilitation.domain.meeting import Meeting, Topic, View, new_epoch
from facilitation.domain.people import Actor
from facilitation.domain.refusals import NotOpen, Outdated
from facilitation.domain.series import Series
from facilitation.storage import finding
from facilitation.storage.work import Work


@dataclass(frozen=True)
class MeetingText:
    """What the organiser fills in, cleaned."""

    title: str
    starts_at: datetime
    organisation: str = ""
    place: str = ""
    about: str = ""
    settled: str = ""
    open_to_change: str = ""
    contact: str = ""
    topics: Sequence[str] = ()
    is_moderated: bool = True
    takes_late_questions: bool = True
    shows_counts: bool = True
    series_id: int | None = None


_PLAIN = (
    "title",
    "starts_at",
    "organisation",
    "place",
    "about",
    "settled",
    "open_to_change",
    "contact",
    "is_moderated",
    "takes_late_questions",
    "shows_counts",
)


def create_meeting(work: Work, text: MeetingText, *, is_example: bool = False) -> int:
    """Prepare an evening: nobody outside the staff sees it until it opens."""
    meeting = Meeting(
        **{field: getattr(text, field) for field in _PLAIN},
        series_id=_series(work, text).id,
        is_example=is_example,
        topics=[Topic(name=name, position=i) for i, name in enumerate(text.topics)],
    )
    work.session.add(meeting)
    work.session.flush()
    return meeting.id


def _series(work: Work, text: MeetingText) -> Series:
    """The plan that this evening is about; one of its own when none was named."""
    if text.series_id is not None:
        return finding.series(work, text.series_id)
    series = Series(title=text.title, created_at=work.now)
    work.session.add(series)
    work.session.flush()
    return series


def edit_meeting(
    work: Work, meeting_id: int, text: MeetingText, *, version: int | None = None
) -> int:
    """Rewrite what is said about it; topics that keep their name keep their questions."""
    meeting = finding.meeting(work, meeting_id)
    if version is not None and version != meeting.version:
        raise Outdated(question_id=0, newest=meeting.version)
    if text.series_id is not None:
        meeting.series_id = finding.series(work, text.series_id).id
    for field in _PLAIN:
        setattr(meeting, field, getattr(text, field))
    known = {topic.name: topic for topic in meeting.topics}
    meeting.topics[:] = [known.get(name) or Topic(name=name, position=0) for name in text.topics]
    for position, topic in enumerate(meeting.topics):
        topic.position = position
    meeting.version += 1
    work.announce(MeetingChanged(meeting_id, "edit"))
    return meeting_id


def take_meeting_step(work: Work, meeting_id: int, step: str, *, by: Actor) -> int:
    """Open, start, pause, resume, reopen, archive or rehearse: a step that asks nothing more."""
    meeting = finding.meeting(work, meeting_id)
    # A clock that was put back must not take from the wall what was placed before the pause.
    now = max(work.now, finding.last_placed(work, meeting_id) or work.now)
    meeting.take(step, roles=by.roles, now=now)
    meeting.is_rehearsal = meeting.is_rehearsal or step == "rehearse"
    work.announce(MeetingChanged(meeting_id, step))
    return meeting_id


def close_meeting(work: Work, meeting_id: int, *, by: Actor) -> int:
    """End the evening: a follow-up for all that is not settled. Nothing asked ends nowhere."""
    meeting = finding.meeting(work, meeting_id)
    meeting.take("close", roles=by.roles, now=work.now)
    for question in finding.unsettled(work, meeting_id):
        open_follow_up(work, question)
    work.announce(MeetingChanged(meeting_id, "close"))
    return meeting_id


def clear_rehearsal(work: Work, meeting_id: int, *, by: Actor) -> int:
    """Wipe a rehearsal and stand ready for the evening; what residents asked is never wiped."""
    meeting = finding.meeting(work, meeting_id)
    if not meeting.is_rehearsal:
        raise NotOpen(step="clear", state=meeting.state)
    meeting.take("clear", roles=by.roles, now=work.now)
    for question in finding.questions_in(work, meeting_id, *QuestionState):
        work.session.delete(question)
    meeting.is_rehearsal = False
    meeting.view = View.JOIN
    meeting.last_number = meeting.last_place = 0
    meeting.closed_at = None
    meeting.epoch = new_epoch()
    work.announce(MeetingChanged(meeting_id, "clear"))
    return meeting_id


def show_view(work: Work, meeting_id: int, *, view: View, by: Actor) -> int:
    """Choose what the hall shows; going to the wall deals it anew."""
    meeting = finding.meeting(work, meeting_id)
    meeting.take_view(view, roles=by.roles)
    work.announce(MeetingChanged(meeting_id, "view"))
    if view is View.WALL:
        _deal(work, meeting)
    return meeting_id


def sort_wall(work: Work, meeting_id: int, *, by: Actor) -> int:
    """Deal the wall anew: most supported first, and of those the longest waiting."""
    meeting = finding.meeting(work, meeting_id)
    next_state(MEETING_STEPS, "sort", meeting.state, roles=by.roles)
    _deal(work, meeting)
    return meeting_id


def _deal(work: Work, meeting: Meeting) -> None:
    standing = finding.questions_in(work, meeting.id, QuestionState.ON_WALL)
    wanted = sorted(standing, key=lambda question: (-question.support_count, question.number))
    if list(standing) == wanted:
        return
    for question in wanted:
        question.place = meeting.next_place()
    work.announce(QuestionsDealt(meeting.id))
