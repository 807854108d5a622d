"""Open screens on bad Wi-Fi: where WebSocket is blocked they poll; a hall comes back spread out."""

import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.screens import PHONE
from tests.faults.proxy import CLEAR, GONE, NO_WEBSOCKET, Proxy, a_proxy
from tests.faults.test_phone_faults import CHROMIUM, SEED, in_a_thread, serving
from tests.server import ROOT, Evening, Server, a_program, wait_until

LIVE = (ROOT / "static" / "js" / "live.js").read_text()
LONG_ENOUGH = 6_000  # milliseconds a screen has listened, by its own clock
SILENT = 12_000  # milliseconds without a word after which it opens its line anew
SHORTEST = 2_000  # milliseconds that it then stays away at least
LONGEST = 5_000

pytestmark = [
    pytest.mark.server,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing"),
]

Play = Callable[[BrowserContext, Proxy, Evening, Server], None]


def played(folder: Path, play: Play) -> None:
    """Let a play run on a device behind the proxy, with a meeting on a server of its own."""
    server = Server(folder)
    with a_proxy(server.port, seed=SEED) as proxy, sync_playwright() as playwright:
        server.settings["PUBLIC_URL"] = proxy.base
        try:
            made = server.start().make_meeting(moderation="off")
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            device = browser.new_context(viewport=PHONE, locale="en-GB")
            device.set_default_timeout(30_000)
            play(device, proxy, Evening(made.id, made.code, proxy.base), server)
            browser.close()
        finally:
            server.kill()


def opened(device: BrowserContext, evening: Evening, screen: str = "") -> Page:
    page = device.new_page()
    page.goto(f"{evening.public}{screen}")
    return page


def opened_without_polling(device: BrowserContext, evening: Evening) -> Page:
    """The control: a phone that hopes for its WebSocket for ever."""
    ours = "FAILURES_BEFORE_POLLING = 2"
    assert ours in LIVE
    page = device.new_page()
    page.route("**/js/live.js*", serving(LIVE.replace(ours, "FAILURES_BEFORE_POLLING = 1e9")))
    page.goto(evening.public)
    return page


def asked(evening: Evening, server: Server, text: str) -> int:
    """The number of a question from another phone, which has better Wi-Fi."""
    sent = {"key": str(uuid.uuid4()), "kind": "question", "text": text}
    address = f"{server.base}/m/{evening.code}/questions"
    return int(a_program(evening.base).post(address, data=sent).json()["number"])


def card(page: Page, number: int):
    return page.locator(f'#live [data-part="card"][data-number="{number}"]')


def drawn(page: Page) -> str:
    """The live region as it stands, without what only says how the layout fits."""
    return str(page.locator("#live").evaluate("live => live.outerHTML"))


# -- polling


def poll(device: BrowserContext, proxy: Proxy, evening: Evening, server: Server) -> None:
    proxy.switch(NO_WEBSOCKET)
    deaf = opened_without_polling(device, evening)
    wait_until(lambda: pumped(deaf, proxy.did["websockets refused"] >= 2), "it tried twice")
    phone, hall = opened(device, evening), opened(device, evening, "/hall")

    for number in (asked(evening, server, "Waarom hier?"), asked(evening, server, "Hoe lang?")):
        for page in (phone, hall):
            expect(card(page, number)).to_have_count(1, timeout=60_000)
        assert card(deaf, number).count() == 0, "the control is not red: something else told it"
    assert server.run("meeting", "step", str(evening.id), "pause").returncode == 0
    for page in (phone, hall):
        expect(page.locator("#live")).to_have_attribute("data-state", "paused", timeout=60_000)

    for page, screen in ((phone, ""), (hall, "/hall")):
        fresh = opened(device, evening, screen)
        wait_until(lambda page=page, fresh=fresh: drawn(page) == drawn(fresh), "equal to a reload")
    assert proxy.did["websockets"] == 0
    assert proxy.did["websockets refused"] >= 2
    proxy.switch(CLEAR)
    phone.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: pumped(phone, proxy.did["websockets"]), "the phone listens again")


def pumped(page: Page, found: int) -> int:
    """Whether it was found, after the browser's messages had their turn."""
    page.wait_for_timeout(20)
    return found


def test_screens_without_websocket_equal_a_reload_all_the_same(tmp_path):
    in_a_thread(played, tmp_path, poll)


# -- coming back


def come_back(script: str | None) -> Play:
    """Break the line of a screen that listened for long, and see when it calls again.

    The screen's own clock is moved by hand, so a slow machine changes nothing.
    """

    def play(device: BrowserContext, proxy: Proxy, evening: Evening, server: Server) -> None:
        page, ended = device.new_page(), []
        page.on("websocket", lambda line: line.on("close", lambda _: ended.append(line)))
        page.clock.install()
        if script:
            page.route("**/js/live.js*", serving(script))
        page.goto(evening.public)
        wait_until(lambda: pumped(page, proxy.did["websockets"]), "it listens")
        page.clock.pause_at(time.time() + LONG_ENOUGH / 1000)
        proxy.break_all()
        wait_until(lambda: pumped(page, len(ended)), "it knows that the line is broken")

        page.clock.run_for(SHORTEST - 100)
        if script:
            wait_until(lambda: pumped(page, proxy.did["websockets"] == 2), "it is back at once")
            return
        page.evaluate("fetch('/healthz')")  # what it asked before has arrived as well
        assert proxy.did["websockets"] == 1, "it came back with all the others, at once"
        page.clock.run_for(LONGEST - SHORTEST + 200)
        wait_until(lambda: pumped(page, proxy.did["websockets"] == 2), "it is back")

    return play


def test_a_lost_screen_comes_back_after_two_to_five_seconds(tmp_path):
    in_a_thread(played, tmp_path, come_back(None))


def test_a_screen_that_comes_back_at_once_is_seen(tmp_path):
    hasty = re.sub(r"const RETRIES = .*;", "const RETRIES = [[0, 1], [0, 1], [0, 1]];", LIVE)
    assert hasty != LIVE

    in_a_thread(played, tmp_path, come_back(hasty))


# -- a line that is dead and does not say so


def fall_silent(script: str | None) -> Play:
    """Let an open line go dead without a word, and see whether the screen finds out by itself."""

    def play(device: BrowserContext, proxy: Proxy, evening: Evening, server: Server) -> None:
        page, lines = device.new_page(), []
        page.on("websocket", lambda line: lines.append(line))  # noqa: PLW0108
        page.clock.install()
        if script:
            page.route("**/js/live.js*", serving(script))
        page.goto(evening.public)
        expect(page.locator("#live")).to_have_count(1)
        heard = asked(evening, server, "Hoort u dit?")
        expect(card(page, heard)).to_have_count(1, timeout=60_000)  # so it listens, and not halfway
        proxy.switch(GONE)
        missed = asked(evening, server, "Wie hoort dit nog?")

        page.clock.pause_at(time.time() + 1)
        page.clock.run_for(SILENT + LONGEST + 1_000)
        if script:
            page.evaluate("1")  # whatever it did has been told by now
            assert len(lines) == 1, "the control is not red: something else found out"
            return
        wait_until(lambda: pumped(page, len(lines) > 1), "it gave the line up")
        proxy.switch(CLEAR)
        page.clock.resume()
        expect(card(page, missed)).to_have_count(1, timeout=60_000)

    return play


def test_a_line_that_went_dead_is_opened_anew(tmp_path):
    in_a_thread(played, tmp_path, fall_silent(None))


def test_a_screen_that_trusts_a_dead_line_is_seen(tmp_path):
    trusting = LIVE.replace("SILENT = 12_000", "SILENT = 1e9")
    assert trusting != LIVE

    in_a_thread(played, tmp_path, fall_silent(trusting))
