"""Meetings from memory: the same until anything is saved, by us or by another process."""

import sqlite3
from contextlib import closing

import pytest

from facilitation.domain.refusals import NotFound
from facilitation.storage.database import Database
from facilitation.storage.meetings import Meetings
from tests.makers import a_meeting, a_question, meeting_now, take_meeting


def test_a_meeting_is_found_by_code_and_by_id(database):
    meeting = a_meeting(database)

    found = Meetings(database)

    assert found.by_code(meeting.code) == found.by_id(meeting.id) == meeting_now(database, meeting)


def test_what_was_saved_is_seen_at_once(database):
    meeting, meetings = a_meeting(database), Meetings(database)
    before = meetings.by_code(meeting.code)

    take_meeting(database, meeting.id, "pause")
    a_question(database, meeting)

    assert not before.state.is_paused
    assert meetings.by_code(meeting.code).state.is_paused
    assert meetings.by_id(meeting.id) == meeting_now(database, meeting)


def test_who_is_not_there_is_looked_for_again(database):
    meetings = Meetings(database)
    with pytest.raises(NotFound):
        meetings.by_id(1)

    meeting = a_meeting(database)

    assert meetings.by_id(meeting.id).code == meeting.code


@pytest.mark.sqlite
def test_it_is_read_once_while_nothing_is_saved(database):
    meeting, meetings = a_meeting(database), Meetings(database)

    assert meetings.by_code(meeting.code) is meetings.by_code(meeting.code)


@pytest.mark.sqlite
def test_what_another_process_saved_is_seen_at_once(database):
    meeting, meetings = a_meeting(database), Meetings(database)
    before = meetings.by_code(meeting.code)

    with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as other:
        other.execute("UPDATE meetings SET title = 'Een andere titel'")
        other.commit()

    assert before.title != "Een andere titel"
    assert meetings.by_code(meeting.code).title == "Een andere titel"


@pytest.mark.sqlite
def test_when_nobody_can_tell_it_is_read_anew(database, monkeypatch):
    meeting, meetings = a_meeting(database), Meetings(database)
    monkeypatch.setattr(Database, "version", lambda self: None)

    first, second = meetings.by_code(meeting.code), meetings.by_code(meeting.code)

    assert first == second
    assert first is not second
