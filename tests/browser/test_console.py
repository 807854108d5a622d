"""The moderator's hour: by the keyboard alone, with a colleague, and with the line down."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.evening import Hosted, Town, real_questions
from tests.browser.screens import CONSOLE, Console, Screens, sign_in

TEXTS = real_questions("question")[:20]
LATER = "2030-01-15"
FOCUS = "document.activeElement?.id || document.activeElement?.tagName"


@pytest.fixture
def hosted(town: Town) -> Hosted:
    return town.meeting()


def states(hosted: Hosted) -> dict[int, str]:
    return {card["number"]: card["state"] for card in hosted.received()}


# -- by the keyboard alone


def test_twenty_questions_are_moderated_without_a_mouse(hosted: Hosted, screens: Screens):
    """Tab into the cards once; from then on letters and arrows, and each form by its fields."""
    for text in TEXTS:
        hosted.ask(text)
    console = screens.console(hosted)
    keys = console.page.keyboard
    for _ in range(60):
        keys.press("Tab")
        if console.focused_number:
            break
    assert console.focused_number == "1"
    fates: dict[int, str] = {}

    def take(key: str, step: str, state: str, *fields: str) -> None:
        number = int(console.focused_number)
        keys.press(key)
        if fields:
            expect(console.dialog(step)).to_be_visible()
            for field in fields:
                keys.type(field)
                keys.press("Tab")
            focus_button(console, step)
            keys.press("Enter")
            expect(console.dialog(step)).to_be_hidden()
        console.shows(number, state)
        fates[number] = state
        if number < len(TEXTS):  # the next one has the focus by itself
            console.page.wait_for_function(IS_FOCUSED, arg=str(number + 1))

    for _ in range(8):
        take("a", "approve", "on_wall")
    take("x", "decline", "declined", "Dit ging over een persoon.")
    take("y", "park", "parked", "Wijkbeheer")
    for _ in range(4):
        take("b", "answer", "answered", "Wethouder", "Ja.")
    take("d", "defer", "deferred", "Politie", *LATER_BY_KEYS)
    for _ in range(4):
        take("a", "approve", "on_wall")
    take("v", "call", "on_stage")

    assert states(hosted) == fates
    assert len(fates) == 20


IS_FOCUSED = "number => document.activeElement?.dataset.number === number"
# A date field takes day, month and year each by its own keys.
LATER_BY_KEYS = ("15012030", "")


def focus_button(console: Console, step: str) -> None:
    """Tab on to the button that takes the step."""
    button = console.dialog(step).locator("form button:not([type])")
    for _ in range(12):
        if button.evaluate("button => button === document.activeElement"):
            return
        console.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached the button of {step}")


def test_arrows_and_letters_go_from_card_to_card(hosted: Hosted, screens: Screens):
    for text in TEXTS[:3]:
        hosted.ask(text)
    hosted.placed(TEXTS[3])
    console = screens.console(hosted)
    console.card(1).focus()

    walked = []
    for key in ("j", "ArrowDown", "k", "ArrowUp", "l", "h"):
        console.page.keyboard.press(key)
        walked.append(console.focused_number)

    assert walked == ["2", "3", "2", "1", "4", "1"]


def test_the_sheet_of_keys_and_the_search_open_by_key(hosted: Hosted, screens: Screens):
    hosted.ask(TEXTS[0])
    hosted.ask(TEXTS[1])
    console = screens.console(hosted)

    console.page.keyboard.press("?")
    expect(console.page.locator("dialog#keys")).to_be_visible()
    console.page.keyboard.press("Escape")
    expect(console.page.locator("dialog#keys")).to_be_hidden()
    console.page.keyboard.press("/")
    console.page.keyboard.type("2")

    expect(console.card(1)).to_be_hidden()
    expect(console.card(2)).to_be_visible()


def test_a_letter_in_a_field_is_only_a_letter(hosted: Hosted, screens: Screens):
    hosted.ask(TEXTS[0])
    console = screens.console(hosted)
    console.card(1).focus()

    console.page.keyboard.press("n")
    console.page.keyboard.type("avx")

    expect(console.page.locator("#entry-text")).to_have_value("avx")
    assert states(hosted) == {1: "waiting"}


def test_no_button_turns_into_another_under_a_finger(hosted: Hosted, screens: Screens):
    """After a step the same place on the card must not hold the next step's button."""
    hosted.ask(TEXTS[0])
    console = screens.console(hosted)

    console.press(1, "approve")
    console.shows(1, "on_wall")

    steps = console.card(1).locator("[data-part=steps] form")
    forms = steps.evaluate_all("all => all.map(f => [f.dataset.step, f.innerText, f.action])")
    assert "approve" not in [step for step, _, _ in forms]
    assert all(action.endswith(f"/{step}") for step, _, action in forms)
    assert "Discuss now" in {step: words for step, words, _ in forms}["call"]


# -- two moderators at once


def test_the_second_to_answer_is_told_and_loses_nothing(hosted: Hosted, screens: Screens):
    hosted.placed(TEXTS[0])
    first, second = screens.console(hosted), screens.console(hosted)
    second.card(1).focus()
    second.page.keyboard.press("b")
    form = second.dialog("answer")
    form.locator("[name=speaker]").fill("Wethouder")
    form.locator("[name=summary]").fill("Dat horen wij in mei.")

    first.press(1, "edit", text="Waarom juist op deze plek?")
    second.has(1, "Waarom juist op deze plek?")
    form.locator("form button:not([type])").click()

    problem = form.locator("form > [data-part=problem]")
    expect(problem).to_be_visible()
    expect(problem).not_to_be_empty()
    expect(form.locator("[data-part=newest]")).to_contain_text("Waarom juist op deze plek?")
    expect(form.locator("[name=speaker]")).to_have_value("Wethouder")
    expect(form.locator("[name=summary]")).to_have_value("Dat horen wij in mei.")
    assert states(hosted) == {1: "on_wall"}

    form.locator("form button:not([type])").click()  # having seen it, still

    first.shows(1, "answered")
    expect(form).to_be_hidden()


def test_a_step_that_a_colleague_took_first_is_refused_kindly(hosted: Hosted, screens: Screens):
    """The second press comes before the change has reached this screen."""
    asked = hosted.ask(TEXTS[0])
    page = screens.page(screens.device(CONSOLE), hosted.town.base)
    sign_in(page, hosted.town.base)
    page.route_web_socket("**/socket.io/**", lambda socket: None)  # nothing comes over it
    page.goto(f"{hosted.staff}/console")
    console = Console(page)
    hosted.take(asked, "decline", reason="Zie nr. 2.")
    console.shows(1, "waiting")

    console.press(1, "approve")

    expect(console.notice).to_have_attribute("data-tone", "warning")
    expect(console.notice).not_to_be_empty()
    console.shows(1, "declined")
    assert states(hosted) == {1: "declined"}


# -- the line


def test_when_the_server_is_gone_it_says_so_and_sends_later(
    new_server: Callable[[], Town], screens: Screens
):
    screens.expected = ("WebSocket connection to",)  # nobody is there to take it
    town = new_server()
    hosted = town.meeting()
    hosted.placed(TEXTS[0])
    hosted.ask(TEXTS[1])
    console = screens.console(hosted)
    console.card(1).focus()
    console.page.keyboard.press("b")
    form = console.dialog("answer")
    form.locator("[name=speaker]").fill("Wethouder")
    entry = console.page.locator("#entry-text")
    entry.evaluate("field => { field.value = 'Half getypt' }")

    town.server.stop()
    form.locator("form button:not([type])").click()

    unsent = console.page.locator('[data-part="unsent"] [data-part="unsent-item"]')
    expect(unsent).to_have_count(1)
    expect(unsent).to_contain_text("no. 1")
    sign = console.page.locator('[data-part="connection"]')
    expect(sign).to_be_visible()
    expect(sign).to_contain_text(re.compile("connection", re.IGNORECASE))
    expect(entry).to_have_value("Half getypt")

    town.server.start()

    expect(unsent).to_have_count(0, timeout=40_000)  # by itself
    console.shows(1, "answered")
    console.page.evaluate("dispatchEvent(new Event('online'))")  # sooner than in half a minute
    expect(sign).to_be_hidden()
    expect(entry).to_have_value("Half getypt")
    assert states(hosted) == {1: "answered", 2: "waiting"}


# -- the focus


def test_the_focus_stays_whatever_others_do(hosted: Hosted, screens: Screens):
    placed = [hosted.placed(text) for text in TEXTS[:4]]
    console = screens.console(hosted)
    console.card(2).focus()

    hosted.ask(TEXTS[4])
    console.shows(5, "waiting")
    hosted.take(placed[0], "call")
    console.shows(1, "on_stage")
    hosted.take(placed[1], "edit", text="Iets anders verwoord?")
    console.has(2, "Iets anders verwoord?")
    assert console.focused_number == "2"

    hosted.take(placed[1], "decline", reason="Dubbel.")  # the very card that has the focus
    expect(console.card(2)).to_contain_text("A colleague has placed this card elsewhere")
    assert console.focused_number == "2"
    hosted.step("sort")
    hosted.step("pause")
    console.meeting_is("paused")
    assert console.focused_number == "2"


def test_what_is_being_typed_stays_while_everything_changes(hosted: Hosted, screens: Screens):
    asked = hosted.placed(TEXTS[0])
    console = screens.console(hosted)
    entry = console.page.locator("#entry-text")
    entry.click()
    console.page.keyboard.type("Een vraag uit de ")

    hosted.take(asked, "call")
    hosted.ask(TEXTS[1])
    console.shows(1, "on_stage")
    console.shows(2, "waiting")
    console.page.keyboard.type("zaal")

    expect(entry).to_have_value("Een vraag uit de zaal")
    assert console.page.evaluate(FOCUS) == "entry-text"
