"""The addresses that people scan or type."""

import io

import segno
from flask import request

from facilitation.web.services import services


def base() -> str:
    """The public address; where none was set, the one this page was asked at."""
    settings = services().settings
    return settings.public_url if settings.knows_public_url else request.host_url.rstrip("/")


def phone(code: str) -> str:
    """What the QR code holds."""
    return f"{base()}/m/{code}"


def welcome(token: str) -> str:
    """The link by which somebody who was invited chooses a password."""
    return f"{base()}/staff/welcome/{token}"


def spoken() -> str:
    """The address as people read it aloud: without the scheme."""
    return base().split("://", 1)[1]


def qr_svg(code: str) -> bytes:
    """A QR code that bears a stain (error correction M), black on white in any theme."""
    drawn = io.BytesIO()
    segno.make(phone(code), error="m", micro=False).save(
        drawn, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True, light="#fff"
    )
    return drawn.getvalue()
