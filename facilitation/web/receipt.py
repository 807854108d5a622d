"""The receipt: an asker's own page, by a private link, with withdraw."""

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import asking
from facilitation.domain.lifecycle import QUESTION_STEPS, Role, open_steps
from facilitation.storage import queries
from facilitation.web.access import public
from facilitation.web.cards import own_facts
from facilitation.web.forms import wants_json
from facilitation.web.services import services

screen = Blueprint("receipt", __name__)


@screen.get("/q/<receipt>")
@public
def page(receipt: str) -> AnyResponse:
    """State, promise and answer of one's own question."""
    with services().database.read() as session:
        question = queries.question_by_receipt(session, receipt)
        meeting = queries.meeting(session, question.meeting_id)
    if wants_json():
        response = jsonify(own_facts(question))
    else:
        steps = open_steps(QUESTION_STEPS, question.state, roles={Role.ASKER})
        response = Response(
            render_template("receipt/page.html", question=question, meeting=meeting, steps=steps)
        )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@screen.post("/q/<receipt>/withdraw")
@public
def withdraw(receipt: str) -> AnyResponse:
    """Take the question back."""
    services().database.perform(asking.withdraw_question, receipt)
    if wants_json():
        with services().database.read() as session:
            return jsonify(own_facts(queries.question_by_receipt(session, receipt)))
    return redirect(url_for("receipt.page", receipt=receipt), 303)
