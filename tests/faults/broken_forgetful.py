"""A server whose database is synced some time later: it answers before that."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from facilitation.start import run
from facilitation.storage import sqlite

sqlite.PRAGMAS["synchronous"] = "1"

raise SystemExit(run())
