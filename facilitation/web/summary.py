"""The summary of an evening, or of a whole series: the report that a council reads."""

from collections.abc import Sequence

from flask import Blueprint, render_template

from facilitation.domain.audience import Fate
from facilitation.domain.lifecycle import STAFF_ROLES, Kind, Role
from facilitation.domain.meeting import local_day
from facilitation.storage import queries, register
from facilitation.storage.queries import MeetingFacts
from facilitation.storage.summary import summary
from facilitation.web.access import for_staff, signed_in
from facilitation.web.services import services

screen = Blueprint("summary", __name__, url_prefix="/staff")


@screen.get("/meetings/<int:meeting_id>/summary")
@for_staff(*STAFF_ROLES)
def of_meeting(meeting_id: int) -> str:
    """What one evening came to."""
    with services().database.read() as session:
        meeting = queries.meeting(session, meeting_id)
    return _draw([meeting_id], meeting=meeting, title=meeting.title)


@screen.get("/series/<int:series_id>/summary")
@for_staff(Role.ORGANISER)
def of_series(series_id: int) -> str:
    """What all its evenings came to."""
    with services().database.read() as session:
        found = register.series(session, series_id)
    return _draw([evening.id for evening in found.meetings], meeting=None, title=found.title)


def _draw(meeting_ids: Sequence[int], *, meeting: MeetingFacts | None, title: str) -> str:
    today = local_day(services().database.now())
    with services().database.read() as session:
        found = summary(session, meeting_ids, today)
    return render_template(
        "summary/page.html",
        found=found,
        meeting=meeting,
        title=title,
        staff=signed_in(),
        kinds=list(Kind),
        fates=list(Fate),
    )
