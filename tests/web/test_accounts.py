"""Signing in and out, and the link that makes the first organiser, once."""

from urllib.parse import urlsplit

import pytest
from argon2.exceptions import VerifyMismatchError

from facilitation.actions import accounts
from facilitation.domain.lifecycle import Role
from facilitation.web.accounts import NOBODYS_HASH, hasher
from facilitation.web.limits import BUDGETS
from tests.makers import a_browser, a_colleague, a_meeting, database_of

PASSWORD = "een lange zin die ik onthoud"
EMAIL = "olga@example.org"


@pytest.fixture(scope="module")
def password_hash() -> str:
    """Hashing is slow on purpose, so once is enough."""
    return hasher.hash(PASSWORD)


@pytest.fixture
def olga(app, password_hash) -> int:
    return a_colleague(
        database_of(app), role=Role.ORGANISER, email=EMAIL, password_hash=password_hash
    )


def sign_in(browser, *, email=EMAIL, password=PASSWORD, **more):
    return browser.post("/staff/sign-in", data={"email": email, "password": password} | more)


def is_signed_in(browser) -> bool:
    return browser.get("/staff/", headers={"Accept": "text/html"}).status_code == 200


def test_the_right_password_opens_the_door(app, olga):
    browser = a_browser(app)

    answer = sign_in(browser)

    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 200
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert is_signed_in(browser)


def test_a_program_signs_in_without_saying_where_it_comes_from(app, olga):
    browser = a_browser(app, site=None, accept="*/*")

    answer = sign_in(browser)

    assert answer.status_code == 303
    assert is_signed_in(browser)


def test_an_address_is_the_same_in_capitals(app, olga):
    assert sign_in(a_browser(app), email="Olga@Example.ORG").status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app, olga):
    a_colleague(database_of(app), role=Role.ORGANISER, email="no-password@example.org")

    answers = [
        sign_in(a_browser(app), password="een heel andere zin"),
        sign_in(a_browser(app), email="nobody@example.org"),
        sign_in(a_browser(app), email="no-password@example.org"),
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.data for answer in answers}) == 1
    assert not [answer for answer in answers if "Set-Cookie" in answer.headers]


@pytest.mark.parametrize("password", ["", PASSWORD + " ", PASSWORD.upper(), "p" * 1001])
def test_only_the_very_password_is_right(app, olga, password):
    assert sign_in(a_browser(app), password=password).status_code == 422


def test_who_tries_many_passwords_is_asked_to_wait_and_others_are_not(app, olga, password_hash):
    a_colleague(
        database_of(app),
        role=Role.ORGANISER,
        email="other@example.org",
        password_hash=password_hash,
    )
    tries = BUDGETS["wrong passwords"].amount

    answers = [sign_in(a_browser(app), password="geraden wachtwoord") for _ in range(tries + 1)]

    assert [answer.status_code for answer in answers] == [422] * tries + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert sign_in(a_browser(app), email="other@example.org").status_code == 200


def test_signing_out_ends_the_session_for_who_copied_its_cookie(app, olga):
    browser, copy = a_browser(app), a_browser(app)
    sign_in(browser)
    copy.set_cookie("staff", browser.get_cookie("staff").value)
    assert is_signed_in(copy)

    browser.post("/staff/sign-out")

    assert not is_signed_in(browser)
    assert not is_signed_in(copy)


def test_signing_out_twice_is_signing_out_once(app, olga):
    browser = a_browser(app)
    sign_in(browser)

    statuses = [browser.post("/staff/sign-out").status_code for _ in range(2)]

    assert statuses == [303, 303]


def test_a_session_ends_by_itself_the_next_morning(app, olga, clock):
    browser = a_browser(app)
    sign_in(browser)

    clock.move(hours=13, minutes=59)
    assert is_signed_in(browser)
    clock.move(minutes=2)

    assert not is_signed_in(browser)


def test_another_password_ends_every_session(app, olga, password_hash):
    browser = a_browser(app)
    sign_in(browser)

    database_of(app).perform(accounts.set_password, email=EMAIL, password_hash=password_hash)

    assert not is_signed_in(browser)
    assert sign_in(browser).status_code == 200


@pytest.mark.sqlite
def test_only_the_digest_of_a_session_is_kept(app, olga):
    browser = a_browser(app)
    sign_in(browser)
    token = browser.get_cookie("staff").value

    with open(database_of(app).url.removeprefix("sqlite:///"), "rb") as file:  # noqa: PTH123
        kept = file.read()

    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/staff/meetings/3/console", "/staff/meetings/3/console"),
        ("https://evil.example/", "/staff/"),
        ("//evil.example/staff/", "/staff/"),
        ("/\\evil.example", "/staff/"),
        ("/staff/\\evil.example", "/staff/"),
        ("/staff/\r\nSet-Cookie: a=b", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
        ("", "/staff/"),
    ],
)
def test_signing_in_leads_on_to_our_own_pages_only(app, olga, wanted, leads_to):
    answer = sign_in(a_browser(app, accept="text/html"), next=wanted)

    assert answer.status_code == 303
    location = urlsplit(answer.location)
    assert (location.netloc, location.path) in {("", leads_to), ("localhost", leads_to)}
    assert "a" not in [cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]


def test_a_page_that_is_refused_keeps_the_address_and_not_the_password(app, olga):
    page = sign_in(a_browser(app, accept="text/html"), password="mijn foute wachtwoord")

    assert page.status_code == 422
    assert EMAIL in page.text
    assert "mijn foute wachtwoord" not in page.text


# -- the first organiser


def use_link(browser, token, **changes):
    sent = {"email": EMAIL, "name": "Olga", "password": PASSWORD} | changes
    return browser.post(f"/staff/welcome/{token}", data=sent)


def test_the_one_time_link_makes_one_organiser_and_signs_in(app):
    token = database_of(app).perform(accounts.make_first_link)
    browser = a_browser(app)

    first = use_link(browser, token)
    again = use_link(a_browser(app), token, email="second@example.org")

    assert first.status_code == 200
    assert is_signed_in(browser)
    assert (again.status_code, again.json["type"]) == (404, "urn:problem:not-found")
    assert sign_in(a_browser(app)).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"password": "te kort"}, {"email": "geen adres"}, {"name": ""}], ids=str
)
def test_a_link_that_was_filled_in_wrong_can_be_used_again(app, changes):
    token = database_of(app).perform(accounts.make_first_link)

    refused = use_link(a_browser(app), token, **changes)

    assert refused.status_code == 422
    assert use_link(a_browser(app), token).status_code == 200


def test_a_link_is_too_old_after_a_week(app, clock):
    token = database_of(app).perform(accounts.make_first_link)

    clock.move(days=8)

    assert a_browser(app).get(f"/staff/welcome/{token}").status_code == 404
    assert use_link(a_browser(app), token).status_code == 404


def test_a_link_that_nobody_made_opens_nothing(app):
    assert use_link(a_browser(app), "made-up").status_code == 404


def test_once_there_is_an_organiser_there_is_no_link(app, olga):
    assert database_of(app).perform(accounts.make_first_link) is None


def test_of_two_links_only_the_first_one_used_makes_an_organiser(app):
    database = database_of(app)
    links = [database.perform(accounts.make_first_link) for _ in range(2)]
    use_link(a_browser(app), links[0])

    second = use_link(a_browser(app), links[1], email="second@example.org")

    assert second.status_code == 404


# -- roles


def test_a_role_is_given_and_taken_from_the_desk(app, olga):
    database = database_of(app)
    meeting = a_meeting(database)
    sam = a_colleague(database, role=Role.SCRIBE, email="sam@example.org")
    organiser, colleague = a_browser(app, account_id=olga), a_browser(app, account_id=sam)
    address = f"/staff/meetings/{meeting.id}"
    assert colleague.get(f"{address}/live").status_code == 403

    organiser.post(f"{address}/people", data={"email": "sam@example.org", "role": "scribe"})
    given = colleague.get(f"{address}/live").status_code
    organiser.post(f"{address}/people/{sam}/scribe/withdraw")
    taken = colleague.get(f"{address}/live").status_code

    assert (given, taken) == (200, 403)


def test_an_address_that_nobody_has_costs_as_much_as_one_that_somebody_has():
    assert not hasher.check_needs_rehash(NOBODYS_HASH)
    with pytest.raises(VerifyMismatchError):
        hasher.verify(NOBODYS_HASH, "whatever")
