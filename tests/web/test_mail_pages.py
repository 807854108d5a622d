"""Behind the links in our mails: a yes only by a button, and a stop that mail programs may send."""

import pytest
from sqlalchemy import select

from facilitation.actions import contacting
from facilitation.domain.contact import Contact, Purpose
from tests.makers import a_browser, a_meeting, a_question, database_of

ANNA = "anna@example.nl"


@pytest.fixture
def database(app):
    return database_of(app)


@pytest.fixture
def browser(app):
    return a_browser(app, accept="text/html")


@pytest.fixture
def tokens(database) -> list[str]:
    """The secrets of an address that was left for the answer and for the news."""
    question = a_question(database, a_meeting(database), text="Verzonnen vraag")
    database.perform(
        contacting.leave_address,
        question.receipt,
        email=ANNA,
        purposes=[Purpose.ANSWER, Purpose.NEWS],
        language="nl",
    )
    return [contact.token for contact in kept(database)]


def kept(database) -> list[Contact]:
    with database.read() as session:
        return list(session.scalars(select(Contact).order_by(Contact.id)))


def confirmed(database) -> list[bool]:
    return [contact.confirmed_at is not None for contact in kept(database)]


def test_looking_at_the_link_confirms_nothing(browser, database, tokens):
    answer = browser.get(f"/mail/{tokens[0]}/confirm?lang=en")
    browser.head(f"/mail/{tokens[0]}/confirm")

    assert answer.status_code == 200
    assert "Is this your e-mail address?" in answer.text
    assert confirmed(database) == [False, False]


def test_the_button_confirms_all_that_the_mail_asked(browser, database, tokens):
    answer = browser.post(f"/mail/{tokens[0]}/confirm")

    html = browser.get(answer.location + "?lang=en").text
    assert answer.status_code == 303
    assert "Your e-mail address is confirmed" in html
    assert "<form" not in html.split("<main")[1]
    assert confirmed(database) == [True, True]


def test_a_foreign_page_confirms_nothing(app, database, tokens):
    answer = a_browser(app, site="cross-site").post(f"/mail/{tokens[0]}/confirm")

    assert answer.status_code == 403
    assert confirmed(database) == [False, False]


def test_looking_at_the_other_link_stops_nothing(browser, database, tokens):
    answer = browser.get(f"/mail/{tokens[0]}/stop?lang=en")

    assert "Stop these mails?" in answer.text
    assert len(kept(database)) == 2


def test_the_button_stops_it_for_one_purpose(browser, database, tokens):
    answer = browser.post(f"/mail/{tokens[0]}/stop?lang=en")

    assert answer.status_code == 200
    assert "You get no more of these mails" in answer.text
    assert [contact.purpose for contact in kept(database)] == [Purpose.NEWS]
    assert browser.get(f"/mail/{tokens[0]}/stop").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://mail.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"},
    ],
    ids=["a server", "a web mail", "a sandbox", "a browser"],
)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_stops_it_in_one_click(app, database, tokens, headers, kind):
    program = a_browser(app, accept="*/*", site=None)

    answer = program.post(
        f"/mail/{tokens[1]}/stop",
        data={"List-Unsubscribe": "One-Click"},
        content_type=kind,
        headers=headers,
    )

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert [contact.purpose for contact in kept(database)] == [Purpose.ANSWER]


def test_programs_get_facts(app, database, tokens):
    program = a_browser(app)

    yes = program.post(f"/mail/{tokens[0]}/confirm")
    stop = program.post(f"/mail/{tokens[0]}/stop")

    assert yes.json == {"confirmed": ["answer", "news"]}
    assert stop.json == {"stopped": "answer"}


@pytest.mark.parametrize("page", ["confirm", "stop"])
def test_the_page_shows_neither_the_address_nor_what_somebody_typed(browser, tokens, page):
    answer = browser.get(f"/mail/{tokens[0]}/{page}")

    assert ANNA not in answer.text
    assert "Verzonnen vraag" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("page", ["confirm", "stop"])
def test_a_guessed_link_is_told_the_same_everywhere(browser, tokens, method, page):
    answer = browser.open(f"/mail/guessed/{page}?lang=en", method=method)

    assert answer.status_code == 404
    assert "This link does not work" in answer.text
