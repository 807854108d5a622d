"""The register: what is owed, by whom, by when, and what came of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import following_up
from facilitation.actions.following_up import Owner
from facilitation.domain.follow_up import OwnerKind, Track
from facilitation.domain.lifecycle import (
    FOLLOW_UP_STEPS,
    FollowUpState,
    Role,
    open_steps,
)
from facilitation.domain.meeting import local_day
from facilitation.domain.refusals import NotFound, Refusal
from facilitation.domain.text import NOTE_LIMIT
from facilitation.storage import contacts, queries
from facilitation.storage.queries import FollowUpFacts, QuestionFacts
from facilitation.web.access import actor_in, for_staff, signed_in
from facilitation.web.cards import follow_up_facts, staff_facts, steps_open
from facilitation.web.forms import Fields, read_fields, wants_json
from facilitation.web.refusals import describe
from facilitation.web.services import services
from facilitation.web.steps import Command, nothing
from facilitation.web.tables import csv_response

screen = Blueprint("register", __name__, url_prefix="/staff/meetings/<int:meeting_id>")

CSV_COLUMNS = (
    "number",
    "kind",
    "question",
    "asked_as",
    "topic",
    "supports",
    "question_state",
    "track",
    "state",
    "owner",
    "due",
    "promise",
    "answer",
    "public_reason",
    "note",
)
READERS = (Role.ORGANISER, Role.MODERATOR, Role.SCRIBE, Role.ANSWERER)


def _owner(fields: Fields) -> dict[str, Any]:
    return {
        "owner": Owner(
            name=fields.line("owner"),
            organisation=fields.line("organisation", is_needed=False),
            kind=fields.word("owner_kind", OwnerKind, default=OwnerKind.OFFICIAL),
            account_id=fields.number("account"),
        ),
        "note": fields.text("note", limit=NOTE_LIMIT, is_needed=False),
        "due": fields.day("due"),
        "promise": fields.text("promise", limit=NOTE_LIMIT, is_needed=False),
    }


def _answer(fields: Fields) -> dict[str, Any]:
    return {"answer": fields.text("answer", limit=NOTE_LIMIT)}


def _public_reason(fields: Fields) -> dict[str, Any]:
    return {"public_reason": fields.text("public_reason", limit=NOTE_LIMIT)}


FOLLOW_UP_COMMANDS: dict[str, Command] = {
    "assign": Command(following_up.assign_follow_up, _owner),
    "draft": Command(following_up.draft_answer, _answer),
    "approve": Command(following_up.approve_answer, nothing),
    "publish": Command(following_up.publish_answer, nothing),
    "answer": Command(following_up.answer_at_once, _answer),
    "close": Command(following_up.close_follow_up, _public_reason),
    "reopen": Command(following_up.reopen_follow_up, nothing),
}


@screen.get("/register")
@for_staff(*READERS)
def page(meeting_id: int) -> str:
    """The list, filtered by state, owner, track and words; what is overdue first."""
    with services().database.read() as session:
        meeting = queries.meeting(session, meeting_id)
        points = queries.register(session, meeting_id)
    days_late = _days_late(local_day(services().database.now()))
    chosen = {name: request.args.get(name, "") for name in ("state", "owner", "track", "words")}
    return render_template(
        "register/page.html",
        meeting=meeting,
        staff=signed_in(),
        points=_chosen(points, chosen, days_late),
        all_points=points,
        late=sum(map(bool, map(days_late, points))),
        days_late=days_late,
        chosen=chosen,
        states=list(FollowUpState),
        tracks=list(Track),
        owners=sorted({owed(point).owner for point in points} - {""}),
    )


@screen.get("/register.csv")
@for_staff(*READERS)
def as_csv(meeting_id: int) -> Response:
    """The whole register as a spreadsheet reads it."""
    with services().database.read() as session:
        meeting = queries.meeting(session, meeting_id)
        points = queries.register(session, meeting_id)
    return csv_response(f"register-{meeting.code}", CSV_COLUMNS, map(_csv_row, points))


@screen.get("/register/<int:follow_up_id>")
@for_staff(*READERS)
def point(meeting_id: int, follow_up_id: int) -> AnyResponse | str:
    """One point of the register with the forms of its open steps."""
    found = _point(meeting_id, follow_up_id)
    if wants_json():
        return jsonify(staff_facts(found))
    return _draw_point(meeting_id, found)


@screen.post("/register/<int:follow_up_id>/<step>")
@for_staff(*READERS)
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
        return jsonify(staff_facts(_point(meeting_id, follow_up_id)))
    return redirect(
        url_for("register.page", meeting_id=meeting_id) + f"#follow-up-{follow_up_id}", 303
    )


def owed(question: QuestionFacts) -> FollowUpFacts:
    """The follow-up of a point of the register."""
    if question.follow_up is None:
        raise NotFound(what="follow_up")
    return question.follow_up


def _take_step(meeting_id: int, follow_up_id: int, step: str) -> None:
    command = FOLLOW_UP_COMMANDS[step]
    fields = read_fields()
    sent = command.read(fields) | {"version": fields.number("version")}
    fields.check()
    services().database.perform(
        command.action, meeting_id, follow_up_id, by=actor_in(meeting_id), **sent
    )


def _draw_point(meeting_id: int, found: QuestionFacts, **more: Any) -> str:
    roles = signed_in().roles_in(meeting_id)
    with services().database.read() as session:
        meeting = queries.meeting(session, meeting_id)
        heard = contacts.heard(session, meeting_id, found.id)
    today = local_day(services().database.now())
    return render_template(
        "register/point.html",
        meeting=meeting,
        staff=signed_in(),
        question=found,
        owed=owed(found),
        days_late=_days_late(today),
        steps=open_steps(FOLLOW_UP_STEPS, owed(found).state, roles=roles),
        question_steps=steps_open(found, roles),
        heard=heard,
        typed=request.form,
        **more,
    )


def _point(meeting_id: int, follow_up_id: int) -> QuestionFacts:
    with services().database.read() as session:
        return queries.register_point(session, meeting_id, follow_up_id)


def _days_late(today: date) -> Callable[[QuestionFacts], int]:
    def days_late(question: QuestionFacts) -> int:
        """How many days the answer is owed too long; 0 when it is in time or no longer owed."""
        point = owed(question)
        if point.due is None or not point.state.is_owed:
            return 0
        return max(0, (today - point.due).days)

    return days_late


def _chosen(
    points: list[QuestionFacts], chosen: dict[str, str], days_late: Callable[[QuestionFacts], int]
) -> list[QuestionFacts]:
    def matches(question: QuestionFacts) -> bool:
        point = owed(question)
        return (
            (not chosen["state"] or _is_in(chosen["state"], question, days_late))
            and chosen["owner"] in {"", point.owner}
            and chosen["track"] in {"", point.track}
            and chosen["words"].casefold() in f"{question.number} {question.text}".casefold()
        )

    return sorted(filter(matches, points), key=lambda found: (-days_late(found), found.number))


def _is_in(state: str, question: QuestionFacts, days_late: Callable[[QuestionFacts], int]) -> bool:
    """Whether it is in this state, or in one of the groups that the filter offers beside them."""
    if state == "overdue":
        return days_late(question) > 0
    if state == "owed":
        return owed(question).state.is_owed
    return owed(question).state == state


def _csv_row(question: QuestionFacts) -> dict[str, Any]:
    point = owed(question)
    return {
        **staff_facts(question),
        **follow_up_facts(point),
        "question": question.text,
        "asked_as": question.original_text,
        "supports": question.support_count,
        "question_state": question.state,
    }
