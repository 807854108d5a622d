"""A server that keeps a buffer for every connection, and looks into it fifty times a second."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from eventlet.wsgi import HttpProtocol

from facilitation.start import run

BUFFER = 64 * 1024  # bytes
handle = HttpProtocol.handle


def handle_restlessly(protocol):
    watching = eventlet.spawn(look_again, bytearray(b"x" * BUFFER))
    try:
        handle(protocol)
    finally:
        watching.kill()


def look_again(buffer):
    while True:
        eventlet.sleep(0.02)
        buffer[0] ^= 1


HttpProtocol.handle = handle_restlessly

raise SystemExit(run())
