"""Which prepared answers fit a question, also in other forms of its words."""

import pytest

from facilitation.domain.matching import WEAKEST, best_matches, stem

LIBRARY = {
    1: ("Hoeveel mensen komen er in de opvang?", "Er komen ten hoogste 125 mensen."),
    2: ("Wanneer gaat de opvang open?", "In het voorjaar van 2027."),
    3: ("Waar kunnen wij parkeren?", "Naast de sporthal komen dertig plaatsen."),
    4: ("Worden er bomen gekapt?", "Alleen de zieke kastanje."),
}


def ids(text, library=LIBRARY, **how):
    return [match.id for match in best_matches(text, library, **how)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Hoeveel mensen komen er in de opvang?", 1),
        ("Om welk aantal mensen gaat het bij de opvanglocatie?", 1),  # in other words
        ("Op welk moment opent de noodopvang?", 2),  # the middle of a compound
        ("Is er genoeg parkeerplek?", 3),  # another form of the word
        ("Wordt die ene boom gekapt", 4),  # singular
        ("En de kastanje dan?", 4),  # only the answer has the word
        ("SPÓRTHAL", 3),  # case and marks
    ],
)
def test_the_answer_that_fits_comes_first(asked, expected):
    assert ids(asked)[0] == expected


@pytest.mark.parametrize("asked", ["", "   ", "?!", "de het een en", "xyz", "😀"])
def test_what_fits_nothing_gets_nothing(asked):
    assert ids(asked) == []


def test_an_empty_library_offers_nothing():
    assert ids("Hoeveel mensen?", {}) == []


def test_a_score_lies_between_chance_and_one():
    found = best_matches("Hoeveel mensen komen er, en waar is het parkeren?", LIBRARY)

    assert found
    assert all(WEAKEST <= match.score <= 1 for match in found)
    assert [match.score for match in found] == sorted(
        (match.score for match in found), reverse=True
    )


def test_the_very_same_question_scores_highest():
    (best, *_) = best_matches(LIBRARY[2][0], LIBRARY)
    (other, *_) = best_matches("Gaat die ook weer dicht, en wanneer?", LIBRARY)

    assert best.id == 2
    assert best.score > 0.8 > other.score


def test_no_more_are_offered_than_asked_for():
    assert len(ids("opvang mensen parkeren bomen", count=2)) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bomen", "boom"),
        ("huizen", "huis"),
        ("locaties", "locatie"),
        ("gemeentes", "gemeente"),
        ("azc's", "azc"),
        ("woningen", "woning"),
    ],
)
def test_forms_of_a_word_have_one_stem(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("boom", "boot"), ("school", "schade")])
def test_other_words_keep_another_stem(one, other):
    assert stem(one) != stem(other)
