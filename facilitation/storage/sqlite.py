"""SQLite as the database: engines that keep our promises, and what is refused at the start."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.orm import Session

READERS = 20
BUSY_TIMEOUT = 10_000  # milliseconds that we wait for a command of another process
PRAGMAS = {
    "journal_mode": "wal",
    # FULL, not NORMAL: what was acknowledged must outlive a power cut.
    "synchronous": "2",
    "foreign_keys": "1",
    "busy_timeout": str(BUSY_TIMEOUT),
}
DRIVER = "sqlite+vragenmuur"


class Dialect(SQLiteDialect_pysqlite):
    """SQLAlchemy compiles two sentences anew for each savepoint: here they are just said."""

    supports_statement_cache = True

    def do_savepoint(self, connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"SAVEPOINT {name}")

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"RELEASE {name}")

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"ROLLBACK TO {name}")


registry.register(DRIVER.replace("+", "."), __name__, Dialect.__name__)


def writing(url: str) -> Engine:
    """One connection, whose transactions take their turn at once."""
    return _engine(url, begin="BEGIN IMMEDIATE", pool_size=1)


def reading(url: str) -> Engine:
    return _engine(url, begin="BEGIN", pool_size=READERS)


def check(session: Session) -> None:
    """Refuse a database that would forget what it acknowledged."""
    for name, wanted in PRAGMAS.items():
        found = str(session.execute(text(f"PRAGMA {name}")).scalar_one())
        if found != wanted:
            raise RuntimeError(f"SQLite answers {name} = {found}, it must be {wanted}")


class Watch:
    """A connection of its own that only looks whether others saved something."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cursor: Any = None

    def version(self) -> int | None:
        try:
            if self._cursor is None:
                connection = self._engine.raw_connection()
                connection.detach()
                self._cursor = connection.cursor()
            found: int = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:  # whoever reads anew hears what is wrong
            self.close()
            return None
        return found

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None


def _engine(url: str, *, begin: str, pool_size: int) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername=DRIVER),
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        # pysqlite would begin by itself, and not before a savepoint: we begin, always and early.
        connection.isolation_level = None
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
