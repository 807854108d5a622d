"""A server that fails to tell every third thing, be it to all screens or to one kind of them.

Its pulse comes every third of a second, so that a test need not wait for it; the pulse never fails.
"""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

import itertools

from flask_socketio import SocketIO

from facilitation.start import run
from facilitation.web import live

calls = itertools.count(1)
publish, emit = live.Live.publish, SocketIO.emit


def fail_at_times():
    if next(calls) % 3 == 0:
        raise RuntimeError("the screens cannot be told")


def publish_or_not(self, announcement):
    fail_at_times()
    publish(self, announcement)


def emit_or_not(self, name, *message, **how):
    if name != "pulse":
        fail_at_times()
    emit(self, name, *message, **how)


live.PULSE_SECONDS = 0.3
live.Live.publish = publish_or_not
SocketIO.emit = emit_or_not

raise SystemExit(run())
