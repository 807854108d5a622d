"""The law: a screen that stayed open equals one that was just loaded (docs/live-channel.md)."""

import os
import random
from collections.abc import Iterator
from itertools import chain

import pytest

from tests.journeys.screen import Screen, a_screen, own_cards
from tests.journeys.walk import Walk
from tests.server import Server, a_program, a_server, wait_until

FAULTS = int(os.environ.get("FAULTS", "1"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
WALKS = 3 * FAULTS
ROUNDS = 12  # after each, every screen is held against a fresh one
STEPS = 8

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with a_server(tmp_path_factory.mktemp("law")) as running:
        running.add_colleague("organiser@gemeente.example")
        yield running


def differences_on_a_walk(server: Server, seed: str) -> list[str]:
    """Walk, and name where an open screen and a fresh one differ."""
    evening, desk = server.make_meeting(), server.sign_in("organiser@gemeente.example")
    screens = [
        a_screen(evening, "phone", lang="nl"),
        a_screen(evening, "phone", lang="en"),
        a_screen(evening, "hall"),
        a_screen(evening, "console", web=server.sign_in("organiser@gemeente.example")),
    ]
    phones = {"toestel nl": screens[0].web, "toestel en": screens[1].web}
    walk = Walk.on(evening, desk, seed, phones)
    found: list[str] = []
    try:
        for turn in range(ROUNDS):
            walk.take(STEPS)
            if turn % 3 == 2:  # one of them goes out of reach, and misses some
                away = screens[turn // 3 % len(screens)]
                away.leave()
                walk.take(STEPS)
                away.come_back()
            found += differences(walk, screens)
    finally:
        for screen in screens:
            screen.leave()
    return found


def differences(walk: Walk, screens: list[Screen]) -> list[str]:
    """Where these screens differ from fresh ones, once they have heard all there is to hear."""
    # The last thing that every screen is told, after all that went before. Never the wall: that
    # deals it anew, every screen fetches it again, and nothing is left to find.
    walk.show(walk.dice.choice(["stage", "collection", "join"]))
    return [line for screen in screens for line in differences_of(screen)]


def differences_of(screen: Screen) -> Iterator[str]:
    fresh = screen.fetch()

    def has_heard_all() -> bool:
        screen.catch_up()
        return screen.told >= fresh.revision and screen.region.supports == fresh.supports

    wait_until(has_heard_all, f"the {screen.name} is as far as the server", patience=15)
    who, mine = f"{screen.name} {screen.lang}", screen.region
    if (mine.state, mine.view) != (fresh.state, fresh.view):
        yield f"{who}: {mine.state}, {mine.view}; fresh: {fresh.state}, {fresh.view}"
    if screen.shown != fresh.as_drawn:
        yield f"{who}:\n{first_difference([*chain(*screen.shown)], [*chain(*fresh.as_drawn)])}"
    if screen.name == "phone":
        kept = screen.shown_own
        screen.own = own_cards(screen.get("/mine"))
        if kept != screen.shown_own:
            yield f"{who}, its own:\n{first_difference(kept, screen.shown_own)}"


def first_difference(open_one: list[str], fresh: list[str]) -> str:
    """Both from a little before the place where they part."""
    mine, theirs = "\n".join(open_one), "\n".join(fresh)
    same = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
    card = max(mine.rfind("<li ", 0, same + 1), 0)
    start = max(same - 120, 0)
    return (
        f"  card:  {mine[card : card + 120]}\n"
        f"  open:  {mine[start : same + 200]}\n"
        f"  fresh: {theirs[start : same + 200]}"
    )


@pytest.mark.parametrize("walk", range(WALKS))
def test_a_screen_that_stayed_open_equals_one_that_was_reloaded(server, walk):
    found = differences_on_a_walk(server, f"{SEED}/{walk}")

    assert not found, "\n".join([f"FAULT_SEED={SEED}", *found])


def test_a_server_that_forgets_who_could_see_it_before_is_seen(tmp_path):
    with a_server(tmp_path, entry="tests/journeys/broken_without_before.py") as broken:
        broken.add_colleague("organiser@gemeente.example")

        assert any(differences_on_a_walk(broken, f"{SEED}/control/{n}") for n in range(3))


def test_a_stranger_gets_in_the_page_what_the_live_region_holds(server):
    evening, desk = server.make_meeting(), server.sign_in("organiser@gemeente.example")
    Walk.on(evening, desk, f"{SEED}/pages", {}).take(40)

    for name, web in [("phone", a_program(evening.base)), ("hall", None), ("console", desk)]:
        screen = Screen(name, "nl", evening, web or a_program(evening.base))
        screen.load()
        in_page = screen.region.as_drawn

        assert in_page == screen.fetch().as_drawn
