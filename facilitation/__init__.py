"""Vragenmuur: a live question wall for residents' meetings, and the register of what is owed.

`create_app` joins the layers; it is the only place that sees all four.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.wsgi import get_host

from facilitation import cli
from facilitation.runtime import Runtime, Threads
from facilitation.settings import ROOT, Settings, read_settings
from facilitation.storage.database import Database
from facilitation.storage.meetings import Meetings
from facilitation.web import pages
from facilitation.web.access import own_origins
from facilitation.web.front import Front
from facilitation.web.headers import Hardened
from facilitation.web.limits import Limits
from facilitation.web.live import Live
from facilitation.web.metrics import Metrics
from facilitation.web.regions import Regions
from facilitation.web.services import NAME, Services
from facilitation.web.taps import Taps

if TYPE_CHECKING:
    from facilitation.web.relay import Relay


class Wall(Flask):
    """Flask without coroutines: it would look for them a dozen times in each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> Flask:
    """The whole application; without a runtime it is one for tests and commands."""
    settings = settings or read_settings()
    runtime = runtime or Threads()
    static = ROOT / "static"
    app = Wall(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(static),
        static_url_path=f"/static/{pages.static_digest(static)}",
    )
    app.secret_key = settings.secret_key
    metrics = Metrics()
    gather = runtime.gather_for_postgresql if settings.is_on_postgresql else runtime.gather
    database = Database(settings.database_url, gather=metrics.measured(gather))
    meetings, regions = Meetings(database), Regions()
    live = Live(app, settings, database, meetings, runtime, _is_own_origin(settings))
    relay = _relay(settings, live, runtime)
    limits = Limits(is_on=settings.has_limits, sleep=runtime.sleep, redis_url=settings.redis_url)
    app.extensions[NAME] = Services(
        settings=settings,
        database=database,
        meetings=meetings,
        runtime=runtime,
        limits=limits,
        live=live,
        regions=regions,
        metrics=metrics,
        relay=relay,
    )
    database.announce = relay.announce if relay else live.publish
    metrics.install(app, live, database.writer)
    pages.install(app, settings)
    cli.install(app)
    taps = Taps(app.wsgi_app, settings, database, meetings, limits, metrics)
    front = Front(taps, settings, meetings, regions)
    app.wsgi_app = Hardened(front, is_https=settings.is_https)  # type: ignore[method-assign]
    return app


def _relay(settings: Settings, live: Live, runtime: Runtime) -> "Relay | None":
    if not settings.redis_url:
        return None
    # Only now: a wall of one process does without the packages of several.
    from facilitation.web.relay import Relay

    return Relay(settings.redis_url, live, runtime)


def _is_own_origin(settings: Settings) -> Callable[[str | None, dict[str, Any]], bool]:
    """Sockets, too, are opened by our own pages only; who sends no origin is no browser."""

    def is_own(origin: str | None, environ: dict[str, Any]) -> bool:
        here = f"{environ['wsgi.url_scheme']}://{get_host(environ)}"
        return origin in own_origins(settings, here)

    return is_own
