"""What every answer says to the browser: only our own files, no frames, no referrer to others."""

from flask import Flask, Response, request

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
        # Safari before 15.4 does not count our own socket among 'self'.
        socket = f"{'wss' if is_https else 'ws'}://{request.host}"
        policy = POLICY.format(socket=socket)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        # Not no-referrer: browsers would then say "Origin: null" with our own forms.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        if is_https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        kept = "no-store" if request.path.startswith("/staff") else "no-cache, private"
        response.headers.setdefault("Cache-Control", kept)
        return response
