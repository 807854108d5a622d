"""Who may come in where: every route by everybody, and every socket by everybody."""

import pytest
from flask.testing import FlaskClient

from facilitation.actions import accounts
from facilitation.domain.lifecycle import QuestionState, Role
from tests.makers import (
    STAFF,
    a_browser,
    a_colleague,
    a_follow_up,
    a_key,
    a_meeting,
    a_question,
    a_screen,
    database_of,
    now,
)

ANONYMOUS, ELSEWHERE = "anonymous", "moderator of another meeting"
ORGANISER, MODERATOR, SCRIBE, ANSWERER = STAFF
MODERATES = {ORGANISER, MODERATOR}
AT_THE_DESK = {*MODERATES, SCRIBE}
IN_THE_MEETING = {*AT_THE_DESK, ANSWERER}
SIGNED_IN = {*IN_THE_MEETING, ELSEWHERE}
EVERYBODY = {*SIGNED_IN, ANONYMOUS}

MEETING = "/staff/meetings/<int:meeting_id>"
SERIES = "/staff/series/<int:series_id>"

# Who gets in at each door; a new route must be written down here too.
DOORS = {
    "GET /": EVERYBODY,
    "GET /m/<code>": EVERYBODY,
    "POST /m/<code>/questions": EVERYBODY,
    "POST /m/<code>/questions/<int:question_id>/support": EVERYBODY,
    "PUT /m/<code>/questions/<int:question_id>/support": EVERYBODY,
    "GET /m/<code>/live": EVERYBODY,
    "GET /m/<code>/mine": EVERYBODY,
    "GET /m/<code>/hall": EVERYBODY,
    "GET /m/<code>/qr.svg": EVERYBODY,
    "GET /m/<code>/poster": EVERYBODY,
    "GET /m/<code>/answers": EVERYBODY,
    "GET /m/<code>/answers.json": EVERYBODY,
    "GET /m/<code>/answers.csv": EVERYBODY,
    "GET /q/<receipt>": EVERYBODY,
    "POST /q/<receipt>/withdraw": EVERYBODY,
    "GET /q/<receipt>/data": EVERYBODY,
    "POST /q/<receipt>/address": EVERYBODY,
    "POST /q/<receipt>/address/erase": EVERYBODY,
    "POST /q/<receipt>/verdict": EVERYBODY,
    "POST /q/<receipt>/clarify": EVERYBODY,
    "GET /mail/<token>/confirm": EVERYBODY,
    "POST /mail/<token>/confirm": EVERYBODY,
    "GET /mail/<token>/stop": EVERYBODY,
    "POST /mail/<token>/stop": EVERYBODY,
    "GET /t/<code>": EVERYBODY,
    "GET /t/<code>.json": EVERYBODY,
    "GET /t/<code>/feed.atom": EVERYBODY,
    "GET /t/<code>/questions/<int:question_id>": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /metrics": EVERYBODY,  # on this machine itself: test_health.py has the others
    "GET /theme/<path:name>": EVERYBODY,
    "GET /staff/sign-in": EVERYBODY,
    "POST /staff/sign-in": EVERYBODY,
    "POST /staff/sign-out": EVERYBODY,
    "GET /staff/welcome/<token>": EVERYBODY,
    "POST /staff/welcome/<token>": EVERYBODY,
    "GET /staff/": SIGNED_IN,
    "GET /staff/series": {ORGANISER},
    "GET /staff/series/<int:series_id>": {ORGANISER},
    "POST /staff/series/<int:series_id>": {ORGANISER},
    "POST /staff/series/<int:series_id>/updates": {ORGANISER},
    "POST /staff/series/<int:series_id>/updates/<int:update_id>/hide": {ORGANISER},
    "GET /staff/meetings/new": {ORGANISER},
    "POST /staff/meetings": {ORGANISER},
    f"GET {MEETING}": IN_THE_MEETING,
    f"GET {MEETING}/edit": {ORGANISER},
    f"POST {MEETING}/edit": {ORGANISER},
    f"POST {MEETING}/people": {ORGANISER},
    f"POST {MEETING}/people/<int:account_id>/link": {ORGANISER},
    f"POST {MEETING}/people/<int:account_id>/<role>/withdraw": {ORGANISER},
    f"POST {MEETING}/<step>": MODERATES,
    f"GET {MEETING}/console": AT_THE_DESK,
    f"GET {MEETING}/live": AT_THE_DESK,
    f"POST {MEETING}/questions": AT_THE_DESK,
    f"GET {MEETING}/questions/<int:question_id>": AT_THE_DESK,
    f"POST {MEETING}/questions/<int:question_id>/<step>": AT_THE_DESK,
    f"GET {MEETING}/register": IN_THE_MEETING,
    f"GET {MEETING}/register.csv": IN_THE_MEETING,
    f"GET {MEETING}/register.xlsx": IN_THE_MEETING,
    f"GET {MEETING}/register.ods": IN_THE_MEETING,
    f"GET {MEETING}/register.json": IN_THE_MEETING,
    "GET /staff/series/<int:series_id>/dossier.zip": {ORGANISER},
    f"GET {MEETING}/register/<int:follow_up_id>": IN_THE_MEETING,
    f"POST {MEETING}/register/<int:follow_up_id>/<step>": {*MODERATES, ANSWERER},
    f"GET {SERIES}/register": IN_THE_MEETING,
    f"GET {SERIES}/summary": {ORGANISER},
    f"GET {MEETING}/summary": IN_THE_MEETING,
    f"GET {SERIES}/register.csv": IN_THE_MEETING,
    f"POST {SERIES}/register/<step>": MODERATES,
    f"GET {SERIES}/prepared": {*MODERATES, ANSWERER},
    f"GET {SERIES}/prepared.csv": {*MODERATES, ANSWERER},
    f"GET {SERIES}/prepared/brief": {*MODERATES, ANSWERER},
    f"GET {SERIES}/prepared/matches": {*MODERATES, ANSWERER},
    f"POST {SERIES}/prepared": MODERATES,
    f"POST {SERIES}/prepared/import": MODERATES,
    f"GET {SERIES}/prepared/<int:answer_id>": MODERATES,
    f"POST {SERIES}/prepared/<int:answer_id>": MODERATES,
    f"POST {SERIES}/prepared/<int:answer_id>/remove": MODERATES,
}

# What a door asks for before it can refuse somebody for their role.
BODIES = {
    f"POST {MEETING}/questions/<int:question_id>/<step>": {"text": "Duidelijker"},
    f"POST {MEETING}/register/<int:follow_up_id>/<step>": {"answer": "Zo is het."},
}
STEPS = {
    f"POST {SERIES}/register/<step>": "assign",
    f"POST {MEETING}/<step>": "pause",
    f"POST {MEETING}/questions/<int:question_id>/<step>": "edit",
    f"POST {MEETING}/register/<int:follow_up_id>/<step>": "draft",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory, new_app):
    return new_app(tmp_path_factory.mktemp("access"), has_limits=False)


@pytest.fixture(scope="module")
def database(app):
    return database_of(app)


@pytest.fixture(scope="module")
def meeting(database):
    return a_meeting(database)


@pytest.fixture(scope="module")
def people(database, meeting) -> dict[str, int | None]:
    """Everybody's account."""
    return {
        ANONYMOUS: None,
        ELSEWHERE: a_colleague(database, role=MODERATOR, meeting=a_meeting(database)),
    } | {role: a_colleague(database, role=role, meeting=meeting) for role in STAFF}


def knock(browser: FlaskClient, door: str, meeting, database):
    """Ask at this door for things that are there."""
    method, rule = door.split(" ", 1)
    question = a_follow_up(database, meeting) if "<int:" in rule or "receipt" in rule else None
    values = {
        "<code>": meeting.code,
        "<int:meeting_id>": meeting.id,
        "<int:series_id>": meeting.series_id,
        "<int:question_id>": question and question.id,
        "<int:follow_up_id>": question and question.follow_up.id,
        "<receipt>": question and question.receipt,
        "<int:account_id>": 999,
        "<int:update_id>": 999,
        "<int:answer_id>": 999,
        "<role>": "scribe",
        "<step>": STEPS.get(door),
        "<token>": "no-such-token",
        "<path:name>": "theme.css",
    }
    for name, value in values.items():
        rule = rule.replace(name, str(value))
    body = {} if method == "GET" else {"json": BODIES.get(door, {})}
    return browser.open(rule, method=method, **body)


def test_every_route_says_who_may_come_in(app):
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "access")
    ]

    assert unmarked == []


def test_every_route_is_in_the_table_of_doors(app):
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }

    assert routes == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_a_door_lets_in_whom_it_should_and_nobody_else(app, database, meeting, people, door):
    found = {}

    for who, account_id in people.items():
        answer = knock(a_browser(app, account_id=account_id), door, meeting, database)
        found[who] = answer.status_code

    assert max(found.values()) < 500, found
    assert {who for who, status in found.items() if status not in {401, 403}} == DOORS[door]
    assert {who for who, status in found.items() if status == 401} <= {ANONYMOUS}


def test_a_page_for_staff_leads_to_the_sign_in_and_back(app, meeting):
    browser = a_browser(app, accept="text/html")

    answer = browser.get(f"/staff/meetings/{meeting.id}/console?lang=en")

    assert answer.status_code == 303
    assert answer.location.startswith("/staff/sign-in?next=/staff/meetings/")


def test_a_role_that_is_withdrawn_counts_from_the_next_request(app, database, meeting):
    account_id = a_colleague(database, role=SCRIBE, meeting=meeting)
    browser = a_browser(app, account_id=account_id)
    assert browser.get(f"/staff/meetings/{meeting.id}/live").status_code == 200

    database.perform(accounts.withdraw_role, meeting.id, account_id=account_id, role=SCRIBE)

    assert browser.get(f"/staff/meetings/{meeting.id}/live").status_code == 403


def test_a_meeting_or_question_of_another_meeting_is_not_reached_by_number(app, database, people):
    meeting, other = a_meeting(database), a_meeting(database)
    question = a_follow_up(database, other)
    browser = a_browser(app, account_id=a_colleague(database, role=MODERATOR, meeting=meeting))

    answers = [
        browser.get(f"/staff/meetings/{meeting.id}/questions/{question.id}"),
        browser.post(f"/staff/meetings/{meeting.id}/questions/{question.id}/undo"),
        browser.get(f"/staff/meetings/{meeting.id}/register/{question.follow_up.id}"),
        browser.post(f"/staff/meetings/{meeting.id}/register/{question.follow_up.id}/publish"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert now(database, question) == question


def test_what_is_being_prepared_is_not_there_for_residents(app, database):
    meeting = a_meeting(database, state="draft")

    answers = [
        a_browser(app).get(f"/m/{meeting.code}/{page}") for page in ("live", "mine", "answers.json")
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_what_is_being_prepared_is_there_for_who_works_on_it_only(app, database):
    meeting, other = a_meeting(database, state="draft"), a_meeting(database)
    colleagues = [a_colleague(database, role=Role.MODERATOR, meeting=m) for m in (meeting, other)]

    answers = [a_browser(app, account_id=who).get(f"/m/{meeting.code}/live") for who in colleagues]

    assert [answer.status_code for answer in answers] == [200, 404]


@pytest.mark.parametrize("cookie", ["", "nonsense", "a" * 4000, "é"])
def test_a_made_up_session_is_nobody(app, meeting, cookie):
    browser = a_browser(app)
    browser.set_cookie("staff", cookie)

    assert browser.get(f"/staff/meetings/{meeting.id}/live").status_code == 401


def test_a_device_cookie_cannot_be_made_up_or_taken_to_another_meeting(app, database, meeting):
    browser = a_browser(app)
    sent = {"key": a_key(), "text": "Van mij?"}
    browser.post(f"/m/{meeting.code}/questions", json=sent)
    own = browser.get_cookie(f"device-{meeting.id}").value
    other = a_meeting(database)
    thief = a_browser(app)
    thief.set_cookie(f"device-{other.id}", own)
    thief.set_cookie(f"device-{meeting.id}", own[:-2] + "xx")

    assert len(browser.get(f"/m/{meeting.code}/mine").json["cards"]) == 1
    assert thief.get(f"/m/{meeting.code}/mine").json["cards"] == []
    assert thief.get(f"/m/{other.code}/mine").json["cards"] == []


# -- sockets


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"Origin": "http://localhost"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
    ids=["own origin", "own site", "foreign", "foreign site", "null", "none"],
)
def test_a_console_connects_for_who_works_at_the_desk_and_from_our_own_page(
    app, meeting, people, headers, is_own
):
    connected = set()

    for who, account_id in people.items():
        browser = a_browser(app, account_id=account_id, site=None)
        screen = a_screen(app, meeting, screen="console", browser=browser, headers=headers)
        if screen.is_connected():
            connected.add(who)
            screen.disconnect()

    assert connected == (AT_THE_DESK if is_own else set())


@pytest.mark.parametrize("screen", ["phone", "hall"])
def test_what_everybody_may_see_everybody_may_listen_to(app, meeting, people, screen):
    for account_id in people.values():
        listening = a_screen(
            app, meeting, screen=screen, browser=a_browser(app, account_id=account_id)
        )

        assert listening.is_connected()
        listening.disconnect()


def test_a_waiting_question_is_in_no_answer_that_residents_get(app, database):
    meeting = a_meeting(database)
    hidden = [
        a_question(database, meeting, state=state, text=f"verborgen {state}", name=f"naam {state}")
        for state in QuestionState
        if state not in _SHOWN
    ]
    shown = a_question(database, meeting, state=QuestionState.ON_WALL, text="op de muur")
    resident = a_browser(app)

    told = "".join(
        resident.get(f"/m/{meeting.code}/{page}", headers={"Accept": accept}).text
        for page in (
            "live",
            "live?screen=hall",
            "mine",
            "answers",
            "answers.json",
            "answers.csv",
            "hall",
            "",
        )
        for accept in ("application/json", "text/html")
    )

    assert shown.text in told
    for question in (*hidden, shown):
        assert question.receipt not in told
        assert question.device not in told
    for question in hidden:
        assert question.text not in told
        assert question.name not in told


_SHOWN = {
    QuestionState.ON_WALL,
    QuestionState.ON_STAGE,
    QuestionState.ANSWERED,
    QuestionState.DEFERRED,
    QuestionState.ACKNOWLEDGED,
}


def test_colleagues_get_neither_receipt_nor_device(app, database, meeting, people):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    browser = a_browser(app, account_id=people[Role.ORGANISER])

    told = browser.get(f"/staff/meetings/{meeting.id}/live").text

    assert question.text in told
    assert question.receipt not in told
    assert question.device not in told
