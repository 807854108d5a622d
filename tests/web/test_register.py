"""The register: what is owed, said plainly, and worked on without JavaScript."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.domain.lifecycle import FollowUpState, QuestionState, Role
from facilitation.storage.queries import FollowUpFacts, MeetingFacts, QuestionFacts
from tests.makers import (
    a_browser,
    a_colleague,
    a_follow_up,
    a_meeting,
    a_question,
    database_of,
    follow_up,
    now,
    take_meeting,
)


def a_desk(app: Flask, meeting: MeetingFacts, role: Role = Role.ORGANISER) -> FlaskClient:
    """A colleague's browser, which shows pages."""
    account_id = a_colleague(database_of(app), role=role, meeting=meeting)
    return a_browser(app, account_id=account_id, accept="text/html")


def owed(question: QuestionFacts) -> FollowUpFacts:
    assert question.follow_up is not None
    return question.follow_up


def address(question: QuestionFacts, step: str = "") -> str:
    base = f"/staff/meetings/{question.meeting_id}/register/{owed(question).id}"
    return f"{base}/{step}" if step else base


def read(client: FlaskClient, path: str, **query: str) -> str:
    answer = client.get(path, query_string={"lang": "en", **query})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_an_empty_register_says_when_points_are_made(app):
    meeting = a_meeting(database_of(app))

    html = read(a_desk(app, meeting), f"/staff/meetings/{meeting.id}/register")

    assert "Nothing is owed yet." in html
    assert "<table" not in html


@pytest.mark.parametrize(("days", "said"), [(0, None), (1, "1 day late"), (2, "2 days late")])
def test_overdue_is_said_in_words(app, clock, days, said):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting, state=FollowUpState.ASSIGNED)
    due = owed(point).due
    assert due is not None
    clock.move(days=(due - date(2026, 12, 1)).days + days)

    html = read(a_desk(app, meeting), f"/staff/meetings/{meeting.id}/register")

    assert ("late</span>" in html) is (said is not None)
    assert said is None or said in html


def test_an_answer_that_was_given_is_never_late(app, clock):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting, state=FollowUpState.ASSIGNED)
    follow_up(database_of(app), follow_up(database_of(app), point, "draft"), "publish")
    clock.move(days=100)

    html = read(a_desk(app, meeting), f"/staff/meetings/{meeting.id}/register")

    assert "late</span>" not in html


def test_the_list_is_filtered_by_a_plain_form(app):
    meeting = a_meeting(database_of(app))
    free = a_follow_up(database_of(app), meeting)
    taken = a_follow_up(database_of(app), meeting, state=FollowUpState.ASSIGNED)

    path = f"/staff/meetings/{meeting.id}/register"
    html = read(a_desk(app, meeting), path, state="assigned")

    assert f'id="follow-up-{owed(taken).id}"' in html
    assert f'id="follow-up-{owed(free).id}"' not in html


def test_html_in_a_question_is_shown_as_typed(app):
    meeting = a_meeting(database_of(app))
    text = "<b>Wanneer</b> & hoe?"
    question = a_question(database_of(app), meeting, state=QuestionState.DEFERRED, text=text)
    client = a_desk(app, meeting)

    for path in (f"/staff/meetings/{meeting.id}/register", address(question)):
        assert "&lt;b&gt;Wanneer&lt;/b&gt; &amp; hoe?" in read(client, path)


def test_what_was_typed_stays_when_a_step_is_refused(app):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting)
    sent = {"owner": "Sanne de Wit", "due": "2020-01-01", "promise": "Sanne zoekt het uit."}

    answer = a_desk(app, meeting).post(address(point, "assign") + "?lang=en", data=sent)
    html = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert 'id="due-problem"' in html
    assert 'value="Sanne de Wit"' in html
    assert "Sanne zoekt het uit." in html
    assert owed(now(database_of(app), point)).owner == ""


def test_a_plain_form_publishes_an_answer(app):
    meeting = a_meeting(database_of(app))
    question = a_question(database_of(app), meeting, state=QuestionState.DEFERRED)

    answer = a_desk(app, meeting).post(address(question, "answer"), data={"answer": "In mei."})

    assert answer.status_code == 303
    assert answer.location.endswith(f"/register#follow-up-{owed(question).id}")
    assert owed(now(database_of(app), question)).state is FollowUpState.PUBLISHED


def test_a_question_that_nobody_read_is_placed_first_and_leads_back(app):
    meeting = a_meeting(database_of(app))
    question = a_question(database_of(app), meeting)
    take_meeting(database_of(app), meeting.id, "close")
    question = now(database_of(app), question)
    client = a_desk(app, meeting)

    html = read(client, address(question))
    assert "Nobody has read this question over yet" in html
    assert "Publish" not in html

    answer = client.post(
        f"/staff/meetings/{meeting.id}/questions/{question.id}/approve",
        data={"follow_up": owed(question).id},
    )

    assert answer.location.endswith(address(question))
    assert "Publish at once" in read(client, address(question))


def test_an_answerer_writes_drafts_only(app):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting, state=FollowUpState.ASSIGNED)

    html = read(a_desk(app, meeting, Role.ANSWERER), address(point))

    assert "Save the draft" in html
    for word in ("Publish at once", "Hand it over", "Close without an answer"):
        assert word not in html
