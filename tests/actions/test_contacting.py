"""What an asker does afterwards: an address, with consent for each purpose; a verdict; a word."""

from datetime import date

import pytest
from sqlalchemy import select

from facilitation.actions import contacting, informing
from facilitation.domain.contact import Contact, Purpose
from facilitation.domain.lifecycle import FollowUpState, QuestionState
from facilitation.domain.mail import Mail, MailKind
from facilitation.domain.question import Clarification, Question, Verdict
from facilitation.domain.refusals import Invalid, NotFound, NotOpen
from facilitation.storage import contacts
from tests.makers import ORGANISER, a_follow_up, a_meeting, a_question, now, take

ANNA = "anna@example.nl"
ANSWERED, ON_WALL = QuestionState.ANSWERED, QuestionState.ON_WALL
JUDGED = {QuestionState.ANSWERED, QuestionState.ACKNOWLEDGED}
# What was merged goes the way of the question that it follows, which is on the wall here.
CLARIFIED = {*JUDGED, QuestionState.WAITING, ON_WALL, QuestionState.DEFERRED, QuestionState.MERGED}


@pytest.fixture
def question(database):
    return a_question(database, a_meeting(database), state=ON_WALL)


def leave(database, question, *purposes, email=ANNA):
    database.perform(
        contacting.leave_address,
        question.receipt,
        email=email,
        purposes=purposes or [Purpose.ANSWER],
        language="nl",
    )


def kept(database) -> list[Contact]:
    with database.read() as session:
        return list(session.scalars(select(Contact).order_by(Contact.id)))


def mails(database) -> list[Mail]:
    with database.read() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def send_all(work):
    """What the mail room does: once it has gone, it is marked."""
    for mail in work.session.scalars(select(Mail)):
        mail.sent_at = work.now


def judged(database, question):
    with database.read() as session:
        found = session.get_one(Question, question.id)
        return found.verdict, found.verdict_at


def added(database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Clarification.text).order_by(Clarification.id)))


# -- an address


def test_an_address_is_kept_unconfirmed_and_owed_one_mail(database, question, clock):
    leave(database, question)

    [contact], [mail] = kept(database), mails(database)
    assert (contact.email, contact.purpose, contact.question_id) == (
        ANNA,
        Purpose.ANSWER,
        question.id,
    )
    assert contact.confirmed_at is None
    assert contact.delete_on == date(2027, 12, 1)
    assert (mail.kind, mail.contact_id, mail.next_at) == (
        MailKind.CONFIRM,
        contact.id,
        clock.moment,
    )
    assert mail.facts == {"contacts": [contact.id]}


def test_each_purpose_is_a_contact_by_itself_and_all_are_asked_in_one_mail(database, question):
    leave(database, question, *Purpose)

    [mail] = mails(database)
    assert [contact.purpose for contact in kept(database)] == list(Purpose)
    assert mail.facts == {"contacts": [contact.id for contact in kept(database)]}


def test_the_same_again_makes_nothing_new(database, question):
    leave(database, question)
    leave(database, question)

    assert len(kept(database)) == len(mails(database)) == 1


def test_an_address_gets_one_confirmation_a_day_from_all_receipts_together(
    database, question, clock
):
    other = a_question(database, a_meeting(database), state=ON_WALL)
    leave(database, question)
    database.perform(send_all)

    leave(database, other)
    leave(database, other, *Purpose)
    assert len(mails(database)) == 1

    clock.move(days=1)
    leave(database, other)
    assert len(mails(database)) == 2


def test_the_one_link_confirms_what_was_asked_later_that_day_too(database, question):
    leave(database, question)
    database.perform(send_all)
    leave(database, question, Purpose.NEWS)

    database.perform(contacting.confirm_address, kept(database)[0].token)

    assert all(contact.confirmed_at for contact in kept(database))


def test_confirming_confirms_nothing_of_another_address(database, question):
    leave(database, question)
    leave(database, question, email="bas@example.nl")

    database.perform(contacting.confirm_address, kept(database)[0].token)

    assert [bool(contact.confirmed_at) for contact in kept(database)] == [True, False]


def test_confirming_twice_keeps_the_first_moment(database, question, clock):
    leave(database, question)
    database.perform(contacting.confirm_address, kept(database)[0].token)
    first = kept(database)[0].confirmed_at
    clock.move(hours=1)

    database.perform(contacting.confirm_address, kept(database)[0].token)

    assert kept(database)[0].confirmed_at == first


def test_what_is_confirmed_is_not_asked_again(database, question, clock):
    leave(database, question)
    database.perform(contacting.confirm_address, kept(database)[0].token)
    clock.move(days=1)

    leave(database, question)

    assert len(mails(database)) == 1


@pytest.mark.parametrize("is_sent", [True, False], ids=["after it was sent", "before it was sent"])
def test_erasing_and_leaving_it_again_mails_nobody_twice_on_a_day(
    database, question, clock, is_sent
):
    leave(database, question)
    if is_sent:
        database.perform(send_all)
    database.perform(contacting.erase_addresses, question.receipt)
    erased, to_be_mailed = kept(database), [mail for mail in mails(database) if mail.contact_id]

    leave(database, question)

    assert erased == to_be_mailed == []
    [mail] = mails(database)
    assert (mail.contact_id is None) == is_sent
    assert (mail.sent_at is None, mail.given_up_at) == (not is_sent, None)


def test_what_was_erased_is_nowhere_in_the_database(database, question):
    leave(database, question, *Purpose)

    database.perform(contacting.erase_addresses, question.receipt)

    with database.read() as session:
        rows = [
            str(tuple(row))
            for table in Contact.metadata.sorted_tables
            for row in session.execute(select(table))
        ]
    assert len(rows) > 2
    assert [row for row in rows if "anna" in row] == []


def test_the_rest_of_an_unsent_mail_still_goes(database, question):
    other = a_question(database, a_meeting(database))
    leave(database, question)
    leave(database, other)

    database.perform(contacting.erase_addresses, question.receipt)

    [contact], [mail] = kept(database), mails(database)
    assert (mail.contact_id, mail.facts) == (contact.id, {"contacts": [contact.id]})
    assert mail.given_up_at is None


def test_stopping_is_for_one_purpose_only(database, question):
    leave(database, question, *Purpose)

    database.perform(contacting.stop_mails, kept(database)[1].token)

    assert [contact.purpose for contact in kept(database)] == ["answer", "help", "panel"]


def test_stopping_the_news_stops_it_from_whichever_receipt_it_was_asked(database):
    meeting = a_meeting(database)
    for question in (a_question(database, meeting), a_question(database, meeting)):
        leave(database, question, Purpose.ANSWER, Purpose.NEWS)

    database.perform(contacting.stop_mails, kept(database)[-1].token)

    assert [contact.purpose for contact in kept(database)] == [Purpose.ANSWER, Purpose.ANSWER]


def test_the_news_goes_once_to_an_address_that_was_left_on_two_receipts(database):
    meeting = a_meeting(database)
    for question in (a_question(database, meeting), a_question(database, meeting)):
        leave(database, question, Purpose.NEWS)
    database.perform(contacting.confirm_address, kept(database)[0].token)

    database.perform(
        informing.write_update, meeting.series_id, title="Besluit", text="Het is zo.", by=ORGANISER
    )

    assert all(contact.confirmed_at for contact in kept(database))
    assert [mail.kind for mail in mails(database)] == [MailKind.CONFIRM, MailKind.NEWS]


def test_what_is_stopped_is_told_nothing_any_more(database, question):
    leave(database, question)
    database.perform(contacting.confirm_address, kept(database)[0].token)
    take(database, question, "answer")
    told = [mail.kind for mail in mails(database)]

    database.perform(contacting.stop_mails, kept(database)[0].token)

    assert told == [MailKind.CONFIRM, MailKind.ANSWERED]
    assert [mail for mail in mails(database) if mail.contact_id] == []


def test_what_was_taken_back_takes_no_address(database):
    question = a_question(database, a_meeting(database), state=QuestionState.WITHDRAWN)

    with pytest.raises(NotOpen):
        leave(database, question)

    assert kept(database) == mails(database) == []


@pytest.mark.parametrize("action", [contacting.confirm_address, contacting.stop_mails])
def test_a_guessed_link_of_a_mail_is_not_found(database, question, action):
    leave(database, question)

    with pytest.raises(NotFound):
        database.perform(action, question.receipt)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (contacting.leave_address, {"email": ANNA, "purposes": [], "language": "nl"}),
        (contacting.erase_addresses, {}),
        (contacting.give_verdict, {"verdict": Verdict.YES}),
        (contacting.clarify_question, {"text": "Meer"}),
    ],
)
def test_a_guessed_receipt_is_not_found(database, action, fields):
    with pytest.raises(NotFound):
        database.perform(action, "guessed", **fields)


# -- a verdict and a word


@pytest.mark.parametrize("state", list(QuestionState))
def test_only_what_was_answered_is_judged(database, clock, state):
    question = a_question(database, a_meeting(database), state=state)

    if state in JUDGED:
        database.perform(contacting.give_verdict, question.receipt, verdict=Verdict.NOT_YET)
    else:
        with pytest.raises(NotOpen):
            database.perform(contacting.give_verdict, question.receipt, verdict=Verdict.NOT_YET)

    expected = (Verdict.NOT_YET, clock.moment) if state in JUDGED else (None, None)
    assert judged(database, question) == expected


@pytest.mark.parametrize("state", list(QuestionState))
def test_a_word_is_taken_while_nobody_answers_and_after_that(database, state):
    question = a_question(database, a_meeting(database), state=state)

    if state in CLARIFIED:
        database.perform(contacting.clarify_question, question.receipt, text="Ik bedoel fietsers.")
    else:
        with pytest.raises(NotOpen):
            database.perform(contacting.clarify_question, question.receipt, text="Ik bedoel iets.")

    assert added(database) == (["Ik bedoel fietsers."] if state in CLARIFIED else [])


def test_what_was_answered_in_writing_is_judged_and_added_to(database):
    question = a_follow_up(database, a_meeting(database), state=FollowUpState.PUBLISHED)

    database.perform(contacting.give_verdict, question.receipt, verdict=Verdict.YES)
    database.perform(contacting.clarify_question, question.receipt, text="Dank u.")

    assert judged(database, question)[0] is Verdict.YES
    assert added(database) == ["Dank u."]


def test_nothing_is_no_word_and_the_same_word_twice_is_one(database, question):
    database.perform(contacting.clarify_question, question.receipt, text="Ik bedoel fietsers.")
    database.perform(contacting.clarify_question, question.receipt, text="Ik bedoel fietsers.")
    with pytest.raises(Invalid):
        database.perform(contacting.clarify_question, question.receipt, text="")

    assert added(database) == ["Ik bedoel fietsers."]


def test_neither_reopens_anything_nor_is_anybody_told(database, heard):
    question = a_follow_up(database, a_meeting(database), state=FollowUpState.PUBLISHED)
    before = len(heard)

    database.perform(contacting.give_verdict, question.receipt, verdict=Verdict.NOT_YET)
    database.perform(contacting.clarify_question, question.receipt, text="En de fietsers?")

    assert now(database, question) == question
    assert len(heard) == before


def test_colleagues_hear_what_every_asker_of_a_merged_question_said(database):
    meeting = a_meeting(database)
    target = a_question(database, meeting, state=ON_WALL)
    merged = take(database, a_question(database, meeting), "merge", into=target.id)
    target = take(database, target, "answer")
    database.perform(contacting.give_verdict, merged.receipt, verdict=Verdict.NOT_YET)
    database.perform(contacting.clarify_question, merged.receipt, text="En de fietsers?")

    with database.read() as session:
        heard = contacts.heard(session, meeting.id, target.id)

    assert [(said.number, said.verdict) for said in heard.verdicts] == [
        (merged.number, Verdict.NOT_YET)
    ]
    assert [(said.number, said.text) for said in heard.clarifications] == [
        (merged.number, "En de fietsers?")
    ]


def test_a_cleared_rehearsal_or_erased_question_takes_its_addresses_along(database, question):
    leave(database, question)
    database.perform(contacting.clarify_question, question.receipt, text="Ik bedoel fietsers.")

    database.perform(lambda work: work.session.delete(work.session.get(Question, question.id)))

    assert kept(database) == mails(database) == added(database) == []
