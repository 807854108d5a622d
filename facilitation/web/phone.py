"""The phone: type a code, ask, see what became of it, say that you have a question too."""

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import asking
from facilitation.actions.asking import Asked
from facilitation.domain.audience import Audience
from facilitation.domain.lifecycle import Kind, Role
from facilitation.domain.people import Actor
from facilitation.domain.refusals import Invalid, NotFound, Refusal
from facilitation.domain.text import NAME_LIMIT, TEXT_LIMIT
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts
from facilitation.web import regions
from facilitation.web.access import device_in, device_or_new, public
from facilitation.web.cards import SCREENS, Seat, draw_own, own_facts
from facilitation.web.codes import find_meeting
from facilitation.web.forms import read_fields, wants_json
from facilitation.web.languages import current_language
from facilitation.web.packing import HOLE
from facilitation.web.refusals import describe
from facilitation.web.services import services

screen = Blueprint("phone", __name__)


@screen.get("/")
@public
def home() -> AnyResponse | str:
    """Where a code is typed; a typed code leads on."""
    if "code" not in request.args:
        return render_template("home/page.html", problem=None, typed="")
    typed = "".join(request.args["code"].split()).upper()[:20]
    try:
        meeting = find_meeting(typed)
    except Refusal as refusal:
        problem = describe(refusal)
        return Response(
            render_template("home/page.html", problem=problem, typed=typed), problem.status
        )
    return redirect(url_for("phone.page", code=meeting.code), 303)


@screen.get("/m/<code>")
@public
def page(code: str) -> AnyResponse | str:
    """The phone's one page."""
    if code != code.upper():
        return redirect(url_for("phone.page", code=code.upper()), 308)
    meeting = find_meeting(code)
    if request.args or device_in(meeting.id):
        return draw_page(meeting)
    device_or_new(meeting.id)
    return _first_page(meeting)


@screen.post("/m/<code>/questions")
@public
def ask(code: str) -> AnyResponse | tuple[AnyResponse | str, int]:
    """Take a question in: 201 with its receipt, 200 with the same when it was here already."""
    meeting = find_meeting(code)
    keeps_cookies = device_in(meeting.id) is not None
    try:
        asked = _ask(meeting)
    except Refusal as refusal:
        if wants_json():
            raise
        return _page_with_problem(meeting, refusal)
    if wants_json():
        body = {
            "id": asked.id,
            "number": asked.number,
            "state": asked.state,
            "receipt": asked.receipt,
            "link": url_for("receipt.page", receipt=asked.receipt),
        }
        return jsonify(body), 201 if asked.is_new else 200
    if not keeps_cookies:  # the page would not know this phone again; its receipt does
        return redirect(url_for("receipt.page", receipt=asked.receipt), 303)
    return redirect(url_for("phone.page", code=code, received=asked.number) + "#received", 303)


@screen.route("/m/<code>/questions/<int:question_id>/support", methods=["PUT", "POST"])
@public
def support(code: str, question_id: int) -> AnyResponse:
    """Set whether this device has the question too."""
    meeting = find_meeting(code)
    device = device_in(meeting.id)
    if device is None:
        raise Invalid(device="no_cookie")
    services().limits.spend("supports", device)
    fields = read_fields()
    wanted = fields.flag("supported")
    fields.check()
    action = asking.support_question if wanted else asking.drop_support
    set_to = services().database.perform(action, code, question_id, device=device)
    if wants_json():
        return jsonify(supported=set_to.supported, count=set_to.count)
    return redirect(url_for("phone.page", code=code) + f"#question-{question_id}", 303)


@screen.get("/m/<code>/live")
@public
def live(code: str) -> AnyResponse:
    """The live region of a phone or a hall."""
    meeting = find_meeting(code)
    wanted = request.args.get("screen", "phone")
    if SCREENS.get(wanted) is not Audience.PUBLIC:
        raise NotFound(what="page")
    return regions.answer_region(meeting, Seat(wanted, current_language()))


@screen.get("/m/<code>/mine")
@public
def mine(code: str) -> AnyResponse:
    """This device's own questions: facts, or cards to put in the page."""
    meeting = find_meeting(code)
    own, supported = own_and_supported(meeting)
    if wants_json():
        response = jsonify(cards=[own_facts(question) for question in own], supported=supported)
    else:
        response = Response("".join(draw_own(question, meeting) for question in own))
    response.headers["Cache-Control"] = "no-store"
    return response


def own_and_supported(meeting: MeetingFacts) -> tuple[list[queries.QuestionFacts], list[int]]:
    device = device_in(meeting.id)
    if device is None:
        return [], []
    with services().database.read() as session:
        return (
            queries.own_questions(session, meeting.id, device),
            queries.supported(session, meeting.id, device),
        )


def _first_page(meeting: MeetingFacts) -> Response:
    """The page of a phone that was never here: the same for all, but for the key of its form."""
    seat = Seat("phone", current_language())
    page = services().regions.page(meeting, seat, lambda: draw_page(meeting, key=HOLE))
    return regions.answer_page(page, str(uuid.uuid4()))


def draw_page(meeting: MeetingFacts, *, key: str | None = None, **form: Any) -> str:
    own, supported = own_and_supported(meeting)
    received = request.args.get("received", type=int)
    seat = Seat("phone", current_language())
    marks = {
        "own_ids": [question.id for question in own],
        "supported": supported,
        "chosen_topic": request.args.get("topic", type=int),
    }
    return render_template(
        "phone/page.html",
        meeting=meeting,
        region=_region(meeting, seat, marks),
        own=own,
        supported=supported,
        received=next((question for question in own if question.number == received), None),
        key=key or str(uuid.uuid4()),
        kinds=list(Kind),
        text_limit=TEXT_LIMIT,
        name_limit=NAME_LIMIT,
        form=form,
    )


def _region(meeting: MeetingFacts, seat: Seat, marks: dict[str, Any]) -> str:
    """The wall, with this phone's own marks; who has none yet gets the one that all get.

    A hall that arrives at once has no marks: it is drawn for everybody together.
    """
    if not any(marks.values()):
        return services().regions.html(meeting, seat)
    return regions.draw_region(meeting, seat, **marks)


def _ask(meeting: MeetingFacts) -> Asked:
    fields = read_fields()
    sent = {
        "key": fields.key(),
        "kind": fields.word("kind", Kind, default=Kind.QUESTION),
        "text": fields.text("text", limit=TEXT_LIMIT),
        "name": fields.line("name", limit=NAME_LIMIT, is_needed=False),
    }
    fields.check()
    device = device_or_new(meeting.id)
    limits = services().limits
    limits.spend("questions", device)
    limits.spend("questions in the meeting", str(meeting.id))
    asker = Actor(roles=frozenset({Role.ASKER}), device=device)
    return services().database.perform(asking.ask_question, meeting.code, by=asker, **sent)  # type: ignore[arg-type]


def _page_with_problem(meeting: MeetingFacts, refusal: Refusal) -> tuple[Response, int]:
    """The page again with the sentence beside the field, and the text under a new key."""
    problem = describe(refusal)
    page = draw_page(
        meeting,
        problem=problem,
        text=request.form.get("text", ""),
        name=request.form.get("name", ""),
        kind=request.form.get("kind", ""),
    )
    response = Response(page)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response, problem.status
