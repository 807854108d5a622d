"""The console: triage, the stage, the steps of a question, what was spoken or on paper."""

import uuid
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import asking
from facilitation.domain.audience import PUBLIC_STATES
from facilitation.domain.lifecycle import MEETING_STEPS, UNSETTLED, Kind, MeetingState, Role
from facilitation.domain.question import Source
from facilitation.domain.refusals import NotFound, Refusal
from facilitation.domain.text import NAME_LIMIT, TEXT_LIMIT
from facilitation.storage import contacts, queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web import regions
from facilitation.web.access import actor_in, for_staff, signed_in
from facilitation.web.cards import Seat, staff_facts, steps_open
from facilitation.web.forms import read_fields, wants_json
from facilitation.web.languages import current_language
from facilitation.web.refusals import describe
from facilitation.web.services import services
from facilitation.web.steps import QUESTION_COMMANDS

screen = Blueprint("console", __name__, url_prefix="/staff/meetings/<int:meeting_id>")

AT_THE_DESK = (Role.ORGANISER, Role.MODERATOR, Role.SCRIBE)


@screen.get("/console")
@for_staff(*AT_THE_DESK)
def page(meeting_id: int) -> str:
    return _draw_page(meeting_id)


@screen.get("/live")
@for_staff(*AT_THE_DESK)
def live(meeting_id: int) -> AnyResponse:
    """The live region of the console."""
    if request.args.get("screen", "console") != "console":
        raise NotFound(what="page")
    return regions.answer_region(_meeting(meeting_id), _seat(meeting_id))


@screen.post("/questions")
@for_staff(*AT_THE_DESK)
def enter(meeting_id: int) -> AnyResponse | tuple[AnyResponse | str, int]:
    """Enter a spoken or paper question."""
    try:
        asked = _enter(meeting_id)
    except Refusal as refusal:
        if wants_json() or isinstance(refusal, NotFound):
            raise
        problem = describe(refusal)
        return _draw_page(meeting_id, problem=problem, typed=request.form), problem.status
    if wants_json():
        body = {"id": asked.id, "number": asked.number, "state": asked.state}
        return jsonify(body), 201 if asked.is_new else 200
    return redirect(url_for("console.page", meeting_id=meeting_id) + "#entry", 303)


def _enter(meeting_id: int) -> asking.Asked:
    fields = read_fields()
    entry: dict[str, Any] = {
        "key": fields.key(),
        "kind": fields.word("kind", Kind, default=Kind.QUESTION),
        "text": fields.text("text", limit=TEXT_LIMIT),
        "name": fields.line("name", limit=NAME_LIMIT, is_needed=False),
        "source": fields.word("source", Source, default=Source.SPOKEN),
    }
    fields.check()
    return services().database.perform(
        asking.enter_question, meeting_id, by=actor_in(meeting_id), **entry
    )


@screen.get("/questions/<int:question_id>")
@for_staff(*AT_THE_DESK)
def question(meeting_id: int, question_id: int) -> AnyResponse | str:
    """One question with the forms of all its open steps; the console without JavaScript."""
    found = _question(meeting_id, question_id)
    if wants_json():
        return jsonify(staff_facts(found))
    return _draw_question(meeting_id, found)


@screen.post("/questions/<int:question_id>/<step>")
@for_staff(*AT_THE_DESK)
def take_step(meeting_id: int, question_id: int, step: str) -> AnyResponse | tuple[str, int]:
    """Take a step of the question's life; 200 with how it stands then."""
    if step not in QUESTION_COMMANDS:
        raise NotFound(what="page")
    try:
        _take_step(meeting_id, question_id, step)
    except Refusal as refusal:
        if wants_json() or isinstance(refusal, NotFound):
            raise
        problem = describe(refusal)
        found = _question(meeting_id, question_id)
        return _draw_question(meeting_id, found, problem=problem, step=step), problem.status
    if wants_json():
        return jsonify(staff_facts(_question(meeting_id, question_id)))
    return redirect(_origin(meeting_id, question_id), 303)


def _origin(meeting_id: int, question_id: int) -> str:
    """Back to where the step was taken: a point of the register, or the console."""
    follow_up_id = request.form.get("follow_up", type=int)
    if follow_up_id is not None:
        return url_for("register.point", meeting_id=meeting_id, follow_up_id=follow_up_id)
    return url_for("console.page", meeting_id=meeting_id) + f"#question-{question_id}"


def _take_step(meeting_id: int, question_id: int, step: str) -> None:
    command = QUESTION_COMMANDS[step]
    fields = read_fields()
    sent = command.read(fields) | {"version": fields.number("version")}
    fields.check()
    services().database.perform(
        command.action, meeting_id, question_id, by=actor_in(meeting_id), **sent
    )


def _draw_page(meeting_id: int, **more: Any) -> str:
    meeting, seat = _meeting(meeting_id), _seat(meeting_id)
    return render_template(
        "console/page.html",
        meeting=meeting,
        staff=signed_in(),
        meeting_steps=_meeting_steps(seat.roles),
        region=services().regions.html(meeting, seat),
        key=str(uuid.uuid4()),
        kinds=list(Kind),
        sources=[Source.SPOKEN, Source.PAPER],
        public_states=sorted(PUBLIC_STATES),
        unsettled=sorted(UNSETTLED),
        **more,
    )


def _meeting_steps(roles: frozenset[Role]) -> dict[str, list[MeetingState]]:
    """The steps of the evening that these roles may take, each with the states it is open in."""
    return {name: list(step.moves) for name, step in MEETING_STEPS.items() if step.roles & roles}


def _draw_question(meeting_id: int, found: QuestionFacts, **more: Any) -> str:
    meeting = _meeting(meeting_id)
    with services().database.read() as session:
        targets = queries.merge_targets(session, meeting, found.id)
        heard = contacts.heard(session, meeting_id, found.id)
    return render_template(
        "console/question.html",
        meeting=meeting,
        staff=signed_in(),
        question=found,
        steps=steps_open(found, _seat(meeting_id).roles),
        targets=targets,
        heard=heard,
        public_states=sorted(PUBLIC_STATES),
        typed=request.form,
        kinds=list(Kind),
        **more,
    )


def _seat(meeting_id: int) -> Seat:
    """The same seat as the console's socket takes, so that pages and messages are equal."""
    roles = signed_in().roles_in(meeting_id) & set(AT_THE_DESK)
    return Seat("console", current_language(), frozenset(roles))


def _meeting(meeting_id: int) -> MeetingFacts:
    with services().database.read() as session:
        return queries.meeting(session, meeting_id)


def _question(meeting_id: int, question_id: int) -> QuestionFacts:
    with services().database.read() as session:
        return queries.question(session, meeting_id, question_id)
