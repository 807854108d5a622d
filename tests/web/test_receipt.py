"""The receipt: an asker's own page, from received to answered, and taking a question back."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.domain.lifecycle import QuestionState
from facilitation.storage.queries import MeetingFacts
from tests.makers import a_browser, a_meeting, a_question, database_of, now, take


@pytest.fixture
def meeting(app: Flask) -> MeetingFacts:
    return a_meeting(database_of(app))


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return a_browser(app, accept="text/html")


@pytest.mark.parametrize("state", list(QuestionState))
def test_every_state_has_its_page(app, phone, meeting, state):
    question = a_question(database_of(app), meeting, state=state)

    answer = phone.get(f"/q/{question.receipt}")

    assert answer.status_code == 200
    assert f'data-state="{state}"' in answer.text
    assert answer.text.count('data-reached="now"') == 1


def test_the_asker_reads_why_a_question_was_not_placed(app, phone, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.DECLINED)

    assert "Dit gaat over een persoon." in phone.get(f"/q/{question.receipt}").text


def test_the_asker_reads_who_finds_out_and_by_when(app, phone, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.DEFERRED)

    html = phone.get(f"/q/{question.receipt}?lang=en").text

    assert "<b>COA</b>" in html
    assert '<time datetime="2026-12-15">' in html


def test_the_asker_reads_the_own_words_when_they_were_changed(app, phone, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL, text="Hoeveel??")
    take(database_of(app), question, "edit", text="Hoeveel mensen komen er?")

    html = phone.get(f"/q/{question.receipt}").text

    assert "Hoeveel??" in html
    assert "Hoeveel mensen komen er?" in html


def test_a_merged_question_shows_where_it_goes_on_and_nothing_of_a_hidden_one(app, phone, meeting):
    database = database_of(app)
    target = a_question(database, meeting, state=QuestionState.ON_WALL, text="Wanneer komt het?")
    question = take(database, a_question(database, meeting), "merge", into=target.id)
    take(database, target, "decline", reason="Toch niet")

    html = phone.get(f"/q/{question.receipt}").text

    assert f"#question-{target.id}" in html
    assert "Wanneer komt het?" not in html
    assert "Toch niet" not in html


def test_a_question_is_withdrawn_by_a_plain_form(app, phone, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)

    answer = phone.post(f"/q/{question.receipt}/withdraw")

    assert answer.status_code == 303
    assert now(database_of(app), question).state is QuestionState.WITHDRAWN
    assert "/withdraw" not in phone.get(answer.location).text


def test_an_unknown_link_gets_a_page_that_says_what_to_do(phone):
    answer = phone.get("/q/unknown?lang=en")

    assert answer.status_code == 404
    assert "We do not know this link" in answer.text
    assert 'href="/"' in answer.text
