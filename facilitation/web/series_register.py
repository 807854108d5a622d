"""The register of a whole series: one list over its evenings, and steps for many points at once."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import assigning
from facilitation.actions.assigning import Picked
from facilitation.domain.follow_up import OwnerKind
from facilitation.domain.lifecycle import FOLLOW_UP_STEPS, open_steps
from facilitation.domain.meeting import local_day
from facilitation.domain.refusals import Invalid, NotAllowed, NotFound, Refusal
from facilitation.domain.text import NOTE_LIMIT
from facilitation.storage import register
from facilitation.storage.register import Evening, Point, SeriesFacts
from facilitation.web.access import actor_in, for_staff, signed_in
from facilitation.web.forms import Fields, raw_body, read_fields, wants_json
from facilitation.web.points import (
    CSV_COLUMNS,
    ME,
    Reader,
    chosen_in,
    csv_row,
    fitting,
    listing,
    read_owner,
)
from facilitation.web.refusals import describe
from facilitation.web.services import services
from facilitation.web.steps import Command
from facilitation.web.tables import csv_response

screen = Blueprint("series_register", __name__, url_prefix="/staff/series/<int:series_id>")

PICKED = re.compile(r"(?P<id>[0-9]{1,9})(?::(?P<version>[0-9]{1,9}))?")


def _assigned(fields: Fields) -> dict[str, Any]:
    return {
        "owner": read_owner(fields),
        "due": fields.day("due"),
        "promise": fields.text("promise", limit=NOTE_LIMIT, is_needed=False),
    }


def _moved(fields: Fields) -> dict[str, Any]:
    return {"due": fields.day("due"), "promise": fields.text("promise", limit=NOTE_LIMIT)}


COMMANDS: dict[str, Command] = {
    "assign": Command(assigning.assign_follow_ups, _assigned),
    "move": Command(assigning.move_follow_ups, _moved),
}


@screen.get("/register")
@for_staff()
def page(series_id: int) -> AnyResponse | str:
    """One list over all evenings in which the reader has a role; filtered as the address says."""
    series, points = _register(series_id)
    reader = _reader()
    # Who only answers comes for what is theirs; the address says so, and leads to the rest.
    if not request.args and not _assigns_in(series) and any(map(reader.has, points)):
        return redirect(url_for("series_register.page", series_id=series_id, owner=ME), 303)
    return _draw(series, points)


@screen.get("/register.csv")
@for_staff()
def as_csv(series_id: int) -> Response:
    """The points that fit the filter in the address, as a spreadsheet reads them."""
    series, points = _register(series_id)
    shown = fitting(points, chosen_in(request.args), _reader())
    return csv_response(f"register-{series.code}", CSV_COLUMNS, map(csv_row, shown))


@screen.post("/register/<step>")
@for_staff()
def take_step(series_id: int, step: str) -> AnyResponse | tuple[str, int]:
    """Take a step with all points that were ticked, or with none."""
    if step not in COMMANDS:
        raise NotFound(what="page")
    series, points = _register(series_id)
    if not _assigns_in(series):
        raise NotAllowed(page=request.endpoint)
    try:
        changed = _take_step(series, step)
    except Refusal as refusal:
        if wants_json() or isinstance(refusal, NotFound):
            raise
        problem = describe(refusal)
        return _draw(series, points, problem=problem), problem.status
    if wants_json():
        return jsonify({"changed": changed})
    asked: dict[str, Any] = {name: word for name, word in chosen_in(request.args).items() if word}
    return redirect(
        url_for("series_register.page", series_id=series_id, changed=changed, **asked), 303
    )


def _take_step(series: SeriesFacts, step: str) -> int:
    command = COMMANDS[step]
    fields = read_fields()
    sent = command.read(fields)
    fields.check()
    actors = {meeting.id: actor_in(meeting.id) for meeting in series.meetings}
    return services().database.perform(command.action, series.id, _picked(), by=actors, **sent)


def _picked() -> list[Picked]:
    """The ticked points, each as `id:version`, or `id` for the newest version."""
    raw = raw_body()
    sent = raw.getlist("point") if isinstance(raw, MultiDict) else raw.get("point") or []
    found = [PICKED.fullmatch(str(one)) for one in (sent if isinstance(sent, list) else [sent])]
    if not found:
        raise Invalid(point="empty")
    if None in found:
        raise Invalid(point="unknown")
    return [
        Picked(int(one["id"]), version=int(one["version"]) if one["version"] else None)
        for one in found
        if one
    ]


def _draw(series: SeriesFacts, points: list[Point], **more: Any) -> str:
    with services().database.read() as session:
        colleagues = register.colleagues(session, [meeting.id for meeting in series.meetings])
    return render_template(
        "register/series.html",
        series=series,
        meetings=series.meetings,
        staff=signed_in(),
        here=partial(url_for, "series_register.page", series_id=series.id),
        tickable={point.owed.id for point in points if _may_assign(point)},
        ticked=set(request.form.getlist("point")),
        by_id={str(point.owed.id): point for point in points},
        colleagues=colleagues,
        owner_kinds=list(OwnerKind),
        typed=request.form,
        changed=request.args.get("changed", type=int),
        **listing(points, chosen_in(request.args), _reader()),
        **more,
    )


def _register(series_id: int) -> tuple[SeriesFacts, list[Point]]:
    """The series as this reader knows it: with those evenings only that are theirs to work on."""
    with services().database.read() as session:
        series = register.series(session, series_id)
        ours = tuple(filter(_is_ours, series.meetings))
        if not ours and not signed_in().is_organiser:
            raise NotAllowed(page=request.endpoint)
        return replace(series, meetings=ours), register.points(session, [one.id for one in ours])


def _is_ours(meeting: Evening) -> bool:
    return bool(signed_in().roles_in(meeting.id))


def _assigns_in(series: SeriesFacts) -> bool:
    """Whether there is an evening of which this reader may give points to somebody."""
    roles = frozenset().union(*(signed_in().roles_in(one.id) for one in series.meetings))
    return bool(FOLLOW_UP_STEPS["assign"].roles & (roles | signed_in().roles_in(0)))


def _may_assign(point: Point) -> bool:
    roles = signed_in().roles_in(point.meeting.id)
    return "assign" in open_steps(FOLLOW_UP_STEPS, point.owed.state, roles=roles)


def _reader() -> Reader:
    return Reader(signed_in().account_id, local_day(services().database.now()))
