"""The receipt afterwards: an address with consent, a verdict, a word to add, and what is kept."""

import json

import pytest

from facilitation.actions import contacting
from facilitation.domain.lifecycle import FollowUpState, QuestionState, Role
from facilitation.storage import contacts
from facilitation.web.limits import BUDGETS
from tests.makers import (
    EVENING,
    a_browser,
    a_colleague,
    a_follow_up,
    a_meeting,
    a_question,
    database_of,
    now,
)

ANNA = "anna.de.vries@example.nl"
MASKED = "a***@example.nl"


@pytest.fixture
def database(app):
    return database_of(app)


@pytest.fixture
def meeting(database):
    return a_meeting(database)


@pytest.fixture
def question(database, meeting):
    return a_question(database, meeting, state=QuestionState.ON_WALL)


@pytest.fixture
def phone(app):
    return a_browser(app, accept="text/html")


def after(database, question):
    with database.read() as session:
        return contacts.aftermath(session, question.receipt, today=EVENING.date())


def leave(browser, question, **fields):
    return browser.post(f"/q/{question.receipt}/address", data={"email": ANNA} | fields)


# -- an address


def test_an_address_is_left_by_a_plain_form_and_waits_for_a_yes(phone, database, question):
    answer = leave(phone, question)

    html = phone.get(f"/q/{question.receipt}?lang=en").text
    assert answer.status_code == 303
    assert MASKED in html
    assert "Look in your mailbox" in html
    assert ANNA not in html
    assert [contact.purpose for contact in after(database, question).contacts] == ["answer"]


def test_only_what_was_ticked_is_consented_to(phone, database, question):
    leave(phone, question, help="yes")

    assert [contact.purpose for contact in after(database, question).contacts] == [
        "answer",
        "help",
    ]


def test_no_box_is_ticked_beforehand(phone, question):
    html = phone.get(f"/q/{question.receipt}").text

    assert html.count('type="checkbox"') == 3
    assert " checked" not in html


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "anna@",
        "anna@example",
        "anna@example.nl\nBcc: bas@example.nl",
        "a b@example.nl",
        "x" * 250 + "@example.nl",
    ],
)
def test_a_bad_address_gets_a_sentence_beside_it_and_stays(phone, database, question, typed):
    answer = leave(phone, question, email=typed, news="yes")

    assert answer.status_code == 422
    assert 'id="email-problem"' in answer.text
    assert typed.split("\n")[0] in answer.text
    assert answer.text.count(" checked") == 1
    assert after(database, question).contacts == []


def test_json_says_the_same_of_a_known_and_an_unknown_address(app, database, meeting):
    known, other = a_question(database, meeting), a_question(database, meeting)
    browser = a_browser(app)
    leave(browser, known)

    answers = [leave(browser, other), leave(browser, other, email="bas@example.nl")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert "example.nl" not in answers[0].text


def test_an_address_stands_nowhere_but_masked_on_its_receipt(app, phone, database, meeting):
    question = a_follow_up(database, meeting, state=FollowUpState.ASSIGNED)
    leave(phone, question, news="yes", help="yes", panel="yes")
    staff = a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))
    desk = f"/staff/meetings/{meeting.id}"
    owed = question.follow_up.id

    told = "".join(
        browser.get(path, headers={"Accept": accept}).text
        for browser, path in [
            *((phone, f"/m/{meeting.code}{page}") for page in ("", "/live", "/answers")),
            *((phone, f"/q/{question.receipt}{page}") for page in ("", "/data")),
            *((staff, desk + page) for page in ("", "/console", "/register", "/register.csv")),
            (staff, f"{desk}/register/{owed}"),
        ]
        for accept in ("text/html", "application/json")
    )

    assert MASKED in told
    assert "anna.de.vries" not in told


def test_an_address_is_removed_by_a_button(phone, database, question):
    leave(phone, question, news="yes")

    answer = phone.post(f"/q/{question.receipt}/address/erase")

    assert answer.status_code == 303
    assert after(database, question).contacts == []
    assert MASKED not in phone.get(answer.location).text


def test_a_device_leaves_five_addresses_an_hour(phone, database, meeting):
    one = a_question(database, meeting, device="the same")
    other = a_question(database, meeting, device="the same")
    most = BUDGETS["addresses"].amount

    found = [leave(phone, one, email=f"a{n}@example.nl").status_code for n in range(most)]
    refused = leave(phone, other)

    assert found == [303] * most
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert ANNA in refused.text
    assert after(database, other).contacts == []


def test_what_was_withdrawn_offers_no_address(phone, database, meeting):
    question = a_question(database, meeting, state=QuestionState.WITHDRAWN)

    assert 'name="email"' not in phone.get(f"/q/{question.receipt}").text
    assert leave(phone, question).status_code == 409
    assert after(database, question).contacts == []


# -- a verdict and a word


def test_a_verdict_is_given_by_a_plain_form_and_may_be_changed(phone, database, meeting):
    question = a_question(database, meeting, state=QuestionState.ANSWERED)

    for said in ("not_yet", "yes"):
        answer = phone.post(f"/q/{question.receipt}/verdict", data={"verdict": said})
        assert answer.status_code == 303
        assert after(database, question).verdict == said
        assert phone.get(answer.location).text.count('aria-pressed="true"') == 1


def test_not_yet_asks_at_once_what_is_missing(phone, database, meeting):
    question = a_question(database, meeting, state=QuestionState.ANSWERED)
    before = phone.get(f"/q/{question.receipt}?lang=en").text

    phone.post(f"/q/{question.receipt}/verdict", data={"verdict": "not_yet"})

    html = phone.get(f"/q/{question.receipt}?lang=en").text
    assert "What is still missing?" in html
    assert "What is still missing?" not in before


@pytest.mark.parametrize("said", ["", "perhaps", "YES"])
def test_a_verdict_is_yes_or_not_yet(phone, database, meeting, said):
    question = a_question(database, meeting, state=QuestionState.ANSWERED)

    answer = phone.post(f"/q/{question.receipt}/verdict", data={"verdict": said})

    assert answer.status_code == 422
    assert 'class="field-problem"' in answer.text
    assert after(database, question).verdict is None


def test_nobody_judges_what_is_not_answered(phone, database, question):
    html = phone.get(f"/q/{question.receipt}").text

    answer = phone.post(f"/q/{question.receipt}/verdict", data={"verdict": "yes"})

    assert 'name="verdict"' not in html
    assert answer.status_code == 409
    assert after(database, question).verdict is None


def test_a_word_is_added_and_its_asker_and_colleagues_read_it(app, phone, database, meeting):
    question = a_follow_up(database, meeting, state=FollowUpState.PUBLISHED)
    staff = a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))

    phone.post(f"/q/{question.receipt}/verdict", data={"verdict": "not_yet"})
    answer = phone.post(f"/q/{question.receipt}/clarify", data={"text": "En de <fietsers>?"})

    owed = question.follow_up.id
    point = staff.get(
        f"/staff/meetings/{meeting.id}/register/{owed}?lang=en", headers={"Accept": "text/html"}
    ).text
    assert answer.status_code == 303
    assert "En de &lt;fietsers&gt;?" in phone.get(answer.location).text
    assert "En de &lt;fietsers&gt;?" in point
    assert "Not yet" in point
    assert now(database, question) == question


def test_the_console_shows_it_of_what_was_answered_in_the_hall(app, phone, database, meeting):
    question = a_question(database, meeting, state=QuestionState.ANSWERED)
    colleague = a_colleague(database, role=Role.MODERATOR, meeting=meeting)
    staff = a_browser(app, account_id=colleague, accept="text/html")

    phone.post(f"/q/{question.receipt}/verdict", data={"verdict": "not_yet"})
    phone.post(f"/q/{question.receipt}/clarify", data={"text": "En de fietsers?"})

    page = staff.get(f"/staff/meetings/{meeting.id}/questions/{question.id}?lang=en").text
    assert "En de fietsers?" in page
    assert "Not yet" in page


def test_what_is_added_is_read_by_nobody_else(app, phone, database, meeting, question):
    phone.post(f"/q/{question.receipt}/clarify", data={"text": "Alleen voor u."})

    told = "".join(
        phone.get(f"/m/{meeting.code}{page}").text for page in ("", "/live", "/mine", "/answers")
    )

    assert question.text in told
    assert "Alleen voor u." not in told


@pytest.mark.parametrize("text", ["", "  \n ", "a" * 501])
def test_a_word_that_is_none_or_too_long_gets_a_sentence_and_stays(phone, database, question, text):
    answer = phone.post(f"/q/{question.receipt}/clarify", data={"text": text})

    assert answer.status_code == 422
    assert 'id="clarification-problem"' in answer.text
    assert text.strip() in answer.text
    assert after(database, question).clarifications == []


def test_ten_words_an_hour_are_enough(phone, database, question):
    most = BUDGETS["clarifications"].amount
    found = [
        phone.post(f"/q/{question.receipt}/clarify", data={"text": f"Woord {n}"}).status_code
        for n in range(most + 1)
    ]

    assert found == [303] * most + [429]


# -- what is kept


def test_the_asker_sees_all_that_is_kept(app, phone, database, meeting):
    question = a_question(
        database, meeting, state=QuestionState.ANSWERED, name="Anna", text="Hoeveel?"
    )
    leave(phone, question)
    phone.post(f"/q/{question.receipt}/verdict", data={"verdict": "yes"})
    phone.post(f"/q/{question.receipt}/clarify", data={"text": "Dank u."})

    page = phone.get(f"/q/{question.receipt}/data").text
    facts = a_browser(app).get(f"/q/{question.receipt}/data").json

    for said in ("Anna", "Hoeveel?", "Dank u.", MASKED):
        assert said in page
        assert said in json.dumps(facts)
    assert facts["verdict"] == "yes"
    assert facts["contacts"][0]["delete_on"] == "2027-12-01"
    assert [mail["kind"] for mail in facts["mails"]] == ["confirm"]
    assert question.device not in page + json.dumps(facts)


@pytest.mark.parametrize(
    ("method", "page"),
    [
        ("GET", ""),
        ("GET", "/data"),
        ("POST", "/withdraw"),
        ("POST", "/address"),
        ("POST", "/address/erase"),
        ("POST", "/verdict"),
        ("POST", "/clarify"),
    ],
)
def test_a_guessed_receipt_is_told_the_same_everywhere(app, method, page):
    sent = {"email": ANNA, "verdict": "yes", "text": "Meer"}
    body = {} if method == "GET" else {"data": sent}

    answer = a_browser(app).open(f"/q/guessed{page}", method=method, **body)

    assert answer.status_code == 404
    assert answer.json == a_browser(app).get("/q/guessed").json


@pytest.mark.parametrize("page", ["", "/data"])
def test_no_shared_memory_and_no_search_engine_keeps_a_receipt(phone, question, page):
    answer = phone.get(f"/q/{question.receipt}{page}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_verdict_is_in_the_facts_of_the_receipt(app, database, meeting):
    question = a_question(database, meeting, state=QuestionState.ANSWERED)
    browser = a_browser(app)
    before = browser.get(f"/q/{question.receipt}").json["verdict"]

    database.perform(contacting.give_verdict, question.receipt, verdict="yes")

    assert (before, browser.get(f"/q/{question.receipt}").json["verdict"]) == (None, "yes")
