"""The public page of a plan: right at every step, and with nothing that is not for everybody."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.actions import informing, moderating
from facilitation.actions.following_up import Owner
from facilitation.actions.informing import SeriesText
from facilitation.domain.lifecycle import Kind, MeetingState, QuestionState, Role
from facilitation.storage import series
from tests.makers import (
    EVENING,
    MODERATOR,
    ORGANISER,
    a_browser,
    a_colleague,
    a_meeting,
    a_question,
    a_rehearsal,
    database_of,
    follow_up,
    now,
    support,
    take,
    take_meeting,
)

PUBLIC = {
    QuestionState.ON_WALL,
    QuestionState.ON_STAGE,
    QuestionState.ANSWERED,
    QuestionState.DEFERRED,
    QuestionState.ACKNOWLEDGED,
}
ATOM = "{http://www.w3.org/2005/Atom}"
CONTACT = SeriesText(
    title="Opvang in het dorp",
    contact_name="Carla de Boer",
    contact_email="carla@gemeente.example",
    contact_phone="14 030",
)


@pytest.fixture
def database(app: Flask):
    return database_of(app)


@pytest.fixture
def meeting(database):
    return a_meeting(database)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return a_browser(app, accept="text/html")


def code_of(database, meeting) -> str:
    with database.read() as session:
        return series.by_id(session, meeting.series_id).code


@pytest.fixture
def address(database, meeting) -> str:
    return f"/t/{code_of(database, meeting)}"


def page(reader, address, **asked) -> str:
    answer = reader.get(address, query_string={"lang": "en"} | asked)
    assert answer.status_code == 200
    return answer.text


def section(html: str, name: str) -> str:
    """The part of the page under this heading; empty when it is not there."""
    _, _, rest = html.partition(f'<section class="answers-topic" id="{name}"')
    return rest.partition("</section>")[0]


def write(database, meeting, title="Besluit genomen", text="Het college besloot vandaag."):
    return database.perform(
        informing.write_update, meeting.series_id, title=title, text=text, by=ORGANISER
    )


def owed(database, meeting, **assigned):
    """A question that comes back, with who finds out."""
    question = a_question(database, meeting, state=QuestionState.DEFERRED)
    return follow_up(database, question, "assign", **assigned) if assigned else question


@pytest.mark.parametrize("state", list(QuestionState))
def test_the_page_and_its_data_tell_what_was_public_and_nothing_else(
    database, reader, meeting, address, state
):
    question = a_question(database, meeting, state=state, text="Is <u>dit</u> te lezen?")

    found = [
        "Is &lt;u&gt;dit&lt;/u&gt; te lezen?" in page(reader, address),
        question.id in [told["id"] for told in reader.get(f"{address}.json").json["questions"]],
        reader.get(f"{address}/questions/{question.id}").status_code == 200,
        "1 result" in page(reader, address, q="te lezen"),
    ]

    is_told = state in PUBLIC
    if state is QuestionState.MERGED:  # its address leads to the question that it goes on in
        assert found == [False, False, False, False]
    else:
        assert found == [is_told] * 4


def test_the_contact_can_be_written_to_and_called(database, reader, meeting, address):
    database.perform(informing.edit_series, meeting.series_id, CONTACT)

    html = page(reader, address)

    assert "<h1>Opvang in het dorp</h1>" in html
    assert "Carla de Boer" in html
    assert 'href="mailto:carla@gemeente.example"' in html
    assert 'href="tel:14030"' in html


def test_the_most_asked_comes_first_and_askers_are_counted_together(
    database, reader, meeting, address
):
    few = a_question(database, meeting, state=QuestionState.ANSWERED, text="Weinig gevraagd?")
    many = a_question(database, meeting, state=QuestionState.ON_WALL, text="Vaak gevraagd?")
    for _ in range(2):
        take(database, a_question(database, meeting), "merge", into=many.id)
    support(database, many)
    take(database, many, "answer")

    html = section(page(reader, address), "answered")

    assert html.index("Vaak gevraagd?") < html.index("Weinig gevraagd?")
    assert "Asked by 4 people" in html
    assert "Asked by 1 person" in html
    assert reader.get(f"{address}.json").json["questions"][-1]["id"] == few.id


def test_answers_stand_under_their_topic(database, reader):
    meeting = a_meeting(database, topics=("Veiligheid", "Verkeer"))
    for topic in meeting.topics:
        question = a_question(database, meeting, text=f"Iets over {topic.name}?")
        database.perform(
            moderating.edit_question,
            meeting.id,
            question.id,
            text=question.text,
            topic_id=topic.id,
            kind=None,
            by=MODERATOR,
        )
        take(database, question, "answer")
    a_question(database, meeting, state=QuestionState.ANSWERED, text="Iets anders?")

    html = section(page(reader, f"/t/{code_of(database, meeting)}"), "answered")

    words = ["Veiligheid</h3>", "Iets over Veiligheid?", "Verkeer</h3>", "Iets over Verkeer?"]
    places = [html.index(word) for word in [*words, "Other questions</h3>", "Iets anders?"]]
    assert places == sorted(places)


def test_what_is_owed_says_by_whom_for_whom_and_before_when(database, reader, meeting, address):
    owed(database, meeting, owner=Owner("Jan Jansen", organisation="COA"))

    html = section(page(reader, address), "owed")

    assert "Jan Jansen" in html
    assert "COA" in html
    assert '<time datetime="2026-12-15">' in html
    assert "That day has passed" not in html


def test_a_broken_promise_is_said_in_words(database, clock, reader, meeting, address):
    owed(database, meeting)
    clock.move(days=17)

    assert "the answer is 3 days late." in section(page(reader, address), "owed")


def test_a_draft_stays_inside_and_its_publication_moves_it_to_the_answers(
    database, reader, meeting, address
):
    question = follow_up(database, owed(database, meeting), "draft", answer="Honderd mensen.")
    drafted = page(reader, address), reader.get(f"{address}.json").text
    follow_up(database, question, "publish")
    published = page(reader, address)

    assert not any("Honderd mensen." in text for text in drafted)
    assert "Honderd mensen." in section(published, "answered")
    assert question.text not in section(published, "owed")


def test_what_is_closed_without_an_answer_says_why(database, reader, meeting, address):
    question = follow_up(database, owed(database, meeting), "close")

    html = section(page(reader, address), "unanswered")

    assert question.text in html
    assert "Dit weten wij pas volgend jaar." in html


@pytest.mark.parametrize("step", ["answer", "close"])
def test_people_read_what_became_of_what_was_off_topic(database, reader, meeting, address, step):
    question = a_question(database, meeting, state=QuestionState.PARKED)
    before = page(reader, address)
    done = follow_up(database, question, step)

    html = section(page(reader, address), "elsewhere")

    assert question.text not in before
    assert question.text in html
    assert (done.follow_up.told or done.follow_up.public_reason) in html


def test_what_is_closed_unread_stays_unread(database, reader, meeting, address):
    question = a_question(database, meeting, text="Nooit beoordeeld?")
    take_meeting(database, meeting.id, "close")
    follow_up(database, now(database, question), "close")

    assert "Nooit beoordeeld?" not in page(reader, address)
    assert "Nooit beoordeeld?" not in reader.get(f"{address}.json").text


def test_during_a_pause_the_page_stands_still(database, clock, reader, meeting, address):
    take_meeting(database, meeting.id, "pause")
    clock.move(minutes=1)
    question = a_question(database, meeting, state=QuestionState.ON_WALL)

    assert question.text not in page(reader, address)


def test_a_name_is_shown_only_when_it_was_given(database, reader, meeting, address):
    a_question(database, meeting, state=QuestionState.ANSWERED, name="Mevrouw Smit")

    assert page(reader, address).count("Mevrouw Smit") == 1


def test_the_news_stands_the_newest_first_and_what_was_taken_back_is_gone(
    database, clock, reader, meeting, address
):
    for title in ("Oud", "Fout", "Nieuw"):
        update = write(database, meeting, title=title)
        if title == "Fout":
            database.perform(informing.hide_update, meeting.series_id, update)
        clock.move(days=1)

    html = section(page(reader, address), "updates")

    assert html.index("Nieuw") < html.index("Oud")
    assert "Fout" not in html


def test_coming_meetings_say_when_where_and_how_to_ask(database, reader, meeting, address):
    take_meeting(database, meeting.id, "close")
    coming = a_meeting(
        database,
        state=MeetingState.OPEN,
        title="De tweede avond",
        place="Dorpshuis",
        starts_at=EVENING + timedelta(days=30),
        series_id=meeting.series_id,
    )

    html = page(reader, address)

    assert "De tweede avond" in html
    assert "Dorpshuis" in html
    assert f"code {coming.code}" in html
    assert f'href="/m/{coming.code}">Send your question' in html
    assert f'href="/m/{meeting.code}/answers"' in html


def test_who_asks_after_the_last_evening_is_sent_where_questions_are_still_taken(
    database, reader, meeting, address
):
    take_meeting(database, meeting.id, "close")
    late = page(reader, address)
    take_meeting(database, meeting.id, "archive")
    later = page(reader, address)

    assert f'href="/m/{meeting.code}">Send your question' in late
    assert "No questions can be sent through this site now." in later


@pytest.mark.parametrize(
    "make",
    [
        lambda database, **text: a_meeting(database, state=MeetingState.DRAFT, **text),
        a_rehearsal,
    ],
    ids=["prepared", "rehearsed"],
)
def test_meetings_that_only_staff_know_of_do_not_count(database, reader, meeting, address, make):
    hidden = make(database, title="Nog geheim", series_id=meeting.series_id)

    assert "Nog geheim" not in page(reader, address)
    assert hidden.code not in reader.get(f"{address}.json").text


def test_a_plan_on_which_nothing_is_to_be_read_is_for_staff_only(app, database, reader):
    address = f"/t/{code_of(database, a_meeting(database, state=MeetingState.DRAFT))}"
    staff = a_browser(
        app, account_id=a_colleague(database, role=Role.ORGANISER), accept="text/html"
    )

    assert reader.get(address).status_code == 404
    previewed = staff.get(address)
    assert previewed.status_code == 200
    assert "public" not in previewed.headers.get("Cache-Control", "")


def test_moderation_is_counted_and_the_numbers_add_up(database, reader, meeting, address):
    states = list(QuestionState)
    for state in states:
        a_question(database, meeting, state=state)

    counted = reader.get(f"{address}.json").json["moderation"]

    received = counted.pop("received")
    assert received == len(states) + 1  # what was merged brought the question it goes on in
    assert sum(counted.values()) == received
    assert {name: counted[name] for name in ("declined", "merged", "withdrawn", "waiting")} == {
        "declined": 1,
        "merged": 1,
        "withdrawn": 1,
        "waiting": 1,
    }
    assert f"<dt>Received</dt><dd>{received}</dd>" in page(reader, address)


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("PARKEREN", True),
        ("avond parkeren", True),
        ("vries", True),  # who answered
        ("parkeren fietsen", False),
        ("geheim", False),  # a draft's word
        ("x" * 5000, False),
        ("<script>", False),
    ],
)
def test_searching_finds_whole_questions_by_their_words(
    database, reader, meeting, address, words, is_found
):
    a_question(database, meeting, state=QuestionState.ANSWERED, text="Kan ik 's avonds parkeren?")
    follow_up(database, owed(database, meeting), "draft", answer="geheim")

    html = page(reader, address, q=words)

    assert ("Kan ik &#39;s avonds parkeren?" in html) is is_found
    assert ("Try one word" in html) is not is_found
    assert "<script>" not in html.partition("<main")[2]


def test_a_question_keeps_its_address_when_it_goes_on_in_another(
    database, reader, meeting, address
):
    question = a_question(database, meeting, state=QuestionState.ON_WALL)
    target = a_question(database, meeting, state=QuestionState.ON_WALL)
    mine = f"{address}/questions/{question.id}"
    before = reader.get(mine)
    take(database, question, "merge", into=target.id)

    after = reader.get(mine)

    assert question.text in before.text
    assert after.location == f"{address}/questions/{target.id}"
    assert target.text in reader.get(after.location).text


def test_no_page_tells_the_questions_of_another_plan(database, reader, address):
    elsewhere = a_question(database, a_meeting(database), state=QuestionState.ANSWERED)

    assert reader.get(f"{address}/questions/{elsewhere.id}").status_code == 404
    assert reader.get(f"{address}/questions/999999").status_code == 404


@pytest.mark.parametrize("more", ["", ".json", "/feed.atom", "/questions/1"])
def test_a_code_that_is_not_there_is_not_found(reader, more):
    assert reader.get(f"/t/ZZZZZZ{more}").status_code == 404


@pytest.mark.parametrize("more", ["", ".json", "/feed.atom"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_who_has_it_is_sent_nothing_until_it_changes(
    database, reader, meeting, address, more, coding
):
    taken = reader.get(address + more, headers={"Accept-Encoding": coding})
    known = {"Accept-Encoding": coding, "If-None-Match": taken.headers["ETag"]}
    again = reader.get(address + more, headers=known)
    write(database, meeting)
    changed = reader.get(address + more, headers=known)

    assert taken.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert {"Accept-Language", "Cookie"} <= set(taken.headers["Vary"].split(", "))
    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200


def test_an_answer_that_hands_out_a_cookie_is_kept_by_nobody_else(reader, address):
    answer = reader.get(f"{address}?lang=en")

    assert "Set-Cookie" in answer.headers
    assert "public" not in answer.headers.get("Cache-Control", "")


def test_the_feed_tells_the_news_and_the_published_answers(
    database, clock, reader, meeting, address
):
    database.perform(informing.edit_series, meeting.series_id, CONTACT)
    write(database, meeting, title="Besluit <genomen> & meer")
    clock.move(hours=2)
    answered = follow_up(database, owed(database, meeting), "answer")
    a_question(database, meeting, state=QuestionState.ANSWERED, text="Zonder tijdstip?")

    answer = reader.get(f"{address}/feed.atom")

    feed = ElementTree.fromstring(answer.text)
    entries = feed.findall(f"{ATOM}entry")
    assert answer.mimetype == "application/atom+xml"
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Carla de Boer"
    assert feed.findtext(f"{ATOM}updated") == (EVENING + timedelta(hours=2)).isoformat()
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "Besluit <genomen> & meer",
        answered.text,
    ]
    assert entries[1].findtext(f"{ATOM}content") == "Er komen 120 mensen."
    assert all(node.findtext(f"{ATOM}id") for node in [feed, *entries])
    assert all(node.findtext(f"{ATOM}updated") for node in entries)


def test_an_empty_page_says_what_will_come(reader, address):
    html = page(reader, address)

    for sentence in (
        "There is no news yet.",
        "There are no answers yet.",
        "No question is waiting for an answer now.",
        "No questions were received yet.",
    ):
        assert sentence in html


def test_a_concern_is_said_and_not_asked(database, reader, meeting, address):
    a_question(database, meeting, state=QuestionState.ACKNOWLEDGED, kind=Kind.CONCERN)

    assert "Said by 1 person" in page(reader, address)


def test_the_answers_of_one_evening_lead_to_the_whole_plan(reader, meeting, address):
    assert f'href="{address}"' in reader.get(f"/m/{meeting.code}/answers").text


def test_the_data_says_the_same_as_the_page_and_keeps_no_secret(database, reader, meeting, address):
    question = owed(database, meeting, owner=Owner("Jan Jansen", organisation="COA"))

    answer = reader.get(f"{address}.json").json
    told = answer["questions"][0]

    assert told["outcome"] == "owed"
    assert (told["owner"], told["organisation"], told["due"]) == ("Jan Jansen", "COA", "2026-12-15")
    assert told["link"].endswith(f"{address}/questions/{question.id}")
    assert answer["meetings"][0]["code"] == meeting.code
    assert question.receipt not in json.dumps(answer)
    assert question.device not in json.dumps(answer)
