"""The public page afterwards, and the first page with its code."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.domain.lifecycle import QuestionState
from facilitation.storage.queries import MeetingFacts
from tests.makers import a_browser, a_meeting, a_question, database_of, take_meeting

PUBLIC = {
    QuestionState.ON_WALL,
    QuestionState.ON_STAGE,
    QuestionState.ANSWERED,
    QuestionState.DEFERRED,
    QuestionState.ACKNOWLEDGED,
}


@pytest.fixture
def meeting(app: Flask) -> MeetingFacts:
    return a_meeting(database_of(app))


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return a_browser(app, accept="text/html")


@pytest.mark.parametrize("state", list(QuestionState))
def test_the_answers_page_lists_what_was_public_and_nothing_else(app, reader, meeting, state):
    a_question(database_of(app), meeting, state=state, text="Is <u>dit</u> te lezen?")

    html = reader.get(f"/m/{meeting.code}/answers").text

    assert ("Is &lt;u&gt;dit&lt;/u&gt; te lezen?" in html) is (state in PUBLIC)


def test_an_answer_stands_below_its_question(app, reader, meeting):
    a_question(database_of(app), meeting, state=QuestionState.ANSWERED)

    html = reader.get(f"/m/{meeting.code}/answers").text

    assert "<b>Wethouder De Vries:</b>" in html
    assert "Ja, dat is zo." in html


def test_after_the_meeting_a_question_without_an_owner_is_in_the_register(app, reader, meeting):
    a_question(database_of(app), meeting, state=QuestionState.ON_WALL)
    take_meeting(database_of(app), meeting.id, "close")

    html = reader.get(f"/m/{meeting.code}/answers?lang=en").text

    assert "This is in the register." in html


def test_an_evening_without_questions_says_so(reader, meeting):
    assert "There is nothing here yet." in reader.get(f"/m/{meeting.code}/answers?lang=en").text


def test_a_typed_code_leads_to_its_meeting(reader, meeting):
    answer = reader.get(f"/?code={meeting.code[:3]}+{meeting.code[3:].lower()}")

    assert answer.status_code == 303
    assert answer.location == f"/m/{meeting.code}"


def test_a_wrong_code_stays_in_the_field_beside_what_is_wrong(reader):
    answer = reader.get("/?code=WRONG1&lang=en")

    assert answer.status_code == 404
    assert 'value="WRONG1"' in answer.text
    assert "There is no meeting with this code." in answer.text
