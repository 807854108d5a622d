"""Files to take along: the register as a workbook and as data, the dossier of a whole plan."""

from typing import Any

from flask import Blueprint, Response, request

from facilitation.domain.lifecycle import STAFF_ROLES, Role
from facilitation.domain.refusals import Invalid
from facilitation.storage import dossier, queries, register
from facilitation.storage.queries import MeetingFacts
from facilitation.web import sheets
from facilitation.web.access import for_staff
from facilitation.web.dossier import Personal, as_json, register_row, zipped
from facilitation.web.points import CSV_COLUMNS
from facilitation.web.services import services

screen = Blueprint("exports", __name__)

REGISTER = "/staff/meetings/<int:meeting_id>/register"


@screen.get(f"{REGISTER}.xlsx")
@for_staff(*STAFF_ROLES)
def as_xlsx(meeting_id: int) -> Response:
    """The whole register as an Excel workbook."""
    meeting, rows = _register(meeting_id)
    made = services().runtime.offload(sheets.xlsx, CSV_COLUMNS, rows)
    return _file(made, sheets.XLSX_TYPE, f"register-{meeting.code}.xlsx")


@screen.get(f"{REGISTER}.ods")
@for_staff(*STAFF_ROLES)
def as_ods(meeting_id: int) -> Response:
    """The whole register as an OpenDocument workbook."""
    meeting, rows = _register(meeting_id)
    made = services().runtime.offload(sheets.ods, CSV_COLUMNS, rows)
    return _file(made, sheets.ODS_TYPE, f"register-{meeting.code}.ods")


@screen.get(f"{REGISTER}.json")
@for_staff(*STAFF_ROLES)
def as_data(meeting_id: int) -> Response:
    """The whole register as data, with the fields of the table."""
    meeting, rows = _register(meeting_id)
    facts = {"meeting": {"code": meeting.code, "title": meeting.title}, "points": rows}
    return _file(as_json(facts), "application/json", f"register-{meeting.code}.json")


@screen.get("/staff/series/<int:series_id>/dossier.zip")
@for_staff(Role.ORGANISER)
def as_dossier(series_id: int) -> Response:
    """Everything about a plan without who asked; `personal` says how they are hidden."""
    personal = _wished()
    with services().database.read() as session:
        material = dossier.material(session, series_id)
    made_at = services().database.now()
    made = services().runtime.offload(zipped, material, personal=personal, made_at=made_at)
    return _file(made, "application/zip", f"dossier-{material.series.code}.zip")


def _wished() -> Personal:
    word = request.args.get("personal") or Personal.LEAVE_OUT
    if word not in set(Personal):
        raise Invalid(personal="unknown")
    return Personal(word)


def _register(meeting_id: int) -> tuple[MeetingFacts, list[dict[str, Any]]]:
    with services().database.read() as session:
        meeting = queries.meeting(session, meeting_id)
        return meeting, [register_row(point) for point in register.points(session, [meeting_id])]


def _file(content: bytes, content_type: str, name: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
