"""Joins the screens into the app, with what every page shares."""

import hashlib
from pathlib import Path

from flask import Flask, Request, request, send_from_directory
from flask.sessions import SessionInterface
from flask_compress import Compress
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as AnyResponse

from facilitation.domain.text import clean_line
from facilitation.settings import Settings
from facilitation.web import (
    access,
    accounts,
    answers,
    codes,
    console,
    desk,
    exports,
    files,
    hall,
    health,
    languages,
    mail_pages,
    metrics,
    phone,
    prepared,
    receipt,
    refusals,
    register,
    series,
    series_desk,
    series_register,
    summary,
)

SCREENS = (
    *(phone, receipt, mail_pages, hall, answers, series),
    *(console, register, series_register, desk, series_desk, accounts, health, metrics),
    *(exports, prepared, summary),
)
LARGEST_NUMBER = 2**31 - 1
LARGEST_BODY = 16 * 1024
LARGEST_STAFF_BODY = 64 * 1024


def install(app: Flask, settings: Settings) -> None:
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_STAFF_BODY
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 24 * 3600  # the address changes with the files
    app.session_interface = NoSession()
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = Number
    languages.install(app)
    refusals.install(app)
    app.before_request(allow_longer_texts)
    files.install(app)
    app.before_request(access.check_own_page)
    app.after_request(access.remember_device)
    app.after_request(codes.remember_visitor)
    for module in SCREENS:
        app.register_blueprint(module.screen)
    _install_theme(app, settings.instance / "theme")
    Compress(app)


def load_templates(app: Flask) -> None:
    """Compile every template now: whoever comes first does not wait for it, nor a whole hall."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


class NoSession(SessionInterface):
    """Nothing is kept in a cookie of Flask's: who is signed in stands in the database."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


class Number(IntegerConverter):
    """A number in an address; one that no database holds is a page that does not exist."""

    def __init__(self, routes: Map) -> None:
        super().__init__(routes, max=LARGEST_NUMBER)


def allow_longer_texts() -> None:
    """Staff write several long texts in one form; phones write one short one."""
    if request.path.startswith("/staff"):
        request.max_content_length = LARGEST_STAFF_BODY


def static_digest(folder: Path) -> str:
    """A short name for this very set of files, so that a browser may keep them for a year."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _install_theme(app: Flask, folder: Path) -> None:
    """A municipality's own colours, logo and name, from instance/theme."""

    @app.get("/theme/<path:name>", endpoint="theme")
    @access.public
    def theme_file(name: str) -> AnyResponse:
        return send_from_directory(folder, name, max_age=300)

    name = folder / "name.txt"
    app.jinja_env.globals.update(
        theme_css=(folder / "theme.css").is_file(),
        theme_logo=(folder / "logo.svg").is_file(),
        theme_name=clean_line(name.read_text(encoding="utf-8")) if name.is_file() else "Vragenmuur",
    )
