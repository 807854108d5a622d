"""The phone without JavaScript: a page and plain forms."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.domain.lifecycle import MeetingState, QuestionState
from facilitation.storage import queries
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web.cards import Seat, draw
from tests.makers import a_browser, a_key, a_meeting, a_question, database_of, take_meeting


@pytest.fixture
def meeting(app: Flask) -> MeetingFacts:
    return a_meeting(
        database_of(app),
        topics=["Verkeer"],
        settled="De plek staat vast.",
        contact="opvang@gemeente.example",
        takes_late_questions=False,
    )


@pytest.fixture
def phone(app: Flask, meeting: MeetingFacts) -> FlaskClient:
    browser = a_browser(app, accept="text/html")
    page(browser, meeting)  # by which the phone gets the cookie it is known by
    return browser


def page(phone: FlaskClient, meeting: MeetingFacts, more: str = "") -> str:
    return phone.get(f"/m/{meeting.code}{more}").text


def send(phone: FlaskClient, meeting: MeetingFacts, text: str, **changes: str):
    form = {"key": a_key(), "kind": "question", "text": text} | changes
    return phone.post(f"/m/{meeting.code}/questions", data=form)


def card(html: str, id: str) -> str:
    found = re.search(
        rf'<li class="card"\s+id="{id}".*?</li>\s*(?=<li class="card"|</ol>)', html, re.DOTALL
    )
    assert found, f"{id} is not on the page"
    return found[0]


def test_the_page_says_what_is_settled_and_whom_to_ask(phone, meeting):
    html = page(phone, meeting, "?lang=en")

    assert "De plek staat vast." in html
    assert 'href="mailto:opvang@gemeente.example"' in html


def test_a_question_sent_by_a_plain_form_is_received_with_its_number(phone, meeting):
    answer = send(phone, meeting, "Wie betaalt dit?")

    assert answer.status_code == 303
    html = phone.get(answer.location.partition("#")[0] + "&lang=en").text
    assert "Received, no. 1" in html
    assert "Wie betaalt dit?" in card(html, "mine-1")


def test_a_phone_that_keeps_no_cookies_is_sent_to_its_receipt(app, meeting):
    forgetful = app.test_client(use_cookies=False)

    answer = send(forgetful, meeting, "Wie betaalt dit?")

    assert answer.location.startswith("/q/")
    assert "Wie betaalt dit?" in forgetful.get(answer.location).text


def test_a_form_posted_twice_is_one_question(phone, meeting):
    key = a_key()

    places = {send(phone, meeting, "Wie betaalt dit?", key=key).location for _ in range(2)}

    assert len(places) == 1
    assert page(phone, meeting).count('data-part="mine-card"') == 1


def test_a_refused_text_stays_in_the_field_under_a_new_key(phone, meeting):
    key, text = a_key(), "x" * 501

    answer = send(phone, meeting, text, key=key, kind="concern", name="Jan")

    assert answer.status_code == 422
    assert text in answer.text
    assert key not in answer.text
    assert re.search(r'value="concern"\s+checked', answer.text)
    assert 'value="Jan"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_markup_in_a_question_is_shown_as_typed(app, phone, meeting):
    text = '<b>vet</b> & "<script>alert(1)</script>"'
    shown = "&lt;b&gt;vet&lt;/b&gt; &amp; &#34;&lt;script&gt;alert(1)&lt;/script&gt;&#34;"
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL, text=text)

    html = page(phone, meeting)

    assert shown in card(html, f"question-{question.id}")
    assert "<script>alert" not in html


def test_support_by_a_plain_form_is_set_and_taken_back(app, phone, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)
    page(phone, meeting)

    def press() -> str:
        html = card(page(phone, meeting), f"question-{question.id}")
        value = re.search(r'name="supported"\s+value="(\w+)"', html)
        phone.post(
            f"/m/{meeting.code}/questions/{question.id}/support", data={"supported": value[1]}
        )
        return card(page(phone, meeting), f"question-{question.id}")

    assert 'aria-pressed="true"' in press()
    assert 'aria-pressed="false"' in press()


def test_only_the_questions_of_one_topic_are_in_sight(app, phone, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)

    html = page(phone, meeting, f"?topic={meeting.topics[0].id}")

    assert re.match(r"<li[^>]*\shidden>", card(html, f"question-{question.id}"))


@pytest.mark.parametrize(
    ("state", "takes"),
    [
        (MeetingState.OPEN, True),
        (MeetingState.LIVE, True),
        (MeetingState.PAUSED, True),
        (MeetingState.CLOSED, False),
        (MeetingState.ARCHIVED, False),
    ],
)
def test_the_field_is_there_as_long_as_the_meeting_takes_questions(app, phone, state, takes):
    meeting = a_meeting(database_of(app), state=state, takes_late_questions=False)

    form = re.search(r"<form class=\"ask\"[^>]*>", page(phone, meeting))

    assert (" hidden" not in form[0]) is takes


def test_a_late_question_that_is_refused_is_not_lost_to_its_writer(app, phone, meeting):
    take_meeting(database_of(app), meeting.id, "close")

    answer = send(phone, meeting, "Nog een vraag")

    assert answer.status_code == 409
    assert "Nog een vraag" in answer.text
    assert not re.search(r"<form class=\"ask\"[^>]* hidden>", answer.text)


def test_a_card_that_is_broadcast_is_the_card_of_the_page(app, meeting):
    database = database_of(app)
    for state in (QuestionState.ON_WALL, QuestionState.DEFERRED, QuestionState.ANSWERED):
        a_question(database, meeting, state=state, name="Fatima")
    region = a_browser(app, accept="text/html").get(f"/m/{meeting.code}/live?lang=nl").text

    for question in shown(app, meeting):
        with app.test_request_context("/?lang=nl"):
            drawn = draw(question, meeting, Seat("phone", "nl"))
        assert drawn.strip() in region


def shown(app: Flask, meeting: MeetingFacts) -> list[QuestionFacts]:
    with database_of(app).read() as session:
        return queries.wall(session, meeting, Seat("phone", "nl").audience)
