"""Mail to people: its words, its headers, and what is not said any more when it was undone."""

from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask

from facilitation.actions.following_up import Owner
from facilitation.carriers import Refused
from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.lifecycle import Kind, QuestionState, Role
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.series import Series, Update
from facilitation.postman import Postman
from facilitation.storage import finding, outbox
from tests.makers import (
    EVENING,
    IN_TWO_WEEKS,
    a_colleague,
    a_follow_up,
    a_meeting,
    a_question,
    database_of,
    follow_up,
    services_of,
    take,
)

GRACE = 31  # minutes after which what happened in the hall is told


class Bag:
    """Where mail goes in these tests; it may refuse as a mail server does."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: list[Exception] = []

    def carry(self, message: EmailMessage) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.mails.append(message)

    def close(self) -> None:
        pass


@pytest.fixture
def bag() -> Bag:
    return Bag()


@pytest.fixture
def postman(app: Flask, bag: Bag) -> Postman:
    return Postman(app, bag)


@pytest.fixture
def database(app: Flask):
    return database_of(app)


@pytest.fixture
def meeting(database):
    return a_meeting(database)


def a_reader(database, question, *, is_confirmed=True, **changes) -> int:
    """An address that was left for this question."""

    def add(work):
        named = {
            "series_id": finding.series_of(work, question.meeting_id).id,
            "question_id": question.id,
            "email": "bewoner@example.org",
            "purpose": Purpose.ANSWER,
            "language": "en",
            "asked_at": work.now,
            "delete_on": date(2027, 12, 1),
            "confirmed_at": work.now if is_confirmed else None,
        }
        contact = Contact(**named | changes)
        work.session.add(contact)
        work.session.flush()
        return contact.id

    return database.perform(add)


def a_mail(database, kind: MailKind, contact_id: int, **facts) -> str:
    def add(work):
        key = f"{kind}:{contact_id}:{len(facts)}"
        named = {"key": key, "kind": kind, "contact_id": contact_id, "facts": facts}
        work.session.add(Mail(**named, made_at=work.now, next_at=work.now))
        return key

    return database.perform(add)


def kept(database) -> list[Mail]:
    with database.read() as session:
        return list(session.query(Mail).order_by(Mail.id))


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())


# -- what it says


def test_an_asker_is_mailed_the_answer_in_the_own_language(database, postman, bag, meeting):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    follow_up(database, question, "answer", answer="Er komen 120 mensen.")

    postman.look()

    assert [mail["To"] for mail in bag.mails] == ["bewoner@example.org"]
    assert bag.mails[0]["Subject"] == f"Answer to your question (no. {question.number})"
    assert "Er komen 120 mensen." in text_of(bag.mails[0])
    assert f"/q/{question.receipt}" in text_of(bag.mails[0])


def test_an_asker_of_a_merged_question_reads_both_and_gets_the_own_page(
    database, postman, bag, meeting, clock
):
    target = a_question(database, meeting, state=QuestionState.ON_WALL, text="Hoeveel komen er?")
    mine = a_question(database, meeting, text="Met hoeveel zijn zij?")
    take(database, mine, "merge", into=target.id)
    a_reader(database, mine)
    take(database, target, "answer", speaker="Wethouder", summary="Honderdtwintig.")
    clock.move(minutes=GRACE)

    postman.look()

    said = text_of(bag.mails[0])
    assert "Met hoeveel zijn zij?" in said
    assert "Hoeveel komen er?" in said
    assert "Honderdtwintig." in said
    assert f"/q/{mine.receipt}" in said
    assert target.receipt not in said


def test_a_promise_names_who_and_when(database, postman, bag, meeting, clock):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    a_reader(database, question)
    take(database, question, "defer", owner="COA", due=IN_TWO_WEEKS, promise="Wij vragen het na.")
    clock.move(minutes=GRACE)

    postman.look()

    said = text_of(bag.mails[0])
    assert "COA" in said
    assert "15 December 2026" in said
    assert "Wij vragen het na." in said


def test_a_concern_is_not_called_answered(database, postman, bag, meeting, clock):
    question = a_question(database, meeting, state=QuestionState.ON_WALL, kind=Kind.CONCERN)
    a_reader(database, question)
    take(database, question, "acknowledge", summary="Wij zorgen voor licht.")
    clock.move(minutes=GRACE)

    postman.look()

    assert bag.mails[0]["Subject"] == f"What we do with your concern (no. {question.number})"
    assert "nswer to" not in text_of(bag.mails[0])


def test_a_confirmation_holds_no_word_of_the_question_and_the_links_to_say_yes_or_stop(
    database, postman, bag, meeting
):
    question = a_question(database, meeting, text="Koop nu goedkope pillen op pillen.example!")
    contact = a_reader(database, question, is_confirmed=False)
    a_mail(database, MailKind.CONFIRM, contact, contacts=[contact])

    postman.look()

    said = bag.mails[0].as_string() + text_of(bag.mails[0])
    assert "pillen" not in said
    assert "/confirm" in said
    assert "/stop" in said
    assert "the answer to one question" in said


def test_news_brings_its_words(database, postman, bag, meeting):
    question = a_question(database, meeting)
    contact = a_reader(database, question, purpose=Purpose.NEWS)
    news = database.perform(write_news, meeting.series_id)
    a_mail(database, MailKind.NEWS, contact, update=news)

    postman.look()

    assert "De tekening is klaar" in str(bag.mails[0]["Subject"])
    assert "U kunt de tekening bekijken." in text_of(bag.mails[0])


def write_news(work, series_id: int) -> int:
    update = Update(
        series_id=series_id,
        title="De tekening is klaar",
        text="U kunt de tekening bekijken.",
        written_at=work.now,
    )
    work.session.add(update)
    work.session.flush()
    return update.id


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (MailKind.RECEIVED, None),
        (MailKind.PROMISED, "assign"),
        (MailKind.MOVED, "assign"),
        (MailKind.ANSWERED, "answer"),
        (MailKind.CLOSED, "close"),
    ],
)
def test_every_mail_to_an_asker_can_be_stopped_by_one_press(
    database, postman, bag, meeting, kind, step, language
):
    question = a_follow_up(database, meeting)
    if step:
        follow_up(database, question, step)
    contact = a_reader(database, question, language=language)
    a_mail(database, kind, contact, question=question.id, reason="Ziekte.")

    postman.look()

    (mail,) = bag.mails
    stop = mail["List-Unsubscribe"]
    assert stop.startswith("<http://localhost:8000/mail/")
    assert f"List-Unsubscribe: {stop}\r\n".encode() in mail.as_bytes()  # whole, and readable
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.strip("<>") in text_of(mail)
    assert "None" not in text_of(mail)


# -- what can not be said by it


def test_nobody_writes_a_header_of_their_own(database, postman, bag, app):
    evening = a_meeting(database, title="Opvang\r\nBcc: anderen@example.org")
    database.perform(rename_plan, evening.series_id, "Plan\r\nBcc: anderen@example.org\r\n\r\nHoi")
    question = a_question(database, evening, text="Vraag\r\nBcc: anderen@example.org")
    contact = a_reader(database, question, is_confirmed=False)
    a_mail(database, MailKind.CONFIRM, contact, contacts=[contact])

    postman.look()

    head = bag.mails[0].as_bytes().partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc:" not in head
    assert bag.mails[0]["Bcc"] is None
    assert bag.mails[0].get_content_type() == "text/plain"


def rename_plan(work, series_id: int, title: str) -> None:
    work.session.get(Series, series_id).title = title


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "a b@example.org",
        "geen adres",
        "",
    ],
)
def test_an_address_that_is_none_keeps_no_other_mail_waiting(
    database, postman, bag, meeting, address
):
    question = a_follow_up(database, meeting)
    a_reader(database, question, email=address)
    a_reader(database, question)
    follow_up(database, question, "answer")

    postman.look()

    assert [mail["To"] for mail in bag.mails] == ["bewoner@example.org"]


# -- what was undone is not told


def test_an_answer_that_was_taken_back_is_not_mailed(database, postman, bag, meeting, clock):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    a_reader(database, question)
    take(database, take(database, question, "answer"), "undo")
    clock.move(minutes=GRACE)

    postman.look()

    assert bag.mails == []
    assert kept(database) == []


def test_what_was_said_anew_is_told_once_as_it_stands(database, postman, bag, meeting, clock):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    a_reader(database, question)
    question = take(database, take(database, question, "answer", summary="Honderd."), "undo")
    take(database, question, "answer", summary="Nee: tachtig.")
    clock.move(minutes=GRACE)

    postman.look()

    assert len(bag.mails) == 1
    assert "Nee: tachtig." in text_of(bag.mails[0])


def test_each_move_of_the_date_is_told(database, postman, bag, meeting):
    question = follow_up(database, a_follow_up(database, meeting), "assign")
    a_reader(database, question)
    for day in (20, 22):
        question = follow_up(database, question, "assign", due=date(2027, 1, day))
        postman.look()

    assert ["20 January" in text_of(mail) for mail in bag.mails] == [True, False]
    assert ["22 January" in text_of(mail) for mail in bag.mails] == [False, True]


def test_a_better_answer_is_told_too(database, postman, bag, meeting):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    question = follow_up(database, question, "answer", answer="Honderd.")
    postman.look()
    question = follow_up(database, question, "reopen")
    follow_up(database, question, "answer", answer="Nee: tachtig.")
    postman.look()

    assert "Honderd." in text_of(bag.mails[0])
    assert "Nee: tachtig." in text_of(bag.mails[1])


def test_a_promise_is_not_told_once_it_is_kept(database, postman, bag, meeting, clock):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    a_reader(database, question)
    question = take(database, question, "defer")
    follow_up(database, question, "answer")
    clock.move(minutes=GRACE)

    postman.look()

    assert [mail["Subject"] for mail in bag.mails] == [
        f"Answer to your question (no. {question.number})"
    ]


def test_who_did_not_confirm_gets_nothing_but_the_question_to_confirm(
    database, postman, bag, meeting
):
    question = a_follow_up(database, meeting)
    contact = a_reader(database, question, is_confirmed=False)
    follow_up(database, question, "answer")
    a_mail(database, MailKind.ANSWERED, contact, question=question.id)

    postman.look()

    assert bag.mails == []


# -- sending again


def test_a_mail_that_is_put_off_goes_later_under_the_same_name(
    database, postman, bag, meeting, clock
):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    follow_up(database, question, "answer")
    tried: list[str] = []
    bag.refusals = [Refused(451), Refused(0)]
    bag.carry = noting(tried, bag.carry)

    postman.look()
    assert bag.mails == []
    for _ in range(4):
        clock.move(minutes=1)
        postman.look()

    assert len(tried) == 3
    assert len(set(tried)) == 1
    assert kept(database)[0].sent_at is not None


def noting(tried: list[str], carry):
    def carry_noted(message: EmailMessage) -> None:
        tried.append(str(message["Message-ID"]))
        carry(message)

    return carry_noted


def test_a_refusal_for_good_is_not_tried_again_and_only_its_code_is_kept(
    database, postman, bag, meeting, clock
):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    follow_up(database, question, "answer")
    bag.refusals = [Refused(550)]

    postman.look()
    clock.move(days=1)
    postman.look()

    (mail,) = kept(database)
    assert bag.mails == []
    assert mail.given_up_at is not None
    assert mail.facts["refused"] == 550


def test_after_two_days_of_refusals_it_is_given_up(database, postman, bag, meeting, clock):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    follow_up(database, question, "answer")
    bag.refusals = [Refused(450)] * 100

    for _ in range(60):
        postman.look()
        clock.move(hours=1)

    (mail,) = kept(database)
    assert mail.given_up_at is not None
    assert timedelta(days=2) < mail.given_up_at - mail.made_at < timedelta(days=2, hours=3)


def test_nobody_sends_what_another_is_sending_until_that_one_is_gone(
    app, database, bag, meeting, clock
):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    follow_up(database, question, "answer")
    other = Postman(app, bag)
    bag.carry = interrupted(other, bag.carry)

    Postman(app, bag).look()

    assert len(bag.mails) == 1


def interrupted(other: Postman, carry):
    """Let another worker look while this mail is under way."""

    def carry_meanwhile(message: EmailMessage) -> None:
        assert other.look() is False
        carry(message)

    return carry_meanwhile


# -- colleagues


@pytest.mark.parametrize(
    ("days", "mails"), [(-4, 0), (-3, 1), (-2, 0), (0, 1), (1, 0), (3, 1), (4, 0)]
)
def test_an_owner_is_reminded_around_the_due_date_once(
    database, postman, bag, meeting, clock, days, mails
):
    question = owned(database, meeting)
    clock.moment = EVENING + (IN_TWO_WEEKS - EVENING.date()) + timedelta(days=days)

    for _ in range(3):
        postman.look()

    assert len(bag.mails) == mails
    assert all(question.text in text_of(mail) for mail in bag.mails)


def test_who_has_answered_is_not_reminded(database, postman, bag, meeting, clock):
    follow_up(database, owned(database, meeting), "answer")
    clock.moment = EVENING + (IN_TWO_WEEKS - EVENING.date())

    postman.look()

    assert bag.mails == []


def owned(database, meeting):
    """A point whose owner has an account."""
    account = a_colleague(database, role=Role.ANSWERER, meeting=meeting, email="anna@example.org")
    question = a_follow_up(database, meeting)
    return follow_up(
        database, question, "assign", owner=Owner("Anna", account_id=account), due=IN_TWO_WEEKS
    )


def test_organisers_get_one_digest_on_monday_after_seven(database, postman, bag, meeting, clock):
    a_colleague(database, role=Role.ORGANISER, email="olga@example.org")
    a_follow_up(database, meeting)
    monday = EVENING.replace(day=7, hour=5, minute=59)  # 6.59 in the Netherlands

    for hours in (0, 1, 2, 24, 48):
        clock.moment = monday + timedelta(hours=hours)
        postman.look()

    assert [mail["To"] for mail in bag.mails] == ["olga@example.org"]


def test_nobody_gets_a_digest_of_nothing(database, postman, bag, clock):
    a_colleague(database, role=Role.ORGANISER, email="olga@example.org")
    clock.moment = EVENING.replace(day=7, hour=8)

    assert postman.look() is False
    assert bag.mails == []


# -- without a mail server


def test_without_a_mail_server_mail_is_kept_as_files(app, database, meeting):
    question = a_follow_up(database, meeting)
    a_reader(database, question)
    follow_up(database, question, "answer")

    Postman(app).look()

    folder = services_of(app).settings.instance / "outbox"
    (file,) = folder.iterdir()
    assert b"To: bewoner@example.org" in file.read_bytes()
    assert folder.stat().st_mode & 0o077 == 0
    with database.read() as session:
        assert outbox.waiting(session) == 0
