"""A program: many green threads command at once, on a disk that is slow to sync.

Prints one line of JSON: how many commands were answered and refused, in how many commits, in which
order they were announced, and how often the loop came round meanwhile.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from sqlalchemy import event  # noqa: E402

from facilitation import create_app, runtime  # noqa: E402
from facilitation.domain.events import QuestionChanged  # noqa: E402
from facilitation.domain.refusals import Unavailable  # noqa: E402
from tests.makers import a_meeting, a_question, database_of, some_settings  # noqa: E402

threads = eventlet.patcher.original("threading")
slow = eventlet.patcher.original("time")
COMMANDS = 60
SYNC = 0.02  # seconds


def main(folder: Path, how: str) -> None:
    if how == "full":
        runtime.MOST_WAITING = 10
    app = create_app(some_settings(folder, has_limits=False), runtime.Green())
    database = database_of(app)
    database.migrate()
    meeting = a_meeting(database)
    told, commits, rounds = [], [], []
    database.announce = lambda announcement: told.extend(
        event.question_id
        for event in announcement.events
        if isinstance(event, QuestionChanged) and event.step == "ask"
    )

    def sync_slowly(connection):
        slow.sleep(SYNC)
        commits.append(threads.get_ident())

    event.listen(database._writer, "commit", sync_slowly)
    ticking = eventlet.spawn(tick, rounds)
    asking = [eventlet.spawn(ask, database, meeting) for _ in range(COMMANDS)]
    answers = [one.wait() for one in asking]
    ticking.kill()
    found = {
        "answered": len([answer for answer in answers if answer]),
        "refused": len([answer for answer in answers if not answer]),
        "commits": len(commits),
        "on the loop": threads.get_ident() in commits,
        "told in order": told == sorted(told),
        "told": len(told),
        "rounds": len(rounds),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def ask(database, meeting):
    try:
        return a_question(database, meeting).id
    except Unavailable:
        return None


def tick(rounds):
    while True:
        eventlet.sleep(0.001)
        rounds.append(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
