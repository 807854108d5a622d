"""The n-th call of the database fails, in every command and for every n: all of it, or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import event

from facilitation.domain.refusals import Unavailable
from facilitation.storage.database import Database
from facilitation.storage.work import Work
from facilitation.storage.writer import Saved, Writer
from tests.faults.commands import MADE, Command, kept

MOST_CALLS = 400  # more than any command makes


@dataclass
class Disk:
    """A disk that says no to the n-th call of the writer, the commit included."""

    n: int = 0
    calls: int = 0
    fault: type[sqlite3.DatabaseError] = sqlite3.OperationalError

    def fail_at(self, n: int, fault: type[sqlite3.DatabaseError]) -> None:
        self.n, self.fault, self.calls = n, fault, 0

    def call(self) -> None:
        self.calls += 1
        if self.calls == self.n:
            raise self.fault("the disk said no")


@pytest.fixture
def disk(database) -> Disk:
    """The disk under the writer of this database."""
    disk = Disk()

    class OnThatDisk(sqlite3.Connection):
        def commit(self) -> None:
            disk.call()
            super().commit()

    def connect(dialect, record, args, kwargs):
        kwargs["factory"] = OnThatDisk

    def execute(cursor, statement, parameters, context):
        disk.call()

    event.listen(database._writer, "do_connect", connect)
    event.listen(database._writer, "do_execute", execute)
    return disk


def strikes_until_it_works(
    database: Database, disk: Disk, command: Command, fault: type[sqlite3.DatabaseError]
) -> Iterator[None]:
    """Let the first call fail, then the second, and so on until there is none left to fail."""
    for n in range(1, MOST_CALLS):
        disk.fail_at(n, fault)
        with suppress(Unavailable):
            command(database)
        if disk.calls < n:
            return
        yield
    raise AssertionError("a command makes more calls than we thought")


@pytest.mark.parametrize("fault", [sqlite3.OperationalError, sqlite3.DatabaseError])
@pytest.mark.parametrize("name", MADE)
def test_whichever_call_fails_nothing_is_kept_and_nothing_is_told(
    database, disk, heard, tally, name, fault
):
    command = MADE[name](database)
    before, strikes = kept(database), 0
    heard.clear()

    for _ in strikes_until_it_works(database, disk, command, fault):
        strikes += 1
        assert kept(database) == before
        assert heard == []

    assert strikes > 3
    assert kept(database) != before
    tally.add("n-th call fails", runs=strikes, acknowledged=1)


def save_as_it_goes(writer, session, command):
    """Keep each flush at once, as a database does that was never told to begin."""
    event.listen(session, "after_flush_postexec", keep_at_once)
    work = Work(session, writer._now())
    return Saved(command.action(work, *command.args, **command.kwargs), work.seal())


def keep_at_once(session, context):
    connection = session.connection().connection.driver_connection
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")


def test_a_writer_that_keeps_each_call_at_once_is_seen(database, disk, tally, monkeypatch):
    command, before = MADE["ask"](database), kept(database)
    monkeypatch.setattr(Writer, "_save_one", save_as_it_goes)
    strikes = strikes_until_it_works(database, disk, command, sqlite3.OperationalError)

    found = [None for _ in strikes if kept(database) != before]

    assert found, "the control did not turn red: the dump proves nothing"
    tally.add_control("n-th call fails", f"keeps each call {len(found)} half")
