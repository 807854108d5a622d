"""The register: what is owed, said plainly, and worked on without JavaScript."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.actions.following_up import Owner
from facilitation.domain.follow_up import OwnerKind
from facilitation.domain.lifecycle import FollowUpState, QuestionState, Role
from facilitation.storage import finding
from facilitation.storage.queries import FollowUpFacts, MeetingFacts, QuestionFacts
from facilitation.storage.work import Work
from tests.makers import (
    a_browser,
    a_colleague,
    a_follow_up,
    a_meeting,
    a_question,
    database_of,
    follow_up,
    now,
    take,
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


# -- owners, second readers, history


def test_the_form_gives_organisation_kind_account_and_a_note_to_the_history(app):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting)
    anna = a_colleague(database_of(app), role=Role.ANSWERER, meeting=meeting)
    client = a_desk(app, meeting)
    sent = {
        "owner": "Anna",
        "organisation": "COA",
        "owner_kind": "partner",
        "account": str(anna),
        "due": "2026-12-15",
        "note": "Bel eerst Sanne.",
    }

    assert f'<option value="{anna}">Collega answerer</option>' in read(client, address(point))
    answer = client.post(address(point, "assign"), data=sent)

    assert answer.status_code == 303
    found = owed(now(database_of(app), point))
    assert (found.organisation, found.owner_kind, found.owner_id) == ("COA", "partner", anna)
    html = read(client, address(point))
    assert "What happened so far" in html
    assert "Bel eerst Sanne." in html
    assert "Collega organiser" in html
    assert f'<option value="{anna}" selected>' in html


def test_a_colleague_of_another_meeting_cannot_be_given_a_point(app):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting)
    stranger = a_colleague(
        database_of(app), role=Role.ANSWERER, meeting=a_meeting(database_of(app))
    )
    sent = {"owner": "Anna", "account": str(stranger), "due": "2026-12-15"}

    answer = a_desk(app, meeting).post(address(point, "assign") + "?lang=en", data=sent)

    assert answer.status_code == 422
    assert "This colleague has no role in this meeting." in answer.text
    assert now(database_of(app), point) == point


def test_a_proposed_owner_is_filled_in_and_not_saved(app):
    database = database_of(app)
    meeting = a_meeting(database, topics=["Verkeer"])
    topic = meeting.topics[0].id
    known = a_question(database, meeting, state=QuestionState.DEFERRED)
    known = take(database, known, "edit", text=known.text, topic_id=topic)
    follow_up(database, known, "assign", owner=Owner("Bo", "Politie", OwnerKind.PARTNER))
    parked = a_question(database, meeting, state=QuestionState.PARKED)
    parked = take(database, parked, "edit", text=parked.text, topic_id=topic)

    html = read(a_desk(app, meeting), address(parked))

    assert "Filled in for you: Bo" in html
    assert 'name="owner" type="text" value="Bo"' in html
    assert 'value="partner" selected' in html
    assert owed(now(database, parked)).owner == ""


def a_point_read_by_two(app: Flask) -> tuple[QuestionFacts, FlaskClient, FlaskClient]:
    """A drafted answer where two must agree, at the desks of its writer and of a colleague."""
    meeting = a_meeting(database_of(app))
    database_of(app).perform(_need_second_reader, meeting.id)
    point = a_follow_up(database_of(app), meeting)
    writer, reader = a_desk(app, meeting), a_desk(app, meeting)
    writer.post(address(point, "draft"), data={"answer": "Er komen 120 mensen."})
    return now(database_of(app), point), writer, reader


def _need_second_reader(work: Work, meeting_id: int) -> None:
    finding.series_of(work, meeting_id).needs_second_reader = True


def test_where_two_must_agree_only_what_is_possible_is_offered(app):
    point, writer, reader = a_point_read_by_two(app)

    own, others = read(writer, address(point)), read(reader, address(point))

    assert "A colleague must read this answer over before it goes out." in own
    assert "Approve the answer" not in own
    assert "Approve the answer" in others
    for html in (own, others):
        assert "Publish the answer" not in html
        assert "Publish at once" not in html

    assert reader.post(address(point, "approve")).status_code == 303
    assert "Publish the answer" in read(writer, address(point))


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("approve", "You wrote this answer: let a colleague read it over."),
        ("publish", "A colleague must read this answer over before it goes out."),
        ("answer", "A colleague must read this answer over before it goes out."),
    ],
)
def test_what_one_person_may_not_do_alone_is_refused_in_words(app, step, sentence):
    point, writer, _ = a_point_read_by_two(app)

    answer = writer.post(address(point, step) + "?lang=en", data={"answer": "Er komen er 130."})

    assert answer.status_code == 422
    assert f"<p>{sentence}</p>" in answer.text
    assert now(database_of(app), point) == point


def test_without_a_second_reader_everything_is_offered_as_before(app):
    meeting = a_meeting(database_of(app))
    point = a_follow_up(database_of(app), meeting)
    client = a_desk(app, meeting)
    client.post(address(point, "draft"), data={"answer": "Er komen 120 mensen."})

    html = read(client, address(point))

    for word in ("Publish the answer", "Approve the answer", "Publish at once"):
        assert word in html
