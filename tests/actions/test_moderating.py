"""What moderators do with one question: the stage, the promise, the reason, the version seen."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from facilitation.actions import asking, hosting
from facilitation.actions.hosting import MeetingText
from facilitation.domain.audience import Audience
from facilitation.domain.follow_up import Track
from facilitation.domain.lifecycle import FollowUpState, Kind, MeetingState, QuestionState
from facilitation.domain.question import Source
from facilitation.domain.refusals import Invalid, NotFound, NotOpen, Outdated
from facilitation.storage import queries
from tests.makers import (
    EVENING,
    MODERATOR,
    QUESTION_ACTIONS,
    SCRIBE,
    a_key,
    a_meeting,
    a_question,
    apart_from_versions,
    follow_up,
    meeting_now,
    now,
    take,
    take_meeting,
)

ON_WALL = QuestionState.ON_WALL


def states(database, *questions):
    return [now(database, question).state for question in questions]


# -- the stage


def test_calling_a_question_puts_the_one_on_stage_back(database):
    meeting = a_meeting(database)
    first, second = (a_question(database, meeting, state=ON_WALL) for _ in range(2))

    take(database, first, "call")
    take(database, second, "call")

    assert states(database, first, second) == [ON_WALL, QuestionState.ON_STAGE]


def test_a_call_that_is_refused_leaves_the_stage_as_it_was(database):
    meeting = a_meeting(database)
    staged = a_question(database, meeting, state=QuestionState.ON_STAGE)
    declined = a_question(database, meeting, state=QuestionState.DECLINED)

    with pytest.raises(NotOpen):
        take(database, declined, "call")

    assert states(database, staged) == [QuestionState.ON_STAGE]


def test_undo_brings_a_question_back_on_stage_and_the_other_off_it(database):
    meeting = a_meeting(database)
    first, second = (a_question(database, meeting, state=QuestionState.ON_STAGE) for _ in range(2))

    take(database, first, "undo")  # the putting back

    assert states(database, first, second) == [QuestionState.ON_STAGE, ON_WALL]


def test_what_comes_back_from_the_stage_hangs_where_it_hung(database):
    meeting = a_meeting(database)
    first, second = (a_question(database, meeting, state=ON_WALL) for _ in range(2))

    take(database, first, "call")
    put_back = take(database, first, "put_back")

    assert put_back.place == first.place < second.place


def test_each_meeting_has_a_stage_of_its_own(database):
    here = a_question(database, a_meeting(database), state=QuestionState.ON_STAGE)
    there = a_question(database, a_meeting(database), state=QuestionState.ON_STAGE)

    assert states(database, here, there) == [QuestionState.ON_STAGE] * 2


# -- what belongs to a step


def test_a_promise_says_who_finds_out_and_by_when(database):
    question = a_question(database, a_meeting(database), state=QuestionState.DEFERRED)

    owed = question.follow_up
    assert (owed.state, owed.track) == (FollowUpState.ASSIGNED, Track.ANSWER)
    assert (owed.owner, owed.due) == ("COA", date(2026, 12, 15))
    assert owed.promise.startswith("Het COA zoekt dit uit")


@pytest.mark.parametrize(
    ("moment", "due", "is_past"),
    [
        (datetime(2026, 12, 1, 22, 59, tzinfo=UTC), date(2026, 12, 1), False),
        (datetime(2026, 12, 1, 23, 0, tzinfo=UTC), date(2026, 12, 1), True),
        (datetime(2026, 12, 1, 23, 0, tzinfo=UTC), date(2026, 12, 2), False),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1), False),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 1), True),
    ],
    ids=[
        "winter, before midnight",
        "winter, midnight",
        "the new day",
        "summer",
        "summer, midnight",
    ],
)
@pytest.mark.parametrize("step", ["defer", "park"])
def test_the_day_of_a_promise_ends_at_midnight_in_the_netherlands(
    database, clock, step, moment, due, is_past
):
    clock.moment = moment
    question = a_question(database, a_meeting(database), state=ON_WALL)

    if is_past:
        with pytest.raises(Invalid) as refused:
            take(database, question, step, owner="COA", due=due)
        assert refused.value.problems == {"due": "past"}
        assert now(database, question) == question
    else:
        assert take(database, question, step, owner="COA", due=due).follow_up.due == due


def test_an_off_topic_point_is_followed_up_elsewhere(database):
    question = a_question(database, a_meeting(database))

    parked = take(database, question, "park", owner="Verkeer", note="Gaat over de rotonde")

    owed = parked.follow_up
    assert (owed.track, owed.state) == (Track.OFF_TOPIC, FollowUpState.ASSIGNED)
    assert (owed.owner, owed.note) == ("Verkeer", "Gaat over de rotonde")


def test_who_is_declined_can_read_why(database):
    question = a_question(database, a_meeting(database), state=QuestionState.DECLINED)

    assert question.reason == "Dit gaat over een persoon."


@pytest.mark.parametrize(
    ("kind", "step"),
    [(Kind.QUESTION, "answer"), (Kind.CONCERN, "acknowledge"), (Kind.IDEA, "acknowledge")],
)
def test_what_was_promised_and_then_answered_aloud_is_published(database, kind, step):
    question = a_question(database, a_meeting(database), state=QuestionState.DEFERRED, kind=kind)

    settled = take(database, question, step, speaker="COA", summary="Het zijn er 120.")

    assert settled.follow_up.state is FollowUpState.PUBLISHED
    assert settled.follow_up.answer == "Het zijn er 120."
    assert settled.follow_up.published_at == EVENING


def test_an_edit_keeps_what_was_asked(database):
    question = a_question(database, a_meeting(database), text="hoeveel komme er")

    edited = take(database, question, "edit", text="Hoeveel mensen komen er?", by=SCRIBE)

    assert edited.text == "Hoeveel mensen komen er?"
    assert edited.original_text == "hoeveel komme er"


def test_a_topic_is_given_kept_and_taken_off(database):
    meeting = a_meeting(database, topics=["Veiligheid", "Verkeer"])
    question, topic = a_question(database, meeting), meeting.topics[1]

    given = take(database, question, "edit", topic_id=topic.id)
    kept = take(database, question, "edit", topic_id=None)
    taken_off = take(database, question, "edit", topic_id=0)

    assert [found.topic and found.topic.name for found in (given, kept, taken_off)] == [
        "Verkeer",
        "Verkeer",
        None,
    ]


def test_a_topic_of_another_meeting_is_unknown(database):
    elsewhere = a_meeting(database, topics=["Elders"])
    question = a_question(database, a_meeting(database, topics=["Hier"]))

    with pytest.raises(Invalid) as refused:
        take(database, question, "edit", topic_id=elsewhere.topics[0].id)

    assert refused.value.problems == {"topic": "unknown"}


@pytest.mark.parametrize("step", sorted(QUESTION_ACTIONS))
def test_no_step_reaches_a_question_of_another_meeting(database, step):
    question = a_question(database, a_meeting(database), state=ON_WALL)
    elsewhere = replace(question, meeting_id=a_meeting(database).id)

    with pytest.raises(NotFound):
        take(database, elsewhere, step, **({"into": question.id} if step == "merge" else {}))


# -- two moderators at once


@pytest.mark.parametrize("step", sorted(QUESTION_ACTIONS))
def test_a_step_on_an_older_version_is_refused_with_the_newest(database, step):
    meeting = a_meeting(database)
    state = QuestionState.ON_STAGE if step == "put_back" else ON_WALL
    seen = a_question(database, meeting, state=state)
    newest = take(database, seen, "edit", text="Al aangepast door een ander")

    with pytest.raises(Outdated) as refused:
        take(database, seen, step, version=seen.version)

    assert refused.value.question_id == seen.id
    assert refused.value.facts["newest"] == newest.version
    assert now(database, seen) == newest


def test_a_step_on_the_version_that_stands_is_taken(database):
    question = a_question(database, a_meeting(database))

    assert take(database, question, "approve", version=question.version).state is ON_WALL


def test_every_step_makes_a_new_version_and_undo_too(database):
    question = a_question(database, a_meeting(database))

    approved = take(database, question, "approve")
    undone = take(database, question, "undo")

    assert question.version < approved.version < undone.version


# -- undo


def test_there_is_nothing_to_undo_in_a_question_that_was_only_asked(database):
    question = a_question(database, a_meeting(database))

    assert not question.can_undo
    with pytest.raises(NotOpen):
        take(database, question, "undo")


def test_undo_of_a_promise_takes_the_follow_up_away(database):
    question = a_question(database, a_meeting(database), state=ON_WALL)
    take(database, question, "defer")

    undone = take(database, question, "undo")

    assert apart_from_versions(undone) == apart_from_versions(question)
    assert undone.follow_up is None


def test_undo_of_a_published_answer_brings_the_promise_back(database):
    question = a_question(database, a_meeting(database), state=QuestionState.DEFERRED)
    question = follow_up(database, question, "draft")
    follow_up(database, question, "publish")

    undone = take(database, question, "undo")

    assert apart_from_versions(undone) == apart_from_versions(question)
    assert undone.follow_up.state is FollowUpState.DRAFTED


def test_undo_after_the_evening_leaves_nothing_that_was_asked_without_a_follow_up(database):
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=ON_WALL)
    answered = a_question(database, meeting, state=QuestionState.ANSWERED)
    take_meeting(database, meeting.id, "close")

    take(database, question, "undo")
    take(database, answered, "undo")

    assert states(database, question, answered) == [QuestionState.WAITING] * 2
    assert now(database, question).follow_up.state is FollowUpState.OPEN
    assert now(database, answered).follow_up.state is FollowUpState.OPEN


def test_undo_does_not_stumble_over_a_topic_that_is_gone(database):
    meeting = a_meeting(database, topics=["Veiligheid", "Verkeer"])
    question = a_question(database, meeting)
    take(database, question, "edit", topic_id=meeting.topics[0].id)
    take(database, question, "edit", topic_id=meeting.topics[1].id)
    text = MeetingText(title=meeting.title, starts_at=EVENING, topics=["Verkeer"])
    database.perform(hosting.edit_meeting, meeting.id, text)

    undone = take(database, question, "undo")

    assert undone.topic is None


def test_the_wall_is_in_the_order_in_which_questions_were_placed(database):
    meeting = a_meeting(database)
    first, second, third = (a_question(database, meeting) for _ in range(3))
    for question in (second, third, first):
        take(database, question, "approve", by=MODERATOR)

    with database.read() as session:
        wall = queries.wall(session, meeting_now(database, meeting), Audience.PUBLIC)

    assert [found.id for found in wall] == [second.id, third.id, first.id]


@pytest.mark.parametrize("state", [QuestionState.ANSWERED, QuestionState.ACKNOWLEDGED])
def test_what_was_answered_or_heard_keeps_its_kind(database, state):
    question = a_question(database, a_meeting(database), state=state)
    other = Kind.IDEA if question.kind is not Kind.IDEA else Kind.CONCERN

    with pytest.raises(Invalid) as refusal:
        take(database, question, "edit", text="Duidelijker", kind=other)

    assert refusal.value.problems == {"kind": "settled"}
    assert now(database, question) == question


@pytest.mark.parametrize("state", [MeetingState.DRAFT, MeetingState.ARCHIVED])
def test_a_scribe_enters_nothing_before_it_opens_or_after_it_is_archived(database, state):
    meeting = a_meeting(database, state=state)

    with pytest.raises(NotOpen):
        database.perform(
            asking.enter_question,
            meeting.id,
            key=a_key(),
            kind=Kind.QUESTION,
            text="Hoeveel?",
            name="",
            source=Source.SPOKEN,
            by=SCRIBE,
        )


def test_undo_does_not_take_back_an_answer_that_people_have_read(database):
    question = a_question(database, a_meeting(database), state=QuestionState.PARKED)
    follow_up(database, question, "answer", answer="De wijkbeheerder lost het op.")
    told = now(database, question)

    with pytest.raises(NotOpen):
        take(database, told, "undo")

    assert now(database, question) == told
