"""A copy of the database while it is used, and a copy put back in its place."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from alembic.util import CommandError
from sqlalchemy import delete, make_url, select

from facilitation.domain.meeting import Meeting, new_epoch
from facilitation.domain.people import StaffSession
from facilitation.storage.database import Database
from facilitation.storage.work import Work

# Where SQLite locks a file (its format, "the lock-byte page"); whoever has it open in WAL mode
# holds a shared lock there, also when the file is damaged and SQLite itself cannot tell.
LOCK_BYTES = (512, 0x40000000)  # how many, from where
PATIENCE = 2  # seconds that a command beside us may take to finish
BEGINS_WITH = b"SQLite format 3\0"


class Impossible(Exception):
    """A backup or a restore that we do not do; says why."""


def file_of(url: str) -> Path:
    """The file of this database; refuses one that is not kept in a file."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        raise Impossible("only a SQLite file is copied here; for PostgreSQL there is pg_dump")
    return Path(parts.database)


def back_up(place: Path, target: Path) -> None:
    """Copy the database as it stands into one file: whole and sound, or not at all.

    It is one snapshot, and writers go on meanwhile. An older backup of that name is replaced.
    """
    if not place.exists():
        raise Impossible(f"there is no database yet: {place}")
    if target.exists() and (target.samefile(place) or not _may_be_replaced(target)):
        raise Impossible(f"this is no older backup, so it is not replaced: {target}")
    part = _beside(target, ".part")
    _copy(place, part)
    _put(part, target)


def restore(file: Path, place: Path, *, now: datetime) -> Path | None:
    """Put a backup in the place of the database, which is set aside; the answer is where.

    Every meeting gets a new epoch, so that open screens fetch everything anew; colleagues sign
    in again, because a session that ended after the backup must not live again.
    """
    if not file.is_file():
        raise Impossible(f"there is no such file: {file}")
    place.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(place, ".part")
    _copy(file, part)
    try:
        _begin_anew(part)
        if not place.exists():
            _put(part, place)
            return None
        with _alone(place):
            aside = _set_aside(place, now)
            _put(part, place)
            return aside
    finally:
        part.unlink(missing_ok=True)


def _may_be_replaced(target: Path) -> bool:
    with target.open("rb") as read:
        return read.read(len(BEGINS_WITH)) in {b"", BEGINS_WITH}


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _copy(source: Path, target: Path) -> None:
    """Copy one snapshot, for our own eyes only; refuses what is damaged."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    address = f"file:{quote(str(source.resolve()))}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
            _make_one_file(writing)
            found = writing.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as why:
        target.unlink(missing_ok=True)
        raise Impossible(f"{source} cannot be copied: {why}") from None
    if found != "ok":
        target.unlink()
        raise Impossible(f"{source} is damaged: {found}")


def _make_one_file(connection: sqlite3.Connection) -> None:
    """Leave nothing beside the file; whoever serves it turns writing ahead on again."""
    connection.execute("PRAGMA journal_mode = DELETE")


def _begin_anew(part: Path) -> None:
    with closing(sqlite3.connect(part)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meetings'").fetchone():
            raise Impossible("this is no backup of ours")
    database = Database(f"sqlite:///{part}")
    try:
        database.migrate()
        database.perform(_forget_screens_and_sessions)
    except CommandError:
        raise Impossible("the backup was made by a newer version: install that first") from None
    finally:
        database.dispose()
    with closing(sqlite3.connect(part)) as connection:
        _make_one_file(connection)


def _forget_screens_and_sessions(work: Work) -> None:
    for meeting in work.session.scalars(select(Meeting)):
        meeting.epoch = new_epoch()
    work.session.execute(delete(StaffSession))


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold the database so that nobody else can open it; refuses when somebody has it open."""
    _take_in_what_was_written_ahead(place)
    with place.open("r+b") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB, *LOCK_BYTES)
        except OSError:
            raise _in_use() from None
        yield


def _take_in_what_was_written_ahead(place: Path) -> None:
    """Make the old database one file, so that it can be set aside whole."""
    try:
        with closing(sqlite3.connect(place, timeout=PATIENCE)) as connection:
            _make_one_file(connection)
    except sqlite3.DatabaseError as why:
        if why.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise _in_use() from None
        # else it is damaged, which may be why we are here: it is set aside as it is


def _in_use() -> Impossible:
    return Impossible("a server, or another program, has the database open: stop it first")


def _set_aside(place: Path, now: datetime) -> Path:
    aside = _beside(place, f".before-{now:%Y%m%dT%H%M%S}")
    for ending in ("-wal", "-shm", ""):  # the log first: it must never meet another database
        with_ending = _beside(place, ending)
        if with_ending.exists():
            with_ending.replace(_beside(aside, ending))
    return aside


def _put(part: Path, place: Path) -> None:
    """Give it its name once it is on the disk, and the name as well."""
    _sync(part)
    part.replace(place)
    _sync(place.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
