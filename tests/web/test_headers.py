"""What every answer tells the browser: our own files only, cookies for us only, keep no copies."""

import pytest

from facilitation.domain.lifecycle import QuestionState, Role
from tests.makers import (
    a_browser,
    a_colleague,
    a_meeting,
    a_phone,
    a_question,
    database_of,
    send_question,
    support,
)


@pytest.fixture
def pages(app):
    """One of each kind of answer."""
    database = database_of(app)
    meeting = a_meeting(database)
    staff = a_browser(
        app, account_id=a_colleague(database, role=Role.ORGANISER), accept="text/html"
    )
    phone = a_browser(app, accept="text/html")
    return {
        "home": phone.get("/"),
        "phone": phone.get(f"/m/{meeting.code}"),
        "hall": phone.get(f"/m/{meeting.code}/hall"),
        "answers": phone.get(f"/m/{meeting.code}/answers"),
        "live": phone.get(f"/m/{meeting.code}/live"),
        "mine": phone.get(f"/m/{meeting.code}/mine"),
        "not found": phone.get("/m/999999"),
        "sign-in": phone.get("/staff/sign-in"),
        "desk": staff.get("/staff/"),
        "console": staff.get(f"/staff/meetings/{meeting.id}/console"),
        "register": staff.get(f"/staff/meetings/{meeting.id}/register"),
    }


def test_every_page_runs_our_own_files_and_nothing_else(pages):
    for name, page in pages.items():
        policy = dict(
            rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; ")
        )

        assert policy["default-src"] in {"'none'", "'self'"}, name
        assert policy["script-src"] == policy["style-src"] == "'self'", name
        assert policy["frame-ancestors"] in {"'none'", "'self'"}, name
        assert "unsafe" not in page.headers["Content-Security-Policy"], name


def test_every_page_is_taken_as_what_it_says_and_tells_others_nothing(pages):
    for name, page in pages.items():
        assert page.headers["X-Content-Type-Options"] == "nosniff", name
        assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, name


@pytest.mark.parametrize("name", ["mine", "desk", "console", "register", "not found"])
def test_what_is_personal_is_kept_nowhere(pages, name):
    assert pages[name].headers["Cache-Control"] == "no-store"


def test_the_device_is_remembered_and_no_script_can_read_it(app):
    meeting = a_meeting(database_of(app))

    answer = send_question(a_browser(app), meeting)

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"device-{meeting.id}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_on_https_cookies_stay_on_https(tmp_path, new_app):
    app = new_app(tmp_path, public_url="https://vragen.example.nl", knows_public_url=True)

    answer = send_question(a_browser(app), a_meeting(database_of(app)))

    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_on_http_nobody_is_forced_to_https(app):
    assert "Strict-Transport-Security" not in a_browser(app).get("/healthz").headers


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("screen", ["phone", "hall"])
def test_a_live_region_that_did_not_change_is_not_sent_again(app, screen, accept):
    database = database_of(app)
    meeting = a_meeting(database)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    browser = a_browser(app, accept=accept)
    address = f"/m/{meeting.code}/live?screen={screen}"
    tag = browser.get(address).headers["ETag"]

    same = browser.get(address, headers={"If-None-Match": tag})
    a_question(database, meeting)
    still_the_same = browser.get(address, headers={"If-None-Match": tag})
    support(database, question)
    counted = browser.get(address, headers={"If-None-Match": tag})

    assert (same.status_code, same.data) == (304, b"")
    assert still_the_same.status_code == 304
    assert counted.status_code == 200


def test_facts_and_page_and_languages_have_tags_of_their_own(app):
    meeting = a_meeting(database_of(app))
    address = f"/m/{meeting.code}/live"

    tags = {
        a_browser(app, accept=accept).get(f"{address}?lang={lang}").headers["ETag"]
        for accept in ("application/json", "text/html")
        for lang in ("nl", "en")
    }

    assert len(tags) >= 3


def test_a_receipt_is_not_found_by_search_engines(app):
    meeting = a_meeting(database_of(app))
    phone = a_phone(app, meeting)
    receipt = phone.get(f"/m/{meeting.code}/mine").json["cards"][0]["receipt"]

    page = phone.get(f"/q/{receipt}", headers={"Accept": "text/html"})

    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"
