"""apsw in the clothes of `sqlite3`: just as much of them as SQLAlchemy and the writer look at."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import apsw

# What SQLAlchemy asks of the module itself.
Error, Warning = sqlite3.Error, sqlite3.Warning  # noqa: A001
DatabaseError, InterfaceError = sqlite3.DatabaseError, sqlite3.InterfaceError
DataError, NotSupportedError = sqlite3.DataError, sqlite3.NotSupportedError
OperationalError, IntegrityError = sqlite3.OperationalError, sqlite3.IntegrityError
InternalError, ProgrammingError = sqlite3.InternalError, sqlite3.ProgrammingError
Binary, paramstyle = bytes, "qmark"
PARSE_DECLTYPES, PARSE_COLNAMES = sqlite3.PARSE_DECLTYPES, sqlite3.PARSE_COLNAMES
sqlite_version = apsw.sqlite_lib_version()
sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))


def module_on(disk: str) -> SimpleNamespace:
    """What `create_engine(module=…)` wants, with every connection on that disk of apsw's."""
    return SimpleNamespace(**{**globals(), "connect": lambda path, **_: Connection(path, disk)})


@contextmanager
def _in_their_words() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as why:
        raise IntegrityError(str(why)) from why
    except apsw.Error as why:
        raise OperationalError(str(why)) from why


class Cursor:
    """A cursor that has read its rows at once, as a cursor of ours is never read in parts."""

    lastrowid = rowcount = -1
    arraysize = 1
    description: tuple[tuple[Any, ...], ...] | None = None

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self._rows: list[Any] = []

    def execute(self, statement: str, parameters: Any = ()) -> "Cursor":
        with _in_their_words():
            cursor = self.connection.inner.cursor()
            cursor.exec_trace = self._describe
            self._rows = cursor.execute(statement, parameters).fetchall()
        self.lastrowid = self.connection.inner.last_insert_rowid()
        self.rowcount = self.connection.inner.changes()
        return self

    def _describe(self, cursor: apsw.Cursor, statement: str, parameters: Any) -> bool:
        """Note the names of the columns: apsw knows them until the first row only."""
        columns = cursor.get_description()
        self.description = tuple((name, *(None,) * 6) for name, _ in columns) or None
        return True

    def executemany(self, statement: str, rows: Any) -> "Cursor":
        changed = sum(self.execute(statement, row).rowcount for row in rows)
        self.rowcount = changed
        return self

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        taken, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._rows = []


class Connection:
    """A connection that begins when it is told to, and not before."""

    isolation_level: str | None = None
    row_factory = text_factory = None
    total_changes = 0

    def __init__(self, path: str, disk: str | None) -> None:
        self.inner = apsw.Connection(path, vfs=disk)

    @property
    def in_transaction(self) -> bool:
        return self.inner.in_transaction

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, statement: str, parameters: Any = ()) -> Cursor:
        return self.cursor().execute(statement, parameters)

    def commit(self) -> None:
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")

    def create_function(self, name: str, count: int, function: Any, **kept: Any) -> None:
        self.inner.create_scalar_function(name, function, count, **kept)

    def close(self) -> None:
        self.inner.close()
