"""The register: what is owed, until the people who asked have their answer."""

from datetime import date

import pytest

from facilitation.actions.following_up import Owner
from facilitation.domain.lifecycle import FollowUpState, Kind, QuestionState, Role
from facilitation.domain.people import Actor
from facilitation.domain.refusals import Invalid, NotAllowed, NotFound, Outdated
from facilitation.storage import finding, register
from tests.makers import (
    ANSWERER,
    EVENING,
    FOLLOW_UP_ACTIONS,
    FOLLOW_UP_FIELDS,
    MODERATOR,
    a_colleague,
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


# -- owners, second readers, history


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.ANSWERER])
def test_a_point_goes_to_the_account_of_who_works_on_the_meeting(database, role):
    meeting = a_meeting(database)
    account_id = a_colleague(database, role=role, meeting=meeting)
    question = a_follow_up(database, meeting)

    given = follow_up(database, question, "assign", owner=Owner("Anna", account_id=account_id))

    assert given.follow_up.owner_id == account_id


@pytest.mark.parametrize("who", ["of another meeting", "of nobody"])
def test_a_point_goes_to_nobody_who_could_not_see_it(database, who):
    stranger = a_colleague(database, role=Role.ANSWERER, meeting=a_meeting(database))
    question = a_follow_up(database, a_meeting(database))
    account_id = stranger if who == "of another meeting" else stranger + 1000

    with pytest.raises(Invalid) as refused:
        follow_up(database, question, "assign", owner=Owner("Anna", account_id=account_id))

    assert refused.value.problems == {"account": "unknown"}
    assert now(database, question) == question


def read_by_two(database):
    """A drafted answer where two must agree, and the colleagues: who wrote it, and another."""
    meeting = a_meeting(database)
    database.perform(_need_second_reader, meeting.id)
    writer, reader = (
        Actor(roles=frozenset({Role.MODERATOR}), account_id=account_id)
        for account_id in (
            a_colleague(database, role=Role.MODERATOR, meeting=meeting),
            a_colleague(database, role=Role.MODERATOR, meeting=meeting),
        )
    )
    return follow_up(database, a_follow_up(database, meeting), "draft", by=writer), writer, reader


def _need_second_reader(work, meeting_id):
    finding.series_of(work, meeting_id).needs_second_reader = True


def test_an_answer_that_a_colleague_read_over_goes_out(database):
    question, writer, reader = read_by_two(database)

    approved = follow_up(database, question, "approve", by=reader)
    published = follow_up(database, approved, "publish", by=writer)

    assert published.follow_up.state is FollowUpState.PUBLISHED


@pytest.mark.parametrize(
    ("step", "why"), [("approve", "own"), ("publish", "second_reader"), ("answer", "second_reader")]
)
def test_an_answer_that_only_its_writer_read_stays_inside(database, step, why):
    question, writer, _ = read_by_two(database)

    with pytest.raises(Invalid) as refused:
        follow_up(database, question, step, by=writer)

    assert refused.value.problems == {"answer": why}
    assert now(database, question) == question


def test_the_history_says_what_was_and_what_became(database):
    question = follow_up(database, a_follow_up(database, a_meeting(database)), "assign")

    follow_up(database, question, "assign", owner=Owner("COA"), note="Bel eerst Sanne.")

    with database.read() as session:
        newest, first = register.history(session, question.follow_up.id)
    assert (newest.step, newest.taken_at, newest.note) == ("assign", EVENING, "Bel eerst Sanne.")
    assert newest.changes == (("owner", "Politie", "COA"),)
    assert ("due", None, date(2026, 12, 15)) in first.changes
