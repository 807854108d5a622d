"""Two processes on one PostgreSQL: their commands take turns, and no number is given twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from facilitation.actions import asking
from facilitation.domain.lifecycle import Kind
from facilitation.domain.refusals import NotFound, Unavailable
from facilitation.storage import postgresql, queries
from facilitation.storage.database import Database
from tests.makers import a_key, a_meeting, an_asker, meeting_now
from tests.postgres import a_postgres, postgres_is_here

pytestmark = pytest.mark.skipif(not postgres_is_here(), reason="PostgreSQL is not installed")


@pytest.fixture
def url(postgres):
    url = postgres.lend()
    yield url
    postgres.take_back(url)


@pytest.fixture
def two(url):
    """Two doors to one database, as two processes have them."""
    databases = [Database(url), Database(url)]
    yield databases
    for database in databases:
        database.dispose()


def ask(database, meeting, key=None):
    return database.perform(
        asking.ask_question,
        meeting.code,
        key=key or a_key(),
        kind=Kind.QUESTION,
        text="Hoeveel?",
        name="",
        by=an_asker(),
    )


def test_two_processes_give_every_question_a_number_and_a_revision_of_its_own(two):
    meeting = a_meeting(two[0])
    before = meeting_now(two[0], meeting).staff_revision

    with ThreadPoolExecutor(8) as hall:
        asked = list(hall.map(lambda n: ask(two[n % 2], meeting), range(40)))

    assert sorted(question.number for question in asked) == list(range(1, 41))
    assert meeting_now(two[1], meeting).staff_revision == before + 40


def test_one_key_sent_to_two_processes_is_kept_once(two):
    meeting, key = a_meeting(two[0]), a_key()

    with ThreadPoolExecutor(8) as hall:
        asked = list(hall.map(lambda n: ask(two[n % 2], meeting, key), range(16)))

    assert {question.number for question in asked} == {1}
    assert [question.is_new for question in asked].count(True) == 1


def test_a_process_that_keeps_its_turn_makes_the_others_say_busy(url, two):
    meeting = a_meeting(two[0])
    impatient = Database(url)

    @event.listens_for(impatient._writer, "connect")
    def hurry(connection, record):
        connection.execute("SET lock_timeout = 50")
        connection.commit()

    with two[1]._writer.begin(), pytest.raises(Unavailable):
        ask(impatient, meeting)

    assert ask(impatient, meeting).number == 1
    impatient.dispose()


def test_a_server_that_could_forget_is_refused():
    with a_postgres("-c", "fsync=off") as careless:
        database = Database(careless.create("vragenmuur"))
        with pytest.raises(RuntimeError, match="fsync"):
            database.check()
        database.dispose()


def test_what_the_server_cannot_hold_is_not_found(two):
    with pytest.raises(NotFound), two[0].read() as session:
        queries.meeting_by_code(session, "K7\0PM2")


def test_nothing_can_be_written_through_a_reader(two):
    with pytest.raises(Unavailable), two[0].read() as session:
        session.execute(text("DELETE FROM meetings"))


def test_a_connection_that_the_server_ends_halfway_saves_nothing_and_the_next_goes_on(two):
    meeting = a_meeting(two[0])

    def ask_and_be_cut_off(work):
        asking.ask_question(
            work,
            meeting.code,
            key=a_key(),
            kind=Kind.QUESTION,
            text="Hoeveel?",
            name="",
            by=an_asker(),
        )
        work.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable):
        two[0].perform(ask_and_be_cut_off)

    assert ask(two[0], meeting).number == 1


def test_after_a_restart_of_the_server_the_first_command_is_saved(two, postgres):
    meeting = a_meeting(two[0])
    with two[1].read():
        pass

    postgres.stop()
    with pytest.raises(Unavailable):
        ask(two[0], meeting)
    with pytest.raises(Unavailable):
        meeting_now(two[1], meeting)
    postgres.start()

    assert ask(two[0], meeting).number == 1
    assert meeting_now(two[1], meeting).staff_revision == meeting.staff_revision + 1


def test_a_server_that_hangs_is_left_and_once_it_goes_on_so_do_we(url, postgres, monkeypatch):
    for name in ("CONNECTING", "READING_TIME", "WRITING_TIME", "GRACE"):
        monkeypatch.setattr(postgresql, name, 1)
    database = Database(url)
    meeting, key = a_meeting(database), a_key()

    with pytest.raises(Unavailable), database.read() as halfway:
        halfway.execute(text("SELECT 1"))
        with postgres.hung():
            with pytest.raises(Unavailable):
                ask(database, meeting, key)
            halfway.execute(text("SELECT 2"))

    assert ask(database, meeting, key).number == 1
    assert meeting_now(database, meeting).staff_revision == meeting.staff_revision + 1
    database.dispose()


def test_a_slow_statement_is_ended_by_the_server_and_its_line_is_kept(url, monkeypatch):
    monkeypatch.setattr(postgresql, "READING_TIME", 1)
    database = Database(url)

    with database.read() as session:
        before = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with pytest.raises(Unavailable, match="QueryCanceled"), database.read() as session:
        session.execute(text("SELECT pg_sleep(30)"))
    with database.read() as session:
        after = session.execute(text("SELECT pg_backend_pid()")).scalar_one()

    assert before == after
    database.dispose()
