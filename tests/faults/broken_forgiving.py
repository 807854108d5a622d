"""A server that reads on after a frame that breaks the rules, and lets who sent it stay."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from eventlet.websocket import FailedConnectionError, RFC6455WebSocket

from facilitation.start import run

receive = RFC6455WebSocket._recv_frame


def receive_forgivingly(line, message=None):
    while True:
        try:
            return receive(line, message)
        except FailedConnectionError:
            continue


RFC6455WebSocket._recv_frame = receive_forgivingly

raise SystemExit(run())
