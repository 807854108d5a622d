"""What one process announces is the same announcement in the others."""

import pytest

from facilitation.domain.events import Announcement, SessionsEnded
from facilitation.runtime import Threads
from facilitation.web import relay
from facilitation.web.relay import Relay
from tests.makers import a_meeting, a_question, support, take, take_meeting

NOWHERE = "redis://127.0.0.1:9"  # nobody listens at the discard port


class Screens:
    """Stands for Live: remembers what it was told to tell."""

    def __init__(self):
        self.told = []
        self.pulses = 0

    def publish(self, announcement):
        self.told.append(announcement)

    def pulse(self):
        self.pulses += 1


@pytest.fixture
def screens():
    return Screens()


@pytest.fixture
def here(screens):
    return Relay(NOWHERE, screens, Threads())


def an_evening(database):
    meeting = a_meeting(database)
    question = a_question(database, meeting)
    take(database, question, "approve")
    support(database, question)
    take(database, question, "defer")
    take_meeting(database, meeting.id, "pause")
    take_meeting(database, meeting.id, "sort")


def test_every_announcement_of_an_evening_arrives_as_it_was(database, heard):
    an_evening(database)
    heard.append(Announcement(0, "", {}, (SessionsEnded((1, 2)),)))

    for announcement in heard:
        assert relay.read(relay.written(announcement, by="me")) == ("me", announcement)
    assert len(heard) == 8


def test_without_redis_our_own_screens_hear_it_all_the_same(database, heard, here, screens):
    an_evening(database)

    for announcement in heard:
        here.announce(announcement)

    assert screens.told == heard


def test_what_others_announce_is_told_and_our_own_only_once(database, heard, here, screens):
    a_meeting(database)
    ours, theirs = heard[0], heard[1]

    here._hear({"type": "message", "data": relay.written(ours, by=here._me)})
    here._hear({"type": "message", "data": relay.written(theirs, by="another")})

    assert screens.told == [theirs]


def test_once_redis_is_back_every_screen_hears_how_far_we_are(here, screens):
    here._hear({"type": "subscribe", "data": 1})

    assert screens.pulses == 1
