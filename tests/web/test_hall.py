"""The hall: what everybody sees on the projector, and nothing that only some may see."""

import re

import pytest
from flask import Flask

from facilitation.domain.lifecycle import Kind, MeetingState, QuestionState, Role
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.web.cards import Seat, draw
from tests.makers import a_browser, a_colleague, a_meeting, a_question, database_of, take


def the_hall(app: Flask, meeting: MeetingFacts, page: str = "hall") -> str:
    """The page as the projector gets it."""
    answer = app.test_client().get(f"/m/{meeting.code}/{page}?lang=en")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def lane(html: str, name: str) -> str:
    found = re.search(rf'<section class="lane view-{name} .*?</section>', html, re.DOTALL)
    assert found, f"there is no lane {name}"
    return found.group()


def has_card(html: str, question: QuestionFacts) -> bool:
    return f'id="question-{question.id}"' in html


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (QuestionState.ON_STAGE, "stage"),
        (QuestionState.ON_WALL, "wall"),
        (QuestionState.DEFERRED, "collection"),
        (QuestionState.ANSWERED, "discussed"),
    ],
)
def test_a_question_stands_in_the_view_of_its_state(app, state, name):
    meeting = a_meeting(database_of(app))
    question = a_question(database_of(app), meeting, state=state)

    html = the_hall(app, meeting)

    assert has_card(lane(html, name), question)
    assert html.count(f'id="question-{question.id}"') == 1


@pytest.mark.parametrize(
    "state", [QuestionState.WAITING, QuestionState.DECLINED, QuestionState.PARKED]
)
def test_the_hall_hears_nothing_of_what_was_not_placed(app, state):
    meeting = a_meeting(database_of(app))
    question = a_question(database_of(app), meeting, state=state, text="Alleen voor het bureau")

    html = the_hall(app, meeting)

    assert not has_card(html, question)
    assert "Alleen voor het bureau" not in html


def test_html_in_a_question_is_shown_as_typed(app):
    meeting = a_meeting(database_of(app))
    text = "Is <b>dit</b> & dat <script>alert(1)</script> echt?"
    a_question(database_of(app), meeting, state=QuestionState.ON_STAGE, text=text)

    html = the_hall(app, meeting)

    assert "Is &lt;b&gt;dit&lt;/b&gt; &amp; dat &lt;script&gt;alert(1)&lt;/script&gt; echt?" in html


def test_a_name_is_shown_only_when_it_was_given(app):
    meeting = a_meeting(database_of(app))
    a_question(database_of(app), meeting, state=QuestionState.ON_WALL)

    assert "From" not in lane(the_hall(app, meeting), "wall")

    a_question(database_of(app), meeting, state=QuestionState.ON_WALL, name="Jan de Vries")

    assert "From Jan de Vries" in lane(the_hall(app, meeting), "wall")


def test_the_collection_point_says_who_finds_out_and_by_when(app):
    meeting = a_meeting(database_of(app))
    question = a_question(database_of(app), meeting, state=QuestionState.DEFERRED)

    html = lane(the_hall(app, meeting), "collection")

    assert question.follow_up is not None
    assert question.follow_up.owner in html
    assert f'<time datetime="{question.follow_up.due}">15 December</time>' in html


def test_counters_count_what_everybody_can_see_and_can_be_switched_off(app):
    counting = a_meeting(database_of(app))
    silent = a_meeting(database_of(app), shows_counts=False)
    for meeting in (counting, silent):
        a_question(database_of(app), meeting, state=QuestionState.WAITING)
        a_question(database_of(app), meeting, state=QuestionState.ON_WALL)
        a_question(database_of(app), meeting, state=QuestionState.DEFERRED)
        a_question(database_of(app), meeting, state=QuestionState.ACKNOWLEDGED, kind=Kind.CONCERN)

    tallies = re.findall(r'data-part="tally"[^>]*>(\d+)<', the_hall(app, counting))

    assert tallies == ["3", "1", "1"]
    assert 'data-part="tally"' not in the_hall(app, silent)


def test_a_card_that_is_sent_equals_the_card_in_the_page(app):
    meeting = a_meeting(database_of(app))
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL, name="Fatma")
    question = take(database_of(app), question, "call")

    with app.test_request_context("/?lang=en"):
        sent = draw(question, meeting, Seat("hall", "en"))

    assert " ".join(sent.split()) in " ".join(the_hall(app, meeting).split())


@pytest.mark.parametrize("state", sorted(set(MeetingState) - {MeetingState.DRAFT}))
def test_the_hall_stands_in_every_state_of_the_meeting(app, state):
    meeting = a_meeting(database_of(app), state=state)

    assert f'data-state="{state}"' in the_hall(app, meeting)


def test_the_hall_of_a_meeting_in_preparation_is_for_colleagues(app):
    meeting = a_meeting(database_of(app), state=MeetingState.DRAFT)
    colleague = a_browser(
        app, account_id=a_colleague(database_of(app), role=Role.ORGANISER), accept="text/html"
    )

    assert app.test_client().get(f"/m/{meeting.code}/hall").status_code == 404
    assert 'data-state="draft"' in colleague.get(f"/m/{meeting.code}/hall").get_data(as_text=True)


def test_a_screen_that_fetches_its_region_chooses_no_language_for_the_device(app):
    meeting = a_meeting(database_of(app))
    path = f"/m/{meeting.code}/live?screen=hall&lang=en"

    fetched = app.test_client().get(path, headers={"Sec-Fetch-Mode": "cors"})
    chosen = app.test_client().get(f"/m/{meeting.code}/hall?lang=en")

    assert "No question is being discussed" in fetched.get_data(as_text=True)
    assert "lang=" not in str(fetched.headers.getlist("Set-Cookie"))
    assert "lang=en" in str(chosen.headers.getlist("Set-Cookie"))


def test_the_poster_leads_to_the_phone(app):
    meeting = a_meeting(database_of(app), title="Bewonersavond <Linde>", place="Dorpshuis")

    html = the_hall(app, meeting, "poster")

    assert "Bewonersavond &lt;Linde&gt;" in html
    assert meeting.code in html
    assert f"/m/{meeting.code}/qr.svg" in html
    assert app.test_client().get(f"/m/{meeting.code}/qr.svg").data.startswith(b"<svg")
