"""A server whose writer tells the screens itself, and stops for good when it cannot."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

import itertools

from facilitation import runtime
from facilitation.start import run
from facilitation.web.live import Live

calls = itertools.count(1)
publish = Live.publish


def publish_or_not(self, announcement):
    if next(calls) % 3 == 0:
        raise RuntimeError("the screens cannot be told")
    publish(self, announcement)


runtime._tell = lambda then, outcomes: then(outcomes)
Live.publish = publish_or_not

raise SystemExit(run())
