"""A server that does not hear its disk say no: it answers as if all had been kept."""
# ruff: noqa: E402 (eventlet patches before the other imports, as in app.py)

import eventlet

eventlet.monkey_patch()

from contextlib import suppress

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from facilitation.domain.refusals import Unavailable
from facilitation.start import run
from facilitation.storage.writer import Writer


def save_deafly(writer, commands):
    outcomes = [Unavailable(reason="deaf") for _ in commands]
    with suppress(OperationalError), Session(writer._engine) as session:
        outcomes = [writer._save_one(session, command) for command in commands]
        session.commit()
    return outcomes


Writer.save = save_deafly

raise SystemExit(run())
