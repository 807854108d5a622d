"""A server that asks its screens every second whether they are there, so that a test can wait."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from facilitation.start import run
from facilitation.web import live

socketio = live.SocketIO
quick = {"ping_interval": 1, "ping_timeout": 1}
live.SocketIO = lambda *parts, **how: socketio(*parts, **(how | quick))

raise SystemExit(run())
