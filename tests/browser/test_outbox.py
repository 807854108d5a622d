"""Whatever happens on the way, a question is received exactly once, and says so only then."""

import re
from typing import Any

import pytest
from playwright.sync_api import Error, Route, expect

from tests.browser.evening import Hosted, Town, real_questions
from tests.browser.screens import Phone, Screens

TEXT, SECOND = real_questions("question")[:2]
NOT_YET = re.compile("not yet sent|being sent", re.IGNORECASE)


@pytest.fixture
def hosted(town: Town) -> Hosted:
    return town.meeting()


@pytest.fixture
def phone(screens: Screens, hosted: Hosted) -> Phone:
    opened = screens.phone(hosted)
    expect(opened.page.locator('[data-part="left"]')).to_contain_text("characters left")
    return opened


def is_received_once(hosted: Hosted, phone: Phone, *texts: str) -> None:
    """It is on the phone as received, the outbox is empty, and the server has it once."""
    expect(phone.mine).to_have_count(len(texts))
    expect(phone.unsent).to_have_count(0)
    assert sorted(card["text"] for card in hosted.received()) == sorted(texts)


def on_post(phone: Phone, answer: Any) -> None:
    phone.page.context.route("**/questions", answer)


# -- with JavaScript


def test_sent_while_offline_reloaded_and_back_online(hosted: Hosted, phone: Phone):
    """The browser has no service worker, so the page itself is served while the sending fails."""
    on_post(phone, lambda route: route.abort("internetdisconnected"))

    phone.send(TEXT)
    expect(phone.unsent).to_have_count(1)
    expect(phone.unsent).to_contain_text(TEXT)
    expect(phone.unsent).to_contain_text(NOT_YET)
    phone.page.reload()

    expect(phone.unsent).to_contain_text(TEXT)
    expect(phone.unsent).to_contain_text(NOT_YET)
    expect(phone.mine).to_have_count(0)
    assert hosted.received() == []
    phone.page.context.unroute("**/questions")
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    is_received_once(hosted, phone, TEXT)


def test_a_page_that_was_reloaded_into_nothing_has_lost_nothing(hosted: Hosted, phone: Phone):
    phone.page.context.set_offline(True)
    phone.send(TEXT)
    expect(phone.unsent).to_contain_text("Not yet sent")
    assert hosted.received() == []  # not after the reload: Chromium lets go of offline for a moment
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        phone.page.reload()

    phone.page.context.set_offline(False)
    phone.page.goto(hosted.public)

    is_received_once(hosted, phone, TEXT)


def test_sent_while_the_phone_has_no_network(hosted: Hosted, phone: Phone):
    phone.page.context.set_offline(True)
    phone.send(TEXT)
    phone.send(SECOND)
    expect(phone.unsent).to_have_count(2)
    expect(phone.unsent.first).to_contain_text(NOT_YET)
    expect(phone.text).to_have_value("")

    phone.page.context.set_offline(False)

    is_received_once(hosted, phone, TEXT, SECOND)
    notice = phone.page.locator('[data-part="notice"]')
    expect(notice).to_contain_text("Received, no.")


def test_the_answer_was_lost_on_the_way_back(hosted: Hosted, phone: Phone):
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)  # the server has it; the phone does not know
        return route.abort("connectionreset")

    on_post(phone, lose_first)

    phone.send(TEXT)
    phone.page.wait_for_function(
        "() => document.querySelector('[data-part=unsent-item][data-state=kept]')"
        " || document.querySelector('[data-part=mine-card]')"
    )
    phone.page.evaluate("dispatchEvent(new Event('online'))")

    is_received_once(hosted, phone, TEXT)
    assert lost == [201]


def test_a_portal_that_answers_everything_is_no_receipt(hosted: Hosted, phone: Phone):
    portal = "<html><title>Gratis wifi</title><p>Accepteer de voorwaarden.</p></html>"
    on_post(phone, lambda route: route.fulfill(status=200, content_type="text/html", body=portal))

    phone.send(TEXT)
    expect(phone.unsent).to_contain_text("Not yet sent")
    expect(phone.mine).to_have_count(0)
    phone.page.context.unroute("**/questions")
    phone.page.evaluate("dispatchEvent(new Event('online'))")

    is_received_once(hosted, phone, TEXT)


def test_a_server_that_is_busy_is_asked_again(hosted: Hosted, phone: Phone):
    asked: list[str] = []

    def first_busy(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) > 1:
            return route.continue_()
        problem = {"type": "urn:problem:unavailable", "title": "Busy", "status": 503}
        return route.fulfill(
            status=503,
            json=problem,
            content_type="application/problem+json",
            headers={"Retry-After": "1"},
        )

    on_post(phone, first_busy)

    phone.send(TEXT)

    is_received_once(hosted, phone, TEXT)
    assert len(asked) == 2
    assert asked[0] == asked[1]  # under the same key


def test_two_tabs_send_once(hosted: Hosted, phone: Phone, screens: Screens):
    on_post(phone, lambda route: route.abort("internetdisconnected"))
    phone.send(TEXT)
    expect(phone.unsent).to_contain_text(NOT_YET)
    second = Phone(screens.page(phone.page.context, hosted.town.base))
    second.page.goto(hosted.public)
    expect(second.unsent).to_contain_text(TEXT)
    sent: list[str] = []

    def count(route: Route) -> None:
        sent.append(route.request.url)
        route.continue_()

    on_post(phone, count)

    for tab in (phone, second):
        tab.page.evaluate("setTimeout(() => dispatchEvent(new Event('online')), 50)")

    for tab in (phone, second):
        is_received_once(hosted, tab, TEXT)
    assert len(sent) == 1


def test_a_half_typed_question_survives_a_reload(hosted: Hosted, phone: Phone):
    phone.page.locator('input[name="kind"][value="concern"]').check()
    phone.text.fill(TEXT)

    phone.page.reload()

    expect(phone.text).to_have_value(TEXT)
    expect(phone.page.locator('input[name="kind"][value="concern"]')).to_be_checked()
    assert hosted.received() == []


def test_a_text_that_is_too_long_stays_in_the_field(hosted: Hosted, phone: Phone):
    limit = int(phone.page.locator('[data-part="left"]').get_attribute("data-limit") or "0")
    too_long = "a" * (limit + 3)

    phone.send(too_long)

    expect(phone.page.locator("#text-problem")).to_contain_text("3 characters too long")
    expect(phone.text).to_have_value(too_long)
    expect(phone.text).to_be_focused()
    phone.text.fill(TEXT)
    phone.page.locator('form[data-part="ask"] > button').click()
    is_received_once(hosted, phone, TEXT)


def test_a_refused_question_keeps_its_text_to_be_changed(hosted: Hosted, phone: Phone):
    """What the server refuses after all is shown with its reason, and can be taken up again."""
    problem = {
        "type": "urn:problem:invalid",
        "title": "This cannot be sent like this.",
        "status": 422,
        "errors": {"text": "This text is too long."},
    }
    on_post(
        phone,
        lambda route: route.fulfill(
            status=422, json=problem, content_type="application/problem+json"
        ),
    )
    phone.send(TEXT)
    expect(phone.unsent).to_contain_text("This text is too long.")
    expect(phone.unsent).to_contain_text(TEXT)
    phone.page.context.unroute("**/questions")

    phone.unsent.locator('[data-action="edit"]').click()

    expect(phone.text).to_have_value(TEXT)
    expect(phone.unsent).to_have_count(0)
    phone.page.locator('form[data-part="ask"] > button').click()
    is_received_once(hosted, phone, TEXT)


def test_a_meeting_that_closed_meanwhile_refuses_and_keeps_the_text(town: Town, screens: Screens):
    hosted = town.meeting(takes_late_questions="")
    phone = screens.phone(hosted)
    on_post(phone, lambda route: route.abort("internetdisconnected"))
    phone.send(TEXT)
    expect(phone.unsent).to_contain_text(NOT_YET)
    hosted.step("close")
    phone.meeting_is("closed")
    phone.page.context.unroute("**/questions")

    phone.page.evaluate("dispatchEvent(new Event('online'))")

    expect(phone.unsent).to_have_attribute("data-state", "refused")
    expect(phone.unsent).to_contain_text(TEXT)
    assert hosted.received() == []


# -- without JavaScript


@pytest.fixture
def plain(screens: Screens, hosted: Hosted) -> Phone:
    return screens.phone(hosted, java_script_enabled=False)


def test_a_double_submit_without_javascript_is_received_once(hosted: Hosted, plain: Phone):
    """The second press of an impatient thumb: the same form, the same key."""
    plain.text.fill(TEXT)
    key = plain.page.locator('form.ask input[name="key"]').get_attribute("value")
    button = plain.page.locator("form.ask > button")

    button.dblclick(no_wait_after=True)

    expect(plain.page.locator("#received")).to_contain_text("Received, no. 1")
    again = plain.page.context.request.post(
        f"{hosted.public}/questions",
        form={"key": key or "", "kind": "question", "text": TEXT, "name": ""},
        headers={"Origin": hosted.town.base, "Accept": "text/html"},
    )
    assert again.ok
    plain.page.reload()
    expect(plain.mine).to_have_count(1)
    assert [card["text"] for card in hosted.received()] == [TEXT]


def test_support_without_javascript_and_its_undo(hosted: Hosted, plain: Phone):
    number = hosted.placed(TEXT)["number"]
    plain.page.reload()

    plain.support(number).click()

    expect(plain.support(number)).to_have_attribute("aria-pressed", "true")
    expect(plain.count(number)).to_have_text("1")
    plain.support(number).click()
    expect(plain.support(number)).to_have_attribute("aria-pressed", "false")
    expect(plain.count(number)).to_have_text("0")


def test_a_wrong_text_without_javascript_comes_back_in_its_field(hosted: Hosted, plain: Phone):
    too_long = ("Waarom? " * 80).strip()
    plain.text.fill(too_long)

    plain.page.locator("form.ask > button").click()

    expect(plain.page.locator("#text-problem")).to_be_visible()
    expect(plain.page.locator("#text-problem")).not_to_be_empty()
    expect(plain.text).to_have_value(too_long)
    assert hosted.received() == []
    plain.text.fill(TEXT)
    plain.page.locator("form.ask > button").click()
    expect(plain.page.locator("#received")).to_be_visible()
    assert [card["text"] for card in hosted.received()] == [TEXT]
