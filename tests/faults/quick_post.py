"""A server that tries a mail again after moments instead of minutes: a test has no time."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from datetime import timedelta

from facilitation import postman
from facilitation.actions import mailing
from facilitation.start import run

mailing.FIRST_WAIT = timedelta(seconds=0.05)
mailing.LONGEST_WAIT = timedelta(seconds=0.2)
postman.LOOK_SECONDS = 0.1


if __name__ == "__main__":
    raise SystemExit(run())
