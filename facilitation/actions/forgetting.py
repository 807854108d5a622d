"""On the day: whoever is to be forgotten is forgotten, and a report says how many."""

from collections.abc import Mapping

from facilitation.domain.erasure import Erasure
from facilitation.domain.events import MeetingChanged
from facilitation.domain.meeting import local_day
from facilitation.storage import erasing
from facilitation.storage.work import Work


def forget(work: Work) -> Mapping[str, int]:
    """Erase what has reached its day; again on the same day it erases what is left.

    What is public stays: questions on the wall, answers, counts. An asker's receipt no longer
    opens anything.
    """
    day = local_day(work.now)
    due = erasing.meetings_due(work)
    counts = {
        "questions": sum(erasing.forget_meeting(work, meeting) for meeting in due),
        "contacts": erasing.forget_contacts(work, day),
        "mails": erasing.forget_mails(work),
        "sessions": erasing.forget_sessions(work),
    }
    for meeting in due:
        work.announce(MeetingChanged(meeting.id, "forget"))
    report = work.session.get(Erasure, day)
    if not any(counts.values()):
        return counts
    if report is None:
        work.session.add(Erasure(day=day, counts=counts))
    else:
        report.counts = {what: report.counts.get(what, 0) + n for what, n in counts.items()}
    return counts
