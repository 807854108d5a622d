"""The library of prepared answers: what is added, rewritten, taken out and imported."""

from dataclasses import replace
from datetime import date

import pytest

from facilitation.actions import preparing
from facilitation.actions.preparing import Imported, PreparedText
from facilitation.domain.prepared import LIBRARY_LIMIT, AnswerKind
from facilitation.domain.refusals import Invalid, NotFound, Outdated
from facilitation.storage import prepared
from tests.makers import a_meeting

TEXT = PreparedText(
    question="Hoeveel mensen komen er?",
    answer="Ten hoogste 125.",
    kind=AnswerKind.POLITICAL,
    speaker="Wethouder De Vries",
    source="Raadsbesluit van 3 november",
    review_on=date(2027, 1, 15),
)


@pytest.fixture
def plan(database):
    return a_meeting(database).series_id


def library(database, plan):
    with database.read() as session:
        return prepared.library(session, plan).answers


def said(database, plan):
    return [(one.question, one.answer) for one in library(database, plan)]


def a_library(database, plan, size):
    texts = [PreparedText(question=f"Vraag {n}?", answer="Ja.") for n in range(size)]
    return database.perform(preparing.import_answers, plan, texts)


def test_what_is_filled_in_is_kept(database, plan):
    answer_id = database.perform(preparing.add_answer, plan, TEXT)

    (found,) = library(database, plan)
    assert found.id == answer_id
    assert all(getattr(found, field) == value for field, value in vars(TEXT).items())


@pytest.mark.parametrize("again", ["Hoeveel mensen komen er?", "hoeveel  MENSEN komen er"])
def test_a_question_stands_there_once(database, plan, again):
    database.perform(preparing.add_answer, plan, TEXT)

    with pytest.raises(Invalid) as refused:
        database.perform(preparing.add_answer, plan, replace(TEXT, question=again))

    assert refused.value.problems == {"question": "taken"}
    assert len(library(database, plan)) == 1


def test_another_plan_prepares_its_own_answer(database, plan):
    other = a_meeting(database).series_id
    database.perform(preparing.add_answer, plan, TEXT)

    database.perform(preparing.add_answer, other, replace(TEXT, answer="Niemand."))

    assert said(database, plan) == [(TEXT.question, TEXT.answer)]
    assert said(database, other) == [(TEXT.question, "Niemand.")]


def test_an_answer_is_rewritten_and_counts_on(database, plan):
    answer_id = database.perform(preparing.add_answer, plan, TEXT)

    database.perform(
        preparing.edit_answer, plan, answer_id, replace(TEXT, answer="Negentig."), version=1
    )

    (found,) = library(database, plan)
    assert (found.answer, found.version) == ("Negentig.", 2)


def test_who_is_second_changes_nothing(database, plan):
    answer_id = database.perform(preparing.add_answer, plan, TEXT)
    database.perform(preparing.edit_answer, plan, answer_id, TEXT, version=1)

    with pytest.raises(Outdated):
        database.perform(
            preparing.edit_answer, plan, answer_id, replace(TEXT, answer="Anders."), version=1
        )

    assert said(database, plan) == [(TEXT.question, TEXT.answer)]


def test_a_question_is_not_rewritten_into_another_that_stands_there(database, plan):
    database.perform(preparing.add_answer, plan, TEXT)
    other = replace(TEXT, question="Wanneer gaat het open?")
    answer_id = database.perform(preparing.add_answer, plan, other)

    with pytest.raises(Invalid):
        database.perform(preparing.edit_answer, plan, answer_id, TEXT)

    assert [question for question, _ in said(database, plan)] == [TEXT.question, other.question]


@pytest.mark.parametrize("command", ["edit", "remove"])
def test_an_answer_of_another_plan_is_out_of_reach(database, plan, command):
    other = a_meeting(database).series_id
    answer_id = database.perform(preparing.add_answer, other, TEXT)

    with pytest.raises(NotFound):
        if command == "edit":
            database.perform(preparing.edit_answer, plan, answer_id, replace(TEXT, answer="x"))
        else:
            database.perform(preparing.remove_answer, plan, answer_id)

    assert said(database, other) == [(TEXT.question, TEXT.answer)]


def test_what_is_taken_out_is_gone(database, plan):
    answer_id = database.perform(preparing.add_answer, plan, TEXT)

    database.perform(preparing.remove_answer, plan, answer_id)

    assert library(database, plan) == ()


def test_importing_twice_is_importing_once(database, plan):
    first = a_library(database, plan, 3)
    before = library(database, plan)

    second = a_library(database, plan, 3)

    assert (first, second) == (Imported(added=3, rewritten=0), Imported(added=0, rewritten=0))
    assert library(database, plan) == before


def test_an_import_rewrites_what_stands_there(database, plan):
    a_library(database, plan, 2)
    texts = [PreparedText("vraag 1", "Nee."), PreparedText("Nieuw?", "Ja.")]

    done = database.perform(preparing.import_answers, plan, texts)

    assert done == Imported(added=1, rewritten=1)
    assert said(database, plan) == [("Vraag 0?", "Ja."), ("vraag 1", "Nee."), ("Nieuw?", "Ja.")]


def test_a_library_has_an_end_and_a_refused_import_leaves_nothing(database, plan):
    a_library(database, plan, LIBRARY_LIMIT - 1)
    before = library(database, plan)

    with pytest.raises(Invalid) as refused:
        database.perform(preparing.import_answers, plan, [TEXT, replace(TEXT, question="Nog een?")])

    assert refused.value.problems == {"file": "library_full"}
    assert library(database, plan) == before
    database.perform(preparing.add_answer, plan, TEXT)
    with pytest.raises(Invalid):
        database.perform(preparing.add_answer, plan, replace(TEXT, question="Nog een?"))
