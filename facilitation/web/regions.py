"""Live regions: drawn and compressed once for each seat and revision, then served from memory."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Response, jsonify, render_template, request

from facilitation.domain.audience import Audience
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web.cards import Seat, facts_for, steps_open
from facilitation.web.forms import wants_json
from facilitation.web.headers import ALWAYS_ASK
from facilitation.web.packing import HOLE, Packed
from facilitation.web.services import services

KEPT = 64
HTML = "text/html; charset=utf-8"
PACKED = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
REGION_VARY = "Accept, Accept-Encoding, Cookie"


@dataclass(frozen=True)
class Region:
    """A live region as it is sent."""

    html: str

    @cached_property
    def packed(self) -> bytes:
        """Compressed when first wanted: a thousand phones that come back cost it once."""
        return gzip.compress(self.html.encode(), 6, mtime=0)

    @cached_property
    def packed_with_holes(self) -> Packed:
        return Packed(self.html)


class Regions:
    """The regions and pages drawn last, each for as long as nobody's picture changed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Region] = OrderedDict()
        self._drawing: dict[tuple[object, ...], Future[Region]] = {}

    def html(self, meeting: MeetingFacts, seat: Seat) -> str:
        return self.region(meeting, seat).html

    def region(self, meeting: MeetingFacts, seat: Seat) -> Region:
        """The live region of this seat, from memory when nothing changed since it was drawn."""
        return self._drawn("region", meeting, seat, lambda: draw_region(meeting, seat))

    def page(self, meeting: MeetingFacts, seat: Seat, draw: Callable[[], str]) -> Region:
        """A page that is the same for everybody in this seat, kept as long as its region."""
        return self._drawn("page", meeting, seat, draw)

    def kept(self, what: str, meeting: MeetingFacts, seat: Seat) -> Region | None:
        """A "region" or a "page" that is in memory now."""
        return self._kept.get(_key(what, meeting, seat))

    def _drawn(
        self, what: str, meeting: MeetingFacts, seat: Seat, draw: Callable[[], str]
    ) -> Region:
        key = _key(what, meeting, seat)
        if key not in self._kept:
            self._kept[key] = self._drawn_once(key, draw)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _drawn_once(self, key: tuple[object, ...], draw: Callable[[], str]) -> Region:
        """Draw it, or wait for who draws it already: a whole hall asks while the database reads."""
        drawing = self._drawing.get(key)
        if drawing is None:
            drawing = self._drawing[key] = Future()
            try:
                drawing.set_result(Region(draw()))
            except BaseException as why:
                drawing.set_exception(why)
            finally:
                del self._drawing[key]
        return drawing.result()


def draw_region(meeting: MeetingFacts, seat: Seat, **marks: Any) -> str:
    """The region as it stands; `marks` are what one phone has in it, for its page only."""
    with services().database.read() as session:
        questions = queries.wall(session, meeting, seat.audience)
    return render_template(
        f"{seat.screen}/_live.html",
        meeting=meeting,
        seat=seat,
        revision=meeting.revision(seat.audience),
        questions=questions,
        steps_open=steps_open,
        **marks,
    )


def answer_region(meeting: MeetingFacts, seat: Seat) -> Response:
    """The region as HTML or its facts as JSON; 304 to a screen that has it."""
    response = _facts(meeting, seat) if wants_json() else _html(meeting, seat)
    form = "-json" if wants_json() else "-packed" if response.content_encoding else ""
    response.set_etag(region_etag(meeting, seat, form))
    response.headers["Cache-Control"] = ALWAYS_ASK
    response.headers["Vary"] = REGION_VARY
    response.make_conditional(request)
    return response


def answer_page(page: Region, word: str) -> Response:
    """The page with this word in its holes."""
    if not request.accept_encodings["gzip"]:
        return Response(page.html.replace(HOLE, word), content_type=HTML)
    return _packed(page.packed_with_holes.filled(word))


def _html(meeting: MeetingFacts, seat: Seat) -> Response:
    region = services().regions.region(meeting, seat)
    if not request.accept_encodings["gzip"]:
        return Response(region.html, content_type=HTML)
    return _packed(region.packed)


def _packed(body: bytes) -> Response:
    response = Response(body, content_type=HTML)
    response.headers.update(PACKED)
    return response


def _facts(meeting: MeetingFacts, seat: Seat) -> Response:
    with services().database.read() as session:
        questions: list[QuestionFacts] = queries.wall(session, meeting, seat.audience)
    return jsonify(
        epoch=meeting.epoch,
        revision=meeting.revision(seat.audience),
        supports=meeting.supports,
        meeting={"state": meeting.state, "view": meeting.view},
        cards=[facts_for(seat.audience, question) for question in questions],
    )


def _key(what: str, meeting: MeetingFacts, seat: Seat) -> tuple[object, ...]:
    return what, meeting.id, seat, *_version(meeting, seat.audience)


def _version(meeting: MeetingFacts, audience: Audience) -> tuple[object, ...]:
    return meeting.epoch, meeting.revision(audience), meeting.supports


def region_etag(meeting: MeetingFacts, seat: Seat, form: str) -> str:
    words = [*map(str, _version(meeting, seat.audience)), str(seat).replace("/", ".")]
    return "-".join(words) + form
