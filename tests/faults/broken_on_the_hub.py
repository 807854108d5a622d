"""A server that saves on the loop itself: while the database is locked, nobody hears anything."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

import eventlet.tpool

from facilitation.start import run

eventlet.tpool.execute = lambda task, *args, **kwargs: task(*args, **kwargs)

raise SystemExit(run())
