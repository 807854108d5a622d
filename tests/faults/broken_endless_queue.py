"""A server that lets any number of commands wait for its writer, and refuses none."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from facilitation import runtime
from facilitation.start import run

runtime.MOST_WAITING = 10**9

raise SystemExit(run())
