"""The summary's page: every number is text, in both languages, also when there is nothing yet."""

import re

import pytest

from facilitation.domain.lifecycle import QuestionState, Role
from tests.makers import (
    a_browser,
    a_colleague,
    a_meeting,
    a_question,
    database_of,
    support,
    take,
)


@pytest.fixture
def meeting(app):
    return a_meeting(database_of(app), topics=("Veiligheid",))


@pytest.fixture
def organiser(app):
    account_id = a_colleague(database_of(app), role=Role.ORGANISER)
    return a_browser(app, account_id=account_id, accept="text/html")


def addresses(meeting):
    return f"/staff/meetings/{meeting.id}/summary", f"/staff/series/{meeting.series_id}/summary"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_summary_of_an_evening_and_of_its_series_has_the_numbers(app, meeting, organiser, lang):
    database = database_of(app)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    support(database, question)
    take(database, a_question(database, meeting, state=QuestionState.ON_WALL), "defer")
    take(database, a_question(database, meeting), "decline")

    for address in addresses(meeting):
        page = organiser.get(f"{address}?lang={lang}")

        assert page.status_code == 200
        row = re.search(rf"{re.escape(question.text)}.*?<td[^>]*>(\d+)</td>", page.text, re.DOTALL)
        assert row is not None
        assert row[1] == "2"
        assert len(re.findall(r"<svg class=\"bar\"[^>]*aria-hidden", page.text)) > 4
        assert 'role="img"' in page.text or "columns" not in page.text


def test_before_anything_was_asked_it_says_so(meeting, organiser):
    for address in addresses(meeting):
        page = organiser.get(f"{address}?lang=en")

        assert page.status_code == 200
        assert "Nothing was asked yet" in page.text
        assert '<svg class="bar"' not in page.text


def test_a_series_that_is_not_there_is_a_page_that_is_not_there(organiser):
    assert organiser.get("/staff/series/999/summary").status_code == 404
