"""Undo: whatever was done, taken back step by step, it is as it was; any walk, taken at random."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from facilitation.domain.lifecycle import QUESTION_STEPS, Kind, QuestionState, Role, open_steps
from tests.makers import (
    MODERATOR,
    a_meeting,
    a_question,
    apart_from_versions,
    now,
    support,
    take,
)

UNDONE = [step for step in QUESTION_STEPS if step not in {"undo", "withdraw"}]


@settings(max_examples=15)
@given(
    kind=st.sampled_from(Kind),
    choices=st.lists(st.integers(min_value=0, max_value=99), min_size=1, max_size=7),
)
def test_any_steps_taken_and_undone_leave_everything_as_it_was(database, kind, choices):
    meeting = a_meeting(database, topics=["Verkeer"])
    target = a_question(database, meeting, state=QuestionState.ON_WALL)
    question = a_question(database, meeting, kind=kind)
    fields = {"merge": {"into": target.id}, "edit": {"text": "Anders", "topic_id": None}}
    passed = [question]

    for choice in choices:
        steps = open_steps(
            QUESTION_STEPS,
            question.state,
            roles=MODERATOR.roles | {Role.SCRIBE},
            kind=question.kind,
        )
        taken = [step for step in UNDONE if step in steps]
        if not taken:
            break
        step = taken[choice % len(taken)]
        question = take(database, question, step, **fields.get(step, {}))
        if question.state is QuestionState.ON_WALL:
            support(database, question, f"device {choice}")
            question = now(database, question)
        passed.append(question)

    supported = question.support_count
    for before in reversed(passed[:-1]):
        undone = take(database, question, "undo")
        assert _fate(undone) == _fate(before)

    assert not now(database, question).can_undo
    assert now(database, question).support_count == supported
    assert now(database, target).support_count == 0
    assert apart_from_versions(now(database, target)) == apart_from_versions(target)


def _fate(question):
    """All of a question that a moderator's step can change; what residents said stays."""
    return replace(apart_from_versions(question), support_count=0)
