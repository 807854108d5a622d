"""What every answer says to the browser: only our own files, no frames, no referrer to others."""

from functools import lru_cache

from flask import Flask, Response, request

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


def install(app: Flask, *, is_https: bool) -> None:
    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in common_headers(request.host, is_https=is_https):
            response.headers.setdefault(name, value)
        kept = "no-store" if request.path.startswith("/staff") else ALWAYS_ASK
        response.headers.setdefault("Cache-Control", kept)
        return response


@lru_cache(maxsize=256)
def common_headers(host: str, *, is_https: bool) -> tuple[tuple[str, str], ...]:
    """What every answer carries; the host is the one that was asked."""
    # Safari before 15.4 does not count our own socket among 'self'.
    socket = f"{'wss' if is_https else 'ws'}://{host}"
    return (
        ("Content-Security-Policy", POLICY.format(socket=socket)),
        ("X-Content-Type-Options", "nosniff"),
        # Not no-referrer: browsers would then say "Origin: null" with our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
        *((("Strict-Transport-Security", "max-age=31536000"),) if is_https else ()),
    )
