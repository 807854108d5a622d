"""The engine and the one door for writing: save everything and then announce it, or do neither."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Full
from typing import Concatenate, ParamSpec, TypeVar

import alembic.command
import alembic.config
from sqlalchemy.exc import DataError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from facilitation.domain.events import Announcement
from facilitation.domain.refusals import NotFound, Unavailable
from facilitation.runtime import Gather, Threads
from facilitation.storage import postgresql, sqlite
from facilitation.storage.work import Work
from facilitation.storage.writer import Command, Outcome, Saved, Writer

P = ParamSpec("P")
Answer = TypeVar("Answer")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """Readers see a snapshot each; writers come one at a time, through `perform`."""

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], datetime] = utc_now,
        announce: Callable[[Announcement], None] = lambda announcement: None,
        gather: Gather | None = None,
    ) -> None:
        self.url = url
        self.now = now
        self.announce = announce
        self._is_postgresql = postgresql.is_postgresql(url)
        if self._is_postgresql:
            self._writer, self._reader = postgresql.writing(url), postgresql.reading(url)
        else:
            self._writer, self._reader = sqlite.writing(url), sqlite.reading(url)
            self._watch = sqlite.Watch(self._reader)
        gather = gather or Threads().gather
        self.writer = Writer(self._writer, self.clock)
        self._submit = gather(self.writer.save, self._announce_all)

    def clock(self) -> datetime:
        return self.now()

    def perform(
        self, action: Callable[Concatenate[Work, P], Answer], *args: P.args, **kwargs: P.kwargs
    ) -> Answer:
        """Run one command: all of it is saved or none, then it is answered, then announced.

        The writer gathers the commands of a moment into one transaction. When more wait for it
        than it can take, a command is refused at once: it may be sent again, and nothing piles up.
        """
        try:
            outcome = self._submit(Command(action, args, kwargs))
        except Full:
            raise Unavailable(reason="busy") from None
        if isinstance(outcome, Exception):
            raise outcome
        answer: Answer = outcome.answer
        return answer

    def _announce_all(self, outcomes: Sequence[Outcome]) -> None:
        """Tell what was saved, in the order in which it was."""
        for outcome in outcomes:
            if isinstance(outcome, Saved):
                for announcement in outcome.announcements:
                    self.announce(announcement)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One snapshot to take pictures from; nothing in it can be saved."""
        with _kept_or_refused(), Session(self._reader) as session:
            yield session

    def version(self) -> int | None:
        """A number that is another one once anything was saved, by whichever process.

        None when nobody can tell, as on PostgreSQL: then everything must be read anew.
        """
        return None if self._is_postgresql else self._watch.version()

    def migrate(self) -> None:
        """Bring the tables up to date; safe to call at every start."""
        config = alembic.config.Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._writer.begin() as connection:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")

    def check(self) -> None:
        """Refuse to start on a database that would forget what it acknowledged."""
        check = postgresql.check if self._is_postgresql else sqlite.check
        self.perform(lambda work: check(work.session))

    def dispose(self) -> None:
        if not self._is_postgresql:
            self._watch.close()
        self._writer.dispose()
        self._reader.dispose()


@contextmanager
def _kept_or_refused() -> Iterator[None]:
    """Say in our own words that the database is locked, full or broken."""
    try:
        yield
    except (OperationalError, InternalError, NoConnection) as why:
        raise Unavailable(reason=type(getattr(why, "orig", why)).__name__) from why
    except DataError as why:  # a NUL in an address: what it cannot hold, it does not hold
        raise NotFound(what="page") from why
