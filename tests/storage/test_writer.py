"""The one writer: a batch is one transaction, and a refusal undoes its own command only."""

import pytest
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.exc import IntegrityError

from facilitation.actions import asking
from facilitation.domain.lifecycle import Kind
from facilitation.domain.question import Support
from facilitation.domain.refusals import NotOpen, Unavailable
from facilitation.storage.writer import Command, Saved, Writer
from tests.makers import a_key, a_meeting, an_asker


@pytest.fixture
def meeting(database):
    return a_meeting(database)


@pytest.fixture
def writer(database, clock):
    return Writer(database._writer, clock)


def ask(work, code, words="Hoeveel?", why=None):
    """Ask something, and then break off if there is a reason to."""
    asked = asking.ask_question(
        work, code, key=a_key(), kind=Kind.QUESTION, text=words, name="", by=an_asker()
    )
    if why is not None:
        raise why
    return asked


def asking_this(meeting, words, why=None) -> Command:
    return Command(ask, (meeting.code, words), {"why": why})


def kept(database) -> list[str]:
    """The questions that another process finds, by their numbers."""
    other = create_engine(database.url, poolclass=NullPool)
    with other.connect() as connection:
        return list(connection.scalars(text("SELECT text FROM questions ORDER BY number")))


def commits_during(database, task) -> int:
    counted: list[object] = []
    count = counted.append  # one object: SQLAlchemy must know it again
    event.listen(database._writer, "commit", count)
    task()
    event.remove(database._writer, "commit", count)
    return len(counted)


def test_a_batch_is_one_transaction_with_an_answer_for_each(database, writer, meeting):
    outcomes = []
    batch = [asking_this(meeting, words) for words in ("Een?", "Twee?", "Drie?")]

    commits = commits_during(database, lambda: outcomes.extend(writer.save(batch)))

    assert commits == 1
    assert [outcome.answer.number for outcome in outcomes] == [1, 2, 3]
    assert all(len(outcome.announcements) == 1 for outcome in outcomes)
    assert kept(database) == ["Een?", "Twee?", "Drie?"]


@pytest.mark.parametrize("why", [NotOpen(step="x"), KeyError("a bug")], ids=["refusal", "bug"])
def test_a_refusal_undoes_its_own_command_only(database, writer, meeting, why):
    batch = [
        asking_this(meeting, "Een?"),
        asking_this(meeting, "Twee?", why),
        asking_this(meeting, "Drie?"),
    ]

    first, second, third = writer.save(batch)

    assert isinstance(first, Saved)
    assert second is why
    assert isinstance(third, Saved)
    assert third.answer.number == 2
    assert kept(database) == ["Een?", "Drie?"]


def test_what_the_database_will_not_take_undoes_its_own_command_only(database, writer, meeting):
    def break_a_rule(work, code):
        asked = ask(work, code, "Wie breekt hier iets?")
        work.session.add(Support(question_id=asked.id, device="a", given_at=None))

    before, broken, after = writer.save(
        [
            asking_this(meeting, "Ervoor?"),
            Command(break_a_rule, (meeting.code,)),
            asking_this(meeting, "Erna?"),
        ]
    )

    assert isinstance(broken, IntegrityError)
    assert [type(before), type(after)] == [Saved, Saved]
    assert kept(database) == ["Ervoor?", "Erna?"]


@pytest.mark.sqlite
def test_a_fault_of_the_database_fails_the_whole_batch(database, writer, meeting):
    def break_the_table(work):
        work.session.execute(text("SELECT * FROM a_table_that_is_not_there"))

    outcomes = writer.save([asking_this(meeting, "Een?"), Command(break_the_table)])

    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    assert kept(database) == []
    assert isinstance(writer.save([asking_this(meeting, "Weer?")])[0], Saved)


@pytest.mark.sqlite
def test_a_transaction_that_the_database_ended_by_itself_saves_nothing_more(
    database, writer, meeting
):
    def end_it_as_a_full_disk_does(work):
        work.session.connection().connection.driver_connection.rollback()

    outcomes = writer.save(
        [
            asking_this(meeting, "Een?"),
            Command(end_it_as_a_full_disk_does),
            asking_this(meeting, "Twee?"),
        ]
    )

    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert kept(database) == []


def test_a_reader_sees_nothing_of_a_batch_before_it_is_whole(database, writer, meeting):
    seen = []

    def look_from_outside(work):
        seen.append(kept(database))

    writer.save([asking_this(meeting, "Een?"), Command(look_from_outside)])

    assert seen == [[]]
    assert kept(database) == ["Een?"]
