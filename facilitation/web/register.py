"""The register: what is owed, by whom, by when, and what came of it."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import following_up
from facilitation.domain.follow_up import OwnerKind, follow_up_steps
from facilitation.domain.lifecycle import STAFF_ROLES, Role
from facilitation.domain.meeting import local_day
from facilitation.domain.refusals import NotFound, Refusal
from facilitation.domain.text import NOTE_LIMIT
from facilitation.storage import contacts, queries, register
from facilitation.storage.queries import MeetingFacts
from facilitation.storage.register import Point, SeriesFacts
from facilitation.web.access import actor_in, for_staff, signed_in
from facilitation.web.cards import staff_facts, steps_open
from facilitation.web.forms import Fields, read_fields, wants_json
from facilitation.web.points import CSV_COLUMNS, Reader, chosen_in, csv_row, listing, read_owner
from facilitation.web.refusals import describe
from facilitation.web.services import services
from facilitation.web.steps import Command, nothing
from facilitation.web.tables import csv_response

screen = Blueprint("register", __name__, url_prefix="/staff/meetings/<int:meeting_id>")


def _assigned(fields: Fields) -> dict[str, Any]:
    return {
        "owner": read_owner(fields),
        "note": fields.text("note", limit=NOTE_LIMIT, is_needed=False),
        "due": fields.day("due"),
        "promise": fields.text("promise", limit=NOTE_LIMIT, is_needed=False),
    }


def _answer(fields: Fields) -> dict[str, Any]:
    return {"answer": fields.text("answer", limit=NOTE_LIMIT)}


def _public_reason(fields: Fields) -> dict[str, Any]:
    return {"public_reason": fields.text("public_reason", limit=NOTE_LIMIT)}


FOLLOW_UP_COMMANDS: dict[str, Command] = {
    "assign": Command(following_up.assign_follow_up, _assigned),
    "draft": Command(following_up.draft_answer, _answer),
    "approve": Command(following_up.approve_answer, nothing),
    "publish": Command(following_up.publish_answer, nothing),
    "answer": Command(following_up.answer_at_once, _answer),
    "close": Command(following_up.close_follow_up, _public_reason),
    "reopen": Command(following_up.reopen_follow_up, nothing),
}


@screen.get("/register")
@for_staff(*STAFF_ROLES)
def page(meeting_id: int) -> str:
    """The list, filtered as the address says; what is overdue first."""
    meeting, points = _register(meeting_id)
    reader = Reader(signed_in().account_id, local_day(services().database.now()))
    return render_template(
        "register/page.html",
        meeting=meeting,
        staff=signed_in(),
        here=partial(url_for, "register.page", meeting_id=meeting_id),
        meetings=[],
        tickable=set(),
        ticked=set(),
        **listing(points, chosen_in(request.args), reader),
    )


@screen.get("/register.csv")
@for_staff(*STAFF_ROLES)
def as_csv(meeting_id: int) -> Response:
    """The whole register as a spreadsheet reads it."""
    meeting, points = _register(meeting_id)
    return csv_response(f"register-{meeting.code}", CSV_COLUMNS, map(csv_row, points))


@screen.get("/register/<int:follow_up_id>")
@for_staff(*STAFF_ROLES)
def point(meeting_id: int, follow_up_id: int) -> AnyResponse | str:
    """One point of the register with the forms of its open steps."""
    found = _point(meeting_id, follow_up_id)
    if wants_json():
        return jsonify(staff_facts(found.question))
    return _draw_point(meeting_id, found)


@screen.post("/register/<int:follow_up_id>/<step>")
@for_staff(*STAFF_ROLES)
def take_step(meeting_id: int, follow_up_id: int, step: str) -> AnyResponse | tuple[str, int]:
    """Take a step of the follow-up's life."""
    if step not in FOLLOW_UP_COMMANDS:
        raise NotFound(what="page")
    try:
        _take_step(meeting_id, follow_up_id, step)
    except Refusal as refusal:
        if wants_json() or isinstance(refusal, NotFound):
            raise
        problem = describe(refusal)
        found = _point(meeting_id, follow_up_id)
        return _draw_point(meeting_id, found, problem=problem, step=step), problem.status
    if wants_json():
        return jsonify(staff_facts(_point(meeting_id, follow_up_id).question))
    return redirect(
        url_for("register.page", meeting_id=meeting_id) + f"#follow-up-{follow_up_id}", 303
    )


def _register(meeting_id: int) -> tuple[MeetingFacts, list[Point]]:
    with services().database.read() as session:
        return queries.meeting(session, meeting_id), register.points(session, [meeting_id])


def _take_step(meeting_id: int, follow_up_id: int, step: str) -> None:
    command = FOLLOW_UP_COMMANDS[step]
    fields = read_fields()
    sent = command.read(fields) | {"version": fields.number("version")}
    fields.check()
    services().database.perform(
        command.action, meeting_id, follow_up_id, by=actor_in(meeting_id), **sent
    )


def _draw_point(meeting_id: int, found: Point, **more: Any) -> str:
    staff, question = signed_in(), found.question
    roles = staff.roles_in(meeting_id)
    with services().database.read() as session:
        meeting = queries.meeting(session, meeting_id)
        series = register.series(session, meeting.series_id)
        return render_template(
            "register/point.html",
            meeting=meeting,
            series=series,
            staff=staff,
            point=found,
            question=question,
            owed=found.owed,
            days_late=Reader(staff.account_id, local_day(services().database.now())).days_late,
            steps=_steps(found, series, roles),
            question_steps=steps_open(question, roles),
            colleagues=register.colleagues(session, [meeting_id]),
            proposed=None
            if found.owed.owner
            else register.proposed_owner(session, series.id, question),
            history=register.history(session, found.owed.id),
            heard=contacts.heard(session, meeting_id, question.id),
            owner_kinds=list(OwnerKind),
            typed=request.form,
            **more,
        )


def _steps(found: Point, series: SeriesFacts, roles: frozenset[Role]) -> list[str]:
    return follow_up_steps(
        found.owed.state,
        roles=roles,
        needs_second_reader=series.needs_second_reader,
        is_own=found.owed.drafted_by_id == signed_in().account_id,
    )


def _point(meeting_id: int, follow_up_id: int) -> Point:
    with services().database.read() as session:
        return register.point(session, meeting_id, follow_up_id)
