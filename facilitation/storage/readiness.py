"""Whether questions can be kept now: why not, in a word for each reason."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from facilitation.domain.question import Question
from facilitation.storage.database import Database
from facilitation.storage.verifying import CLOCK_SLACK, is_at_head
from facilitation.storage.work import Work

ENOUGH_ROOM = 100 * 1024 * 1024  # bytes; on a small disk a twentieth of it
SMALL_PART = 20


def reasons(database: Database, folder: Path) -> dict[str, str]:
    """What is wrong, by name: database, disk, migrations, clock; empty when all is well."""
    checks: dict[str, Callable[[], str]] = {
        "database": lambda: _cannot_write(database),
        "disk": lambda: _little_room(folder),
        "migrations": lambda: _read(database, _old_tables),
        "clock": lambda: _read(database, lambda session: _clock_behind(session, database)),
    }
    return dict(_answers(checks))


def _answers(checks: dict[str, Callable[[], str]]) -> Iterator[tuple[str, str]]:
    for name, check in checks.items():
        try:
            why = check()
        except Exception as error:  # whatever it is, it is the answer: this page must not break
            why = type(error).__name__
        if why:
            yield name, why


def _cannot_write(database: Database) -> str:
    database.check()
    database.perform(_write_a_page)
    return ""


def _write_a_page(work: Work) -> None:
    """Write what is there already: a full disk refuses this, and not an empty transaction."""
    if work.session.get_bind().dialect.name == "sqlite":
        version = work.session.scalar(text("PRAGMA user_version"))
        work.session.execute(text(f"PRAGMA user_version = {int(version or 0)}"))


def _little_room(folder: Path) -> str:
    disk = shutil.disk_usage(folder)
    if disk.free >= min(ENOUGH_ROOM, disk.total // SMALL_PART):
        return ""
    return f"{disk.free // 1024**2} MB free"


def _read(database: Database, check: Callable[[Session], str]) -> str:
    with database.read() as session:
        return check(session)


def _old_tables(session: Session) -> str:
    return "" if is_at_head(session) else "the tables are of another version"


def _clock_behind(session: Session, database: Database) -> str:
    """A clock set back dates new questions before older ones, and lets sessions live longer."""
    newest = session.scalar(select(Question.asked_at).order_by(Question.id.desc()).limit(1))
    if newest is None or newest <= database.now() + CLOCK_SLACK:
        return ""
    return f"behind the newest question by {(newest - database.now()).total_seconds():.0f} s"
