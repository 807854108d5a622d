"""The console over HTTP: what stands on it for whom, and its forms without JavaScript."""

import re

import pytest

from facilitation.domain.lifecycle import Kind, MeetingState, QuestionState, Role
from tests.makers import (
    a_browser,
    a_colleague,
    a_key,
    a_meeting,
    a_question,
    database_of,
    meeting_now,
    now,
    take,
)

OPEN_STAGES = (QuestionState.WAITING, QuestionState.ON_WALL, QuestionState.ON_STAGE)
BUTTON = re.compile(r'data-step="(\w+)"')


@pytest.fixture
def meeting(app):
    return a_meeting(database_of(app), topics=["Verkeer"])


def someone_reading(app, meeting, role=Role.MODERATOR):
    """A colleague at a browser without JavaScript."""
    account = a_colleague(database_of(app), role=role, meeting=meeting)
    return a_browser(app, account_id=account, accept="text/html")


def console(meeting, rest="console"):
    return f"/staff/meetings/{meeting.id}/{rest}"


def card(html, question):
    return html.split(f'id="question-{question.id}"')[1].split("</li>")[0]


def test_every_question_stands_in_the_lane_of_its_state(app, meeting):
    asked = [a_question(database_of(app), meeting, state=state) for state in OPEN_STAGES]

    page = someone_reading(app, meeting).get(console(meeting)).text

    lanes = dict(
        re.findall(r'<section class="lane" id="lane-(\w+)".*?(<ol.*?</ol>)', page, re.DOTALL)
    )
    for lane, question in zip(("waiting", "wall", "stage"), asked, strict=True):
        assert f'id="question-{question.id}"' in lanes[lane]
    assert "question-" not in lanes["done"]


def test_a_question_is_shown_as_typed(app, meeting):
    typed = '<script>alert(1)</script> & "Wie?"'
    question = a_question(database_of(app), meeting, text=typed)
    browser = someone_reading(app, meeting)

    for page in (console(meeting), console(meeting, f"questions/{question.id}")):
        html = browser.get(page).text

        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;Wie?&#34;" in html


def test_a_concern_can_be_heard_and_not_answered(app, meeting):
    concern = a_question(database_of(app), meeting, state=QuestionState.ON_WALL, kind=Kind.CONCERN)

    page = someone_reading(app, meeting).get(console(meeting)).text

    offered = set(BUTTON.findall(card(page, concern)))
    assert "acknowledge" in offered
    assert "answer" not in offered


def test_a_scribe_may_enter_and_edit_and_nothing_else(app, meeting):
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)

    page = someone_reading(app, meeting, Role.SCRIBE).get(console(meeting)).text

    assert set(BUTTON.findall(card(page, question))) == {"edit"}
    assert 'data-part="entry"' in page
    assert 'name="view"' not in page
    assert 'id="close"' not in page


def test_the_page_says_that_nobody_reviews_beforehand(app, meeting):
    unreviewed = a_meeting(database_of(app), is_moderated=False)

    notices = [
        "Reviewing beforehand is off" in html
        for html in (
            someone_reading(app, each).get(console(each) + "?lang=en").text
            for each in (meeting, unreviewed)
        )
    ]

    assert notices == [False, True]


@pytest.mark.parametrize("state", MeetingState)
def test_only_the_steps_that_are_open_are_shown(app, state):
    meeting = a_meeting(database_of(app), state=state)

    page = someone_reading(app, meeting, Role.ORGANISER).get(console(meeting)).text

    shown = re.findall(r'action="[^"]*/(\w+)" data-action="\w+" data-when="([\w ]+)">', page)
    assert all(state in when.split() for _, when in shown)
    hidden = re.findall(r'data-when="([\w ]+)" hidden>', page)
    assert not any(state in when.split() for when in hidden)


def test_a_step_without_javascript_leads_back_to_the_console(app, meeting):
    question = a_question(database_of(app), meeting)

    answer = someone_reading(app, meeting).post(
        console(meeting, f"questions/{question.id}/approve"), data={"version": question.version}
    )

    assert answer.status_code == 303
    assert answer.location.endswith(f"/console#question-{question.id}")
    assert now(database_of(app), question).state is QuestionState.ON_WALL


def test_a_promise_for_a_day_that_has_passed_comes_back_with_what_was_typed(app, meeting):
    question = a_question(database_of(app), meeting)
    typed = {"owner": "Sanne <de Wit>", "due": "2020-01-01", "promise": "Wij zoeken het uit."}

    answer = someone_reading(app, meeting).post(
        console(meeting, f"questions/{question.id}/defer?lang=en"), data=typed
    )

    assert answer.status_code == 422
    assert re.search(r'id="defer-due-problem"[^>]*>This day has passed', answer.text)
    assert 'value="Sanne &lt;de Wit&gt;"' in answer.text
    assert "Wij zoeken het uit." in answer.text
    assert now(database_of(app), question).state is QuestionState.WAITING


def test_who_comes_second_reads_how_it_stands_now(app, meeting):
    question = a_question(database_of(app), meeting)
    take(database_of(app), question, "edit", text="Hoeveel kinderen komen er?")

    answer = someone_reading(app, meeting).post(
        console(meeting, f"questions/{question.id}/decline?lang=en"),
        data={"version": question.version, "reason": "Dit is al gevraagd."},
    )

    assert answer.status_code == 409
    assert "Somebody else was just before you." in answer.text
    assert "Hoeveel kinderen komen er?" in answer.text
    assert "Dit is al gevraagd." in answer.text


def test_a_paper_question_goes_to_the_wall_and_says_so(app, meeting):
    browser = someone_reading(app, meeting, Role.SCRIBE)
    entry = {"key": a_key(), "kind": "idea", "source": "paper", "text": "Plant bomen.", "name": ""}

    answer = browser.post(console(meeting, "questions"), data=entry)
    page = browser.get(console(meeting) + "?lang=en").text

    assert answer.status_code == 303
    assert "On paper" in page.split("Plant bomen.")[0].rsplit("<li", 1)[1]


def test_an_entry_that_is_refused_keeps_what_was_typed(app, meeting):
    before = meeting_now(database_of(app), meeting)
    entry = {"key": a_key(), "kind": "idea", "source": "paper", "text": "a" * 600, "name": "Jan"}

    answer = someone_reading(app, meeting).post(console(meeting, "questions?lang=en"), data=entry)

    assert answer.status_code == 422
    assert re.search(r'id="entry-text-problem"[^>]*>This is too long', answer.text)
    assert "a" * 600 in answer.text
    assert 'value="Jan"' in answer.text
    assert meeting_now(database_of(app), meeting) == before


def test_merging_offers_what_is_public_and_not_the_question_itself(app, meeting):
    public = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)
    waiting = a_question(database_of(app), meeting)
    question = a_question(database_of(app), meeting, state=QuestionState.ON_WALL)

    page = someone_reading(app, meeting).get(console(meeting, f"questions/{question.id}")).text

    offered = set(map(int, re.findall(r'name="into" value="(\d+)"', page)))
    assert public.id in offered
    assert not offered & {waiting.id, question.id}
