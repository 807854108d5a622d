"""A backup is whole or not there; a restore loses nothing, and is not done under a server."""

import sqlite3
from contextlib import closing

import pytest

from facilitation.actions import accounts
from facilitation.domain.lifecycle import MeetingState, QuestionState, Role
from facilitation.storage.backup import Impossible, back_up, file_of, restore
from facilitation.storage.database import Database
from facilitation.storage.verifying import flaws, flaws_in_file
from tests.makers import (
    EVENING,
    ORGANISER,
    a_colleague,
    a_meeting,
    a_question,
    meeting_now,
    take_meeting,
)

pytestmark = pytest.mark.sqlite  # a PostgreSQL database is copied by its own pg_dump


def place_of(database):
    return file_of(database.url)


def rows(path, table="questions"):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reading:
        return reading.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


# -- a backup


def test_a_backup_is_one_private_file_with_everything_up_to_now(database, tmp_path):
    meeting = a_meeting(database)
    a_question(database, meeting)
    target = tmp_path / "copies" / "evening.db"
    target.parent.mkdir()

    back_up(place_of(database), target)

    assert rows(target) == 1
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in target.parent.iterdir()] == ["evening.db"]


def test_a_newer_backup_replaces_an_older_one(database, tmp_path):
    meeting = a_meeting(database)
    for _ in range(2):
        a_question(database, meeting)
        back_up(place_of(database), tmp_path / "copy.db")

    assert rows(tmp_path / "copy.db") == 2


def test_a_backup_never_replaces_the_database_or_somebody_elses_file(database, tmp_path):
    a_meeting(database)
    notes = tmp_path / "notes.txt"
    notes.write_text("to remember")

    for target in (place_of(database), notes):
        with pytest.raises(Impossible, match="not replaced"):
            back_up(place_of(database), target)

    assert notes.read_text() == "to remember"
    assert rows(place_of(database), "meetings") == 1


def test_of_a_damaged_database_the_older_backup_is_kept(database, tmp_path):
    a_meeting(database)
    place, target = place_of(database), tmp_path / "copy.db"
    back_up(place, target)
    database.dispose()
    damage(place)

    with pytest.raises(Impossible):
        back_up(place, target)

    assert rows(target, "meetings") == 1
    assert not (tmp_path / "copy.db.part").exists()


def damage(place):
    """What a failing disk does: the pages after the first hold something else."""
    with place.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 8)


def test_postgresql_is_not_copied_here():
    with pytest.raises(Impossible, match="pg_dump"):
        file_of("postgresql+psycopg://localhost/vragenmuur")


# -- a restore


def test_a_restore_brings_back_what_was_kept_and_sets_the_rest_aside(database, tmp_path):
    meeting = a_meeting(database)
    a_question(database, meeting)
    back_up(place_of(database), tmp_path / "copy.db")
    a_question(database, meeting)
    database.dispose()

    aside = restore(tmp_path / "copy.db", place_of(database), now=EVENING)

    assert (rows(place_of(database)), rows(aside)) == (1, 2)
    assert aside.name == "vragenmuur.db.before-20261201T183000"
    assert flaws_in_file(place_of(database), EVENING) == []


def test_after_a_restore_every_screen_fetches_anew_and_everybody_signs_in_again(database, tmp_path):
    meeting = a_meeting(database)
    account_id = a_colleague(database, role=Role.ORGANISER)
    database.perform(accounts.sign_in, account_id)
    back_up(place_of(database), tmp_path / "copy.db")
    database.dispose()

    restore(tmp_path / "copy.db", place_of(database), now=EVENING)

    restored = Database(database.url)
    assert meeting_now(restored, meeting).epoch != meeting.epoch
    assert rows(place_of(database), "staff_sessions") == 0
    assert rows(place_of(database), "accounts") == 1
    restored.dispose()


def test_nothing_is_restored_while_somebody_has_the_database_open(database, tmp_path):
    meeting = a_meeting(database)
    back_up(place_of(database), tmp_path / "copy.db")
    held = sqlite3.connect(place_of(database))
    held.execute("SELECT count(*) FROM questions").fetchone()

    with closing(held), pytest.raises(Impossible, match="stop it first"):
        database.dispose()
        restore(tmp_path / "copy.db", place_of(database), now=EVENING)

    assert meeting_now(database, meeting).epoch == meeting.epoch
    assert not place_of(database).with_name("vragenmuur.db.part").exists()


def test_a_damaged_database_is_replaced_and_set_aside_as_it_is(database, tmp_path):
    a_meeting(database)
    back_up(place_of(database), tmp_path / "copy.db")
    database.dispose()
    place = place_of(database)
    place.write_bytes(b"nothing that SQLite knows" * 1000)

    aside = restore(tmp_path / "copy.db", place, now=EVENING)

    assert rows(place, "meetings") == 1
    assert aside.read_bytes().startswith(b"nothing")


def test_a_restore_elsewhere_needs_no_database_there(database, tmp_path):
    a_meeting(database)
    back_up(place_of(database), tmp_path / "copy.db")

    aside = restore(tmp_path / "copy.db", tmp_path / "new" / "vragenmuur.db", now=EVENING)

    assert aside is None
    assert rows(tmp_path / "new" / "vragenmuur.db", "meetings") == 1


@pytest.mark.parametrize("content", [b"", b"to remember", None], ids=["empty", "text", "missing"])
def test_what_is_no_backup_is_refused(database, tmp_path, content):
    a_meeting(database)
    file = tmp_path / "copy.db"
    if content is not None:
        file.write_bytes(content)
    database.dispose()

    with pytest.raises(Impossible):
        restore(file, place_of(database), now=EVENING)

    assert rows(place_of(database), "meetings") == 1


def test_a_backup_of_a_newer_version_is_refused(database, tmp_path):
    a_meeting(database)
    back_up(place_of(database), tmp_path / "copy.db")
    change(tmp_path / "copy.db", "UPDATE alembic_version SET version_num = 'of_tomorrow'")
    database.dispose()

    with pytest.raises(Impossible, match="newer version"):
        restore(tmp_path / "copy.db", place_of(database), now=EVENING)


# -- verifying


def change(path, *statements):
    with closing(sqlite3.connect(path)) as writing:
        for statement in statements:
            writing.execute(statement)
        writing.commit()


def an_evening_with_everything(database):
    """A closed one, and one that goes on; nothing in them is wrong."""
    for state in (MeetingState.LIVE, MeetingState.LIVE):
        meeting = a_meeting(database, state=state)
        for wanted in QuestionState:
            a_question(database, meeting, state=wanted)
    take_meeting(database, meeting.id, "close", by=ORGANISER)


def test_an_evening_made_by_our_own_actions_has_no_flaw(database):
    an_evening_with_everything(database)

    with database.read() as session:
        assert flaws(session, EVENING) == []


@pytest.mark.parametrize(
    ("breach", "flaw"),
    [
        ("DELETE FROM questions WHERE meeting_id = 1 AND number = 2", "numbers up to"),
        ("UPDATE meetings SET last_number = 99 WHERE id = 1", "numbers up to"),
        ("UPDATE questions SET number = 99 WHERE id = 2", "numbers up to"),
        ("DELETE FROM follow_ups WHERE meeting_id = 2", "has no follow-up"),
        ("UPDATE meetings SET staff_revision = 3 WHERE id = 1", "revisions are behind"),
        ("UPDATE meetings SET public_revision = 999 WHERE id = 1", "revisions are behind"),
        ("UPDATE meetings SET supports = -1 WHERE id = 1", "revisions are behind"),
        ("UPDATE questions SET merged_into_id = NULL", "merged"),
        ("UPDATE questions SET state = 'on_stage' WHERE meeting_id = 1", "on stage"),
        ("UPDATE questions SET asked_at = '2027-01-01 00:00:00' WHERE id = 1", "clock"),
        ("UPDATE questions SET topic_id = 77 WHERE id = 1", "row of questions"),
        ("UPDATE alembic_version SET version_num = 'other'", "another version"),
        ("DROP TABLE questions", "cannot be read"),
    ],
)
def test_each_breach_is_named(database, tmp_path, breach, flaw):
    an_evening_with_everything(database)
    copy = tmp_path / "copy.db"
    back_up(place_of(database), copy)
    change(copy, "PRAGMA foreign_keys = off", breach)

    found = flaws_in_file(copy, EVENING)

    assert any(flaw in one for one in found), found


def test_a_number_that_was_given_twice_is_named(database, tmp_path):
    an_evening_with_everything(database)
    copy = tmp_path / "copy.db"
    back_up(place_of(database), copy)
    with closing(sqlite3.connect(copy)) as writing:
        writing.execute("CREATE TABLE bare AS SELECT * FROM questions")
        writing.execute("UPDATE bare SET number = 1 WHERE meeting_id = 1 AND number = 2")
        writing.execute("DROP TABLE questions")
        writing.execute("ALTER TABLE bare RENAME TO questions")
        writing.commit()

    assert any("given twice" in one for one in flaws_in_file(copy, EVENING))


def test_a_damaged_file_is_named_and_nothing_is_written(database, tmp_path):
    an_evening_with_everything(database)
    copy = tmp_path / "copy.db"
    back_up(place_of(database), copy)
    damage(copy)
    before = copy.read_bytes()

    assert flaws_in_file(copy, EVENING)
    assert copy.read_bytes() == before
