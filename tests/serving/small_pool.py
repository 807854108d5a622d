"""A server that takes few connections at once, so that a test can fill it."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from facilitation import runtime
from facilitation.start import run

runtime.MOST_CONNECTIONS = 8

raise SystemExit(run())
