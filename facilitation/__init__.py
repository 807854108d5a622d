"""Vragenmuur: a live question wall for residents' meetings, and the register of what is owed.

`create_app` joins the layers; it is the only place that sees all four.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask

from facilitation import cli
from facilitation.runtime import Runtime, Threads
from facilitation.settings import ROOT, Settings, read_settings
from facilitation.storage.database import Database
from facilitation.web import pages
from facilitation.web.access import own_origins
from facilitation.web.limits import Limits
from facilitation.web.live import Live
from facilitation.web.metrics import Metrics
from facilitation.web.regions import Regions
from facilitation.web.services import NAME, Services


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> Flask:
    """The whole application; without a runtime it is one for tests and commands."""
    settings = settings or read_settings()
    runtime = runtime or Threads()
    static = ROOT / "static"
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(static),
        static_url_path=f"/static/{pages.static_digest(static)}",
    )
    app.secret_key = settings.secret_key
    metrics = Metrics()
    gather = runtime.gather_on_loop if settings.is_on_postgresql else runtime.gather
    database = Database(settings.database_url, gather=metrics.measured(gather))
    app.extensions[NAME] = Services(
        settings=settings,
        database=database,
        runtime=runtime,
        limits=Limits(is_on=settings.has_limits, sleep=runtime.sleep),
        live=Live(app, database, runtime, _is_own_origin(app)),
        regions=Regions(),
        metrics=metrics,
    )
    database.announce = app.extensions[NAME].live.publish
    metrics.install(app, app.extensions[NAME].live, database.writer)
    pages.install(app, settings)
    cli.install(app)
    return app


def _is_own_origin(app: Flask) -> Callable[[str | None, dict[str, Any]], bool]:
    """Sockets, too, are opened by our own pages only; who sends no origin is no browser."""

    def is_own(origin: str | None, environ: dict[str, Any]) -> bool:
        with app.request_context(environ):
            return origin in own_origins()

    return is_own
