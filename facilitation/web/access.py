"""Who is asking: the device or the colleague; own pages only; which roles a page is for."""

import uuid
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.http import dump_cookie

from facilitation.actions.accounts import digest
from facilitation.domain.lifecycle import Role
from facilitation.domain.people import Actor
from facilitation.domain.refusals import Foreign, NotAllowed, SignInNeeded
from facilitation.settings import Settings
from facilitation.storage import people
from facilitation.storage.people import StaffFacts
from facilitation.web.services import services

View = TypeVar("View", bound=Callable[..., Any])

STAFF_COOKIE = "staff"
DEVICE_DAYS = 60
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
ANY_STAFF = "staff"
PUBLIC = "public"


def is_own_page(*, origin_needed: bool) -> bool:
    """Whether this request comes from one of our own pages, by the browser's own word.

    A request that says nothing (an old phone, a program) passes unless the word is needed: it
    carries no cookie of somebody else's browser.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if origin is None:
        return not origin_needed
    return origin in own_origins(services().settings, f"{request.scheme}://{request.host}")


def own_origins(settings: Settings, here: str) -> set[str]:
    """The public address; and where none was set, the one this request was sent to."""
    return {settings.public_url} if settings.knows_public_url else {settings.public_url, here}


def check_own_page() -> None:
    """Before every unsafe request: refuse what a foreign page sends in somebody's name."""
    if request.method in SAFE_METHODS or _is_from_anywhere():
        return
    # Signing in uses no cookie that a foreign page could borrow, so a program may leave it out.
    is_staff = request.path.startswith("/staff") and request.endpoint != "accounts.begin"
    if not is_own_page(origin_needed=is_staff):
        raise Foreign(origin=urlsplit(request.headers.get("Origin", "")).netloc)


def from_anywhere(view: View) -> View:
    """Mark a command that mail programs send too: its secret is in the link, it needs no cookie."""
    view.is_from_anywhere = True  # type: ignore[attr-defined]
    return view


def _is_from_anywhere() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "is_from_anywhere", False)


def public(view: View) -> View:
    """Mark a page that anybody may ask for."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def for_staff(*roles: Role) -> Callable[[View], View]:
    """Mark a page for colleagues; with roles named, for who has one of them in this meeting."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            staff = signed_in()
            if roles and not staff.roles_in(kwargs.get("meeting_id", 0)) & set(roles):
                raise NotAllowed(page=request.endpoint)
            return view(*args, **kwargs)

        guarded.access = frozenset(roles) or ANY_STAFF  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def staff_or_none() -> StaffFacts | None:
    """Who is signed in, read anew from the database once for each request."""
    if "staff" not in g:
        token = request.cookies.get(STAFF_COOKIE, "")
        database = services().database
        with database.read() as session:
            g.staff = token and people.signed_in(session, digest(token), database.now())
    return g.staff or None


def signed_in() -> StaffFacts:
    staff = staff_or_none()
    if staff is None:
        raise SignInNeeded
    return staff


def actor_in(meeting_id: int) -> Actor:
    """The colleague who is asking, with the roles that count in this meeting."""
    staff = signed_in()
    return Actor(roles=staff.roles_in(meeting_id), account_id=staff.account_id, name=staff.name)


def set_staff_cookie(response: Response, token: str, seconds: int) -> None:
    response.set_cookie(
        STAFF_COOKIE,
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=services().settings.is_https,
        samesite="Strict",
    )


def clear_staff_cookie(response: Response) -> None:
    response.delete_cookie(STAFF_COOKIE, path="/", samesite="Strict", httponly=True)


def device_in(meeting_id: int) -> str | None:
    """The device that is asking, if it was here before and its cookie is ours."""
    return read_device(services().settings, request.cookies, meeting_id)


def read_device(settings: Settings, cookies: Mapping[str, str], meeting_id: int) -> str | None:
    """The device in these cookies, if we signed it for this meeting."""
    raw = cookies.get(_device_cookie(meeting_id), "")
    try:
        kept = _signed_by_us(settings.secret_key, raw)
    except BadSignature:
        return None
    return str(kept["device"]) if kept.get("meeting") == meeting_id else None


@lru_cache(maxsize=4096)
def _signed_by_us(secret_key: str, raw: str) -> Mapping[str, Any]:
    """What the cookie says; a hall of phones shows the same ones over and over."""
    kept: Mapping[str, Any] = _signer(secret_key).loads(raw)
    return kept


def device_or_new(meeting_id: int) -> str:
    """The device that is asking; a new one is remembered with the answer to this request."""
    device = device_in(meeting_id)
    if device is None:
        device = str(uuid.uuid4())
        g.new_device = (meeting_id, device)
    return device


def remember_device(response: Response) -> Response:
    """After every request: hand a new device its cookie."""
    if "new_device" in g:
        response.headers.add("Set-Cookie", device_cookie(services().settings, *g.new_device))
    return response


def device_cookie(settings: Settings, meeting_id: int, device: str) -> str:
    """What a browser keeps of a device, for this meeting only."""
    return dump_cookie(
        _device_cookie(meeting_id),
        str(_signer(settings.secret_key).dumps({"meeting": meeting_id, "device": device})),
        max_age=DEVICE_DAYS * 24 * 3600,
        path="/",
        httponly=True,
        secure=settings.is_https,
        samesite="Lax",
    )


def _device_cookie(meeting_id: int) -> str:
    return f"device-{meeting_id}"


@cache
def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="device")
