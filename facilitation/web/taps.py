"""Before Flask: a phone sets whether it has a question too, as our own page sends it.

In a storm this is what the whole hall does within seconds. Whatever is not exactly that, and every
refusal, is answered by Flask.
"""

import io
import json
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.http import parse_cookie

from facilitation.actions import asking
from facilitation.domain.refusals import Refusal
from facilitation.settings import Settings
from facilitation.storage.database import Database
from facilitation.storage.meetings import Meetings
from facilitation.web.access import read_device
from facilitation.web.limits import Limits
from facilitation.web.metrics import Metrics
from facilitation.web.refusals import REFUSED

ASKED_FOR = re.compile(r"/m/([A-Z0-9]+)/questions/([0-9]{1,9})/support")
BODIES = {b"supported=true": True, b"supported=false": False}
LONGEST = max(map(len, BODIES))
ENDPOINT = "phone.support"


class Taps:
    """WSGI middleware that answers this one command, or lets the application answer."""

    def __init__(
        self,
        wsgi: Callable[..., Any],
        settings: Settings,
        database: Database,
        meetings: Meetings,
        limits: Limits,
        metrics: Metrics,
    ) -> None:
        self._wsgi = wsgi
        self._settings = settings
        self._database = database
        self._meetings = meetings
        self._limits = limits
        self._metrics = metrics

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked = ASKED_FOR.fullmatch(environ["PATH_INFO"])
        body = self._set(environ, asked[1], int(asked[2])) if asked and _is_ours(environ) else None
        if body is None:
            passed_on: Iterable[bytes] = self._wsgi(environ, start_response)
            return passed_on
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", [*headers, ("Vary", "Accept-Encoding")])
        return [body]

    def _set(self, environ: dict[str, Any], code: str, question_id: int) -> bytes | None:
        began = time.monotonic()
        wanted = BODIES.get(_body(environ))
        try:
            meeting = self._meetings.by_code(code)
            device = read_device(
                self._settings, parse_cookie(environ.get("HTTP_COOKIE")), meeting.id
            )
        except Refusal:
            return None
        if wanted is None or device is None or meeting.state.is_prepared:
            return None
        try:
            self._limits.spend("supports", device)
            set_to = self._database.perform(
                asking.support_question if wanted else asking.drop_support,
                code,
                question_id,
                device=device,
            )
        except Refusal as refusal:
            environ[REFUSED] = refusal
            return None
        self._metrics.note(ENDPOINT, 200, began)
        facts = {"count": set_to.count, "supported": set_to.supported}
        return json.dumps(facts, separators=(",", ":")).encode() + b"\n"


def _is_ours(environ: dict[str, Any]) -> bool:
    """As the page sends it, and the browser says that our own page did."""
    return (
        environ["REQUEST_METHOD"] == "PUT"
        and environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
        and environ.get("HTTP_ACCEPT") == "application/json"
        and environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
        and not environ.get("QUERY_STRING")
        and environ.get("CONTENT_LENGTH", "").isdecimal()
        and int(environ["CONTENT_LENGTH"]) <= LONGEST
    )


def _body(environ: dict[str, Any]) -> bytes:
    """What was sent; Flask can read it again."""
    sent: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(sent)
    return sent
