"""A server whose pings wait for minutes, so that a slow machine is not what lets a phone go.

With MOST_UNREAD in the environment it lets nobody go before that.
"""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import os

import eventlet

eventlet.monkey_patch()

from facilitation.start import run
from facilitation.web import live

socketio = live.SocketIO
live.SocketIO = lambda *parts, **how: socketio(*parts, **(how | {"ping_timeout": 600}))
live.MOST_UNREAD = int(os.environ.get("MOST_UNREAD", live.MOST_UNREAD))

raise SystemExit(run())
