"""A program: an evening on green threads, with a guard that no command yields while it writes.

With green threads a command that yields inside its transaction lets another one wait for the
database, and then the whole process waits with it. Exit status 1 when the guard saw one.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from eventlet.hubs.hub import BaseHub  # noqa: E402
from sqlalchemy import event  # noqa: E402

from facilitation import create_app  # noqa: E402
from facilitation.actions import asking  # noqa: E402
from facilitation.domain.lifecycle import Kind, QuestionState  # noqa: E402
from facilitation.runtime import Green  # noqa: E402
from facilitation.storage.database import Database  # noqa: E402
from tests.makers import (  # noqa: E402
    a_browser,
    a_follow_up,
    a_key,
    a_meeting,
    a_question,
    an_asker,
    database_of,
    send_question,
    some_settings,
    support,
    take,
    take_meeting,
)

# The writer works in a real thread: ask the real module which one it is.
get_ident = eventlet.patcher.original("threading").get_ident


class Guard:
    """Watches the writer's transactions and every switch to the hub."""

    def __init__(self, database: Database) -> None:
        self.writing: set[int] = set()  # the threads that are inside a transaction
        self.commits = self.switches = self.yields = 0
        event.listen(database._writer, "begin", self._begin)
        event.listen(database._writer, "commit", self._commit)
        event.listen(database._writer, "rollback", self._end)
        self._switch = BaseHub.switch
        guard = self

        def switch(hub: BaseHub) -> object:
            guard.switches += 1
            guard.yields += get_ident() in guard.writing
            return guard._switch(hub)

        BaseHub.switch = switch

    def _begin(self, connection: object) -> None:
        self.writing.add(get_ident())

    def _commit(self, connection: object) -> None:
        self.commits += 1
        self.writing.discard(get_ident())

    def _end(self, connection: object) -> None:
        self.writing.discard(get_ident())


def main(folder: Path, how: str) -> int:
    app = create_app(some_settings(folder, has_limits=False), Green())
    database = database_of(app)
    database.migrate()
    guard = Guard(database)
    going_on = [eventlet.spawn(an_evening, app) for _ in range(4)]
    if how == "sleeping":
        going_on.append(eventlet.spawn(a_command_that_sleeps, database))
    for one in going_on:
        one.wait()  # raises what went wrong in it
    sys.stdout.write(
        f"{guard.commits} commits, {guard.switches} switches, {guard.yields} while writing\n"
    )
    return int(guard.yields > 0 or guard.commits < 20 or guard.switches < 4)


def an_evening(app) -> None:
    database = database_of(app)
    meeting = a_meeting(database)
    phone = a_browser(app)
    for state in QuestionState:
        a_question(database, meeting, state=state)
        assert send_question(phone, meeting).status_code == 201
        eventlet.sleep(0)
    target = a_question(database, meeting, state=QuestionState.ON_WALL)
    support(database, target)
    take(database, a_question(database, meeting), "merge", into=target.id)
    take(database, target, "withdraw")
    a_follow_up(database, meeting)
    take_meeting(database, meeting.id, "close")


def a_command_that_sleeps(database: Database) -> None:
    meeting = a_meeting(database)

    def ask_and_sleep(work) -> None:
        asking.ask_question(
            work,
            meeting.code,
            key=a_key(),
            kind=Kind.QUESTION,
            text="Hoeveel?",
            name="",
            by=an_asker(),
        )
        time.sleep(0.01)

    database.perform(ask_and_sleep)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2]))
