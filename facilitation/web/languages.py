"""Which language a reader gets, and how dates and times are said in it."""

import json
from datetime import date, datetime
from functools import cache
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import Babel, format_date, format_datetime, format_time, get_locale, gettext
from werkzeug.wrappers import Response

from facilitation.domain.meeting import ZONE
from facilitation.settings import ROOT

LANGUAGES = ("nl", "en")
COOKIE = "lang"
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "nl"
    app.config["BABEL_DEFAULT_TIMEZONE"] = ZONE.key
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=chosen_language)
    app.after_request(remember_language)
    app.jinja_env.globals.update(
        lang=current_language,
        other_language=other_language,
        js_words=js_words,
    )
    app.jinja_env.filters.update(
        day=say_day,
        short_day=say_short_day,
        clock=say_clock,
        moment=say_moment,
        local_input=say_local_input,
    )


def chosen_language() -> str:
    """What the reader chose just now, or before, or what the browser prefers; else Dutch."""
    for choice in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return str(choice)
    return request.accept_languages.best_match(LANGUAGES) or "nl"


def current_language() -> str:
    return str(get_locale() or "nl")


def remember_language(response: Response) -> Response:
    """After a choice: keep it on this device; a screen that fetches a part chooses nothing."""
    choice = request.args.get("lang")
    if choice in LANGUAGES and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        response.set_cookie(COOKIE, str(choice), max_age=YEAR, samesite="Lax")
    return response


def other_language(language: str) -> str:
    """This same page in another language."""
    if request.method != "GET":
        return f"?lang={language}"
    return "?" + urlencode({**request.args.to_dict(), "lang": language})


def js_words() -> dict[str, str]:
    """What JavaScript says, in the reader's language."""
    return {key: gettext(sentence) for key, sentence in _sentences().items()}


@cache
def _sentences() -> dict[str, str]:
    catalogue: dict[str, str] = json.loads((ROOT / "static/js/catalogue.json").read_text())
    return catalogue


def say_day(day: date | datetime) -> str:
    """As "dinsdag 1 december 2026"."""
    return str(format_date(day, "EEEE d MMMM y"))


def say_short_day(day: date | datetime) -> str:
    """As "1 december"."""
    return str(format_date(day, "d MMMM"))


def say_clock(moment: datetime) -> str:
    """As "19.30 uur", or "19:30" in English."""
    return str(format_time(moment, "HH.mm\u00a0'uur'" if current_language() == "nl" else "HH:mm"))


def say_moment(moment: datetime) -> str:
    return str(
        format_datetime(
            moment, "d MMMM, HH.mm\u00a0'uur'" if current_language() == "nl" else "d MMMM, HH:mm"
        )
    )


def say_local_input(moment: datetime) -> str:
    """As a datetime-local field wants it, in Dutch time."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
