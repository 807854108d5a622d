"""The register of a series by keys alone: walk, tick, give to an owner, open; focus never jumps."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.evening import Town
from tests.browser.screens import CONSOLE, Screens, sign_in


@pytest.fixture
def register(screens: Screens, town: Town) -> Page:
    """The register of a series with three points, on an organiser's screen."""
    hosted = town.meeting("live")
    for number in range(3):
        hosted.take(hosted.placed(f"Wie zoekt dit uit? ({number})"), "park")
    page = screens.page(screens.device(CONSOLE), town.base)
    sign_in(page, town.base)
    page.goto(f"{hosted.staff}/register")
    page.get_by_role("link", name="The register of the whole series").click()
    page.wait_for_url("**/staff/series/*/register")  # until its scripts have run
    return page


def focused_row(page: Page) -> int:
    """Which row has the focus, counted from 0; -1 when none has it."""
    return int(
        page.evaluate(
            """[...document.querySelectorAll('[data-part="row"]')].indexOf(document.activeElement)"""
        )
    )


def test_keys_walk_tick_and_open(register: Page):
    assert focused_row(register) == -1  # the page itself takes no focus

    seen = []
    for key in ("j", "j", "k", "j", "j", "j"):
        register.keyboard.press(key)
        seen.append(focused_row(register))
    register.keyboard.press("x")

    assert seen == [0, 1, 0, 1, 2, 2]
    expect(register.locator('[data-part="ticked"]')).to_have_text("1 ticked")
    assert focused_row(register) == 2

    register.keyboard.press("Enter")
    register.wait_for_url("**/staff/meetings/*/register/*")


def test_keys_stay_silent_in_a_field_and_a_sheet_says_them(register: Page):
    register.keyboard.press("/")
    register.keyboard.type("jx")

    assert register.locator("#filter-words").input_value() == "jx"
    expect(register.locator('[data-part="tick"]:checked')).to_have_count(0)

    register.locator("h1").click()
    register.keyboard.press("?")
    expect(register.locator("dialog#keys")).to_be_visible()
    register.keyboard.press("Escape")
    expect(register.locator("dialog#keys")).to_be_hidden()


def test_what_is_ticked_gets_an_owner_in_one_go(register: Page):
    for key in ("j", "x", "j", "x"):
        register.keyboard.press(key)
    register.locator(".together summary").click()
    register.locator("#together-owner").fill("Wijkteam")
    register.locator("#together-due").fill("2036-01-31")
    register.get_by_role("button", name="Give to this owner").click()

    expect(register.get_by_role("status").first).to_contain_text("2 points are changed")
    expect(register.locator("td", has_text="Wijkteam")).to_have_count(2)
    expect(register.locator("td.nobody")).to_have_count(1)


def test_a_chosen_filter_works_at_once_and_stands_in_the_address(register: Page):
    register.locator("#group").select_option("owner")
    register.wait_for_url("**group=owner**")

    expect(register.locator(".table-group")).to_contain_text("Nobody yet")
