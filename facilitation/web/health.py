"""Whether the process lives, and whether it is ready to take questions, with reasons."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response as AnyResponse

from facilitation.domain.refusals import Unavailable
from facilitation.web.access import public
from facilitation.web.services import services

screen = Blueprint("health", __name__)


@screen.get("/healthz")
@public
def alive() -> AnyResponse:
    return jsonify(status="ok")


@screen.get("/readyz")
@public
def ready() -> tuple[AnyResponse, int]:
    """200 when the database keeps what it acknowledges; else 503 and why."""
    try:
        services().database.check()
    except (RuntimeError, Unavailable) as why:
        return jsonify(status="not ready", reasons={"database": type(why).__name__}), 503
    return jsonify(status="ok", reasons={}), 200
