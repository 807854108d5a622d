"""What the keepers ask: does it live, is it ready and why not, and the figures, for them only."""

import re

import pytest

from facilitation.settings import ROOT
from facilitation.storage import readiness
from facilitation.web.health import beside
from tests.makers import (
    Clock,
    a_browser,
    a_meeting,
    a_question,
    a_screen,
    database_of,
    send_question,
    services_of,
)


def ready(app):
    answer = a_browser(app).get("/readyz")
    return answer.status_code, answer.json["reasons"]


def figure(app, name, **headers):
    """One line of the figures, as a number; None when there is no such line."""
    text = a_browser(app).get("/metrics", headers=headers).text
    found = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].rpartition(" ")[2]) if found else None


# -- ready


def test_a_server_that_can_keep_questions_is_ready(app):
    a_question(database_of(app), a_meeting(database_of(app)))

    assert ready(app) == (200, {})


@pytest.mark.sqlite
def test_a_database_that_cannot_be_written_is_a_reason(app):
    raw = database_of(app)._writer.raw_connection()
    raw.driver_connection.execute("PRAGMA query_only = on")
    raw.close()

    status, reasons = ready(app)

    assert (status, list(reasons)) == (503, ["database"])
    assert a_browser(app).get("/healthz").status_code == 200


def test_a_disk_that_is_nearly_full_is_a_reason(app, monkeypatch):
    monkeypatch.setattr(readiness, "ENOUGH_ROOM", 10**18)
    monkeypatch.setattr(readiness, "SMALL_PART", 1)

    status, reasons = ready(app)

    assert (status, list(reasons)) == (503, ["disk"])
    assert reasons["disk"].endswith("MB free")


@pytest.mark.sqlite
def test_tables_of_another_version_are_a_reason(app):
    database_of(app).perform(set_version)

    assert ready(app) == (503, {"migrations": "the tables are of another version"})


def set_version(work):
    work.session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'x'")


@pytest.mark.parametrize(("seconds", "reasons"), [(30, []), (3600, ["clock"])])
def test_a_clock_behind_the_newest_question_is_a_reason(app, clock, seconds, reasons):
    a_question(database_of(app), a_meeting(database_of(app)))

    clock.move(seconds=-seconds)

    assert list(ready(app)[1]) == reasons


def test_a_server_that_is_leaving_is_not_ready_any_more(app):
    services_of(app).live.say_goodbye()

    assert ready(app) == (503, {"process": "stopping"})


# -- the figures


def test_what_was_received_and_what_was_refused_is_counted(app):
    meeting = a_meeting(database_of(app))
    phone = a_browser(app)
    for text in ("Hoeveel mensen komen er?", "En hoe lang?", ""):
        send_question(phone, meeting, text=text)
    phone.get("/m/XXXXXX")

    assert figure(app, 'vragenmuur_acknowledged_total{command="phone.ask"}') == 2
    assert figure(app, 'vragenmuur_refused_total{reason="invalid"}') == 1
    assert figure(app, 'vragenmuur_refused_total{reason="not-found"}') == 1


def test_the_writer_and_the_screens_are_looked_at(app):
    meeting = a_meeting(database_of(app))
    before = figure(app, "vragenmuur_writer_batch_seconds_count")
    screens = [a_screen(app, meeting, screen=name) for name in ("phone", "phone", "hall")]
    services_of(app).live.pulse()

    send_question(a_browser(app), meeting)

    assert all(screen.is_connected() for screen in screens)
    assert figure(app, 'vragenmuur_sockets{screen="phone"}') == 2
    assert figure(app, 'vragenmuur_sockets{screen="hall"}') == 1
    assert figure(app, "vragenmuur_writer_batch_seconds_count") == before + 1
    assert figure(app, "vragenmuur_writer_batch_commands_sum") == before + 1
    assert figure(app, "vragenmuur_writer_commit_seconds_count") == before + 1
    assert 0 < figure(app, "vragenmuur_writer_commit_seconds_sum") < 60
    assert figure(app, "vragenmuur_writer_waiting") == 0
    assert 0 <= figure(app, "vragenmuur_pulse_age_seconds") < 60


def test_who_says_what_no_screen_says_is_counted_when_sent_away(app):
    guest = a_screen(app, a_meeting(database_of(app)))

    guest.emit("approve", {"id": 1})

    assert figure(app, 'vragenmuur_sockets_dropped_total{reason="event"}') == 1


def test_the_figures_name_nobody(app):
    database = database_of(app)
    meeting = a_meeting(database, title="GEHEIM")
    question = a_question(database, meeting, text="GEHEIM", name="GEHEIM")
    a_browser(app).get(f"/q/{question.receipt}")

    text = a_browser(app).get("/metrics").text

    assert not [word for word in ("GEHEIM", meeting.code, question.receipt) if word in text]


def test_every_figure_is_explained(app):
    text = a_browser(app).get("/metrics").text
    shown = set(re.findall(r"^# TYPE (vragenmuur_\w+)", text, re.MULTILINE))
    names = {re.sub(r"_(total|created)$", "", name) for name in shown}

    explained = (ROOT / "docs" / "deploy.md").read_text()

    assert len(names) >= 9
    assert [name for name in names if f"`{name}" not in explained] == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_through_a_proxy_there_are_no_figures(app, header):
    assert a_browser(app).get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("address", ["192.168.1.7", "2001:db8::7", "", "nonsense"])
def test_from_elsewhere_there_are_no_figures(app, address):
    answer = a_browser(app).get("/metrics", environ_overrides={"REMOTE_ADDR": address})

    assert answer.status_code == 404


def test_where_a_proxy_speaks_https_only_our_own_listener_has_figures(new_app, tmp_path):
    app = new_app(tmp_path, clock=Clock(), public_url="https://vragen.example.nl")

    assert app.test_client().get("/metrics").status_code == 404
    app.wsgi_app = beside(app.wsgi_app)
    assert app.test_client().get("/metrics").status_code == 200


def test_our_own_listener_answers_nothing_else(app):
    app.wsgi_app = beside(app.wsgi_app)
    client = app.test_client()

    answers = {path: client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")}

    assert set(answers.values()) == {200}
    assert client.get("/").status_code == 404
    assert client.get("/staff/sign-in").status_code == 404
