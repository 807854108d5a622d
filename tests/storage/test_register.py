"""The register's pictures: who asked is counted once, and a long list costs no more questions."""

import pytest
from sqlalchemy import event

from facilitation.actions import moderating
from facilitation.actions.following_up import Owner
from facilitation.domain.lifecycle import FollowUpState, QuestionState
from facilitation.storage import register
from tests.makers import MODERATOR, a_follow_up, a_meeting, a_question, follow_up, now, take


def statements(database, picture):
    """How often the database is asked while this picture is taken."""
    asked = []
    with database.read() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        picture(session)
    return len(asked)


def test_a_longer_list_takes_no_more_statements(database):
    first = a_meeting(database, topics=["Verkeer"])
    second = a_meeting(database, topics=["Verkeer"], series_id=first.series_id)

    def grow(count):
        for meeting in (first, second):
            for _ in range(count):
                target = a_question(database, meeting, state=QuestionState.DEFERRED)
                take(database, target, "edit", text="Hoe?", topic_id=meeting.topics[0].id)
                take(database, a_question(database, meeting), "merge", into=target.id)

    def count():
        ids = [first.id, second.id]
        return statements(database, lambda session: register.points(session, ids))

    grow(1)
    short = count()
    grow(5)

    assert 0 < short <= 4
    assert count() == short


def test_who_asked_the_same_is_counted_with_it_and_is_no_point_of_its_own(database):
    meeting = a_meeting(database)
    kept = a_question(database, meeting, state=QuestionState.ON_WALL)
    through = a_question(database, meeting, state=QuestionState.ON_WALL)
    take(database, a_question(database, meeting), "merge", into=through.id)
    take(database, now(database, through), "merge", into=kept.id)
    take(database, now(database, kept), "defer")

    with database.read() as session:
        (point,) = register.points(session, [meeting.id])

    assert (point.question.id, point.askers) == (kept.id, 3)


def test_the_evenings_follow_each_other_as_they_were(database):
    first = a_meeting(database)
    points = [a_follow_up(database, first) for _ in range(2)]

    with database.read() as session:
        found = register.points(session, [first.id])
        nothing = register.points(session, [])

    assert [point.question.id for point in found] == [point.id for point in points]
    assert nothing == []


@pytest.fixture
def about_traffic(database):
    """Makes a point about traffic of this owner, in a series of two evenings."""
    first = a_meeting(database, topics=["Verkeer", "Zorg"])
    second = a_meeting(database, topics=["Verkeer"], series_id=first.series_id)

    def make(owner, meeting=first):
        question = a_question(database, meeting, state=QuestionState.DEFERRED)
        database.perform(
            moderating.edit_question,
            meeting.id,
            question.id,
            text=question.text,
            topic_id=meeting.topics[0].id,
            kind=None,
            by=MODERATOR,
        )
        return follow_up(database, now(database, question), "assign", owner=Owner(owner))

    make.first, make.second = first, second
    return make


def proposed(database, question, meeting):
    with database.read() as session:
        return register.proposed_owner(session, meeting.series_id, question)


def test_whoever_has_most_of_a_topic_is_proposed(database, about_traffic):
    about_traffic("Politie")
    about_traffic("Gemeente, verkeer")
    question = about_traffic("Gemeente, verkeer", about_traffic.second)

    found = proposed(database, question, about_traffic.first)

    assert found is not None
    assert found.owner == "Gemeente, verkeer"


def test_nobody_is_proposed_without_a_topic_or_from_another_series(database, about_traffic):
    about_traffic("Politie")
    elsewhere = a_meeting(database, topics=["Verkeer"])
    question = a_follow_up(database, elsewhere, state=FollowUpState.OPEN)
    without_topic = proposed(database, question, elsewhere)
    take(database, question, "edit", text=question.text, topic_id=elsewhere.topics[0].id)

    assert without_topic is None
    assert proposed(database, now(database, question), elsewhere) is None
