"""People's text: cleaned of what hides or breaks, counted as they count, private details found."""

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilitation.domain.text import (
    TEXT_LIMIT,
    clean,
    clean_line,
    fits,
    length,
    private_details,
    without_private_details,
)

QUESTIONS = Path(__file__).parent.parent / "data" / "questions.csv"
FAMILY = "👨‍👩‍👧‍👦"
ANYTHING = st.text(alphabet=st.characters(categories=None), max_size=120)
MARKED = st.text(
    alphabet="ea \u0301\u0323\u0489\u200b\u200d\u202e\ud800\udc00\u0000\r\n\t", max_size=40
)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  Hoe   laat\tbegint het?  ", "Hoe laat begint het?"),
        ("een\r\ntwee\rdrie", "een\ntwee\ndrie"),
        ("een\n\n\n\n\ntwee", "een\n\ntwee"),
        ("nul\x00byte", "nul byte"),
        ("piep\x07 en \x1b[31mrood", "piep en [31mrood"),
        ("rechts\u202enaar links\u202c", "rechtsnaar links"),
        ("van \u2066links\u2069 af", "van links af"),
        ("on\u200bzichtbaar\ufeff", "onzichtbaar"),
        ("zacht\u00adstreepje", "zachtstreepje"),
        ("half \ud800 teken", "half teken"),
        ("half\udc00teken", "halfteken"),
        ("\ud83d\ude00", "😀"),
        ("privé \ue000 teken", "privé teken"),
        ("cafe\u0301", "café"),
        ("\ufdfa", "\ufdfa"),
        ("regel\u2028eind", "regel eind"),
        (f"gezin {FAMILY}", f"gezin {FAMILY}"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<b>vet</b> & meer", "<b>vet</b> & meer"),
    ],
)
def test_text_is_cleaned_of_what_hides_or_breaks(raw, cleaned):
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "\n\n",
        "\u200b\u200d",
        "\u2800\u2800",
        "\u3164",
        "\u115f\u1160",
        "\ud800",
        "\u00ad",
        "\u0301",
    ],
)
def test_what_only_looks_empty_is_empty(raw):
    assert clean(raw) == ""


def test_zalgo_keeps_the_letters_and_loses_the_tower():
    tower = "Z" + "\u0351\u0363\u035b\u0307\u033b\u0347" * 20 + "e" + "\u0322" * 50

    cleaned = clean(tower)

    assert [sign for sign in cleaned if sign.isalpha()] == ["Z", "e"]
    assert len(cleaned) <= 8


@pytest.mark.parametrize("between", ["\u200b", "\u200d", "\u2060", "\u202e"])
def test_nothing_hidden_between_the_marks_builds_the_tower_after_all(between):
    cleaned = clean("a" + f"\u0351{between}" * 40)

    assert cleaned.count("\u0351") == 3


@pytest.mark.parametrize("word", ["Nguyễn", "किं", "ไม่รู้", "שָׁלוֹם", "é̂"])
def test_living_scripts_keep_their_marks(word):
    assert clean(word) == unicodedata.normalize("NFC", word)


@given(ANYTHING | MARKED)
@example("e\u200b\u0301")
@example("\ud800a\udc00")
@example("a" + "\u0301\u200b" * 6)
@example("a" + "\u0301\u200d" * 60)
def test_cleaning_twice_is_cleaning_once(raw):
    assert clean(clean(raw)) == clean(raw)


@given(ANYTHING | MARKED)
def test_cleaned_text_holds_no_control_and_can_be_kept(raw):
    cleaned = clean(raw)

    cleaned.encode()
    assert not [
        sign
        for sign in cleaned
        if unicodedata.category(sign)[0] == "C" and sign not in "\n\u200c\u200d\u200e\u200f"
    ]
    assert cleaned == cleaned.strip()


@given(ANYTHING | MARKED)
def test_a_line_is_one_line(raw):
    assert "\n" not in clean_line(raw)


@given(ANYTHING, st.integers(min_value=1, max_value=50))
def test_what_fits_is_bounded_in_bytes_too(raw, limit):
    cleaned = clean(raw)

    if fits(cleaned, limit):
        assert len(cleaned.encode()) <= 16 * limit


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("vraag", 5),
        ("café", 4),
        ("cafe\u0301", 4),
        (FAMILY, 1),
        ("🇳🇱", 1),
        ("👍🏽", 1),
        ("한", 1),
        ("\ufdfa", 1),
    ],
)
def test_characters_are_counted_as_a_reader_counts_them(text, count):
    assert length(text) == count


@pytest.mark.parametrize(
    ("text", "does_fit"),
    [
        ("a" * TEXT_LIMIT, True),
        ("a" * (TEXT_LIMIT + 1), False),
        (FAMILY * 300, True),
        ("\ufdfa" * TEXT_LIMIT, True),
        ("a" + "\u200d" * 20_000, False),
    ],
    ids=["just", "one too many", "families", "long ligatures", "one endless character"],
)
def test_the_limit_is_in_characters_and_in_bytes(text, does_fit):
    assert fits(text, TEXT_LIMIT) is does_fit


# -- private details


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bel mij op 06-12345678", ("phone",)),
        ("Bel mij op 0612345678.", ("phone",)),
        ("06 12 34 56 78", ("phone",)),
        ("+31 6 1234 5678", ("phone",)),
        ("0031612345678", ("phone",)),
        ("(010) 412 34 56", ("phone",)),
        ("020-1234567?", ("phone",)),
        ("jan.jansen@example.nl", ("email",)),
        ("mail jan @ example.nl", ("email",)),
        ("jan(at)example.nl", ("email",)),
        ("NL98INGB1234567890", ("iban",)),
        ("nl98 ingb 1234 5678 90", ("iban",)),
        ("op NL98 INGB 1234 5678 90 graag", ("iban",)),
        (
            "NL91ABNA0417164300",
            ("iban", "phone"),
        ),  # a zero inside it looks like one; it waits anyhow
        ("BE68 5390 0754 7034", ("iban",)),
        ("jan@example.nl of 06-12345678", ("email", "phone")),
    ],
)
def test_private_details_are_found(text, found):
    assert private_details(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Er komen 1200 mensen in 2026-2027.",
        "Het kost € 1.000.000.000 per jaar.",
        "Op 01-12-2026 om 19:30 uur?",
        "Van 01-12-2026 19:30 tot 22:00?",
        "Van 01.12.2026 tot 31.12.2030?",
        "Kamerstuk 19637, nr. 3211",
        "Postbus 0123, 1234 AB Dorp",
        "NL00INGB1234567890",
        "NL is 18 provincies en 342 gemeenten",
        "112 bellen?",
        "0,12345678901 procent",
        "Wie is @gemeente?",
        "3 @ 2 euro",
        "Wet COA artikel 3 lid 1",
    ],
)
def test_numbers_that_are_no_private_details_pass(text):
    assert private_details(text) == ()


def test_no_real_question_of_an_evening_is_held_for_private_details():
    with QUESTIONS.open(newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]

    held = [text for text in texts if private_details(text)]

    assert len(texts) > 100
    assert held == []


def test_every_real_question_comes_through_cleaning_as_it_was():
    with QUESTIONS.open(newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]

    assert [text for text in texts if clean(text) != unicodedata.normalize("NFC", text)] == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mail jan@example.org of piet (at) example.nl graag", "Mail ▇ of ▇ graag"),
        ("Bel 06 1234 5678, of 0031-20-1234567.", "Bel ▇, of ▇."),
        ("NL91ABNA0417164300 en nl91 abna 0417 1643 00", "▇ en ▇"),
        ("NL91ABNA0417164300: dank", "▇: dank"),
        ("Op 01-02-2026 komen er 1.200.000 mensen", "Op 01-02-2026 komen er 1.200.000 mensen"),
        ("", ""),
    ],
)
def test_private_details_are_replaced_and_nothing_else(text, left):
    assert without_private_details(text, "▇") == left
    assert private_details(left) == ()
