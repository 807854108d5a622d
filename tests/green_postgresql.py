"""A program: green threads that wait for a PostgreSQL server, all at once.

Prints one line of JSON: how long twenty sleeps of half a second in the server took together and how
often the loop came round meanwhile; how many commands were answered, in how many commits.
"""

import os
import sys

import eventlet

eventlet.monkey_patch()
os.environ["PSYCOPG_WAIT_FUNC"] = sys.argv[2]

import json  # noqa: E402
import time  # noqa: E402

from sqlalchemy import event, text  # noqa: E402

from facilitation.domain.events import QuestionChanged  # noqa: E402
from facilitation.runtime import Green  # noqa: E402
from facilitation.storage.database import Database  # noqa: E402
from tests.makers import a_meeting, a_question  # noqa: E402

SLEEPS, NAP = 20, 0.5
COMMANDS = 60


def main(url: str) -> None:
    database = Database(url, gather=Green().gather_for_postgresql)
    found = naps(database) | commands(database)
    database.dispose()
    sys.stdout.write(json.dumps(found) + "\n")


def naps(database: Database) -> dict[str, float]:
    rounds: list[int] = []
    ticking = eventlet.spawn(tick, rounds)
    began = time.monotonic()
    for nap in [eventlet.spawn(sleep_in_the_server, database) for _ in range(SLEEPS)]:
        nap.wait()
    took = time.monotonic() - began
    ticking.kill()
    return {
        "seconds asleep in all": SLEEPS * NAP,
        "seconds": took,
        "rounds meanwhile": len(rounds),
    }


def commands(database: Database) -> dict[str, object]:
    meeting = a_meeting(database)
    told, commits = [], []
    database.announce = lambda announcement: told.extend(
        event.question_id
        for event in announcement.events
        if isinstance(event, QuestionChanged) and event.step == "ask"
    )
    event.listen(database._writer, "commit", lambda connection: commits.append(1))
    asking = [eventlet.spawn(a_question, database, meeting) for _ in range(COMMANDS)]
    answers = [one.wait() for one in asking]
    return {
        "answered": len(answers),
        "commits": len(commits),
        "told in order": told == sorted(told),
    }


def sleep_in_the_server(database: Database) -> None:
    with database.read() as session:
        session.execute(text(f"SELECT pg_sleep({NAP})"))


def tick(rounds: list[int]) -> None:
    while True:
        eventlet.sleep(0.01)
        rounds.append(1)


if __name__ == "__main__":
    main(sys.argv[1])
