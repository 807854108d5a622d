"""The meeting behind a code: guessing is slowed, and what is being prepared is for staff only."""

import uuid

from flask import Response, g, request

from facilitation.domain.refusals import NotFound
from facilitation.storage.queries import MeetingFacts
from facilitation.web.access import staff_or_none
from facilitation.web.services import services


def find_meeting(code: str) -> MeetingFacts:
    """The meeting of this code; guessing is slowed, and one being prepared is for staff only."""
    try:
        meeting = services().meetings.by_code(code.upper())
    except NotFound:
        count_wrong_code()
        raise NotFound(what="code") from None
    if meeting.state.is_prepared and not _works_on(meeting):
        raise NotFound(what="code")
    return meeting


def _works_on(meeting: MeetingFacts) -> bool:
    staff = staff_or_none()
    return staff is not None and bool(staff.roles_in(meeting.id))


def count_wrong_code() -> None:
    """Somebody who tries codes is slowed down."""
    visitor = request.cookies.get("visitor") or str(uuid.uuid4())
    g.visitor = visitor
    limits = services().limits
    limits.slow_down_guessing()
    limits.spend("wrong codes", visitor[:36])


def remember_visitor(response: Response) -> Response:
    """Somebody who typed a wrong code is known by the next wrong one."""
    if "visitor" in g:
        response.set_cookie(
            "visitor",
            g.visitor[:36],
            max_age=3600,
            httponly=True,
            samesite="Lax",
            secure=services().settings.is_https,
        )
    return response
