"""Live regions: drawn once for each seat and revision, then served from memory with an ETag."""

from collections import OrderedDict

from flask import Response, jsonify, render_template, request

from facilitation.domain.audience import Audience
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web.cards import Seat, facts_for, steps_open
from facilitation.web.forms import wants_json
from facilitation.web.services import services

KEPT = 64


class Regions:
    """The regions drawn last, each for as long as nobody's picture changed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], str] = OrderedDict()

    def html(self, meeting: MeetingFacts, seat: Seat) -> str:
        """The live region of this seat, from memory when nothing changed since it was drawn."""
        key = (meeting.id, seat, *_version(meeting, seat.audience))
        if key not in self._kept:
            self._kept[key] = draw_region(meeting, seat)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def draw_region(meeting: MeetingFacts, seat: Seat) -> str:
    with services().database.read() as session:
        questions = queries.wall(session, meeting, seat.audience)
    return render_template(
        f"{seat.screen}/_live.html",
        meeting=meeting,
        seat=seat,
        revision=meeting.revision(seat.audience),
        questions=questions,
        steps_open=steps_open,
    )


def answer_region(meeting: MeetingFacts, seat: Seat) -> Response:
    """The region as HTML or its facts as JSON; 304 to a screen that has it."""
    if wants_json():
        response = _facts(meeting, seat)
    else:
        response = Response(
            services().regions.html(meeting, seat), content_type="text/html; charset=utf-8"
        )
    response.set_etag(_etag(meeting, seat) + ("-json" if wants_json() else ""))
    response.headers["Cache-Control"] = "no-cache, private"
    response.headers["Vary"] = "Accept, Cookie"
    response.make_conditional(request)
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


def _version(meeting: MeetingFacts, audience: Audience) -> tuple[object, ...]:
    return meeting.epoch, meeting.revision(audience), meeting.supports


def _etag(meeting: MeetingFacts, seat: Seat) -> str:
    words = [*map(str, _version(meeting, seat.audience)), str(seat).replace("/", ".")]
    return "-".join(words)
