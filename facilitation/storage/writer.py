"""The one writer: the commands of a moment saved in one transaction, a savepoint each.

It runs in a real thread beside the green ones: no logging, no locks of theirs and no emits here.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.orm import Session

from facilitation.domain.events import Announcement
from facilitation.domain.refusals import Unavailable
from facilitation.storage.work import Work


@dataclass(frozen=True)
class Command:
    """An action and what it is called with."""

    action: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What a command answered, and what is to be announced now that it is kept."""

    answer: Any
    announcements: list[Announcement]


Outcome = Saved | Exception


class Writer:
    """Saves batches: a refusal undoes its own command only, a fault of the database all of them."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self.commit_seconds = 0.0  # of the last batch: how long the disk took

    def save(self, commands: Sequence[Command]) -> list[Outcome]:
        """One outcome for each command, in order; nothing is saved unless all of it is synced."""
        try:
            with Session(self._engine) as session, _ended_with_it(session):
                outcomes = [self._save_one(session, command) for command in commands]
                began = time.monotonic()
                session.commit()
                self.commit_seconds = time.monotonic() - began
        except DBAPIError as why:
            return [Unavailable(reason=type(why.orig).__name__) for _ in commands]
        return outcomes

    def _save_one(self, session: Session, command: Command) -> Outcome:
        try:
            with session.begin_nested():
                work = Work(session, self._now())
                answer = command.action(work, *command.args, **command.kwargs)
                outcome = Saved(answer, work.seal())
        except Exception as why:
            if _is_the_databases(why):
                raise
            return why  # a refusal or a bug: it goes to who called, the others go on
        finally:
            session.expunge_all()  # the next command looks at the database, not at what we saw
        _check_transaction(session)
        return outcome


def _is_the_databases(why: Exception) -> bool:
    """Whether the database is at fault, so that nobody can say what it kept of this command."""
    asked_wrongly = IntegrityError | DataError | ProgrammingError
    return isinstance(why, DBAPIError) and not isinstance(why, asked_wrongly)


@contextmanager
def _ended_with_it(session: Session) -> Iterator[None]:
    """Close the connection when the batch fails: a commit that failed may still be open in it."""
    try:
        yield
    except BaseException:
        session.invalidate()
        raise


def _check_transaction(session: Session) -> None:
    """A full disk makes SQLite end the whole transaction; what follows would save itself alone."""
    connection = session.connection().connection.driver_connection
    if not getattr(connection, "in_transaction", True):
        raise OperationalError("SAVEPOINT", {}, RuntimeError("the transaction is gone"))
