"""The library of prepared answers of a plan: keep it, import it, take it to the front desk."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import preparing
from facilitation.actions.preparing import Imported
from facilitation.domain.lifecycle import Role
from facilitation.domain.matching import best_matches
from facilitation.domain.meeting import local_day
from facilitation.domain.prepared import AnswerKind
from facilitation.domain.refusals import Invalid, NotAllowed, NotFound, Refusal
from facilitation.domain.text import NOTE_LIMIT
from facilitation.storage import prepared
from facilitation.storage.prepared import Library, PreparedFacts
from facilitation.web.access import for_staff, signed_in
from facilitation.web.forms import read_fields, wants_json
from facilitation.web.prepared_rows import COLUMNS, read_prepared, read_table
from facilitation.web.refusals import describe
from facilitation.web.services import services
from facilitation.web.tables import csv_response

screen = Blueprint("prepared", __name__, url_prefix="/staff/series/<int:series_id>")

READS = frozenset({Role.ORGANISER, Role.MODERATOR, Role.ANSWERER})
WRITES = frozenset({Role.ORGANISER, Role.MODERATOR})
LARGEST_FILE = 1024 * 1024
ENVELOPE = 4 * 1024  # what a browser writes around a file


@screen.get("/prepared")
@for_staff()
def page(series_id: int) -> str:
    """All that was prepared, and what one can do with it."""
    return _draw(_library(series_id, READS))


@screen.post("/prepared")
@for_staff()
def add(series_id: int) -> AnyResponse | tuple[str, int]:
    """Put one in."""
    library = _library(series_id, WRITES)

    def put_in() -> int:
        fields = read_fields()
        text = read_prepared(fields)
        fields.check()
        return services().database.perform(preparing.add_answer, series_id, text)

    return _answer(library, "add", put_in)


@screen.get("/prepared/<int:answer_id>")
@for_staff()
def edit(series_id: int, answer_id: int) -> str:
    """One of them, to rewrite or take out."""
    return _draw_one(_library(series_id, WRITES), answer_id)


@screen.post("/prepared/<int:answer_id>")
@for_staff()
def save(series_id: int, answer_id: int) -> AnyResponse | tuple[str, int]:
    """Rewrite it; or get the form back with what was typed and is wrong."""
    library = _library(series_id, WRITES)

    def rewrite() -> int:
        fields = read_fields()
        text, version = read_prepared(fields), fields.number("version")
        fields.check()
        return services().database.perform(
            preparing.edit_answer, series_id, answer_id, text, version=version
        )

    return _answer(library, "edit", rewrite, answer_id=answer_id)


@screen.post("/prepared/<int:answer_id>/remove")
@for_staff()
def remove(series_id: int, answer_id: int) -> AnyResponse | tuple[str, int]:
    """Take it out."""
    library = _library(series_id, WRITES)

    def take_out() -> int:
        return services().database.perform(preparing.remove_answer, series_id, answer_id)

    return _answer(library, "edit", take_out)


@screen.post("/prepared/import")
@for_staff()
def import_table(series_id: int) -> AnyResponse | tuple[str, int]:
    """Put in all lines of a CSV file, or none."""
    library = _library(series_id, WRITES)
    try:
        texts = read_table(_uploaded())
        done = services().database.perform(preparing.import_answers, series_id, texts)
    except Invalid as refusal:
        return _refuse(library, "import", refusal)
    if wants_json():
        return jsonify(added=done.added, rewritten=done.rewritten)
    told: dict[str, Any] = {"added": done.added, "again": done.rewritten}
    return redirect(url_for("prepared.page", series_id=series_id, **told, _anchor="main"), 303)


@screen.get("/prepared.csv")
@for_staff()
def as_csv(series_id: int) -> Response:
    """The library as a table that can be imported again."""
    library = _library(series_id, READS)
    rows = ({name: _cell(getattr(one, name)) for name in COLUMNS} for one in library.answers)
    return csv_response(f"prepared-{library.code}", COLUMNS, rows)


@screen.get("/prepared/brief")
@for_staff()
def brief(series_id: int) -> str:
    """On paper for who stands at the front desk: what to say, and what to pass on to whom."""
    library = _library(series_id, READS)
    return render_template(
        "prepared/brief.html",
        staff=signed_in(),
        library=library,
        today=_today(),
        parts=[(kind, [one for one in library.answers if one.kind is kind]) for kind in AnswerKind],
    )


@screen.get("/prepared/matches")
@for_staff()
def matches(series_id: int) -> AnyResponse:
    """The three that fit `text` best, each with a score from 0 to 1."""
    library = _library(series_id, READS)
    by_id = {one.id: one for one in library.answers}
    entries = {one.id: (one.question, one.answer) for one in library.answers}
    text = request.args.get("text", "")[:NOTE_LIMIT]
    return jsonify(
        [_offered(by_id[one.id], one.score) for one in best_matches(text, entries)],
    )


def _offered(answer: PreparedFacts, score: float) -> dict[str, Any]:
    return {
        "id": answer.id,
        "question": answer.question,
        "answer": answer.answer,
        "kind": answer.kind,
        "score": round(score, 2),
    }


def _uploaded() -> bytes:
    """The bytes of the file; asked for only now, so that a larger one is refused unread."""
    request.max_content_length = LARGEST_FILE + ENVELOPE
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge:
        raise Invalid(file="too_large") from None
    if file is None or not file.filename:
        raise Invalid(file="none")
    with closing(file):
        raw: bytes = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise Invalid(file="too_large")
    return raw


def _answer(
    library: Library, form: str, do: Callable[[], int], *, answer_id: int = 0
) -> AnyResponse | tuple[str, int]:
    """Do it, and go back to the list; or the form again with what was typed and is wrong."""
    try:
        done = do()
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _refuse(library, form, refusal, answer_id=answer_id)
    if wants_json():
        return jsonify(id=done)
    return redirect(url_for("prepared.page", series_id=library.id, _anchor="main"), 303)


def _refuse(
    library: Library, form: str, refusal: Refusal, *, answer_id: int = 0
) -> tuple[str, int]:
    if wants_json():
        raise refusal
    problem = describe(refusal)
    # A file that is too large is never read, and with it none of its form.
    typed = {} if form == "import" else request.form
    more = {"problem": problem, "form": form, "typed": typed}
    page = _draw_one(library, answer_id, **more) if answer_id else _draw(library, **more)
    return page, problem.status


def _library(series_id: int, roles: frozenset[Role]) -> Library:
    """The library, for who has one of these roles in a meeting of this plan."""
    with services().database.read() as session:
        library = prepared.library(session, series_id)
    if not _roles_in(library) & roles:
        raise NotAllowed(page=request.endpoint)
    return library


def _roles_in(library: Library) -> frozenset[Role]:
    staff = signed_in()
    return staff.roles_in(0).union(*(staff.roles_in(one) for one in library.meeting_ids))


def _draw(library: Library, **more: Any) -> str:
    done = Imported(
        added=request.args.get("added", 0, type=int),
        rewritten=request.args.get("again", 0, type=int),
    )
    return render_template(
        "prepared/page.html",
        library=library,
        may_write=bool(_roles_in(library) & WRITES),
        is_imported="added" in request.args,
        done=done,
        **_shared(),
        **more,
    )


def _draw_one(library: Library, answer_id: int, **more: Any) -> str:
    answer = next((one for one in library.answers if one.id == answer_id), None)
    if answer is None:
        raise NotFound(what="prepared_answer")
    return render_template(
        "prepared/edit.html", library=library, answer=answer, **_shared(), **more
    )


def _shared() -> dict[str, Any]:
    return {"staff": signed_in(), "kinds": list(AnswerKind), "today": _today()}


def _today() -> date:
    return local_day(services().database.now())


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
