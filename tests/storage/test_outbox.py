"""The outbox: what is due, claimed, put off and given up, on either database."""

from datetime import timedelta

import pytest

from facilitation.actions import mailing
from facilitation.actions.following_up import Owner
from facilitation.domain.lifecycle import Role
from facilitation.domain.mail import Mail, MailKind
from facilitation.storage import outbox
from facilitation.storage.database import Database
from tests.makers import EVENING, IN_TWO_WEEKS, a_colleague, a_follow_up, a_meeting, follow_up

ON_THE_DAY = EVENING + (IN_TWO_WEEKS - EVENING.date())
MONDAY = EVENING.replace(day=7, hour=8)


def a_mail(database: Database, key: str, *, minutes: int = 0) -> int:
    """A mail to a colleague that is due so many minutes from now."""

    def add(work):
        mail = Mail(
            key=key,
            kind=MailKind.DIGEST,
            made_at=work.now,
            next_at=work.now + timedelta(minutes=minutes),
            facts={"day": "2026-12-07"},
        )
        work.session.add(mail)
        work.session.flush()
        return mail.id

    return database.perform(add)


def begin(database: Database, most: int = 20) -> list[int]:
    return database.perform(mailing.begin_mails, most=most)


def the_mail(database: Database, mail_id: int) -> Mail:
    with database.read() as session:
        return session.get_one(Mail, mail_id)


def test_what_is_due_is_claimed_once_and_in_turn(database):
    second, first, later = (
        a_mail(database, "b", minutes=-1),
        a_mail(database, "a", minutes=-2),
        a_mail(database, "c", minutes=1),
    )

    assert begin(database, most=1) == [first]
    assert begin(database) == [second]
    assert begin(database) == []
    with database.read() as session:
        assert outbox.waiting(session) == 3
        assert not outbox.is_any_due(session, database.now())
        assert outbox.is_any_due(session, database.now() + timedelta(minutes=1))
    assert the_mail(database, later).begun_at is None


def test_what_somebody_claimed_and_never_sent_is_free_after_a_while(database, clock):
    mail = a_mail(database, "a")
    begin(database)

    clock.move(minutes=9)
    assert begin(database) == []
    clock.move(minutes=1)
    assert begin(database) == [mail]


def test_who_sends_alone_begins_with_what_was_claimed_before(database):
    mail = a_mail(database, "a")
    begin(database)

    database.perform(mailing.let_go_all_mails)

    assert begin(database) == [mail]


def test_a_sent_mail_stays_sent_whatever_comes_after(database):
    mail = a_mail(database, "a")
    database.perform(mailing.note_mail_sent, mail)

    database.perform(mailing.put_off_mail, mail)
    database.perform(mailing.give_up_mail, mail, code=550)
    database.perform(mailing.drop_mail, mail)

    kept = the_mail(database, mail)
    assert kept.sent_at is not None
    assert (kept.attempts, kept.given_up_at, kept.facts) == (0, None, {"day": "2026-12-07"})


def test_each_try_waits_twice_as_long_as_the_one_before_up_to_two_hours(database, clock):
    mail = a_mail(database, "a")

    waits = []
    for _ in range(10):
        database.perform(mailing.put_off_mail, mail)
        waits.append((the_mail(database, mail).next_at - clock()).total_seconds() / 60)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]


def test_colleagues_are_owed_their_mails_once_a_day(database, clock):
    meeting = a_meeting(database)
    account = a_colleague(database, role=Role.ORGANISER)
    owner = Owner("Olga", account_id=account)
    follow_up(database, a_follow_up(database, meeting), "assign", owner=owner, due=IN_TWO_WEEKS)

    clock.moment = ON_THE_DAY
    assert database.perform(mailing.owe_staff_mails) == 1
    assert database.perform(mailing.owe_staff_mails) == 0
    clock.moment = MONDAY
    assert database.perform(mailing.owe_staff_mails) == 1
    assert database.perform(mailing.owe_staff_mails) == 0


@pytest.mark.parametrize(
    ("step", "figures"), [("assign", (1, 1, 0)), ("answer", (0, 0, 1)), ("close", (0, 0, 0))]
)
def test_a_week_is_three_figures(database, clock, step, figures):
    question = follow_up(database, a_follow_up(database, a_meeting(database)), "assign")
    clock.moment = ON_THE_DAY + timedelta(days=1)
    if step != "assign":
        follow_up(database, question, step)

    with database.read() as session:
        week = outbox.the_week(session, database.now())

    assert (week.open, week.overdue, week.answered) == figures
    assert len(week.late) == figures[1]
