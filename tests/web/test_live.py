"""What open screens hear: all they may see, at once, and nothing else."""

import pytest
from flask_socketio import SocketIOTestClient

from facilitation.actions import accounts, asking
from facilitation.domain.lifecycle import Kind, MeetingState, QuestionState, Role
from facilitation.domain.meeting import View
from tests.makers import (
    a_browser,
    a_colleague,
    a_key,
    a_meeting,
    a_phone,
    a_question,
    a_rehearsal,
    a_screen,
    an_asker,
    database_of,
    follow_up,
    meeting_now,
    question_now,
    services_of,
    support,
    take,
    take_meeting,
)

ON_WALL = QuestionState.ON_WALL
SCREENS = ("phone", "hall", "console")


@pytest.fixture
def database(app):
    return database_of(app)


@pytest.fixture
def meeting(database):
    return a_meeting(database)


def listen(app, meeting, screen="phone", **more) -> SocketIOTestClient:
    """A screen that has heard its first pulse."""
    if screen == "console" and "browser" not in more:
        account_id = a_colleague(database_of(app), role=Role.MODERATOR, meeting=meeting)
        more["browser"] = a_browser(app, account_id=account_id)
    listening = a_screen(app, meeting, screen=screen, **more)
    assert listening.is_connected()
    listening.get_received()
    return listening


def heard(screen: SocketIOTestClient, name: str | None = None) -> list:
    """What it heard since the last time, of this kind."""
    told = screen.get_received()
    return [
        (message["name"], message["args"][0]) if name is None else message["args"][0]
        for message in told
        if name in {None, message["name"]}
    ]


def hears_a_question(app, database, meeting) -> bool:
    """Whether a new screen would; a control for tests of silence."""
    hall = listen(app, meeting, "hall")
    a_question(database, meeting, state=ON_WALL)
    return bool(heard(hall, "changed"))


# -- connecting


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_that_connects_learns_how_far_we_are(app, database, meeting, screen):
    a_question(database, meeting, state=ON_WALL)
    account_id = a_colleague(database, role=Role.MODERATOR, meeting=meeting)

    connected = a_screen(app, meeting, screen=screen, browser=a_browser(app, account_id=account_id))

    now = meeting_now(database, meeting)
    revision = now.staff_revision if screen == "console" else now.public_revision
    assert heard(connected) == [
        (
            "pulse",
            {
                "epoch": now.epoch,
                "revision": revision,
                "supports": 0,
                "meeting": {"state": "live", "view": "wall"},
            },
        )
    ]


@pytest.mark.parametrize(
    "auth",
    [
        None,
        "text",
        {},
        {"meeting": "AAAAAA", "screen": "phone", "lang": "nl"},
        {"meeting": None, "screen": "phone", "lang": "nl"},
        {"meeting": 2**70, "screen": "phone", "lang": "nl"},
        {"meeting": "ID", "screen": "phone", "lang": "nl"},
        {"meeting": {"a": 1}, "screen": "phone", "lang": "nl"},
        {"meeting": "\ud800", "screen": "phone", "lang": "nl"},
        {"meeting": "CODE", "screen": "kitchen", "lang": "nl"},
        {"meeting": "CODE", "screen": ["phone"], "lang": "nl"},
        {"meeting": "CODE", "screen": "phone", "lang": "fr"},
        {"meeting": "CODE", "screen": "phone", "lang": {}},
    ],
    ids=str,
)
def test_who_does_not_say_what_it_is_hears_nothing(app, meeting, auth):
    known = {"CODE": meeting.code, "ID": meeting.id}
    if isinstance(auth, dict) and auth.get("meeting") in list(known):
        auth = auth | {"meeting": known[auth["meeting"]]}

    screen = app.extensions["socketio"].test_client(
        app, auth=auth, headers={"Origin": "http://localhost"}
    )

    assert not screen.is_connected()


def test_a_meeting_that_is_being_prepared_is_not_there_for_phones(app, database):
    meeting = a_meeting(database, state=MeetingState.DRAFT)

    assert not a_screen(app, meeting).is_connected()


@pytest.mark.parametrize("name", ["approve", "message", "join", "changed", "my event"])
def test_an_event_from_a_screen_sends_it_away(app, database, meeting, name):
    screen = listen(app, meeting)

    screen.emit(name, {"meeting": meeting.id}, "more")

    assert not screen.is_connected()
    assert services_of(app).live.refused["event"] == 1
    assert hears_a_question(app, database, meeting)


def test_frames_are_small(app):
    server = app.extensions["socketio"].server

    assert server.eio.max_http_buffer_size == 16 * 1024
    assert server.eio.transports == ["websocket"]


# -- who hears what


def test_a_question_that_waits_is_heard_by_the_console_only(app, database, meeting):
    phone, hall, console = (listen(app, meeting, screen) for screen in SCREENS)

    question = a_question(database, meeting)

    assert heard(phone) == heard(hall) == []
    [changed] = heard(console, "changed")
    assert [card["id"] for card in changed["cards"]] == [question.id]
    assert question.text in changed["cards"][0]["html"]


@pytest.mark.parametrize("screen", SCREENS)
def test_a_question_that_is_placed_appears_everywhere(app, database, meeting, screen):
    question = a_question(database, meeting)
    before = meeting_now(database, meeting)
    listening = listen(app, meeting, screen)

    take(database, question, "approve")

    [changed] = heard(listening, "changed")
    revision = before.staff_revision if screen == "console" else before.public_revision
    assert (changed["epoch"], changed["previous"], changed["revision"]) == (
        before.epoch,
        revision,
        revision + 1,
    )
    [card] = changed["cards"]
    assert (card["id"], card["state"]) == (question.id, "on_wall")
    assert f'id="question-{question.id}"' in card["html"]


@pytest.mark.parametrize("step", ["decline", "park", "take_down", "merge", "withdraw"])
def test_what_is_taken_away_goes_and_no_word_of_it_stays(app, database, meeting, step):
    question = a_question(database, meeting, state=ON_WALL)
    into = a_question(database, meeting, state=ON_WALL)
    phone, hall = listen(app, meeting), listen(app, meeting, "hall")

    take(database, question, step, **({"into": into.id} if step == "merge" else {}))

    for screen in (phone, hall):
        told = heard(screen)
        cards = [card for name, args in told if name == "changed" for card in args["cards"]]
        assert {"id": question.id, "html": None, "order": 0} in cards
        assert question.text not in str(told)
        assert "Dit gaat over een persoon" not in str(told)


@pytest.mark.parametrize("step", ["decline", "edit", "park", "undo"])
def test_what_happens_to_a_hidden_question_stays_hidden(app, database, meeting, step):
    state = QuestionState.DECLINED if step == "undo" else QuestionState.WAITING
    question = a_question(database, meeting, state=state)
    phone, hall = listen(app, meeting), listen(app, meeting, "hall")

    take(database, question, step)

    assert heard(phone) == heard(hall) == []
    assert hears_a_question(app, database, meeting)


def test_an_answer_that_is_being_written_stays_hidden(app, database, meeting):
    question = a_question(database, meeting, state=QuestionState.DEFERRED)
    hall, console = listen(app, meeting, "hall"), listen(app, meeting, "console")

    follow_up(database, question, "draft", answer="nog geheim")

    assert heard(hall) == []
    assert len(heard(console, "changed")) == 1


def test_who_asked_is_not_told_that_an_answer_is_being_written(app, database, meeting):
    phone = a_phone(app, meeting)
    asked = question_now(
        database, meeting.id, phone.get(f"/m/{meeting.code}/mine").json["cards"][0]["id"]
    )
    question = take(database, asked, "defer")
    screen = listen(app, meeting, browser=phone)

    follow_up(database, question, "draft", answer="nog geheim")
    silence = heard(screen, "mine")
    follow_up(database, question, "publish")

    assert silence == []
    assert len(heard(screen, "mine")) == 1


def test_another_meeting_hears_nothing(app, database, meeting):
    elsewhere = [listen(app, a_meeting(database), screen) for screen in SCREENS]

    question = a_question(database, meeting, state=ON_WALL)
    support(database, question)
    take_meeting(database, meeting.id, "pause")

    assert [heard(screen) for screen in elsewhere] == [[], [], []]


def test_calling_a_question_tells_of_both_in_one_message(app, database, meeting):
    first = a_question(database, meeting, state=QuestionState.ON_STAGE)
    second = a_question(database, meeting, state=ON_WALL)
    hall = listen(app, meeting, "hall")

    take(database, second, "call")

    [changed] = heard(hall, "changed")
    assert {card["id"]: card["state"] for card in changed["cards"]} == {
        first.id: "on_wall",
        second.id: "on_stage",
    }


def test_while_paused_nothing_new_shows_and_the_hall_knows_why(app, database, meeting, clock):
    phone = listen(app, meeting)
    clock.move(seconds=1)

    take_meeting(database, meeting.id, "pause")
    [paused] = heard(phone, "changed")
    clock.move(seconds=1)
    a_question(database, meeting, state=ON_WALL)

    assert paused["meeting"]["state"] == "paused"
    assert heard(phone) == []


@pytest.mark.parametrize("step", ["pause", "close", "sort"])
def test_a_change_of_the_whole_makes_each_screen_fetch_its_region(app, database, meeting, step):
    first = a_question(database, meeting, state=ON_WALL)
    second = a_question(database, meeting, state=ON_WALL)
    support(database, second)
    phone = listen(app, meeting)

    take_meeting(database, meeting.id, step)

    [changed] = heard(phone, "changed")
    assert changed["previous"] == -1
    assert changed["revision"] == meeting_now(database, meeting).public_revision
    assert first.id != second.id


def test_another_view_is_small_news_and_no_gap(app, database, meeting):
    hall = listen(app, meeting, "hall")
    before = meeting_now(database, meeting)

    take_meeting(database, meeting.id, "view", view=View.COLLECTION)

    [changed] = heard(hall, "changed")
    assert changed["meeting"]["view"] == "collection"
    assert (changed["previous"], changed["cards"]) == (before.public_revision, [])


def test_a_cleared_rehearsal_starts_a_new_epoch(app, database):
    rehearsal = a_rehearsal(database)
    console = listen(app, rehearsal, "console")

    take_meeting(database, rehearsal.id, "clear")

    [changed] = heard(console, "changed")
    assert changed["epoch"] == meeting_now(database, rehearsal).epoch != rehearsal.epoch


def test_each_screen_is_told_in_its_own_language(app, database, meeting):
    dutch, english = (listen(app, meeting, "hall", lang=lang) for lang in ("nl", "en"))

    a_question(database, meeting, state=ON_WALL, kind=Kind.IDEA)

    assert len(heard(dutch, "changed")) == len(heard(english, "changed")) >= 1


# -- supports


def test_counts_are_told_as_they_are_to_everybody_who_sees_the_question(app, database, meeting):
    question = a_question(database, meeting, state=ON_WALL)
    screens = [listen(app, meeting, screen) for screen in SCREENS]

    support(database, question)
    support(database, question)

    for screen in screens:
        told = heard(screen)
        assert {name for name, _ in told} == {"counted"}
        last = told[-1][1]
        assert {int(id): count for id, count in last["counts"].items()} == {question.id: 2}
        assert last["supports"] == 2


# -- one's own questions


def test_an_asker_hears_what_becomes_of_the_own_question_and_others_do_not(app, database, meeting):
    asker, other = a_phone(app, meeting), a_phone(app, meeting)
    own = asker.get(f"/m/{meeting.code}/mine").json["cards"][0]
    mine, others = (listen(app, meeting, browser=browser) for browser in (asker, other))

    with_question = question_now(database, meeting.id, own["id"])
    take(database, with_question, "decline", reason="Dit hoort bij de politie.")

    [told] = heard(mine, "mine")
    assert [card["id"] for card in told["cards"]] == [own["id"]]
    assert f'id="mine-{own["id"]}"' in told["cards"][0]["html"]
    assert "Dit hoort bij de politie." in told["cards"][0]["html"]
    assert heard(others) == []


def test_a_new_question_comes_to_the_other_tab_of_its_asker(app, database, meeting):
    asker = a_phone(app, meeting)
    tab = listen(app, meeting, browser=asker)

    asker.post(f"/m/{meeting.code}/questions", json={"key": a_key(), "text": "Nog een"})

    [told] = heard(tab, "mine")
    assert "Nog een" in told["cards"][0]["html"]


def test_who_asked_what_was_merged_follows_the_question_it_went_on_in(app, database, meeting):
    asker = a_phone(app, meeting)
    own = question_now(
        database, meeting.id, asker.get(f"/m/{meeting.code}/mine").json["cards"][0]["id"]
    )
    target = a_question(database, meeting, state=ON_WALL)
    take(database, own, "merge", into=target.id)
    mine = listen(app, meeting, browser=asker)

    take(database, target, "call")

    [told] = heard(mine, "mine")
    assert [card["id"] for card in told["cards"]] == [own.id]
    assert target.receipt not in str(told)


def test_no_message_to_residents_holds_a_receipt_or_a_device(app, database, meeting):
    phone, hall = listen(app, meeting), listen(app, meeting, "hall")
    asked = database.perform(
        asking.ask_question,
        meeting.code,
        key=a_key(),
        kind=Kind.QUESTION,
        text="Hoeveel?",
        name="",
        by=an_asker("the device of somebody"),
    )
    question = question_now(database, meeting.id, asked.id)

    for step in ("approve", "call", "answer"):
        question = take(database, question, step)

    told = str(heard(phone)) + str(heard(hall))
    assert question.text in told
    assert question.receipt not in told
    assert question.device not in told


# -- when a right ends


def test_signing_out_closes_the_console_and_no_other(app, database, meeting):
    account_id = a_colleague(database, role=Role.MODERATOR, meeting=meeting)
    here, there = (a_browser(app, account_id=account_id) for _ in range(2))
    closing, staying = (listen(app, meeting, "console", browser=one) for one in (here, there))

    here.post("/staff/sign-out")

    assert not closing.is_connected()
    assert staying.is_connected()


def test_losing_a_role_closes_the_console(app, database, meeting):
    account_id = a_colleague(database, role=Role.SCRIBE, meeting=meeting)
    console = listen(app, meeting, "console", browser=a_browser(app, account_id=account_id))
    phone = listen(app, meeting)

    database.perform(accounts.withdraw_role, meeting.id, account_id=account_id, role=Role.SCRIBE)

    assert not console.is_connected()
    assert phone.is_connected()


def test_another_password_closes_every_console_of_that_colleague(app, database, meeting):
    account_id = a_colleague(database, role=Role.ORGANISER, email="olga@example.org")
    console = listen(app, meeting, "console", browser=a_browser(app, account_id=account_id))

    database.perform(accounts.set_password, email="olga@example.org", password_hash="x")

    assert not console.is_connected()


def test_a_session_that_ends_by_itself_closes_the_console_at_the_next_pulse(
    app, database, meeting, clock
):
    console, phone = listen(app, meeting, "console"), listen(app, meeting)
    clock.move(hours=15)

    services_of(app).live.pulse()

    assert not console.is_connected()
    assert phone.is_connected()


def test_the_pulse_tells_each_audience_its_own_revision(app, database, meeting):
    phone, console = listen(app, meeting), listen(app, meeting, "console")
    a_question(database, meeting)
    heard(console)

    services_of(app).live.pulse()

    now = meeting_now(database, meeting)
    assert [told["revision"] for told in heard(phone, "pulse")] == [now.public_revision]
    assert [told["revision"] for told in heard(console, "pulse")] == [now.staff_revision]


def test_when_the_server_goes_it_says_so(app, meeting):
    phone = listen(app, meeting)

    services_of(app).live.say_goodbye()

    assert heard(phone) == [("bye", {})]


# -- stayed open equals loaded again


@pytest.mark.parametrize("screen", ["hall", "console"])
def test_a_card_that_was_told_is_the_card_of_the_page(app, database, meeting, screen):
    account_id = a_colleague(database, role=Role.MODERATOR, meeting=meeting)
    browser = a_browser(app, account_id=account_id, accept="text/html")
    listening = listen(app, meeting, screen, browser=browser)
    question = a_question(database, meeting)

    for step in ("approve", "call", "defer"):
        question = take(database, question, step)
        card = heard(listening, "changed")[-1]["cards"][-1]
        address = (
            f"/staff/meetings/{meeting.id}/live"
            if screen == "console"
            else f"/m/{meeting.code}/live?screen=hall"
        )

        region = browser.get(address, headers={"Accept-Language": "nl"}).text

        assert " ".join(card["html"].split()) in " ".join(region.split()), step
