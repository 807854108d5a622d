"""What every answer says to the browser: only our own files, no frames, no referrer to others."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from werkzeug.wsgi import get_host

ALWAYS_ASK = "no-cache, private"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self' {socket}",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "manifest-src 'self'",
    )
)


class Hardened:
    """WSGI middleware that adds to every answer what it does not say itself."""

    def __init__(self, wsgi: Callable[..., Any], *, is_https: bool) -> None:
        self._wsgi = wsgi
        self._is_https = is_https

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_for_staff = environ["PATH_INFO"].startswith("/staff")
        common = common_headers(get_host(environ), self._is_https, is_for_staff)

        def start_hardened(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            added = [(name, value) for key, name, value in common if key not in said]
            return start_response(status, [*headers, *added], *rest)

        answered: Iterable[bytes] = self._wsgi(environ, start_hardened)
        return answered


@lru_cache(maxsize=256)
def common_headers(
    host: str, is_https: bool, is_for_staff: bool
) -> tuple[tuple[str, str, str], ...]:
    """What every answer carries, each name in small letters and as it is sent."""
    # Safari before 15.4 does not count our own socket among 'self'.
    socket = f"{'wss' if is_https else 'ws'}://{host}"
    common = (
        ("Content-Security-Policy", POLICY.format(socket=socket)),
        ("X-Content-Type-Options", "nosniff"),
        # Not no-referrer: browsers would then say "Origin: null" with our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
        ("Cache-Control", "no-store" if is_for_staff else ALWAYS_ASK),
        *((("Strict-Transport-Security", "max-age=31536000"),) if is_https else ()),
    )
    return tuple((name.lower(), name, value) for name, value in common)
