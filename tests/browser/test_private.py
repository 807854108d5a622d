"""Residents and the hall are told nothing that is not theirs: all they heard in one evening."""

import re
from html import unescape

import pytest

from tests.browser.evening import ORGANISER
from tests.browser.played import (
    ADDRESS,
    CHOSEN_NAME,
    PRIVATE_NAME,
    PRIVATE_NOTE,
    PRIVATE_OWNER,
    REASON,
    Played,
)
from tests.browser.recording import Recording

pytestmark = pytest.mark.timeout(170)

RECEIPT = re.compile(r"/q/[\w-]+")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def own_numbers(played: Played, listener: str) -> set[int]:
    """What this screen asked itself; the hall asks nothing."""
    phone = {"one": played.one, "other": played.other}.get(listener)
    return played.asked_by(phone) if phone else set()


def secrets(played: Played, listener: str) -> dict[str, str]:
    """All that this screen may not be told, each with what it is."""
    own = own_numbers(played, listener)
    found = {
        played.texts[number]: f"the text of no. {number}"
        for number in played.never_public() - own
        if number in played.texts
    }
    found |= {
        receipt: f"the receipt of no. {number}"
        for number, receipt in played.receipts.items()
        if number not in own
    }
    if 16 not in own:
        found[played.texts[16]] = "the own words of no. 16, which were made clearer beforehand"
    if listener != "other":  # it asked what was declined for this reason, and nos. 24 and 14
        found |= {PRIVATE_NAME: "a name", ADDRESS: "an e-mail address"}
    found |= {PRIVATE_NOTE: "a note for colleagues", ORGANISER: "a colleague's address"}
    if listener == "hall":
        found |= {REASON: "why a question was declined"}
    if listener == "one":
        found |= {PRIVATE_OWNER: "who picks up what was parked"}
    return found


def leaks(recording: Recording, forbidden: dict[str, str]) -> list[str]:
    told = unescape(recording.told())
    return [what for words, what in forbidden.items() if words in told]


@pytest.mark.parametrize("listener", ["one", "other", "hall"])
def test_nobody_is_told_what_is_not_theirs(played: Played, listener: str):
    assert leaks(played.heard[listener], secrets(played, listener)) == []


@pytest.mark.parametrize("listener", ["one", "other", "hall"])
def test_nobody_even_hears_that_there_is_such_a_question(played: Played, listener: str):
    hidden = {played.ids[number] for number in played.never_public()}

    assert played.heard[listener].ids_heard() & hidden == set()


@pytest.mark.parametrize("listener", ["one", "other", "hall"])
def test_private_links_go_to_their_asker_only(played: Played, listener: str):
    own = {played.receipts[number] for number in own_numbers(played, listener)}

    assert set(RECEIPT.findall(played.heard[listener].told())) == own


def test_the_hall_hears_no_e_mail_address_at_all(played: Played):
    assert E_MAIL.findall(played.heard["hall"].told()) == []


@pytest.mark.parametrize("listener", ["one", "other", "hall"])
def test_everything_that_was_said_was_recorded(played: Played, listener: str):
    recording = played.heard[listener]
    told = unescape(recording.told())

    assert recording.unread == []
    assert {name for name, _ in recording.messages()} >= {"changed", "counted", "pulse"}
    assert CHOSEN_NAME in told
    for number in played.public():
        assert played.ids[number] in recording.ids_heard() or played.texts[number] in told


def test_the_asker_does_hear_it_so_a_leak_would_be_seen(played: Played):
    """The control: the same search finds them where they belong."""
    found = leaks(played.heard["other"], secrets(played, "hall"))

    assert {"an e-mail address", "why a question was declined"} <= set(found)
    assert "the text of no. 24" in found
    assert f"the receipt of no. {min(played.asked_by(played.other))}" in found
    assert PRIVATE_NAME in played.console.card(24).inner_text()
