"""The summary: what most people asked, what came of it, and whose promises were kept."""

import uuid
from datetime import timedelta

import pytest

from facilitation.actions import asking
from facilitation.actions.following_up import Owner
from facilitation.domain.audience import Fate
from facilitation.domain.lifecycle import Kind, QuestionState
from facilitation.domain.meeting import local_day
from facilitation.storage.summary import summary
from tests.makers import (
    a_meeting,
    a_question,
    follow_up,
    support,
    take,
    take_meeting,
)


@pytest.fixture
def meeting(database):
    return a_meeting(database, topics=("Veiligheid", "Verkeer"))


def summed_up(database, clock, *meetings):
    with database.read() as session:
        return summary(session, [meeting.id for meeting in meetings], local_day(clock()))


def placed(database, meeting, **how):
    return a_question(database, meeting, state=QuestionState.ON_WALL, **how)


def test_who_asked_the_same_and_who_has_it_too_are_counted_together(database, clock, meeting):
    alone, shared = placed(database, meeting), placed(database, meeting)
    support(database, shared)
    support(database, shared)
    take(database, placed(database, meeting), "merge", into=shared.id)

    found = summed_up(database, clock, meeting)

    counted = [(asked.question.id, asked.people) for asked in found.most_asked]
    assert counted == [(shared.id, 4), (alone.id, 1)]
    assert (found.tally.received, found.tally.merged) == (3, 1)


def test_what_nobody_may_read_is_counted_and_not_shown(database, clock, meeting):
    a_question(database, meeting)
    take(database, placed(database, meeting), "decline")

    found = summed_up(database, clock, meeting)

    assert found.most_asked == ()
    assert (found.tally.received, found.tally.waiting, found.tally.declined) == (2, 1, 1)


def test_promises_are_kept_on_the_day_and_broken_after_it(database, clock, meeting):
    due = local_day(clock()) + timedelta(days=5)
    points = [
        follow_up(
            database,
            take(database, placed(database, meeting), "defer", due=due),
            "assign",
            owner=Owner(name, "Gemeente"),
            due=due,
        )
        for name in ("Op tijd", "Te laat", "Nooit", "Ander")
    ]
    clock.move(days=5)
    follow_up(database, points[0], "answer")
    follow_up(database, points[3], "close")
    assert [row.pending for row in summed_up(database, clock, meeting).promises] == [1, 0, 1]
    clock.move(days=1)
    follow_up(database, points[1], "answer")

    found = summed_up(database, clock, meeting)

    tallies = {row.owner: (row.kept, row.broken, row.pending) for row in found.promises}
    assert tallies == {"Op tijd": (1, 0, 0), "Te laat": (0, 1, 0), "Nooit": (0, 1, 0)}
    assert found.days_to_answer == 5.5
    assert found.fates == {Fate.ANSWERED: 2, Fate.OWED: 1, Fate.UNANSWERED: 1}


def test_the_course_has_every_ten_minutes_between_the_first_and_the_last(database, clock, meeting):
    placed(database, meeting)
    clock.move(minutes=25)
    take(database, placed(database, meeting), "answer")

    course = summed_up(database, clock, meeting).course

    assert [(moment.asked, moment.answered) for moment in course] == [(1, 0), (0, 0), (1, 1)]


def test_a_question_sent_long_before_does_not_stretch_the_course(database, clock, meeting):
    placed(database, meeting)
    clock.move(days=20)
    for _ in range(3):
        placed(database, meeting)

    course = summed_up(database, clock, meeting).course

    assert len(course) <= 36
    assert max(moment.asked for moment in course) == 3


def test_topics_are_counted_by_kind(database, clock, meeting):
    safety, traffic = meeting.topics
    for topic, kind in ((safety, Kind.QUESTION), (safety, Kind.CONCERN), (traffic, Kind.IDEA)):
        take(database, placed(database, meeting, kind=kind), "edit", topic_id=topic.id)
    placed(database, meeting)

    rows = summed_up(database, clock, meeting).topics

    assert {row.name: (row.total, dict(row.kinds)) for row in rows} == {
        "Veiligheid": (2, {Kind.QUESTION: 1, Kind.CONCERN: 1}),
        "Verkeer": (1, {Kind.IDEA: 1}),
        None: (1, {Kind.QUESTION: 1}),
    }


def test_several_evenings_are_one_summary(database, clock, meeting):
    other = a_meeting(database)
    placed(database, meeting)
    placed(database, other)
    take_meeting(database, other.id, "close")

    assert summed_up(database, clock, meeting, other).tally.received == 2
    assert summed_up(database, clock).tally.received == 0


def test_a_supporter_is_a_device_and_not_a_tap(database, clock, meeting):
    question, device = placed(database, meeting), str(uuid.uuid4())
    for _ in range(3):
        database.perform(asking.support_question, meeting.code, question.id, device=device)

    assert summed_up(database, clock, meeting).most_asked[0].people == 2
