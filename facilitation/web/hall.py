"""The hall: what everybody sees on the projector. Read-only, printable."""

from flask import Blueprint, Response, render_template
from werkzeug.wrappers import Response as AnyResponse

from facilitation.web import addresses
from facilitation.web.access import public
from facilitation.web.cards import Seat
from facilitation.web.codes import find_meeting
from facilitation.web.languages import current_language
from facilitation.web.services import services

screen = Blueprint("hall", __name__)


@screen.get("/m/<code>/hall")
@public
def page(code: str) -> AnyResponse | str:
    meeting = find_meeting(code)
    seat = Seat("hall", current_language())
    return render_template(
        "hall/page.html",
        meeting=meeting,
        address=addresses.spoken(),
        region=services().regions.html(meeting, seat),
    )


@screen.get("/m/<code>/qr.svg")
@public
def qr(code: str) -> AnyResponse:
    """The QR code of the phone's page."""
    meeting = find_meeting(code)
    response = Response(addresses.qr_svg(meeting.code), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@screen.get("/m/<code>/poster")
@public
def poster(code: str) -> str:
    """A poster to print: what it is, the QR code, the address and the code."""
    meeting = find_meeting(code)
    return render_template("hall/poster.html", meeting=meeting, address=addresses.spoken())
