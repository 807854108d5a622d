"""Behind the links in our mails: yes, this is my address; and no more of these, please."""

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import contacting
from facilitation.storage import contacts
from facilitation.storage.contacts import MailLink
from facilitation.web.access import from_anywhere, public
from facilitation.web.forms import wants_json
from facilitation.web.services import services

screen = Blueprint("mail", __name__, url_prefix="/mail/<token>")


@screen.get("/confirm")
@public
def confirm_page(token: str) -> Response:
    """What will be mailed, and a button: programs that look at links in mails confirm nothing."""
    return _draw("mail/confirm.html", token, _link(token))


@screen.post("/confirm")
@public
def confirm(token: str) -> AnyResponse:
    """Confirm all that the mail asked."""
    services().database.perform(contacting.confirm_address, token)
    if wants_json():
        return jsonify(confirmed=[contact.purpose for contact in _link(token).contacts])
    return redirect(url_for("mail.confirm_page", token=token), 303)


@screen.get("/stop")
@public
def stop_page(token: str) -> Response:
    """What will not be mailed any more, and a button."""
    return _draw("mail/stop.html", token, _link(token))


@screen.post("/stop")
@public
@from_anywhere
def stop(token: str) -> AnyResponse:
    """Forget the address for this purpose; mail programs do it in one click (RFC 8058)."""
    link = _link(token)
    services().database.perform(contacting.stop_mails, token)
    if wants_json():
        return jsonify(stopped=link.purpose)
    return _draw("mail/stopped.html", token, link)


def _link(token: str) -> MailLink:
    with services().database.read() as session:
        return contacts.mail_link(session, token)


def _draw(template: str, token: str, link: MailLink) -> Response:
    response = Response(render_template(template, token=token, link=link))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
