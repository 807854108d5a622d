"""An unsafe request comes from one of our own pages, by the browser's own word."""

import pytest

from facilitation.domain.lifecycle import Role
from tests.makers import a_browser, a_colleague, a_key, a_meeting, database_of

# A mail program asks for it in one click (RFC 8058); the link itself is the secret.
ONE_CLICK = "/mail/<token>/stop"
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Sec-Fetch-Site": "same-site"},
    "typed in": {"Sec-Fetch-Site": "none"},
    "another origin": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://localhost:9999"},
    "another scheme": {"Origin": "https://localhost"},
    "our name as theirs": {"Origin": "http://localhost.evil.example"},
    "null": {"Origin": "null"},
    "the site wins": {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory, new_app):
    return new_app(tmp_path_factory.mktemp("origin"), has_limits=False)


def silent(app, account_id=None):
    """A browser, or a program, that does not say where it comes from."""
    return a_browser(app, account_id=account_id, site=None)


def unsafe_routes(app) -> list[tuple[str, str]]:
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods & UNSAFE)
        if rule.rule != ONE_CLICK
    ]


def address(rule: str, meeting) -> str:
    for name, value in {
        "<code>": meeting.code,
        "<int:meeting_id>": meeting.id,
        "<int:question_id>": 1,
        "<int:follow_up_id>": 1,
        "<int:account_id>": 1,
        "<int:series_id>": 1,
        "<int:update_id>": 1,
        "<receipt>": "x",
        "<token>": "x",
        "<role>": "scribe",
        "<step>": "pause",
    }.items():
        rule = rule.replace(name, str(value))
    return rule


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_no_unsafe_route_obeys_a_foreign_page(app, headers):
    database = database_of(app)
    meeting = a_meeting(database)
    browser = silent(app, a_colleague(database, role=Role.ORGANISER))

    found = {
        (method, rule): browser.open(
            address(rule, meeting), method=method, json={"key": a_key()}, headers=headers
        )
        for method, rule in unsafe_routes(app)
    }

    assert len(found) > 10
    for where, answer in found.items():
        assert (answer.status_code, answer.json["type"]) == (403, "urn:problem:foreign"), where


def test_staff_routes_need_the_word_and_residents_do_not(app):
    meeting = a_meeting(database_of(app))
    browser = silent(app)

    foreign = {
        rule
        for method, rule in unsafe_routes(app)
        if browser.open(address(rule, meeting), method=method, json={}).json["type"]
        == "urn:problem:foreign"
    }

    staff = {rule for _, rule in unsafe_routes(app) if rule.startswith("/staff")}
    assert foreign == staff - {"/staff/sign-in"}  # a program signs in with a password


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}], ids=str
)
def test_our_own_pages_are_obeyed(app, headers):
    database = database_of(app)
    meeting = a_meeting(database)
    browser = silent(app, a_colleague(database, role=Role.ORGANISER))

    answer = browser.post(f"/staff/meetings/{meeting.id}/pause", headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_link_from_elsewhere_may_show_a_page(app, headers):
    meeting = a_meeting(database_of(app))

    assert silent(app).get(f"/m/{meeting.code}/live", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("https://vragen.example.nl", "vragen.example.nl", 201),
        ("https://vragen.example.nl", "10.0.0.1:8000", 201),
        ("http://vragen.example.nl", "vragen.example.nl", 403),
        ("http://evil.example", "evil.example", 403),
    ],
)
def test_once_the_public_address_is_known_no_other_name_counts(
    tmp_path, new_app, origin, host, status
):
    app = new_app(tmp_path, public_url="https://vragen.example.nl", knows_public_url=True)
    meeting = a_meeting(database_of(app))

    answer = silent(app).post(
        f"/m/{meeting.code}/questions",
        json={"key": a_key(), "text": "Hoeveel?"},
        headers={"Origin": origin, "Host": host},
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("origin", "is_refused"), [("https://evil.example", True), ("http://localhost", False)]
)
def test_a_foreign_page_opens_no_socket_either(app, origin, is_refused):
    answer = silent(app).get("/socket.io/?EIO=4&transport=websocket", headers={"Origin": origin})

    assert ("origin" in answer.text.lower()) is is_refused
    assert answer.status_code == 400  # no upgrade was asked for, so nothing opens either way


def test_only_websockets_are_offered(app):
    answer = silent(app).get("/socket.io/?EIO=4&transport=polling")

    assert answer.status_code == 400
