"""A server with fifty places for connections, which idle ones can take for ever."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from facilitation import runtime
from facilitation.start import run

runtime.MOST_CONNECTIONS = 50

raise SystemExit(run())
