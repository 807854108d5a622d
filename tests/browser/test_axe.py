"""Nobody is shut out: axe finds nothing on any screen, in any state, in either language."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.evening import Hosted, Town, real_questions
from tests.browser.screens import CONSOLE, HALL, PHONE, Screens, sign_in
from tests.house.test_vendor import breaches, without_licence
from tests.server import a_server

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# The hall inside the console is a screen of its own, and is looked at as one.
RUN = """async () => (await axe.run(document, { iframes: false, resultTypes: ["violations"] }))
  .violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)"""
DUE = "2030-01-15"
SMALLEST = {"width": 320, "height": 640}
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
TEXTS = iter(real_questions("question") * 3)


@dataclass
class House:
    """All screens there are, in all their states; made once, looked at many times."""

    town: Town
    screens: Screens
    welcome: str
    pages: dict[tuple[str, int], Page] = field(default_factory=dict)
    meetings: dict[str, Hosted] = field(default_factory=dict)

    def meeting(self, state: str) -> Hosted:
        if state not in self.meetings:
            self.meetings[state] = self.town.meeting(state)
        return self.meetings[state]

    @cached_property
    def full(self) -> Hosted:
        """A meeting with questions of every kind in every state."""
        hosted = self.town.meeting("live")
        hosted.ask(f"{next(TEXTS)} Bel 06-12345678.", name="Truus")
        promise = {"owner": "Politie", "due": DUE, "promise": "Wij zoeken dit uit."}
        target = hosted.placed(next(TEXTS), name="Meneer Bakker")
        for step, fields in (
            ("call", {}),
            ("answer", {"speaker": "Wethouder", "summary": "Na het besluit."}),
            ("defer", promise),
            ("park", {"owner": "Wijkbeheer", "due": DUE}),
            ("decline", {"reason": "Dit gaat over een persoon."}),
            ("merge", {"into": target["id"]}),
            ("edit", {"text": "Wie beslist er?"}),
        ):
            hosted.take(hosted.placed(next(TEXTS)), step, **fields)
        heard = hosted.placed(real_questions("concern")[0], kind="concern")
        hosted.take(heard, "acknowledge", speaker="Burgemeester")
        hosted.placed(real_questions("idea")[0], kind="idea")
        return hosted

    @cached_property
    def series_id(self) -> int:
        """The plan of the full meeting."""
        edit = self.town.desk.get(f"{self.full.staff}/edit", headers={"Accept": "text/html"}).text
        return int(re.findall(r'<option value="(\d+)" selected>', edit)[0])

    @cached_property
    def points(self) -> dict[str, int]:
        """Points of a register by the state they are in."""
        hosted = self.meeting("closed")
        for text in ("een", "twee", "drie", "vier"):
            hosted.ask(f"Vraag {text}?")
        owed = [card["follow_up"]["id"] for card in hosted.received() if card["follow_up"]]
        desk, base = self.town.desk, f"{hosted.staff}/register"
        first = hosted.received()[-1]
        hosted.take(first, "approve")
        desk.post(f"{base}/{owed[1]}/assign", data={"owner": "COA", "due": DUE})
        desk.post(f"{base}/{owed[2]}/draft", data={"answer": "Dat weten wij in mei."})
        desk.post(f"{base}/{first['follow_up']['id']}/answer", data={"answer": "In mei."})
        return {card["follow_up"]["state"]: card["follow_up"]["id"] for card in hosted.received()}

    def page(self, size: dict[str, int], lang: str) -> Page:
        """A page on a device that reads this language; staff are signed in on the large ones."""
        key = (lang, size["width"])
        if key not in self.pages:
            context = self.screens.device(size, locale={"nl": "nl-NL"}.get(lang, lang))
            context.add_init_script(path=AXE)
            self.pages[key] = self.screens.page(context, self.town.base)
            if size is CONSOLE:
                sign_in(self.pages[key], self.town.base)
        page = self.pages[key]
        page.unroute_all()
        page.set_viewport_size(size)  # type: ignore[arg-type]
        return page

    def ask_as(self, page: Page, hosted: Hosted) -> dict[str, Any]:
        """A question from the very phone that will look at it."""
        page.goto(hosted.public)
        answer = page.context.request.post(
            f"{hosted.public}/questions",
            form={"key": str(uuid.uuid4()), "kind": "question", "text": next(TEXTS)},
            headers={"Accept": "application/json", "Origin": self.town.base},
        )
        assert answer.ok, answer.text()
        return dict(answer.json())


@pytest.fixture(scope="module")
def house(
    chromium: Browser, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with a_server(tmp_path_factory.mktemp("new")) as empty, Screens(chromium) as screens:
        welcome = empty.run("staff", "link").stdout.strip()
        yield House(town, screens, welcome)


# -- every screen in every state: each opens itself on a page

Open = Callable[[House, Page], Any]


def public(path: str, state: str = "live") -> Open:
    return lambda house, page: page.goto(house.meeting(state).public + path)


def staff(path: str, state: str = "live") -> Open:
    return lambda house, page: page.goto(house.meeting(state).staff + path)


def at(path: str) -> Open:
    return lambda house, page: page.goto(house.town.base + path)


def full_phone(house: House, page: Page) -> None:
    """The wall with everything on it, and own questions in several states."""
    hosted = house.full
    for step in ("approve", "decline"):
        asked = house.ask_as(page, hosted)
        hosted.take(asked, step, reason="Dubbel.")
    house.ask_as(page, hosted)
    page.reload()
    page.locator("#about summary").click()


def phone_refused(house: House, page: Page) -> None:
    page.goto(house.meeting("live").public)
    page.locator("#text").fill("a" * 1900)
    page.locator("form.ask > button").click()
    expect(page.locator("#text-problem")).to_be_visible()


def phone_unsent(house: House, page: Page) -> None:
    page.route("**/questions", lambda route: route.abort())
    page.goto(house.meeting("live").public)
    page.locator("#text").fill("Waarom hier?")
    page.locator("form.ask > button").click()
    expect(page.locator('[data-part="unsent-item"]')).to_be_visible()
    page.evaluate("indexedDB.deleteDatabase('vragenmuur-outbox')")


def code_refused(house: House, page: Page) -> None:
    page.goto(f"{house.town.base}/?code=222222")


def receipt(step: str | None, **fields: str) -> Open:
    def open_it(house: House, page: Page) -> None:
        asked = house.ask_as(page, house.full)
        if step == "withdraw":
            page.goto(house.town.base + asked["link"])
            page.locator("#withdraw summary").click()
            page.locator("#withdraw button").click()
        elif step == "merge":
            others = [card for card in house.full.received() if card["state"] == "on_wall"]
            house.full.take(asked, step, into=others[0]["id"])
        elif step:
            house.full.take(asked, step, **fields)
        page.goto(house.town.base + asked["link"])

    return open_it


def receipt_not_yet(house: House, page: Page) -> None:
    """An answer that is not enough, what was added, and an address that cannot be taken."""
    receipt("answer", speaker="COA", summary="Ja.")(house, page)
    page.locator('#verdict [value="not_yet"]').click()
    page.locator("#clarification").fill("En de fietsers?")
    page.locator("#clarify form button").click()
    page.locator("#address summary").click()
    page.locator("#address form").evaluate("form => { form.noValidate = true; form.submit() }")
    expect(page.locator("#email-problem")).to_be_visible()


def receipt_with_address(house: House, page: Page) -> None:
    receipt("defer", owner="COA", due=DUE, promise="Wij vragen het na.")(house, page)
    page.locator("#address summary").click()
    page.locator("#email").fill("bewoner@voorbeeld.example")
    page.locator("#address form .button").click()
    expect(page.locator("#address .kept")).to_be_visible()


def receipt_data(house: House, page: Page) -> None:
    receipt_with_address(house, page)
    page.locator('main a[href$="/data"]').click()
    expect(page.locator(".facts")).to_be_visible()


def full_console(house: House, page: Page) -> None:
    page.goto(f"{house.full.staff}/console")
    page.locator('#live [data-part="card"]').first.focus()


def console_dialog(step: str, lane: str = "wall", kind: str = "question") -> Open:
    def open_it(house: House, page: Page) -> None:
        page.goto(f"{house.full.staff}/console")
        card = page.locator(f'#lane-{lane} [data-part="card"][data-kind="{kind}"]').first
        card.focus()
        card.locator(f'[data-step="{step}"]').click()
        expect(page.locator(f"#step-{step}")).to_be_visible()

    return open_it


def console_refused(house: House, page: Page) -> None:
    """A form with a message beside its field."""
    console_dialog("defer")(house, page)
    form = page.locator("#step-defer form")
    form.locator("[name=owner]").fill("Politie")
    form.locator("[name=due]").fill("2020-01-01")
    form.locator("[name=promise]").fill("Wij zoeken dit uit.")
    form.locator("button:not([type])").click()
    expect(form.locator("#defer-due-problem")).to_be_visible()


def console_sheet(name: str) -> Open:
    def open_it(house: House, page: Page) -> None:
        page.goto(f"{house.full.staff}/console")
        page.locator(f'[data-action="open"][data-dialog="{name}"]').click()
        expect(page.locator(f"dialog#{name}")).to_be_visible()

    return open_it


def question_page(house: House, page: Page) -> None:
    card = next(card for card in house.full.received() if card["state"] == "waiting")
    page.goto(f"{house.full.staff}/questions/{card['id']}")


def question_refused(house: House, page: Page) -> None:
    question_page(house, page)
    form = page.locator("section:has(#step-answer) form, section:has(#step-defer) form").last
    form.evaluate("form => { form.noValidate = true; form.submit() }")
    expect(page.locator(".field-problem:visible").first).to_be_visible()


def hall(view: str) -> Open:
    def open_it(house: House, page: Page) -> None:
        house.full.step("view", view=view)
        page.goto(f"{house.full.public}/hall")
        expect(page.locator("#live")).to_have_attribute("data-view", view)

    return open_it


def light_hall(house: House, page: Page) -> None:
    hall("stage")(house, page)
    page.keyboard.press("l")
    expect(page.locator("html")).to_have_attribute("data-shade", "light")
    page.evaluate("localStorage.clear()")


def blank_hall(house: House, page: Page) -> None:
    hall("stage")(house, page)
    page.keyboard.press("b")
    expect(page.locator('[data-part="blank"]')).to_be_visible()


def full_register(house: House, page: Page) -> None:
    assert house.points
    page.goto(f"{house.meeting('closed').staff}/register")


def series_register(query: str = "") -> Open:
    def open_it(house: House, page: Page) -> None:
        full_register(house, page)
        address = page.locator('a[href^="/staff/series/"][href$="/register"]').get_attribute("href")
        page.goto(f"{house.town.base}{address}{query}")

    return open_it


def series_register_refused(house: House, page: Page) -> None:
    series_register()(house, page)
    page.locator("#together").evaluate("form => form.submit()")
    expect(page.locator(".field-problem:visible").first).to_be_visible()


def point(state: str) -> Open:
    return lambda house, page: page.goto(
        f"{house.meeting('closed').staff}/register/{house.points[state]}"
    )


def sign_in_refused(house: House, page: Page) -> None:
    page.goto(f"{house.town.base}/staff/sign-in")
    page.locator("#email").fill("niemand@gemeente.example")
    page.locator("#password").fill("niet mijn wachtwoord")
    page.locator("main form button").click()
    expect(page.locator('[role="alert"]')).to_be_visible()


def series_of(house: House, page: Page) -> str:
    """The public page of the full meeting's plan, with news and a contact."""
    page.goto(f"{house.full.public}/answers")
    address = str(page.locator('main a[href^="/t/"]').get_attribute("href"))
    plan = house.town.desk.get(f"{house.town.base}{address}.json").json()
    if not plan["updates"]:
        desk = f"{house.town.base}/staff/series/{house.series_id}"
        house.town.desk.post(f"{desk}/updates", data={"title": "Nieuws", "text": "Er is nieuws."})
        contact = {"contact_name": "Carla", "contact_email": "c@gemeente.example"}
        house.town.desk.post(desk, data={"title": "Opvang", "contact_phone": "14 030"} | contact)
    return house.town.base + address


def full_series(house: House, page: Page) -> None:
    page.goto(series_of(house, page))


def searched_series(house: House, page: Page) -> None:
    page.goto(f"{series_of(house, page)}?q=xyzzy")


def series_question(house: House, page: Page) -> None:
    page.goto(series_of(house, page))
    page.locator('.answer a[href*="/questions/"]').first.click()


def series_desk(house: House, page: Page) -> None:
    page.goto(f"{house.town.base}/staff/series/{house.series_id}")


def series_refused(house: House, page: Page) -> None:
    series_desk(house, page)
    form = page.locator("section:has(#update) form").first
    form.evaluate("form => { form.noValidate = true; form.submit() }")
    expect(page.locator(".field-problem:visible").first).to_be_visible()


def full_answers(house: House, page: Page) -> None:
    page.goto(f"{house.full.public}/answers")


PHONE_SCREENS: dict[str, Open] = {
    "home": at("/"),
    "home, wrong code": code_refused,
    "phone, empty": public(""),
    "phone, full": full_phone,
    "phone, before": public("", "open"),
    "phone, paused": public("", "paused"),
    "phone, closed": public("", "closed"),
    "phone, archived": public("", "archived"),
    "phone, refused": phone_refused,
    "phone, not yet sent": phone_unsent,
    "receipt, waiting": receipt(None),
    "receipt, on the wall": receipt("approve"),
    "receipt, answered": receipt("answer", speaker="COA", summary="Ja."),
    "receipt, not yet": receipt_not_yet,
    "receipt, with an address": receipt_with_address,
    "receipt, what is kept": receipt_data,
    "receipt, comes back": receipt("defer", owner="COA", due=DUE, promise="Wij vragen het na."),
    "receipt, not placed": receipt("decline", reason="Dubbel."),
    "receipt, merged": receipt("merge"),
    "receipt, elsewhere": receipt("park"),
    "receipt, withdrawn": receipt("withdraw"),
    "answers, empty": public("/answers"),
    "answers, full": full_answers,
    "series, full": full_series,
    "series, nothing found": searched_series,
    "series, one question": series_question,
    "no such page": at("/m/222222"),
    "sign in": at("/staff/sign-in"),
    "sign in, refused": sign_in_refused,
    "welcome": lambda house, page: page.goto(house.welcome),
}
LARGE_SCREENS: dict[str, Open] = {
    "console, empty": staff("/console"),
    "console, before": staff("/console", "draft"),
    "console, paused": staff("/console", "paused"),
    "console, full": full_console,
    "console, answer": console_dialog("answer"),
    "console, acknowledge": console_dialog("acknowledge", kind="idea"),
    "console, defer": console_dialog("defer"),
    "console, merge": console_dialog("merge"),
    "console, edit": console_dialog("edit"),
    "console, park": console_dialog("park"),
    "console, decline": console_dialog("decline"),
    "console, refused": console_refused,
    "console, keys": console_sheet("keys"),
    "console, close": console_sheet("close"),
    "question": question_page,
    "question, refused": question_refused,
    "register, empty": staff("/register"),
    "register, full": full_register,
    "register, nothing fits": staff("/register?words=xyzzy", "closed"),
    "register of a series": series_register(),
    "register of a series, in groups": series_register("?group=owner"),
    "register of a series, refused": series_register_refused,
    "point, open": point("open"),
    "point, assigned": point("assigned"),
    "point, drafted": point("drafted"),
    "point, published": point("published"),
    "poster": public("/poster"),
    "desk, meetings": at("/staff/"),
    "desk, new": at("/staff/meetings/new"),
    "desk, edit": staff("/edit"),
    "desk, prepared": staff("", "draft"),
    "desk, live": staff(""),
    "desk, closed": staff("", "closed"),
    "desk, series": at("/staff/series"),
    "desk, one series": series_desk,
    "desk, series refused": series_refused,
    "no such meeting": at("/staff/meetings/99999"),
}
HALL_SCREENS: dict[str, Open] = {
    "hall, wall": hall("wall"),
    "hall, stage": hall("stage"),
    "hall, collection": hall("collection"),
    "hall, join": hall("join"),
    "hall, light": light_hall,
    "hall, blank": blank_hall,
    "hall, empty": public("/hall"),
    "hall, before": public("/hall", "open"),
    "hall, paused": public("/hall", "paused"),
    "hall, closed": public("/hall", "closed"),
}
ALL = [
    pytest.param(size, opens, id=name)
    for size, screens in ((PHONE, PHONE_SCREENS), (CONSOLE, LARGE_SCREENS), (HALL, HALL_SCREENS))
    for name, opens in screens.items()
]


def violations(page: Page) -> list[str]:
    return list(page.evaluate(RUN))


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(("size", "opens"), ALL)
def test_nobody_is_shut_out(house: House, size: dict[str, int], opens: Open, lang: str):
    """Axe finds nothing; and on a phone nothing sticks out of the smallest screen."""
    page = house.page(size, lang)
    opens(house, page)

    assert page.locator("html").get_attribute("lang") == lang
    assert violations(page) == []
    if size is PHONE:
        page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
        assert page.evaluate(TOO_WIDE) <= 0


def test_axe_is_the_file_that_was_taken():
    assert breaches(AXE.parent / "checksums.txt") == []
    assert without_licence(AXE.parent) == []


def test_a_field_without_a_label_would_be_found(house: House):
    page = house.page(PHONE, "en")
    page.goto(house.town.base)

    page.locator("label").first.evaluate("label => label.remove()")

    assert "label" in [found.split(":")[0] for found in violations(page)]


def test_something_too_wide_would_be_found(house: House):
    page = house.page(SMALLEST, "nl")
    page.goto(house.town.base)

    page.locator("h1").evaluate("title => { title.style.inlineSize = '40em' }")

    assert page.evaluate(TOO_WIDE) > 0


def test_no_screen_asked_a_third_party_for_anything(house: House):
    """Runs last: by now every screen has been opened."""
    house.screens.expected = (house.welcome.partition("/staff")[0],)

    house.screens.check()
