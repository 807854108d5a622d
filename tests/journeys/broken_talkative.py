"""A server that logs what an exception says, as most do: it quotes what residents typed."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

import logging
import sys

from facilitation import logs
from facilitation.start import run


def set_up():
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, force=True)


logs.set_up = set_up

raise SystemExit(run())
