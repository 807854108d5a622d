"""A server that gives a mail another name each time: a repeat looks like a mail of its own."""

from tests.faults.quick_post import run  # first: eventlet must patch before the other imports

import uuid  # isort: skip

from facilitation.web import mails  # isort: skip

mails.message_id = lambda letter, settings: f"<{uuid.uuid4().hex}@localhost>"

raise SystemExit(run())
