"""The desk of a plan: an organiser says whom to reach, and writes the news."""

import pytest

from facilitation.domain.lifecycle import Role
from facilitation.storage import series
from tests.makers import a_browser, a_colleague, a_meeting, database_of, meeting_now

TEXT = {
    "title": "Opvang in het dorp",
    "about": "Er komt opvang.",
    "contact_name": "Carla de Boer",
    "contact_email": "Carla@Gemeente.example",
    "contact_phone": "14 030",
    "needs_second_reader": "yes",
}


@pytest.fixture
def database(app):
    return database_of(app)


@pytest.fixture
def plan(database):
    return a_meeting(database).series_id


@pytest.fixture
def desk(app, database):
    """An organiser's browser."""
    return a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER), accept="text/html")


def plan_now(database, series_id):
    with database.read() as session:
        return series.by_id(session, series_id), series.updates(session, series_id)


def test_the_list_names_every_plan_and_its_public_page(database, desk, plan):
    html = desk.get("/staff/series?lang=en").text

    assert f'href="/staff/series/{plan}"' in html
    assert f'href="/t/{plan_now(database, plan)[0].code}"' in html
    assert "1 meeting<" in html


def test_the_desk_leads_to_the_register_and_the_public_page(database, desk, plan):
    html = desk.get(f"/staff/series/{plan}").text

    assert f'href="/staff/series/{plan}/register"' in html
    assert f'href="/t/{plan_now(database, plan)[0].code}"' in html


def test_what_is_filled_in_is_kept_and_stands_in_the_form(database, desk, plan):
    answer = desk.post(f"/staff/series/{plan}", data=TEXT | {"version": 1})

    found, _ = plan_now(database, plan)
    html = desk.get(answer.location).text
    assert answer.status_code == 303
    assert found.contact_email == "carla@gemeente.example"
    assert found.needs_second_reader
    assert 'name="needs_second_reader" value="yes" checked' in html


def test_a_plan_may_do_without_a_contact(database, desk, plan):
    answer = desk.post(f"/staff/series/{plan}", data={"title": "Opvang"})

    found, _ = plan_now(database, plan)
    assert answer.status_code == 303
    assert not found.has_contact
    assert not found.needs_second_reader


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("contact_email", "carla", "This is not a complete e-mail address."),
        ("title", "", "Give the meeting a name."),
        ("contact_phone", "0" * 41, "This is too long."),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    database, desk, plan, field, value, sentence
):
    before = plan_now(database, plan)

    answer = desk.post(f"/staff/series/{plan}?lang=en", data=TEXT | {field: value})

    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert sentence in answer.text
    assert 'value="Carla de Boer"' in answer.text
    assert plan_now(database, plan) == before


def test_who_is_second_is_told_and_loses_nothing(database, desk, plan):
    desk.post(f"/staff/series/{plan}", data=TEXT | {"version": 1})

    answer = desk.post(f"/staff/series/{plan}", data=TEXT | {"version": 1, "title": "Anders"})

    assert answer.status_code == 409
    assert 'value="Anders"' in answer.text
    assert plan_now(database, plan)[0].title == TEXT["title"]


def test_news_is_written_and_taken_back(database, desk, plan):
    news = {"title": "Besluit genomen", "text": "Het college besloot."}

    written = desk.post(f"/staff/series/{plan}/updates", data=news)
    _, (update,) = plan_now(database, plan)
    hidden = desk.post(f"/staff/series/{plan}/updates/{update.id}/hide")

    _, (after,) = plan_now(database, plan)
    assert written.status_code == hidden.status_code == 303
    assert (update.title, update.text, update.hidden_at) == (*news.values(), None)
    assert after.hidden_at is not None


def test_news_without_words_is_no_news(database, desk, plan):
    answer = desk.post(f"/staff/series/{plan}/updates", data={"title": "Alleen een kop"})

    assert answer.status_code == 422
    assert 'id="update-text-problem"' in answer.text
    assert 'id="title-problem"' not in answer.text
    assert 'value="Alleen een kop"' in answer.text
    assert plan_now(database, plan)[1] == []


def test_a_new_meeting_joins_the_plan_that_was_chosen(database, desk, plan):
    sent = {"title": "De tweede avond", "starts_at": "2027-01-05T19:30", "series": plan}

    answer = desk.post("/staff/meetings", data=sent)

    meeting = meeting_now(database, int(answer.location.rpartition("/")[2]))
    assert meeting.series_id == plan
    assert f'<option value="{plan}" selected>' in desk.get(f"{answer.location}/edit").text


def test_a_meeting_moves_to_another_plan(database, desk, plan):
    meeting = a_meeting(database)
    sent = {"title": meeting.title, "starts_at": "2026-12-01T19:30", "series": plan}

    desk.post(f"/staff/meetings/{meeting.id}/edit", data=sent)

    assert meeting_now(database, meeting).series_id == plan
    assert plan_now(database, meeting.series_id)  # the one it left stays, with its news


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SCRIBE, Role.ANSWERER])
def test_only_organisers_speak_for_a_plan(app, database, plan, role):
    meeting = a_meeting(database, series_id=plan)
    browser = a_browser(app, account_id=a_colleague(database, role=role, meeting=meeting))

    answer = browser.post(f"/staff/series/{plan}", json=TEXT)

    assert answer.status_code == 403
    assert plan_now(database, plan)[0].version == 1
