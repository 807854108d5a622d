"""Connections to PostgreSQL that wait for an answer so long and no longer.

A server that hangs ends nothing by itself: its own timeouts hang with it, and its machine goes on
to say that the line is alive. So we look at the clock ourselves, and leave.
"""

import time
from typing import Any

import psycopg
from psycopg.abc import PQGen


class Impatient(psycopg.Connection[Any]):
    """Ends itself when a statement has had no answer; what became of that, nobody can say."""

    patience = 5.0  # seconds

    def wait(self, gen: PQGen[Any], *args: Any, **kwargs: Any) -> Any:
        """As the driver does, which looks up ten times a second when nothing comes."""
        return super().wait(self._until_late(gen), *args, **kwargs)

    def _until_late(self, gen: PQGen[Any]) -> PQGen[Any]:
        deadline = time.monotonic() + self.patience
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() >= deadline:
                    self.pgconn.finish()  # no rollback, no next statement: those would wait as well
                    raise psycopg.OperationalError("no answer in time")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value


def connecting(patience: float) -> type[Impatient]:
    """The kind of connection that waits so many seconds for each statement."""
    return type("Connection", (Impatient,), {"patience": patience})
