"""The desk of a plan: what everybody reads about it, whom they reach, and its news."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import informing
from facilitation.actions.informing import SeriesText
from facilitation.domain.lifecycle import Role
from facilitation.domain.refusals import NotFound, Refusal
from facilitation.domain.text import NOTE_LIMIT
from facilitation.storage import series
from facilitation.web.access import actor_in, for_staff, signed_in
from facilitation.web.forms import Fields, read_fields, wants_json
from facilitation.web.refusals import describe
from facilitation.web.services import services

screen = Blueprint("series_desk", __name__, url_prefix="/staff/series")

PHONE_LIMIT = 40
EVERYWHERE = 0  # a plan is no meeting: only who is an organiser everywhere has a role in it


@screen.get("")
@for_staff(Role.ORGANISER)
def overview() -> str:
    """Every plan, with its public page."""
    with services().database.read() as session:
        return render_template(
            "series_desk/list.html",
            staff=signed_in(),
            all_series=series.all_series(session),
            counts=series.meeting_counts(session),
        )


@screen.get("/<int:series_id>")
@for_staff(Role.ORGANISER)
def page(series_id: int) -> str:
    """One plan: its text, its meetings, its news."""
    return _draw(series_id)


@screen.post("/<int:series_id>")
@for_staff(Role.ORGANISER)
def save(series_id: int) -> AnyResponse | tuple[str, int]:
    """Rewrite what is said about it."""

    def rewrite() -> int:
        fields = read_fields()
        version = fields.number("version")
        text = _series_text(fields)
        return services().database.perform(informing.edit_series, series_id, text, version=version)

    return _answer(series_id, "text", rewrite)


@screen.post("/<int:series_id>/updates")
@for_staff(Role.ORGANISER)
def write(series_id: int) -> AnyResponse | tuple[str, int]:
    """Put news on the public page."""

    def publish() -> int:
        fields = read_fields()
        title, text = fields.line("title"), fields.text("text", limit=NOTE_LIMIT)
        fields.check()
        return services().database.perform(
            informing.write_update, series_id, title=title, text=text, by=actor_in(EVERYWHERE)
        )

    return _answer(series_id, "update", publish)


@screen.post("/<int:series_id>/updates/<int:update_id>/hide")
@for_staff(Role.ORGANISER)
def hide(series_id: int, update_id: int) -> AnyResponse | tuple[str, int]:
    """Take news back."""

    def take_back() -> int:
        return services().database.perform(informing.hide_update, series_id, update_id)

    return _answer(series_id, "update", take_back)


def _answer(series_id: int, form: str, do: Callable[[], int]) -> AnyResponse | tuple[str, int]:
    """Do it, and go back to where one was; or the page again with what was typed and is wrong."""
    try:
        done = do()
    except Refusal as refusal:
        if wants_json() or isinstance(refusal, NotFound):
            raise
        problem = describe(refusal)
        typed = request.form
        return _draw(series_id, problem=problem, form=form, typed=typed), problem.status
    if wants_json():
        return jsonify(id=done)
    return redirect(url_for("series_desk.page", series_id=series_id) + f"#{form}", 303)


def _series_text(fields: Fields) -> SeriesText:
    text = SeriesText(
        title=fields.line("title"),
        about=fields.text("about", limit=NOTE_LIMIT, is_needed=False),
        contact_name=fields.line("contact_name", is_needed=False),
        contact_email=fields.optional_email("contact_email"),
        contact_phone=fields.line("contact_phone", limit=PHONE_LIMIT, is_needed=False),
        needs_second_reader=fields.flag("needs_second_reader"),
    )
    fields.check()
    return text


def _draw(series_id: int, **more: Any) -> str:
    with services().database.read() as session:
        return render_template(
            "series_desk/page.html",
            staff=signed_in(),
            series=series.by_id(session, series_id),
            meetings=series.meetings(session, series_id),
            updates=series.updates(session, series_id),
            **more,
        )
