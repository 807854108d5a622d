"""Signing in and out, and the link that makes the first organiser."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from facilitation.actions import accounts
from facilitation.actions.accounts import SESSION_LENGTH, digest
from facilitation.domain.refusals import Invalid, NotFound, Refusal
from facilitation.storage import people
from facilitation.storage.people import OpenLink
from facilitation.web.access import (
    STAFF_COOKIE,
    clear_staff_cookie,
    public,
    set_staff_cookie,
    staff_or_none,
)
from facilitation.web.forms import Fields, read_fields, wants_json
from facilitation.web.refusals import Problem, describe
from facilitation.web.services import services

screen = Blueprint("accounts", __name__, url_prefix="/staff")

SHORTEST_PASSWORD = 12
hasher = PasswordHasher()
# Checked when nobody has this address, so that the answer takes as long and tells nothing. Written
# out, not computed: that would take a tenth of a second at every start.
_COSTS = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
NOBODYS_HASH = f"$argon2id$v=19${_COSTS}${'A' * 22}${'A' * 43}"


@screen.get("/sign-in")
@public
def sign_in() -> AnyResponse | str:
    if staff_or_none():
        return redirect(_next(request.args.get("next")), 303)
    return render_template("accounts/sign_in.html", typed={}, next=request.args.get("next", ""))


@screen.post("/sign-in")
@public
def begin() -> AnyResponse | tuple[str, int]:
    """Begin a session: 303 to where the colleague wanted to be."""
    try:
        account_id = _check_password()
    except Refusal as refusal:
        if wants_json():
            raise
        problem = describe(refusal)
        page = render_template(
            "accounts/sign_in.html",
            typed=request.form,
            problem=problem,
            next=request.form.get("next", ""),
        )
        return page, problem.status
    return _welcome(account_id, _next(request.form.get("next")))


@screen.post("/sign-out")
@public
def end() -> AnyResponse:
    """End the session, and with it every screen that rests on it."""
    token = request.cookies.get(STAFF_COOKIE)
    if token:
        services().database.perform(accounts.sign_out, token)
    response = redirect(url_for("accounts.sign_in"), 303)
    clear_staff_cookie(response)  # type: ignore[arg-type]
    return response


@screen.get("/welcome/<token>")
@public
def welcome(token: str) -> str:
    """The one-time link: make the first organiser, or choose a password after an invitation."""
    return _draw_welcome(token, _open_link(token))


@screen.post("/welcome/<token>")
@public
def use_link(token: str) -> AnyResponse | tuple[str, int]:
    link = _open_link(token)
    try:
        account_id = _accept(token) if link.is_invitation else _make_first(token)
    except Invalid as refusal:
        if wants_json():
            raise
        problem = describe(refusal)
        return _draw_welcome(token, link, problem=problem), problem.status
    return _welcome(account_id, url_for("desk.meetings"))


def _open_link(token: str) -> OpenLink:
    with services().database.read() as session:
        link = people.open_link(session, digest(token), services().database.now())
    if link is None:
        raise NotFound(what="link")
    return link


def _draw_welcome(token: str, link: OpenLink, *, problem: Problem | None = None) -> str:
    name = "accounts/invited.html" if link.is_invitation else "accounts/welcome.html"
    return render_template(name, token=token, link=link, typed=request.form, problem=problem)


def _make_first(token: str) -> int:
    fields = read_fields()
    email, name = fields.email("email"), fields.line("name", limit=120)
    hashed = _hashed(fields)
    return services().database.perform(
        accounts.use_first_link, token, email=email, name=name, password_hash=hashed
    )


def _accept(token: str) -> int:
    hashed = _hashed(read_fields())
    return services().database.perform(accounts.accept_invitation, token, password_hash=hashed)


def _hashed(fields: Fields) -> str:
    """The password among these fields, once they are all right; hashed beside the loop."""
    password = fields.secret("password", shortest=SHORTEST_PASSWORD)
    fields.check()
    return services().runtime.offload(hasher.hash, password)


def _check_password() -> int:
    fields = read_fields()
    email, password = fields.email("email"), fields.secret("password")
    fields.check()
    services().limits.check("wrong passwords", email)
    with services().database.read() as session:
        known = people.password_of(session, email)
    account_id, kept = known or (0, NOBODYS_HASH)
    if not services().runtime.offload(_is_right, kept, password) or known is None:
        services().limits.spend("wrong passwords", email)
        raise Invalid(password="wrong")  # noqa: S106
    return account_id


def _is_right(kept: str, password: str) -> bool:
    try:
        return hasher.verify(kept, password)
    except Argon2Error:
        return False


def _welcome(account_id: int, then: str) -> AnyResponse:
    session = services().database.perform(accounts.sign_in, account_id)
    response = jsonify(signed_in=True) if wants_json() else redirect(then, 303)
    set_staff_cookie(response, session.token, int(SESSION_LENGTH.total_seconds()))  # type: ignore[arg-type]
    return response


def _next(wanted: str | None) -> str:
    """Where to go after signing in: a page of ours and nowhere else."""
    if wanted and wanted.startswith("/staff/") and "\\" not in wanted and wanted.isprintable():
        return wanted
    return url_for("desk.meetings")
