"""A live region is drawn and compressed once for all, and every phone gets the same one."""

import gzip
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from facilitation.domain.lifecycle import QuestionState
from facilitation.domain.refusals import Unavailable
from facilitation.storage.queries import MeetingFacts
from facilitation.web import regions
from facilitation.web.cards import Seat
from tests.makers import a_browser, a_meeting, a_question, database_of
from tests.server import wait_until


@pytest.fixture
def meeting(app: Flask) -> MeetingFacts:
    database = database_of(app)
    meeting = a_meeting(database)
    for _ in range(3):
        a_question(database, meeting, state=QuestionState.ON_WALL)
    return meeting


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The screens for which a region was drawn, in order."""
    screens: list[str] = []
    draw = regions.draw_region

    def count(meeting, seat, **marks):
        screens.append(seat.screen)
        return draw(meeting, seat, **marks)

    monkeypatch.setattr(regions, "draw_region", count)
    return screens


def test_a_hall_of_phones_that_arrives_is_drawn_for_once(app, meeting, drawn):
    for _ in range(5):
        phone = a_browser(app, accept="text/html")
        phone.get(f"/m/{meeting.code}")
        phone.get(f"/m/{meeting.code}/live")

    assert drawn == ["phone"]


def test_every_first_page_has_a_key_of_its_own(app, meeting):
    pages = [a_browser(app, accept="text/html").get(f"/m/{meeting.code}").text for _ in range(3)]

    keys = [re.search(r'name="key" value="([0-9a-f-]{36})"', page)[1] for page in pages]

    assert len(set(keys)) == 3
    assert len({page.replace(key, "") for page, key in zip(pages, keys, strict=True)}) == 1


def test_a_first_page_is_the_same_as_one_that_is_drawn_for_a_phone(app, meeting):
    phone = a_browser(app, accept="text/html")

    first, again = (
        re.sub(r'name="key" value="[^"]+"', "", phone.get(f"/m/{meeting.code}").text)
        for _ in range(2)
    )

    assert first == again


def test_a_phone_with_marks_of_its_own_keeps_them_to_itself(app, meeting):
    marked, other = (a_browser(app, accept="text/html") for _ in range(2))
    marked.get(f"/m/{meeting.code}")
    support_address = f"/m/{meeting.code}/questions/1/support"
    marked.post(support_address, data={"supported": "true"})

    pages = [phone.get(f"/m/{meeting.code}").text for phone in (marked, other, marked)]

    assert ['aria-pressed="true"' in page for page in pages] == [True, False, True]


def test_a_region_is_the_same_compressed_or_not_and_has_a_tag_for_each(app, meeting):
    phone = a_browser(app, accept="text/html")
    address = f"/m/{meeting.code}/live"

    plain = phone.get(address, headers={"Accept-Encoding": "identity"})
    packed = phone.get(address, headers={"Accept-Encoding": "gzip"})
    same = phone.get(
        address, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    )

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert same.status_code == 304


def test_a_region_is_drawn_again_once_something_changed(app, meeting, drawn):
    phone = a_browser(app, accept="text/html")
    before = phone.get(f"/m/{meeting.code}/live").data

    a_question(database_of(app), meeting, state=QuestionState.ON_WALL)
    after = phone.get(f"/m/{meeting.code}/live").data

    assert before != after
    assert drawn == ["phone", "phone"]


@pytest.fixture
def arrive(meeting):
    """Ask for one page many times at once, while the first reads: how many drew, all answers."""

    def ask_all(draw, count=8):
        kept, reading = regions.Regions(), threading.Barrier(2)
        drawers: list[int] = []

        def read_and_draw():
            drawers.append(threading.get_ident())
            if len(drawers) == 1:
                reading.wait(10)  # the others come in
                reading.wait(10)
            return draw()

        def ask():
            try:
                return kept._drawn("page", meeting, Seat("phone", "nl"), read_and_draw).html
            except Unavailable as refusal:
                return refusal

        with ThreadPoolExecutor(count) as hall:
            asking = [hall.submit(ask)]
            reading.wait(10)
            key = next(iter(kept._drawing))
            asking += [hall.submit(ask) for _ in range(count - 1)]
            wait_until(
                lambda: len(kept._drawing[key]._condition._waiters) == count - 1,
                "all the others wait",
            )
            reading.wait(10)
        return len(drawers), [one.result() for one in asking]

    return ask_all


def test_who_comes_while_it_is_being_drawn_waits_for_that(arrive):
    drawn, answers = arrive(lambda: "<p>once</p>")

    assert (drawn, answers) == (1, ["<p>once</p>"] * 8)


def test_who_waited_for_a_drawing_that_failed_is_told_so_and_the_next_one_draws(arrive):
    refusal = Unavailable(reason="the database is away")

    def fail():
        raise refusal

    assert arrive(fail) == (1, [refusal] * 8)
