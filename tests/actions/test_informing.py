"""What everybody is told about a plan: whom to reach, and the news, mailed to who wants it."""

from datetime import date

import pytest
from sqlalchemy import select

from facilitation.actions import informing
from facilitation.actions.informing import SeriesText
from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.refusals import NotFound, Outdated
from facilitation.storage import series
from tests.makers import EVENING, ORGANISER, a_meeting

TEXT = SeriesText(
    title="Opvang in het dorp",
    about="Er komt opvang.",
    contact_name="Carla de Boer",
    contact_email="carla@gemeente.example",
    contact_phone="14 030",
    needs_second_reader=True,
)


def series_now(database, series_id):
    with database.read() as session:
        return series.by_id(session, series_id)


def updates_now(database, series_id):
    with database.read() as session:
        return series.updates(session, series_id)


def mails(database):
    with database.read() as session:
        return session.scalars(select(Mail).order_by(Mail.id)).all()


def a_contact(database, series_id, email, *, purpose=Purpose.NEWS, is_confirmed=True):
    """An address that was left on a receipt or the public page."""

    def leave(work):
        contact = Contact(
            series_id=series_id,
            question_id=None,
            email=email,
            purpose=purpose,
            language="nl",
            asked_at=work.now,
            delete_on=date(2027, 12, 1),
            confirmed_at=work.now if is_confirmed else None,
        )
        work.session.add(contact)
        work.session.flush()
        return contact.id

    return database.perform(leave)


def write(database, series_id, title="Besluit genomen", text="Het college besloot vandaag."):
    return database.perform(informing.write_update, series_id, title=title, text=text, by=ORGANISER)


@pytest.fixture
def plan(database):
    return a_meeting(database).series_id


def test_what_is_said_about_a_plan_is_rewritten_as_a_whole(database, plan):
    database.perform(informing.edit_series, plan, TEXT)

    found = series_now(database, plan)
    assert {field: getattr(found, field) for field in vars(TEXT)} == vars(TEXT)
    assert found.version == 2


def test_two_who_rewrite_at_once_do_not_undo_each_other(database, plan):
    database.perform(informing.edit_series, plan, TEXT, version=1)

    with pytest.raises(Outdated) as refused:
        database.perform(informing.edit_series, plan, SeriesText(title="Anders"), version=1)

    assert refused.value.facts["newest"] == 2
    assert series_now(database, plan).title == TEXT.title


def test_news_is_owed_to_everybody_who_confirmed_to_want_it_and_to_nobody_else(database, plan):
    wanted = [a_contact(database, plan, f"lezer{i}@example.org") for i in range(2)]
    a_contact(database, plan, "nog-niet@example.org", is_confirmed=False)
    a_contact(database, plan, "helper@example.org", purpose=Purpose.HELP)
    a_contact(database, a_meeting(database).series_id, "elders@example.org")

    update = write(database, plan)

    owed = mails(database)
    assert [(mail.kind, mail.contact_id) for mail in owed] == [
        (MailKind.NEWS, contact) for contact in wanted
    ]
    assert [mail.key for mail in owed] == [f"news:{contact}:{update}" for contact in wanted]
    assert {mail.facts["update"] for mail in owed} == {update}
    assert {mail.next_at for mail in owed} == {EVENING}


def test_a_button_that_is_pressed_twice_tells_it_once(database, plan):
    a_contact(database, plan, "lezer@example.org")

    first, second = write(database, plan), write(database, plan)

    assert first == second
    assert len(updates_now(database, plan)) == len(mails(database)) == 1


def test_other_news_stands_above_it(database, clock, plan):
    first = write(database, plan)
    clock.move(hours=1)
    second = write(database, plan, text="En morgen nog een besluit.")

    assert [update.id for update in updates_now(database, plan)] == [second, first]


def test_news_that_was_taken_back_can_be_written_again(database, plan):
    first = write(database, plan)
    database.perform(informing.hide_update, plan, first)

    second = write(database, plan)

    assert [update.hidden_at for update in updates_now(database, plan)] == [None, EVENING]
    assert second != first


def test_taking_news_back_twice_keeps_the_first_moment(database, clock, plan):
    update = write(database, plan)
    database.perform(informing.hide_update, plan, update)
    clock.move(hours=1)

    database.perform(informing.hide_update, plan, update)

    assert updates_now(database, plan)[0].hidden_at == EVENING


def test_no_plan_reaches_the_news_of_another(database, plan):
    update = write(database, plan)
    elsewhere = a_meeting(database).series_id

    with pytest.raises(NotFound):
        database.perform(informing.hide_update, elsewhere, update)

    assert updates_now(database, plan)[0].hidden_at is None


@pytest.mark.parametrize("command", [informing.edit_series, informing.write_update])
def test_a_plan_that_is_not_there_is_not_found(database, command):
    text = {"title": "Nieuws", "text": "Tekst", "by": ORGANISER}

    with pytest.raises(NotFound):
        if command is informing.edit_series:
            database.perform(command, 999, TEXT)
        else:
            database.perform(command, 999, **text)
