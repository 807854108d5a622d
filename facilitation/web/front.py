"""Before Flask: a phone's first page and the live region, when all they need is in memory.

A hall that arrives, comes back or polls asks for these two a thousand times in a second, and gets
the same each time. Whatever is not exactly that goes on to Flask, which draws it and keeps it.
"""

import re
import uuid
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import HTTP_STATUS_CODES, parse_accept_header, parse_etags

from facilitation.domain.refusals import Refusal
from facilitation.settings import Settings
from facilitation.storage.meetings import Meetings
from facilitation.storage.queries import MeetingFacts
from facilitation.web.access import device_cookie
from facilitation.web.cards import Seat
from facilitation.web.languages import COOKIE, LANGUAGES
from facilitation.web.regions import HTML, PACKED, REGION_VARY, Regions, region_etag

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]

ASKED_FOR = re.compile(r"/m/([A-Z0-9]+)(/live)?")
SCREENS = {"screen=phone": "phone", "screen=hall": "hall"}


class Front:
    """WSGI middleware that answers from memory, or lets the application answer."""

    def __init__(
        self, wsgi: Callable[..., Any], settings: Settings, meetings: Meetings, regions: Regions
    ) -> None:
        self._wsgi = wsgi
        self._settings = settings
        self._meetings = meetings
        self._regions = regions

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._answer(environ)
        if answer is None:
            passed_on: Iterable[bytes] = self._wsgi(environ, start_response)
            return passed_on
        status, headers, body = answer
        start_response(f"{status} {HTTP_STATUS_CODES[status].upper()}", headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> Answer | None:
        asked = ASKED_FOR.fullmatch(environ["PATH_INFO"])
        cookies: str = environ.get("HTTP_COOKIE", "")
        asking: str = environ.get("QUERY_STRING", "")  # WSGI lets a server leave an empty one out
        is_plain = environ["REQUEST_METHOD"] == "GET" and f"{COOKIE}=" not in cookies
        if asked is None or not is_plain or not _takes_packed_html(environ):
            return None
        try:
            meeting = self._meetings.by_code(asked[1])
        except Refusal:
            return None
        if meeting.state.is_prepared:  # for staff only
            return None
        lang = _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        if asked[2]:
            screen = SCREENS.get(asking)
            return self._region(meeting, Seat(screen, lang), environ) if screen else None
        is_first = not (asking or cookies)
        return self._first_page(meeting, Seat("phone", lang)) if is_first else None

    def _first_page(self, meeting: MeetingFacts, seat: Seat) -> Answer | None:
        page = self._regions.kept("page", meeting, seat)
        if page is None:
            return None
        body = page.packed_with_holes.filled(str(uuid.uuid4()))
        cookie = device_cookie(self._settings, meeting.id, str(uuid.uuid4()))
        return 200, [*_of(body), *PACKED, ("Set-Cookie", cookie)], body

    def _region(self, meeting: MeetingFacts, seat: Seat, environ: dict[str, Any]) -> Answer | None:
        region = self._regions.kept("region", meeting, seat)
        if region is None:
            return None
        etag = region_etag(meeting, seat, "-packed")
        headers = [("ETag", f'"{etag}"'), ("Vary", REGION_VARY)]
        if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(etag):
            return 304, headers, b""
        return 200, [*_of(region.packed), ("Content-Encoding", "gzip"), *headers], region.packed


def _takes_packed_html(environ: dict[str, Any]) -> bool:
    """As browsers say it; whoever weighs one against the other is heard by Flask."""
    kinds, codings = environ.get("HTTP_ACCEPT", ""), environ.get("HTTP_ACCEPT_ENCODING", "")
    return "html" in kinds and "json" not in kinds and "gzip" in codings and "q=0" not in codings


def _of(body: bytes) -> Headers:
    return [("Content-Type", HTML), ("Content-Length", str(len(body)))]


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    """As `languages.chosen_language` chooses for who never chose."""
    best = parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES)
    return best or LANGUAGES[0]
