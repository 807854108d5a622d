"""A server that waits for PostgreSQL for as long as it takes."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import os

import eventlet

eventlet.monkey_patch()
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

from facilitation.start import run
from facilitation.storage.deadline import Impatient

Impatient._until_late = lambda connection, waiting: waiting

raise SystemExit(run())
