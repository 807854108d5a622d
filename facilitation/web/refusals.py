"""A refusal → a status and a page or problem+json; and the sentences that people read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from facilitation.domain import refusals
from facilitation.domain.lifecycle import MeetingState
from facilitation.domain.refusals import Refusal
from facilitation.storage import queries
from facilitation.web.cards import staff_facts
from facilitation.web.forms import wants_json
from facilitation.web.services import services

RETRY_SECONDS = 3
REFUSED = "vragenmuur.refused"  # in the environment of a request that was refused before Flask


@dataclass(frozen=True)
class Problem:
    """What goes back: RFC 9457's members, and a sentence for each field."""

    name: str
    status: int
    title: str
    errors: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    newest: Mapping[str, object] | None = None


# What a form says of a field; the field's own name wins over the general sentence.
FIELD_SENTENCES = {
    "text.empty": _l("Type your question first."),
    "text.too_long": _l("This is too long: at most 500 characters. Shorten it a little."),
    "text.nothing_added": _l("Write what you want to add first."),
    "verdict.unknown": _l("Choose yes or not yet."),
    "kind.unknown": _l("Choose question, concern or idea."),
    "kind.settled": _l("Undo the answer first: then the kind can be changed."),
    "name.too_long": _l("This name is too long."),
    "reason.empty": _l("Write why: the person who asked reads this."),
    "owner.empty": _l("Write who will find out."),
    "due.empty": _l("Choose the day on which there is an answer."),
    "due.past": _l("This day has passed. Choose today or a later day."),
    "promise.empty": _l("Write what happens now: who finds out and when."),
    "speaker.empty": _l("Write who answered."),
    "into.empty": _l("Choose the question that asks the same."),
    "into.not_mergeable": _l("Choose another question that is on the wall."),
    "answer.empty": _l("Write the answer first."),
    "answer.place_first": _l("Place or decline the question first: nobody has read it over yet."),
    "answer.own": _l("You wrote this answer: let a colleague read it over."),
    "answer.second_reader": _l("A colleague must read this answer over before it goes out."),
    "account.unknown": _l("This colleague has no role in this meeting."),
    "point.empty": _l("Tick at least one point first."),
    "public_reason.empty": _l("Write why there is no answer: everybody can read this."),
    "title.empty": _l("Give the meeting a name."),
    "starts_at.empty": _l("Choose the day and the time."),
    "email.taken": _l("There is an account with this e-mail address already."),
    "email.unknown": _l("Nobody has an account with this e-mail address."),
    "email.empty": _l("Type an e-mail address, for example name@example.nl."),
    "email.no_email": _l("This is not a complete e-mail address."),
    "password.too_short": _l("Choose a password of at least 12 characters."),
    "password.wrong": _l("This e-mail address and password do not belong together."),
    "device.no_cookie": _l(
        "Your phone keeps no cookies, so we cannot count you once. Allow them for this page."
    ),
    "code.empty": _l("Type the six characters of the code."),
    "body.no_json": _l("This is not a message that we can read."),
    "key.no_key": _l("The message has no valid key. Load the page again; your text stays."),
    "question.taken": _l("This question stands in the library already: change that one."),
    "question.twice": _l("This question stands in the file twice."),
    "question.library_full": _l("The library is full: take out what is old first."),
    "file.library_full": _l("This would be more than 500 answers. Take out what is old first."),
    "file.none": _l("Choose a file first."),
    "file.empty": _l("This file is empty."),
    "file.no_rows": _l("This file names columns, and no answers below them."),
    "file.too_large": _l("This file is too large: at most 1 MB."),
    "file.no_table": _l("This is not a CSV file. Save it as CSV in your spreadsheet first."),
    "file.columns": _l(
        "The columns are not right. The first line names question and answer, and if you like"
        " kind, speaker, source and review_on; nothing else, and each once."
    ),
    "too_many_cells": _l("There are more cells than columns. Put quotes around a text with ; or ,"),
    "empty": _l("Fill this in."),
    "too_long": _l("This is too long."),
    "too_short": _l("This is too short."),
    "unknown": _l("Choose one from the list."),
    "no_date": _l("This is not a date."),
    "no_moment": _l("This is not a date and a time."),
    "no_number": _l("This is not a number."),
    "no_text": _l("This is not text."),
    "no_email": _l("This is not a complete e-mail address."),
}


def install(app: Flask) -> None:
    app.before_request(_raise_earlier)
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)


def _raise_earlier() -> None:
    if REFUSED in request.environ:
        raise request.environ[REFUSED]


def describe(refusal: Refusal) -> Problem:
    """The problem to send back, in the reader's language."""
    match refusal:
        case refusals.Invalid(problems=problems):
            sentences = {name: field_sentence(name, why) for name, why in problems.items()}
            return Problem("invalid", 422, next(iter(sentences.values())), sentences)
        case refusals.Outdated(question_id=question_id):
            title = _("Somebody else was just before you. This is how it stands now.")
            return Problem("outdated", 409, title, newest=_newest(question_id))
        case refusals.NotAll(refused=refused):
            return _describe_all(refused)
        case refusals.KeyTaken():
            return Problem(
                "key-taken", 409, _("This was sent before with another text. Send again.")
            )
        case refusals.NotOpen(facts={"step": "ask", "state": state}):
            return Problem("not-open", 409, _takes_no_questions(state))
        case refusals.NotOpen():
            return Problem("not-open", 409, _("This cannot be done any more as things stand now."))
        case refusals.TooMany(wait=wait):
            title = ngettext(
                "One moment: try again in %(num)d second.",
                "One moment: try again in %(num)d seconds.",
                wait,
            )
            return Problem("too-many", 429, title, retry_after=wait)
        case refusals.Unavailable():
            title = _("It is very busy. Nothing is lost: try again in a moment.")
            return Problem("unavailable", 503, title, retry_after=RETRY_SECONDS)
        case refusals.SignInNeeded():
            return Problem("sign-in", 401, _("Sign in first."))
        case refusals.Foreign():
            return Problem(
                "foreign", 403, _("This was sent from another website. Nothing is done.")
            )
        case refusals.NotAllowed():
            return Problem("not-allowed", 403, _("Your role in this meeting does not allow this."))
        case _:
            return Problem("not-found", 404, _not_found(refusal.facts.get("what", "")))


def _describe_all(refused: Mapping[int, Refusal]) -> Problem:
    """Why each of them could not; not yours to do only when that holds of all."""
    problems = {id: describe(why) for id, why in refused.items()}
    title = _("Nothing is saved: not everything that you ticked can be changed.")
    sentences = {str(id): problem.title for id, problem in problems.items()}
    if {problem.status for problem in problems.values()} == {403}:
        return Problem("not-allowed", 403, title, sentences)
    return Problem("not-all", 409, title, sentences)


def field_sentence(name: str, why: str) -> str:
    """What is wrong with this field; `4.answer` is the field on line 4 of a table."""
    field = name.rpartition(".")[2]
    return str(
        FIELD_SENTENCES.get(f"{field}.{why}") or FIELD_SENTENCES.get(why) or _("Fill this in.")
    )


def answer_refusal(refusal: Refusal) -> AnyResponse:
    problem = describe(refusal)
    if isinstance(refusal, refusals.SignInNeeded) and not wants_json() and request.method == "GET":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
    return answer(problem)


def answer_http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    titles = {
        400: _("This is not a message that we can read."),
        404: _not_found(""),
        405: _("This cannot be done here."),
        413: _("This is too large."),
        500: _("Something went wrong on our side. Try again in a moment."),
    }
    names = {404: "not-found", 405: "not-allowed-here", 413: "too-large", 500: "error"}
    title = titles.get(status) or _("This cannot be done here.")
    return answer(Problem(names.get(status, "bad-request"), status, title))


def answer(problem: Problem) -> Response:
    """The problem as the sender asked for it: JSON, or a page that says what to do."""
    g.refused = problem.name
    if wants_json():
        response = Response(json.dumps(_members(problem)), content_type="application/problem+json")
    else:
        response = Response(render_template("refusals/page.html", problem=problem))
    response.status_code = problem.status
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    response.headers["Cache-Control"] = "no-store"
    return response


def _members(problem: Problem) -> dict[str, object]:
    members: dict[str, object] = {
        "type": f"urn:problem:{problem.name}",
        "title": problem.title,
        "status": problem.status,
    }
    if problem.errors:
        members["errors"] = dict(problem.errors)
    if problem.newest is not None:
        members["newest"] = dict(problem.newest)
    return members


def _newest(question_id: int) -> dict[str, object]:
    """How the question stands now; only staff steps carry versions, so only staff read this."""
    meeting_id = (request.view_args or {}).get("meeting_id", 0)
    with services().database.read() as session:
        found = queries.questions(session, meeting_id, [question_id])
    return staff_facts(found[0]) if found else {}


def _takes_no_questions(state: MeetingState) -> str:
    if state.is_prepared:
        return _("This meeting does not take questions yet.")
    return _(
        "This meeting takes no more questions. You can reach the municipality by e-mail or phone."
    )


def _not_found(what: str) -> str:
    match what:
        case "code":
            return _("There is no meeting with this code. Check the six characters on the screen.")
        case "receipt":
            return _("We do not know this link. Check whether it was copied whole.")
        case "mail_link":
            return _("This link does not work (any more). Perhaps you stopped these mails already.")
        case "link":
            return _("This link was used already or is too old. Make a new one on the server.")
        case "question":
            return _("This question is not here (any more).")
        case _:
            return _("This page does not exist.")
