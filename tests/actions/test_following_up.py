"""The register: what is owed, until the people who asked have their answer."""

from datetime import date

import pytest

from facilitation.actions.following_up import Owner
from facilitation.domain.lifecycle import FollowUpState, Kind, QuestionState
from facilitation.domain.refusals import Invalid, NotAllowed, NotFound, Outdated
from tests.makers import (
    ANSWERER,
    EVENING,
    FOLLOW_UP_ACTIONS,
    FOLLOW_UP_FIELDS,
    MODERATOR,
    a_follow_up,
    a_meeting,
    a_question,
    follow_up,
    now,
    take,
    take_meeting,
)

ON_WALL = QuestionState.ON_WALL


def owed_after_the_evening(database, state=ON_WALL, kind=Kind.QUESTION):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=state, kind=kind)
    take_meeting(database, meeting.id, "close")
    return now(database, question)


@pytest.mark.parametrize("step", ["publish", "answer"])
def test_nobody_answers_a_question_in_public_that_nobody_has_read_over(database, step):
    question = owed_after_the_evening(database, state=QuestionState.WAITING)
    question = follow_up(database, question, "draft")

    with pytest.raises(Invalid) as refused:
        follow_up(database, question, step)

    assert refused.value.problems == {"answer": "place_first"}
    assert now(database, question) == question


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Kind.QUESTION, QuestionState.ANSWERED),
        (Kind.CONCERN, QuestionState.ACKNOWLEDGED),
        (Kind.IDEA, QuestionState.ACKNOWLEDGED),
    ],
)
@pytest.mark.parametrize("step", ["publish", "answer"])
def test_a_published_answer_settles_its_question(database, step, kind, state):
    question = owed_after_the_evening(database, kind=kind)
    question = follow_up(database, question, "assign", owner=Owner("Politie"))
    question = follow_up(database, question, "draft")

    settled = follow_up(database, question, step)

    assert settled.state is state
    assert (settled.speaker, settled.summary) == ("Politie", "Er komen 120 mensen.")
    assert settled.follow_up.published_at == EVENING


def test_an_answer_to_what_is_off_topic_leaves_it_off_the_wall(database):
    question = a_follow_up(database, a_meeting(database), state=FollowUpState.DRAFTED)

    published = follow_up(database, question, "publish")

    assert published.state is QuestionState.PARKED
    assert published.follow_up.state is FollowUpState.PUBLISHED


def test_who_answers_writes_and_does_not_publish(database):
    question = owed_after_the_evening(database)

    drafted = follow_up(database, question, "draft", by=ANSWERER)

    assert drafted.follow_up.state is FollowUpState.DRAFTED
    with pytest.raises(NotAllowed):
        follow_up(database, drafted, "publish", by=ANSWERER)


def test_handing_over_keeps_the_promise_that_was_read_aloud(database):
    question = a_question(database, a_meeting(database), state=QuestionState.DEFERRED)

    handed_over = follow_up(database, question, "assign", owner=Owner("Politie"), promise="")

    assert handed_over.follow_up.owner == "Politie"
    assert handed_over.follow_up.promise == question.follow_up.promise


def test_nothing_is_promised_for_a_day_that_has_passed(database):
    question = owed_after_the_evening(database)

    with pytest.raises(Invalid) as refused:
        follow_up(database, question, "assign", due=date(2026, 11, 30))

    assert refused.value.problems == {"due": "past"}


def test_closing_without_an_answer_says_why(database):
    question = owed_after_the_evening(database)

    closed = follow_up(database, question, "close")

    assert closed.follow_up.state is FollowUpState.CLOSED
    assert closed.follow_up.public_reason == "Dit weten wij pas volgend jaar."


def test_a_published_answer_that_is_reopened_is_owed_again(database):
    question = a_question(database, a_meeting(database), state=QuestionState.DEFERRED)
    question = follow_up(database, question, "draft")
    published = follow_up(database, question, "publish")

    reopened = follow_up(database, published, "reopen")

    assert reopened.state is QuestionState.DEFERRED
    assert (reopened.speaker, reopened.summary) == ("", "")
    assert reopened.follow_up.state is FollowUpState.DRAFTED
    assert reopened.follow_up.answer == "Er komen 120 mensen."
    assert reopened.follow_up.published_at is None


def test_an_answer_that_is_reopened_after_an_edit_is_owed_again_too(database):
    question = a_question(database, a_meeting(database), state=QuestionState.DEFERRED)
    published = follow_up(database, follow_up(database, question, "draft"), "publish")
    edited = take(database, published, "edit", text="Hoeveel mensen komen er, en wanneer?")

    reopened = follow_up(database, edited, "reopen")

    assert reopened.state is QuestionState.DEFERRED
    assert reopened.text == "Hoeveel mensen komen er, en wanneer?"


def test_reopening_never_leaves_two_questions_on_stage(database):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState.ON_STAGE)
    take_meeting(database, meeting.id, "close")
    question = follow_up(database, now(database, question), "answer")
    take_meeting(database, meeting.id, "reopen")
    staged = a_question(database, meeting, state=QuestionState.ON_STAGE)

    follow_up(database, question, "reopen")

    found = [now(database, one).state for one in (question, staged)]
    assert found.count(QuestionState.ON_STAGE) == 1


@pytest.mark.parametrize("step", sorted(FOLLOW_UP_ACTIONS))
def test_a_step_on_an_older_version_is_refused(database, step):
    question = a_follow_up(database, a_meeting(database), state=FollowUpState.DRAFTED)
    if step == "reopen":
        question = follow_up(database, question, "close")
    seen = question.follow_up.version
    newest = follow_up(database, question, "reopen" if step == "reopen" else "assign")

    with pytest.raises(Outdated) as refused:
        follow_up(database, question, step, version=seen)

    assert refused.value.facts["newest"] == newest.follow_up.version
    assert now(database, question) == newest


@pytest.mark.parametrize("step", sorted(FOLLOW_UP_ACTIONS))
def test_no_step_reaches_a_follow_up_of_another_meeting(database, step):
    question = a_follow_up(database, a_meeting(database))
    elsewhere = a_meeting(database)
    action, fields = FOLLOW_UP_ACTIONS[step], FOLLOW_UP_FIELDS.get(step, {})

    with pytest.raises(NotFound):
        database.perform(action, elsewhere.id, question.follow_up.id, by=MODERATOR, **fields)
