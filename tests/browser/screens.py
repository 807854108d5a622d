"""Screens in a real browser, watched: what their scripts complained of, what they asked of whom."""

import contextlib
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.evening import ORGANISER, Hosted
from tests.server import PASSWORD

PHONE = {"width": 390, "height": 844}
CONSOLE = {"width": 1440, "height": 900}
HALL = {"width": 1920, "height": 1080}

# A refusal by our own server is an answer, not a fault of a script.
NO_FAULT = ("Failed to load resource",)
# Set once, and gone after a reload.
MARK = "window.wasLoadedBefore = true"


@dataclass
class Watched:
    """One page and all that went wrong on it."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)
    loads: int = 0

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self._see(request.url))
        self.page.on("framenavigated", self._count)

    def mark(self) -> None:
        """From here on a reload would be noticed."""
        self.page.evaluate(MARK)
        self.loads = 0

    @property
    def was_reloaded(self) -> bool:
        return self.loads > 0 or not self.page.evaluate("window.wasLoadedBefore === true")

    def _hear(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(NO_FAULT):
            self.faults.append(f"console: {message.text}")

    def _see(self, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:", "chrome-error:")):
            self.faults.append(f"asked a third party: {url}")

    def _count(self, frame: Any) -> None:
        self.loads += int(frame == self.page.main_frame)


class Screens:
    """Opens pages in contexts of their own, as so many devices."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.watched: list[Watched] = []
        self.expected: tuple[str, ...] = ()  # complaints that a test brings about itself

    def __enter__(self) -> "Screens":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for context in self._contexts:
            with contextlib.suppress(Exception):  # one that a test closed itself
                context.close()

    def check(self) -> None:
        """Fail on any error of a script, of the content policy, or request to a third party."""
        faults = [
            f"{each.page.url}: {fault}"
            for each in self.watched
            for fault in each.faults
            if not any(words in fault for words in self.expected)
        ]
        assert faults == []

    def device(self, size: dict[str, int], **how: Any) -> BrowserContext:
        """A browser of its own; it reads English unless told otherwise."""
        options = {"locale": "en-GB", "timezone_id": "Europe/Amsterdam"} | how
        context = self._browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        return context

    def page(self, context: BrowserContext, base: str) -> Page:
        page = context.new_page()
        self.watched.append(Watched(page, base))
        return page

    def watch_of(self, page: Page) -> Watched:
        return next(each for each in self.watched if each.page == page)

    def phone(self, hosted: Hosted, **how: Any) -> "Phone":
        page = self.page(self.device(PHONE, **how), hosted.town.base)
        page.goto(hosted.public)
        return Phone(page)

    def hall(self, hosted: Hosted, **how: Any) -> "Hall":
        page = self.page(self.device(HALL, **how), hosted.town.base)
        page.goto(f"{hosted.public}/hall")
        return Hall(page)

    def console(self, hosted: Hosted, *, email: str = ORGANISER, **how: Any) -> "Console":
        page = self.page(self.device(CONSOLE, **how), hosted.town.base)
        sign_in(page, hosted.town.base, email)
        page.goto(f"{hosted.staff}/console")
        return Console(page)


def sign_in(page: Page, base: str, email: str = ORGANISER) -> None:
    """Sign in by the form, as a colleague does."""
    page.goto(f"{base}/staff/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/staff/")


@dataclass
class Screen:
    """What all screens with a live region have in common."""

    page: Page

    @property
    def live(self) -> Locator:
        return self.page.locator("#live")

    def card(self, number: int) -> Locator:
        """The card with this number in the live region."""
        return self.page.locator(f'#live [data-part="card"][data-number="{number}"]')

    def cards(self, state: str) -> Locator:
        return self.page.locator(f'#live [data-part="card"][data-state="{state}"]')

    def numbers(self, lane: str) -> list[int]:
        """The numbers that stand in a lane, in their order."""
        cards = self.page.locator(f'#{lane} [data-part="card"]')
        return [
            int(number) for number in cards.evaluate_all("all => all.map(c => c.dataset.number)")
        ]

    def shows(self, number: int, state: str) -> None:
        """Wait until the question stands here in this state."""
        expect(self.card(number)).to_have_attribute("data-state", state)

    def shows_not(self, number: int) -> None:
        expect(self.card(number)).to_have_count(0)

    def meeting_is(self, state: str) -> None:
        expect(self.live).to_have_attribute("data-state", state)

    def has(self, number: int, words: str) -> None:
        expect(self.card(number)).to_contain_text(words)


@dataclass
class Phone(Screen):
    """A resident."""

    @property
    def text(self) -> Locator:
        return self.page.locator("#text")

    @property
    def unsent(self) -> Locator:
        """What is not yet received, and says so."""
        return self.page.locator('[data-part="outbox"] [data-part="unsent-item"]')

    @property
    def mine(self) -> Locator:
        return self.page.locator('[data-part="mine-card"]')

    def own(self, number: int) -> Locator:
        return self.page.locator(f'[data-part="mine-card"][data-number="{number}"]')

    def send(self, text: str, *, kind: str = "question", name: str = "") -> None:
        """Type and send, and do not wait."""
        self.page.locator(f'input[name="kind"][value="{kind}"]').check()
        if name:
            self.page.locator("form.ask details").evaluate("details => { details.open = true }")
        if name or self.page.locator("#name").input_value():
            self.page.locator("#name").evaluate("(field, name) => { field.value = name }", name)
        self.text.fill(text)
        self.page.locator('form[data-part="ask"] > button').click()

    def asks(self, text: str, *, kind: str = "question", name: str = "") -> int:
        """Send and wait until it says that it was received; the answer is its number."""
        before = self.mine.count()
        self.send(text, kind=kind, name=name)
        expect(self.mine).to_have_count(before + 1)
        numbers = self.mine.evaluate_all("all => all.map(card => Number(card.dataset.number))")
        return int(max(numbers))

    def own_is(self, number: int, state: str) -> None:
        expect(self.own(number)).to_have_attribute("data-state", state)

    def receipt(self, number: int) -> str:
        """The address of the private page of an own question."""
        address = self.own(number).locator('a[href^="/q/"]').get_attribute("href")
        assert address is not None
        return address

    def support(self, number: int) -> Locator:
        return self.card(number).locator("button.support")

    def count(self, number: int) -> Locator:
        return self.support(number).locator('[data-part="support-count"]')


@dataclass
class Hall(Screen):
    """The projector."""

    def view_is(self, view: str) -> None:
        expect(self.live).to_have_attribute("data-view", view)


@dataclass
class Console(Screen):
    """A moderator."""

    def press(self, number: int, step: str, **fields: str) -> None:
        """Take a step by its button; with fields, by the form that it opens."""
        card = self.card(number)
        card.focus()
        card.locator(f'[data-step="{step}"]:is(a), [data-step="{step}"] button').click()
        self._fill(step, fields)

    def key(self, number: int, key: str, step: str, **fields: str) -> None:
        """The same by the keyboard alone."""
        self.card(number).focus()
        self.page.keyboard.press(key)
        self._fill(step, fields)

    def dialog(self, step: str) -> Locator:
        return self.page.locator(f"dialog#step-{step}[open]")

    def view(self, view: str) -> None:
        self.page.locator(f'form[data-action="view"] button[value="{view}"]').click()

    def meeting_step(self, step: str) -> None:
        self.page.locator(f'.toolbar form[action$="/{step}"] button').click()

    def enter(self, text: str, *, kind: str = "question", source: str = "spoken") -> None:
        """A scribe's entry."""
        entry = self.page.locator("#entry")
        entry.locator(f'input[name="kind"][value="{kind}"]').check()
        entry.locator(f'input[name="source"][value="{source}"]').check()
        entry.locator("textarea").fill(text)
        entry.locator("button").click()

    @property
    def notice(self) -> Locator:
        return self.page.locator('[data-part="notice"]')

    @property
    def focused_number(self) -> str:
        """The number of the card that has the focus, or nothing."""
        return str(
            self.page.evaluate(
                "document.activeElement?.closest('[data-part=card]')?.dataset.number ?? ''"
            )
        )

    def _fill(self, step: str, fields: dict[str, str]) -> None:
        if not fields:
            return
        dialog = self.dialog(step)
        expect(dialog).to_be_visible()
        for name, value in fields.items():
            self._fill_field(dialog, name, value)
        dialog.locator("form button:not([type])").click()
        expect(dialog).to_be_hidden()

    def _fill_field(self, dialog: Locator, name: str, value: str) -> None:
        if name in {"into", "kind"}:
            dialog.locator(f'input[name="{name}"][value="{value}"]').check()
        elif name == "topic":
            dialog.locator("select").select_option(label=value)
        else:
            dialog.locator(f'[name="{name}"]').fill(value)
