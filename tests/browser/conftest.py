"""What tests in a real browser share: one Chromium, one server, screens that are watched."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.evening import Town
from tests.browser.played import Played, play
from tests.browser.screens import Screens
from tests.server import Server, a_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 15_000  # milliseconds; slowness is no failure

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all of this folder, so that `-m "not browser"` leaves it out."""
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("Chromium is missing: NOTHING WAS TESTED IN A BROWSER.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it standing; each makes meetings of its own."""
    with a_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def town(server: Server) -> Town:
    return Town.with_organiser(server)


@pytest.fixture
def screens(chromium: Browser) -> Iterator[Screens]:
    """Opens screens that are watched; afterwards nothing may have gone wrong on any of them."""
    with Screens(chromium) as opened:
        yield opened
        opened.check()


@pytest.fixture(scope="session")
def played(chromium: Browser, town: Town) -> Iterator[Played]:
    """One whole evening, played once; its screens still stand and what they heard was kept."""
    with Screens(chromium) as opened:
        yield play(opened, town)


@pytest.fixture
def new_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Town]]:
    """Starts servers that a test may stop."""
    started: list[Server] = []

    def start() -> Town:
        server = Server(tmp_path_factory.mktemp("server"))
        started.append(server)
        return Town.with_organiser(server.start())

    yield start
    for server in started:
        server.kill()
