"""On the day people are forgotten: searched for in every table, nothing of them is found."""

import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from facilitation.actions import asking, forgetting
from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.erasure import MEETING_KEPT, Erasure
from facilitation.domain.lifecycle import Kind, MeetingState, QuestionState, Role
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.mapping import Base
from facilitation.domain.meeting import local_day
from facilitation.domain.people import Actor
from facilitation.domain.refusals import NotFound
from facilitation.storage import queries
from tests.makers import a_meeting, follow_up, meeting_now, now, take, take_meeting

NAME, DEVICE, EMAIL = "Truus Jansen", str(uuid.uuid4()), "truus@bewoner.example"
HIDDEN = "Mijn buurman van nummer 12 doet raar"
ON_WALL = "Hoe laat gaat de poort dicht?"


def everything_in(database) -> str:
    """All rows of all tables as text."""
    with database.read() as session:
        return json.dumps(
            {
                table.name: [list(map(str, row)) for row in session.execute(select(table))]
                for table in Base.metadata.sorted_tables
            }
        )


def ask(database, meeting, text):
    asker = Actor(roles=frozenset({Role.ASKER}), device=DEVICE)
    asked = database.perform(
        asking.ask_question,
        meeting.code,
        key=str(uuid.uuid4()),
        kind=Kind.QUESTION,
        text=text,
        name=NAME,
        by=asker,
    )
    with database.read() as session:
        return queries.question(session, meeting.id, asked.id)


def leave_address(work, meeting, question):
    contact = Contact(
        series_id=meeting.series_id,
        question_id=question.id,
        email=EMAIL,
        purpose=Purpose.ANSWER,
        language="nl",
        asked_at=work.now,
        delete_on=local_day(work.now) + MEETING_KEPT,
    )
    work.session.add(contact)
    work.session.flush()
    work.session.add(
        Mail(
            key=f"confirm:{contact.id}",
            kind=MailKind.CONFIRM,
            made_at=work.now,
            next_at=work.now,
            contact_id=contact.id,
        )
    )


@pytest.fixture
def evening(database):
    """An evening with one question on the wall and answered in writing, and one declined."""
    meeting = a_meeting(database)
    placed = take(database, ask(database, meeting, ON_WALL), "approve")
    database.perform(asking.support_question, meeting.code, placed.id, device=str(uuid.uuid4()))
    declined = take(database, ask(database, meeting, HIDDEN), "decline")
    database.perform(leave_address, meeting, placed)
    take_meeting(database, meeting.id, "close")
    answered = follow_up(database, now(database, placed), "answer")
    return meeting, answered, declined


def test_before_the_day_everything_is_there(database, clock, evening):
    clock.move(days=MEETING_KEPT.days - 1)

    counts = database.perform(forgetting.forget)

    assert counts == {"questions": 0, "contacts": 0, "mails": 0, "sessions": 0}
    kept = everything_in(database)
    assert all(word in kept for word in (NAME, DEVICE, EMAIL, HIDDEN, ON_WALL))


def test_on_the_day_nothing_of_them_is_found_and_the_answer_stays(database, clock, evening):
    _, answered, _ = evening
    clock.move(days=MEETING_KEPT.days + 1)

    counts = database.perform(forgetting.forget)

    left = everything_in(database)
    assert [word for word in (NAME, DEVICE, EMAIL, HIDDEN, answered.receipt) if word in left] == []
    kept = now(database, answered)
    assert (kept.text, kept.state) == (ON_WALL, QuestionState.ANSWERED)
    assert kept.follow_up.answer == answered.follow_up.answer
    assert kept.support_count == 1
    assert (counts["questions"], counts["contacts"]) == (2, 1)
    with database.read() as session:
        report = session.get(Erasure, local_day(clock()))
        assert report is not None
        assert report.counts == counts
        with pytest.raises(NotFound):
            queries.question_by_receipt(session, answered.receipt)


def test_forgetting_again_finds_nothing_more_and_adds_to_the_report(database, clock, evening):
    clock.move(days=MEETING_KEPT.days + 1)
    first = database.perform(forgetting.forget)

    again = database.perform(forgetting.forget)

    assert set(again.values()) == {0}
    with database.read() as session:
        assert session.get(Erasure, local_day(clock())).counts == first


def test_an_evening_that_goes_on_is_never_forgotten(database, clock):
    meeting = a_meeting(database, state=MeetingState.LIVE)
    ask(database, meeting, ON_WALL)
    clock.move(days=3 * MEETING_KEPT.days)

    assert database.perform(forgetting.forget)["questions"] == 0
    assert meeting_now(database, meeting).state is MeetingState.LIVE


def test_nobody_is_counted_any_more_for_what_is_forgotten(database, clock, evening):
    meeting, answered, _ = evening
    clock.move(days=MEETING_KEPT.days + 1)
    database.perform(forgetting.forget)

    with pytest.raises(NotFound):
        database.perform(asking.support_question, meeting.code, answered.id, device=DEVICE)


def test_a_search_would_find_somebody_who_is_still_there(database, clock):
    ask(database, a_meeting(database), ON_WALL)
    clock.move(days=3 * timedelta(days=365).days)
    database.perform(forgetting.forget)

    assert NAME in everything_in(database)  # the evening was never closed
