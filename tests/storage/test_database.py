"""The one door for writing: all of it is saved or none, and announced only once it is kept."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from facilitation.actions import asking, hosting
from facilitation.domain.lifecycle import Kind
from facilitation.domain.refusals import NotAllowed, Refusal, Unavailable
from facilitation.storage.database import Database
from tests.makers import MODERATOR, ORGANISER, a_key, a_meeting, a_question, an_asker, take

FULL, NORMAL = 2, 1


def seen_from_outside(database: Database, table: str = "questions") -> int:
    """How many rows another process sees: by a connection of its own, past our settings."""
    other = create_engine(database.url, poolclass=NullPool)
    with other.connect() as connection:
        count: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return count


def set_pragma(database: Database, name: str, value: int) -> None:
    """Change the writer's own connection; it has one."""
    raw = database._writer.raw_connection()
    raw.driver_connection.execute(f"PRAGMA {name} = {value}")
    raw.close()


def ask(work, code, **changes):
    sent = {"key": a_key(), "kind": Kind.QUESTION, "text": "Hoeveel?", "name": ""} | changes
    return asking.ask_question(work, code, by=an_asker(), **sent)


# -- all or nothing


@pytest.mark.parametrize("why", [NotAllowed(step="x"), KeyError("a bug")], ids=["refusal", "bug"])
def test_what_breaks_off_halfway_leaves_nothing_behind(database, heard, why):
    meeting = a_meeting(database)
    heard.clear()

    def ask_two_and_break(work):
        ask(work, meeting.code)
        ask(work, meeting.code)
        raise why

    with pytest.raises(type(why)):
        database.perform(ask_two_and_break)

    assert seen_from_outside(database) == 0
    assert heard == []
    assert a_question(database, meeting).number == 1


def test_a_refusal_deep_inside_an_action_undoes_what_went_before(database, heard):
    meeting = a_meeting(database)
    question = a_question(database, meeting)
    heard.clear()

    def close_and_reach_too_far(work):
        hosting.close_meeting(work, meeting.id, by=ORGANISER)
        hosting.take_meeting_step(work, meeting.id, "archive", by=MODERATOR)

    with pytest.raises(Refusal):
        database.perform(close_and_reach_too_far)

    assert seen_from_outside(database, "follow_ups") == 0
    assert take(database, question, "approve").state == "on_wall"


# -- save, then announce


def test_what_is_announced_is_already_kept(database):
    meeting = a_meeting(database)
    inside, announced = [], []
    database.announce = lambda announcement: announced.append(seen_from_outside(database))

    def ask_and_look(work):
        asked = ask(work, meeting.code)
        inside.append(seen_from_outside(database))
        return asked

    answer = database.perform(ask_and_look)

    assert inside == [0]
    assert announced == [1]
    assert answer.number == 1


def test_the_answer_is_given_only_for_what_is_kept(database):
    meeting = a_meeting(database)

    answers = [database.perform(ask, meeting.code) for _ in range(3)]

    assert seen_from_outside(database) == len(answers)


def test_everybody_may_ask_at_once_and_each_gets_a_number_of_its_own(database):
    meeting = a_meeting(database)

    with ThreadPoolExecutor(8) as hall:
        asked = list(hall.map(lambda _: database.perform(ask, meeting.code), range(40)))

    assert sorted(question.number for question in asked) == list(range(1, 41))


def test_one_key_sent_at_once_from_everywhere_is_kept_once(database):
    meeting, key = a_meeting(database), a_key()

    with ThreadPoolExecutor(8) as hall:
        asked = list(hall.map(lambda _: database.perform(ask, meeting.code, key=key), range(16)))

    assert {question.number for question in asked} == {1}
    assert [question.is_new for question in asked].count(True) == 1


def test_a_reader_sees_one_moment_and_keeps_nobody_waiting(database):
    from facilitation.storage import queries

    meeting = a_meeting(database)
    with database.read() as session:
        before = queries.meeting(session, meeting.id)
        session.expire_all()
        database.perform(ask, meeting.code)

        after = queries.meeting(session, meeting.id)

    assert after.staff_revision == before.staff_revision


def test_nothing_that_a_reader_changes_is_kept(database):
    from facilitation.domain.meeting import Meeting

    meeting = a_meeting(database)

    with database.read() as session:
        session.get_one(Meeting, meeting.id).title = "Anders"

    with database.read() as session:
        assert session.get_one(Meeting, meeting.id).title == meeting.title


# -- what a power cut would cost


@pytest.mark.sqlite
def test_a_database_that_keeps_what_it_acknowledges_passes(database):
    database.check()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("name", "value"), [("synchronous", NORMAL), ("synchronous", 0), ("foreign_keys", 0)]
)
def test_a_database_that_could_forget_is_refused(database, name, value):
    database.check()
    set_pragma(database, name, value)

    with pytest.raises(RuntimeError, match=name):
        database.check()


@pytest.mark.sqlite
def test_a_database_without_a_write_ahead_log_is_refused(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    database.check()
    raw = database._writer.raw_connection()
    raw.driver_connection.execute("PRAGMA journal_mode = delete")
    raw.close()

    with pytest.raises(RuntimeError, match="journal_mode"):
        database.check()
    database.dispose()


@pytest.mark.sqlite
def test_every_connection_that_writes_waits_for_the_disk(database):
    a_meeting(database)

    raw = database._writer.raw_connection()
    found = raw.driver_connection.execute("PRAGMA synchronous").fetchone()[0]
    raw.close()

    assert found == FULL


# -- busy, and full


@pytest.mark.sqlite
def test_when_another_process_holds_the_file_it_says_busy_and_saves_nothing(database):
    meeting = a_meeting(database)
    set_pragma(database, "busy_timeout", 50)
    path = database.url.removeprefix("sqlite:///")

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            database.perform(ask, meeting.code)
        other.execute("ROLLBACK")

    assert seen_from_outside(database) == 0
    assert database.perform(ask, meeting.code).number == 1


@pytest.mark.sqlite
def test_when_the_disk_is_full_it_says_so_and_goes_on_when_there_is_room(database, heard):
    meeting = a_meeting(database)
    heard.clear()
    set_pragma(database, "max_page_count", 1)  # SQLite keeps it at what is used already

    kept = 0
    with pytest.raises(Unavailable):
        for _ in range(500):
            database.perform(ask, meeting.code, text="vol " * 120)
            kept += 1

    assert seen_from_outside(database) == len(heard) == kept
    set_pragma(database, "max_page_count", 1_000_000)
    assert database.perform(ask, meeting.code).number == kept + 1
