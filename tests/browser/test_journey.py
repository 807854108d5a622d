"""A whole evening in four browsers: forty real questions, every step, and the register after it."""

import pytest

from tests.browser.played import Played

pytestmark = pytest.mark.timeout(170)


def test_forty_real_questions_were_asked_and_each_has_its_outcome(played: Played):
    by_number = {card["number"]: card["state"] for card in played.hosted.received()}

    assert len(played.receipts) == 41  # the forty, and one that came late
    assert by_number == played.fates


def test_the_register_holds_exactly_the_unanswered_ones(played: Played):
    page = played.console.page.context.new_page()
    page.goto(f"{played.hosted.staff}/register?state=owed")
    rows = page.locator('[data-part="row"] .cell-number').all_inner_texts()
    page.goto(f"{played.hosted.staff}/register")
    every_row = page.locator('[data-part="row"]').count()
    page.close()

    assert {int(row) for row in rows} == played.owed()
    assert len(rows) == len(set(rows)) == every_row


def test_the_answers_page_tells_what_came_of_everything_public(played: Played):
    page = played.one.page.context.new_page()
    page.goto(f"{played.hosted.public}/answers")
    articles = page.locator("article.answer").evaluate_all(
        "all => all.map(article => [Number(article.id.split('-')[1]), article.dataset.state])"
    )
    words = page.locator("main").inner_text()
    page.close()

    by_id = {id: number for number, id in played.ids.items()}
    assert {by_id[id]: state for id, state in articles} == played.public()
    for promised in ("Niet vóór het besluit van de raad.", "Wij zoeken dit uit.", "COA"):
        assert promised in words


def test_no_screen_was_loaded_again(played: Played):
    screens = [*played.everyone(), *filter(None, [played.colleague])]

    assert [s.page.url for s in screens if played.screens.watch_of(s.page).was_reloaded] == []


def test_no_script_failed_and_nobody_else_was_asked_for_anything(played: Played):
    played.screens.check()


def test_a_reloaded_screen_shows_what_the_open_one_shows(played: Played):
    fresh_phone = played.screens.phone(played.hosted)
    fresh_hall = played.screens.hall(played.hosted)

    for lane in ("lane-stage", "lane-wall", "lane-deferred", "lane-done"):
        for phone in (played.one, played.other):
            assert phone.numbers(lane) == fresh_phone.numbers(lane)
    for lane in ("lane-stage", "lane-wall", "lane-collection", "lane-discussed"):
        assert played.hall.numbers(lane) == fresh_hall.numbers(lane)
    assert played.colleague is not None
    for lane in ("lane-waiting", "lane-wall", "lane-stage", "lane-done"):
        assert played.console.numbers(lane) == played.colleague.numbers(lane)


def test_a_reload_would_have_been_noticed(played: Played):
    phone = played.screens.phone(played.hosted)
    watched = played.screens.watch_of(phone.page)
    watched.mark()

    phone.page.reload()

    assert watched.was_reloaded
