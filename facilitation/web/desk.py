"""The desk: my meetings; prepare one, its people, open and close it, choose what the hall shows."""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import accounts, hosting
from facilitation.actions.accounts import Invited
from facilitation.actions.hosting import MeetingText
from facilitation.domain.lifecycle import MEETING_STEPS, STAFF_ROLES, Role, open_steps
from facilitation.domain.meeting import View
from facilitation.domain.refusals import Invalid, NotAllowed, NotFound, Refusal
from facilitation.domain.text import LINE_LIMIT, NOTE_LIMIT
from facilitation.storage import people, queries, series
from facilitation.storage.queries import MeetingFacts
from facilitation.web import addresses
from facilitation.web.access import actor_in, for_staff, signed_in
from facilitation.web.forms import Fields, read_fields, wants_json
from facilitation.web.refusals import describe
from facilitation.web.services import services

screen = Blueprint("desk", __name__, url_prefix="/staff")

HOSTS = (Role.ORGANISER, Role.MODERATOR)
# These ask more than a meeting and who does it, or wipe; the others are one function.
STEPS_WITH_MORE = {
    "close": hosting.close_meeting,
    "clear": hosting.clear_rehearsal,
    "sort": hosting.sort_wall,
}


@screen.get("/")
@for_staff()
def meetings() -> str:
    """My meetings: all of them for an organiser, mine for others."""
    staff = signed_in()
    with services().database.read() as session:
        found = queries.meetings(session, None if staff.is_organiser else list(staff.roles))
    return render_template("desk/meetings.html", staff=staff, meetings=found)


@screen.get("/meetings/new")
@for_staff()
def new() -> str:
    _check_organiser()
    return _form(None, typed={})


@screen.post("/meetings")
@for_staff()
def create() -> AnyResponse | tuple[str, int]:
    _check_organiser()
    try:
        text = _meeting_text(read_fields())
    except Invalid as refusal:
        return _draw_edit(None, refusal)
    meeting_id = services().database.perform(hosting.create_meeting, text)
    if wants_json():
        return jsonify(_facts(_meeting(meeting_id)))
    return redirect(url_for("desk.page", meeting_id=meeting_id), 303)


@screen.get("/meetings/<int:meeting_id>")
@for_staff(*STAFF_ROLES)
def page(meeting_id: int) -> str:
    """One meeting: what to do now, its addresses, its people."""
    return _draw_page(meeting_id)


@screen.get("/meetings/<int:meeting_id>/edit")
@for_staff(Role.ORGANISER)
def edit(meeting_id: int) -> str:
    return _form(_meeting(meeting_id), typed={})


@screen.post("/meetings/<int:meeting_id>/edit")
@for_staff(Role.ORGANISER)
def save(meeting_id: int) -> AnyResponse | tuple[str, int]:
    fields = read_fields()
    version = fields.number("version")
    try:
        text = _meeting_text(fields)
        services().database.perform(hosting.edit_meeting, meeting_id, text, version=version)
    except Refusal as refusal:
        return _draw_edit(_meeting(meeting_id), refusal)
    if wants_json():
        return jsonify(_facts(_meeting(meeting_id)))
    return redirect(url_for("desk.page", meeting_id=meeting_id), 303)


@screen.post("/meetings/<int:meeting_id>/people")
@for_staff(Role.ORGANISER)
def grant(meeting_id: int) -> AnyResponse | tuple[str, int] | str:
    """Give somebody a role in this meeting; who cannot sign in yet gets a link, shown once."""
    fields = read_fields()
    email, role = fields.email("email"), fields.word("role", Role)
    name = fields.line("name", limit=120, is_needed=False) or email.partition("@")[0]
    try:
        if role not in STAFF_ROLES - {Role.ORGANISER}:
            raise Invalid(role="unknown")
        fields.check()
        invited = services().database.perform(
            accounts.invite, meeting_id, email=email, name=name, role=role
        )
    except Invalid as refusal:
        if wants_json():
            raise
        problem = describe(refusal)
        return _draw_page(meeting_id, problem=problem, typed=request.form), problem.status
    return _answer_invited(meeting_id, invited)


@screen.post("/meetings/<int:meeting_id>/people/<int:account_id>/link")
@for_staff(Role.ORGANISER)
def link(meeting_id: int, account_id: int) -> AnyResponse | str:
    """Another link for who lost the one before, which no longer works."""
    invited = services().database.perform(accounts.invite_again, meeting_id, account_id=account_id)
    return _answer_invited(meeting_id, invited)


@screen.post("/meetings/<int:meeting_id>/people/<int:account_id>/<role>/withdraw")
@for_staff(Role.ORGANISER)
def withdraw(meeting_id: int, account_id: int, role: str) -> AnyResponse:
    """Take a role back."""
    if role not in STAFF_ROLES:
        raise NotFound(what="page")
    services().database.perform(
        accounts.withdraw_role, meeting_id, account_id=account_id, role=Role(role)
    )
    return redirect(url_for("desk.page", meeting_id=meeting_id) + "#people", 303)


@screen.post("/meetings/<int:meeting_id>/<step>")
@for_staff(*HOSTS)
def take_step(meeting_id: int, step: str) -> AnyResponse:
    """Take a step of the meeting's life, or choose the hall's view."""
    if step not in MEETING_STEPS:
        raise NotFound(what="page")
    _take_step(meeting_id, step)
    if wants_json():
        return jsonify(_facts(_meeting(meeting_id)))
    back = "console.page" if request.form.get("back") == "console" else "desk.page"
    return redirect(url_for(back, meeting_id=meeting_id), 303)


def _take_step(meeting_id: int, step: str) -> None:
    perform, actor = services().database.perform, actor_in(meeting_id)
    if step == "view":
        fields = read_fields()
        view = fields.word("view", View)
        fields.check()
        perform(hosting.show_view, meeting_id, view=view, by=actor)
    elif step in STEPS_WITH_MORE:
        perform(STEPS_WITH_MORE[step], meeting_id, by=actor)
    else:
        perform(hosting.take_meeting_step, meeting_id, step, by=actor)


def _meeting_text(fields: Fields) -> MeetingText:
    text = MeetingText(
        title=fields.line("title"),
        starts_at=fields.moment("starts_at"),
        organisation=fields.line("organisation", is_needed=False),
        place=fields.line("place", is_needed=False),
        about=fields.text("about", limit=NOTE_LIMIT, is_needed=False),
        settled=fields.text("settled", limit=NOTE_LIMIT, is_needed=False),
        open_to_change=fields.text("open_to_change", limit=NOTE_LIMIT, is_needed=False),
        contact=fields.line("contact", limit=LINE_LIMIT, is_needed=False),
        topics=fields.lines("topics", limit=80),
        is_moderated=fields.flag("is_moderated"),
        takes_late_questions=fields.flag("takes_late_questions"),
        shows_counts=fields.flag("shows_counts"),
        series_id=fields.number("series"),
    )
    fields.check()
    return text


def _draw_edit(meeting: MeetingFacts | None, refusal: Refusal) -> tuple[str, int]:
    """The form again with what was typed."""
    if wants_json():
        raise refusal
    problem = describe(refusal)
    return _form(meeting, typed=request.form, problem=problem), problem.status


def _form(meeting: MeetingFacts | None, **more: Any) -> str:
    with services().database.read() as session:
        plans = series.all_series(session)
    return render_template(
        "desk/edit.html", staff=signed_in(), meeting=meeting, all_series=plans, **more
    )


def _draw_page(meeting_id: int, **more: Any) -> str:
    staff, meeting = signed_in(), _meeting(meeting_id)
    with services().database.read() as session:
        colleagues = people.colleagues(session, meeting_id)
    return render_template(
        "desk/page.html",
        staff=staff,
        meeting=meeting,
        roles=staff.roles_in(meeting_id),
        steps=open_steps(MEETING_STEPS, meeting.state, roles=staff.roles_in(meeting_id)),
        colleagues=colleagues,
        address=addresses.phone(meeting.code),
        **more,
    )


def _answer_invited(meeting_id: int, invited: Invited) -> AnyResponse | str:
    """The link on the page that is answered, and nowhere after that: only its digest is kept."""
    address = invited.token and addresses.welcome(invited.token)
    if wants_json():
        return jsonify(account=invited.account_id, link=address)
    if address is None:
        return redirect(url_for("desk.page", meeting_id=meeting_id) + "#people", 303)
    return _draw_page(meeting_id, invited=invited.account_id, link=address)


def _check_organiser() -> None:
    if not signed_in().is_organiser:
        raise NotAllowed(page=request.endpoint)


def _meeting(meeting_id: int) -> MeetingFacts:
    with services().database.read() as session:
        return queries.meeting(session, meeting_id)


def _facts(meeting: MeetingFacts) -> dict[str, Any]:
    return {
        "id": meeting.id,
        "code": meeting.code,
        "title": meeting.title,
        "state": meeting.state,
        "view": meeting.view,
        "version": meeting.version,
    }
