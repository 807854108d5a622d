"""The receipt: an asker's own page, by a private link, with all that can be done there."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import asking, contacting
from facilitation.domain.contact import Purpose
from facilitation.domain.lifecycle import QUESTION_STEPS, Role, open_steps
from facilitation.domain.meeting import local_day
from facilitation.domain.question import Verdict
from facilitation.domain.refusals import NotFound, Refusal
from facilitation.domain.text import TEXT_LIMIT
from facilitation.storage import contacts, queries
from facilitation.web.access import public
from facilitation.web.cards import own_facts
from facilitation.web.forms import read_fields, wants_json
from facilitation.web.languages import current_language
from facilitation.web.refusals import describe
from facilitation.web.services import services

screen = Blueprint("receipt", __name__)

# What may be ticked beside the answer, which is what the address is left for.
TICKED = tuple(purpose for purpose in Purpose if not purpose.is_about_one_question)


@screen.get("/q/<receipt>")
@public
def page(receipt: str) -> AnyResponse:
    """State, promise and answer of one's own question."""
    if wants_json():
        return _private(jsonify(_facts(receipt)))
    return _private(Response(_draw(receipt)))


@screen.get("/q/<receipt>/data")
@public
def data(receipt: str) -> AnyResponse:
    """All that we hold with this question; addresses are masked, as the link may be passed on."""
    held = _held(receipt)
    if wants_json():
        return _private(jsonify(_plain(held)))
    return _private(Response(render_template("receipt/data.html", receipt=receipt, **held)))


@screen.post("/q/<receipt>/withdraw")
@public
def withdraw(receipt: str) -> AnyResponse:
    """Take the question back."""
    services().database.perform(asking.withdraw_question, receipt)
    return _done(receipt)


@screen.post("/q/<receipt>/address")
@public
def address(receipt: str) -> AnyResponse | tuple[AnyResponse, int]:
    """Leave an address; the answer is the same whether or not we know it already."""
    try:
        _leave_address(receipt)
    except Refusal as refusal:
        return _with_problem(receipt, refusal, at="address")
    return _done(receipt, "address")


@screen.post("/q/<receipt>/address/erase")
@public
def erase(receipt: str) -> AnyResponse:
    """Forget every address that was left here."""
    services().database.perform(contacting.erase_addresses, receipt)
    return _done(receipt, "address")


@screen.post("/q/<receipt>/verdict")
@public
def verdict(receipt: str) -> AnyResponse | tuple[AnyResponse, int]:
    """Say whether this answers the question."""
    fields = read_fields()
    said = fields.word("verdict", Verdict)
    try:
        fields.check()
        services().database.perform(contacting.give_verdict, receipt, verdict=said)
    except Refusal as refusal:
        return _with_problem(receipt, refusal, at="verdict")
    return _done(receipt, "verdict")


@screen.post("/q/<receipt>/clarify")
@public
def clarify(receipt: str) -> AnyResponse | tuple[AnyResponse, int]:
    """Add to the question, for colleagues to read."""
    fields = read_fields()
    text = fields.text("text", limit=TEXT_LIMIT, is_needed=False)
    try:
        fields.check()
        services().limits.spend("clarifications", receipt)
        services().database.perform(contacting.clarify_question, receipt, text=text)
    except Refusal as refusal:
        return _with_problem(receipt, refusal, at="clarify")
    return _done(receipt, "clarify")


def _leave_address(receipt: str) -> None:
    fields = read_fields()
    email = fields.email("email")
    ticked = [purpose for purpose in TICKED if fields.flag(purpose)]
    fields.check()
    question = _held(receipt)["question"]
    services().limits.spend("addresses", question.device)
    services().limits.spend("addresses in the meeting", str(question.meeting_id))
    services().database.perform(
        contacting.leave_address,
        receipt,
        email=email,
        purposes=[Purpose.ANSWER, *ticked],
        language=current_language(),
    )


def _done(receipt: str, part: str = "") -> AnyResponse:
    if wants_json():
        return _private(jsonify(_facts(receipt)))
    return redirect(url_for("receipt.page", receipt=receipt, _anchor=part or None), 303)


def _with_problem(receipt: str, refusal: Refusal, *, at: str) -> tuple[AnyResponse, int]:
    """The page again with the sentence beside the field, and what was typed."""
    if wants_json() or isinstance(refusal, NotFound):
        raise refusal
    problem = describe(refusal)
    response = _private(Response(_draw(receipt, problem=problem, at=at, typed=request.form)))
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response, problem.status


def _facts(receipt: str) -> dict[str, Any]:
    held = _held(receipt)
    return own_facts(held["question"]) | {"verdict": held["after"].verdict}


def _draw(receipt: str, **form: Any) -> str:
    held = _held(receipt)
    return render_template(
        "receipt/page.html",
        steps=open_steps(QUESTION_STEPS, held["question"].state, roles={Role.ASKER}),
        ticked=TICKED,
        verdicts=list(Verdict),
        text_limit=TEXT_LIMIT,
        form=form,
        **held,
    )


def _held(receipt: str) -> dict[str, Any]:
    database = services().database
    with database.read() as session:
        question = queries.question_by_receipt(session, receipt)
        return {
            "question": question,
            "meeting": queries.meeting(session, question.meeting_id),
            "after": contacts.aftermath(session, receipt, today=local_day(database.now())),
        }


def _plain(held: dict[str, Any]) -> dict[str, Any]:
    question, after = held["question"], held["after"]
    return {
        "meeting": held["meeting"].title,
        **own_facts(question),
        "name": question.name,
        "source": question.source,
        "asked_at": question.asked_at.isoformat(),
        "verdict": after.verdict,
        "verdict_at": after.verdict_at and after.verdict_at.isoformat(),
        **{
            kind: [_said(one) for one in getattr(after, kind)]
            for kind in ("clarifications", "contacts", "mails")
        },
    }


def _said(one: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in asdict(one).items()
    }


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
