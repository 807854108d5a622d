"""Whether the process lives, and whether it is ready to take questions, with reasons."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response as AnyResponse

from facilitation.storage import readiness
from facilitation.web.access import public
from facilitation.web.metrics import KEEPER
from facilitation.web.services import services

PATHS = ("/healthz", "/readyz", "/metrics")

screen = Blueprint("health", __name__)


@screen.get("/healthz")
@public
def alive() -> AnyResponse:
    return jsonify(status="ok")


@screen.get("/readyz")
@public
def ready() -> tuple[AnyResponse, int]:
    """200 when what is acknowledged is kept, and can be; else 503 and why."""
    joined = services()
    reasons = readiness.reasons(joined.database, joined.settings.instance)
    if joined.live.is_leaving:
        reasons["process"] = "stopping"
    status = 503 if reasons else 200
    answer = jsonify(status="not ready" if reasons else "ok", reasons=reasons)
    answer.headers["Cache-Control"] = "no-store"
    return answer, status


def beside(wsgi: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
    """The same application for a listener of its own, which answers these pages only."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") not in PATHS:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"only /healthz, /readyz and /metrics\n"]
        answered: Iterable[bytes] = wsgi(environ | {"REMOTE_USER": KEEPER}, start_response)
        return answered

    return answer
