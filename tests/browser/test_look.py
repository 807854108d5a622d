"""Large enough to be read in the last row and hit by a cold thumb."""

import pytest
from playwright.sync_api import expect

from tests.browser.evening import Hosted, Town, real_questions
from tests.browser.screens import HALL, Screens

LONG = max(real_questions("question") + real_questions("concern"), key=len)
SHORT = min(real_questions("question"), key=len)
LONGEST = (LONG * 9)[:490]
BOX = "element => { const box = element.getBoundingClientRect(); return [box.width, box.height] }"
# What sticks out of the screen, or is hidden by its own box.
CUT_OFF = """element => {
  const box = element.getBoundingClientRect(), fit = element.closest("[data-part=fit]");
  return box.bottom > innerHeight + 1 || box.right > innerWidth + 1
    || fit.scrollHeight > fit.clientHeight + 1;
}"""
LETTER = "element => parseFloat(getComputedStyle(element).fontSize)"


@pytest.fixture
def hosted(town: Town) -> Hosted:
    return town.meeting()


@pytest.mark.parametrize("text", [SHORT, LONG, LONGEST], ids=["short", "long", "longest"])
def test_the_question_on_stage_is_read_from_the_last_row(
    hosted: Hosted, screens: Screens, text: str
):
    asked = hosted.placed(text)
    hosted.take(asked, "call")
    hosted.step("view", view="stage")
    hall = screens.hall(hosted)
    words = hall.card(asked["number"]).locator('[data-part="text"]')
    expect(words).to_be_visible()

    hall.page.wait_for_function("document.fonts.status === 'loaded'")

    assert words.evaluate(LETTER) >= HALL["height"] / 25
    assert not words.evaluate(CUT_OFF)


def test_the_fitted_question_is_larger_when_it_is_short(hosted: Hosted, screens: Screens):
    sizes = []
    hosted.step("view", view="stage")
    hall = screens.hall(hosted)
    for text in (SHORT, LONGEST):
        asked = hosted.placed(text)
        hosted.take(asked, "call")
        hall.shows(asked["number"], "on_stage")
        words = hall.card(asked["number"]).locator('[data-part="text"]')
        expect(words).to_be_visible()
        sizes.append(words.evaluate(LETTER))

    assert sizes[0] > sizes[1]


@pytest.mark.parametrize("view", ["wall", "stage", "collection"])
def test_a_phone_reads_the_qr_code_from_afar(hosted: Hosted, screens: Screens, view: str):
    hosted.step("view", view=view)
    hall = screens.hall(hosted)

    width, height = hall.page.locator(".strip-qr img").evaluate(BOX)

    assert min(width, height) >= 180


def test_the_qr_code_to_join_is_larger_still(hosted: Hosted, screens: Screens):
    hosted.step("view", view="join")
    hall = screens.hall(hosted)

    width, height = hall.page.locator(".join-qr img").evaluate(BOX)

    assert min(width, height) >= 360


@pytest.mark.parametrize("lang", ["nl-NL", "en-GB"])
def test_what_is_touched_on_a_phone_is_large_enough(hosted: Hosted, screens: Screens, lang: str):
    number = hosted.placed(LONG)["number"]
    phone = screens.phone(hosted, locale=lang)

    targets = {
        "support": phone.support(number),
        "send": phone.page.locator('form[data-part="ask"] > button'),
        "kind": phone.page.locator(".choice").first,
    }

    sizes = {name: target.evaluate(BOX) for name, target in targets.items()}
    assert {name: size for name, size in sizes.items() if min(size) < 44} == {}


def test_the_field_is_seen_at_once_on_a_phone(hosted: Hosted, screens: Screens):
    phone = screens.phone(hosted)

    assert phone.text.evaluate("field => field.getBoundingClientRect().bottom") < 844
    assert phone.text.evaluate(LETTER) >= 16  # smaller, and a phone zooms in
