"""The phone's half of the promise: its page is reloaded, closed, left, killed while it sends."""

import contextlib
import os
import random
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    BrowserContext,
    Error,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from scripts.test import BROWSERS
from tests.browser.screens import PHONE, Phone
from tests.faults.checker import Kept, Verdict, judge, kept_in, shown_on
from tests.faults.crowd import Received, Sent
from tests.faults.proxy import CLEAR, GONE, PORTAL_OF_THE_HALL, Proxy, Weather, a_proxy
from tests.server import ROOT, Evening, Server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
ROUNDS = 2  # of all accidents, on each of as many phones
AN_EVENING = 300.0  # seconds; more than the accidents of one phone take
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
PATIENCE = 60_000  # milliseconds; the promise of a tab that died is taken over after 20 s

WEATHERS = [
    CLEAR,
    GONE,
    PORTAL_OF_THE_HALL,
    Weather(lost_answers=0.5),
    Weather(resets=0.5),
    Weather(stalls=0.5),
    Weather(delay=0.2),
]

pytestmark = [
    pytest.mark.server,
    pytest.mark.browser,
    pytest.mark.timeout(180 + 120 * FAULTS),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing"),
]


@dataclass
class Device:
    """One resident's phone: a browser with a profile of its own, which outlives its crashes."""

    playwright: Playwright
    profile: Path
    evening: Evening
    broken_parts: dict[str, tuple[str, str]] = field(default_factory=dict)
    context: BrowserContext | None = None

    def open(self) -> Phone:
        """The phone page, alive: its scripts run."""
        if self.context is None:
            self.context = self._start()
        page = self.context.new_page()
        for other in self.context.pages[:-1]:
            close(other)
        page.goto(self.evening.public)
        expect(page.locator('[data-part="left"]')).to_contain_text("characters left")
        return Phone(page)

    def _start(self) -> BrowserContext:
        started = self.playwright.chromium.launch_persistent_context(
            self.profile, executable_path=CHROMIUM, viewport=PHONE, locale="en-GB"
        )
        for path, (ours, broken) in self.broken_parts.items():
            text = (ROOT / "static" / "js" / path).read_text()
            assert ours in text
            started.route(f"**/js/{path}*", serving(text.replace(ours, broken)))
        return started

    def kill(self) -> None:
        """Kill -9 all of it, as an empty battery does; a part that lives on might still send."""
        for process in (family := self._processes()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not (self._processes() & family), "the browser is gone")
        self.context = None

    def _processes(self) -> set[int]:
        """The browser on this profile, and all that it started."""
        named = f"--user-data-dir={self.profile}".encode()
        found: set[int] = set()
        parents: dict[int, int] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                parents[int(folder.name)] = int(parent)
                if state != "Z" and named in (folder / "cmdline").read_bytes():
                    found.add(int(folder.name))
        while more := {child for child, parent in parents.items() if parent in found} - found:
            found |= more
        return found


def close(page: Page) -> None:
    """Close it as a finger does, and again until it is closed.

    A page that is just then on its way to another lets the request fall, and the driver's own way
    of closing would wait for it for ever.
    """
    while not page.is_closed():
        with contextlib.suppress(Error):  # closed meanwhile, or not yet
            page.close(run_before_unload=True)
            page.wait_for_event("close", timeout=1_000)


def serving(script: str) -> Callable[[Route], None]:
    def serve(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body=script)

    return serve


# -- what happens to a page that sends


def nothing(device: Device, page: Page) -> None:
    """It is left in peace."""


def reloaded(device: Device, page: Page) -> None:
    with contextlib.suppress(Error):  # in some weathers no page comes through
        page.reload(wait_until="commit", timeout=1_000)


def closed(device: Device, page: Page) -> None:
    close(page)


def left_and_back(device: Device, page: Page) -> None:
    page.goto("about:blank")
    with contextlib.suppress(Error):
        page.go_back(wait_until="commit", timeout=1_000)


def tapped_again(device: Device, page: Page) -> None:
    page.locator('form[data-part="ask"] > button').dblclick(no_wait_after=True)


def opened_twice(device: Device, page: Page) -> None:
    second = page.context.new_page()
    with contextlib.suppress(Error):
        second.goto(device.evening.public, wait_until="commit", timeout=1_000)


def killed(device: Device, page: Page) -> None:
    device.kill()


ACCIDENTS = [nothing, reloaded, closed, left_and_back, tapped_again, opened_twice, killed]


@dataclass
class Diary:
    """What was typed, and what of it the page said that it keeps or that it was received."""

    sent: list[Sent] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)


def send_through_accidents(
    device: Device,
    proxy: Proxy,
    accidents: Sequence[Callable[[Device, Page], None]],
    weathers: Sequence[Weather],
    wait: Callable[[Phone], None],
) -> Diary:
    """Send a question in each weather, let an accident happen after a while, look again."""
    diary = Diary()
    for count, (accident, weather) in enumerate(zip(accidents, weathers, strict=True), 1):
        phone = device.open()
        look_for_all(phone, diary)
        proxy.switch(weather)
        text = f"Vraag {count}: hoe hoort u mij als de verbinding wegvalt ({accident.__name__})?"
        diary.sent.append(Sent(str(count), text))
        phone.send(text)
        wait(phone)
        if phone.text.input_value() == "":  # only now the page said that it keeps it
            diary.kept.append(text)
        accident(device, phone.page)
        proxy.switch(CLEAR)
    phone = device.open()
    look_for_all(phone, diary)
    read_receipts(phone, diary)
    return diary


SHOWS = """text => [...document.querySelectorAll(
  '[data-part=outbox] [data-part=unsent-item], [data-part=mine-card], [data-part=card]'
)].some(place => place.textContent.includes(text))"""


def look_for_all(phone: Phone, diary: Diary) -> None:
    """Whatever the page said that it keeps is on it: as not yet sent, as received, or on the wall.

    On the wall and no longer its own is what a browser makes of it that is killed in the first
    half minute: by then it has not yet written down the cookie that says which device it is.
    """
    for text in diary.kept:
        if text in diary.vanished:
            continue
        try:
            phone.page.wait_for_function(SHOWS, arg=text, timeout=10_000)
        except Error:
            diary.vanished.append(text)


def read_receipts(phone: Phone, diary: Diary) -> None:
    """Wait until nothing waits any more, and write down what the phone shows as received."""
    expect(phone.unsent).to_have_count(0, timeout=PATIENCE)
    phone.page.reload()
    for card in phone.mine.all():
        words = card.text_content() or ""
        address = card.locator('a[href^="/q/"]').first.get_attribute("href") or ""
        for one in diary.sent:
            if one.text in words:
                one.received = Received(
                    int(card.get_attribute("data-id") or 0),
                    int(card.get_attribute("data-number") or 0),
                    address.rpartition("/")[2],
                )


def judged(diary: Diary, kept: Sequence[Kept], shown: Sequence[tuple[int, str]]) -> Verdict:
    """The one checker's verdict; what the page let go of without a word is lost as well.

    To the page "it is kept" is a promise too: those count as acknowledged here.
    """
    verdict = judge(diary.sent, kept, shown)
    there = {one.text for one in kept}
    silent = [text for text in diary.kept if text not in there]
    verdict.lost += sorted({*silent, *diary.vanished})
    verdict.acknowledged = len(diary.kept)
    return verdict


def played(
    folder: Path,
    accidents: Sequence[Callable[[Device, Page], None]],
    weathers: Sequence[Weather],
    wait: Callable[[Phone], None],
    broken_parts: dict[str, tuple[str, str]] | None = None,
) -> Verdict:
    server = Server(folder / "server")
    with a_proxy(server.port, seed=SEED) as proxy, sync_playwright() as playwright:
        server.settings["PUBLIC_URL"] = proxy.base
        try:
            made = server.start().make_meeting(moderation="off")
            evening = Evening(made.id, made.code, proxy.base)
            device = Device(playwright, folder / "profile", evening, broken_parts or {})
            try:
                diary = send_through_accidents(device, proxy, accidents, weathers, wait)
            finally:
                device.kill()
            return judged(diary, kept_in(server.database), shown_on(made))
        finally:
            server.kill()


def in_a_thread(work: Callable[..., Any], *args: Any) -> Any:
    """The library allows one browser driver a thread, and other tests have one in ours.

    Some of its calls wait for ever when the browser has died at that moment: then we do not.
    """
    done: Future[Any] = Future()

    def run() -> None:
        try:
            done.set_result(work(*args))
        except BaseException as why:
            done.set_exception(why)

    threading.Thread(target=run, daemon=True).start()
    return done.result(AN_EVENING)


def say(capsys, line: str) -> None:
    with capsys.disabled():
        print(f"\n  {line} (FAULT_SEED={SEED})")  # noqa: T201


def play_with_accidents(folder: Path, dice: random.Random) -> Verdict:
    """One phone on which all accidents happen, each in some weather and after some moments."""
    accidents = ACCIDENTS * ROUNDS
    weathers = [dice.choice(WEATHERS) for _ in accidents]
    dice.shuffle(accidents)

    def wait(phone: Phone) -> None:
        phone.page.wait_for_timeout(dice.choice((0, 5, 20, 60, 150, 400)))

    return in_a_thread(played, folder, accidents, weathers, wait)  # type: ignore[no-any-return]


def test_a_page_loses_nothing_that_it_said_it_keeps(tmp_path, capsys, tally):
    accidents = len(ACCIDENTS) * ROUNDS
    dice = random.Random(SEED)
    for number in range(FAULTS):
        verdict = play_with_accidents(tmp_path / str(number), dice)

        say(capsys, f"the phone page, {accidents} accidents: {verdict}")
        tally.add(
            "the phone's page",
            runs=accidents,
            acknowledged=verdict.acknowledged,
            lost=len(verdict.lost),
            doubled=len(verdict.doubled),
        )
        assert verdict.is_kept, verdict.__dict__
        assert verdict.acknowledged >= accidents // 2


def test_a_page_that_keeps_its_outbox_in_memory_only_loses_it(tmp_path, capsys, tally):
    layers = "[await openDatabase(name, indexedDB), openWebStorage(name, storage), openMemory()]"
    forgetful = {"lib/store.js": (layers, "[openMemory()]")}

    def wait(phone: Phone) -> None:
        expect(phone.text).to_have_value("")  # it says that it keeps it

    verdict = in_a_thread(played, tmp_path, [killed], [GONE], wait, forgetful)

    say(capsys, f"control, an outbox in memory: {verdict}")
    assert verdict.lost, "the control did not turn red: the checker proves nothing"
    tally.add_control("the phone's page", "outbox in memory: lost")
