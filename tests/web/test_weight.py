"""All that a phone loads for its page, on bad hall Wi-Fi, is at most 60 KB."""

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient

from facilitation.domain.lifecycle import QuestionState
from facilitation.web.files import without_comments
from tests.makers import a_browser, a_meeting, a_question, database_of

MOST = 60_000
QUESTIONS = 25
TEXT = "Hoe bewaakt de gemeente dat mensen rondom de opvang zich veilig blijven voelen? {}"

LINKS = (
    r'<link rel="(?:stylesheet|icon)" href="([^"]+)"',
    r'<script type="module" src="([^"]+)"',
    r'<use href="([^"#]+)#',
    r'(?:from|import|import\()\s*"(\.[^"]+)"',
    r'new URL\("(\.[^"]+)"',
)


def loaded(client: FlaskClient, address: str, packed: str = "gzip") -> dict[str, int]:
    """The bytes of a page and of everything it calls for, by address."""
    weights: dict[str, int] = {}
    waiting = [address]
    while waiting:
        here = waiting.pop()
        if here in weights:
            continue
        with client.get(here, headers={"Accept": "*/*", "Accept-Encoding": packed}) as response:
            assert response.status_code == 200, here
            data = response.data
        weights[here] = len(data)
        text = without_comments(plain(data).decode(), Path(here).suffix)
        waiting += [urljoin(here, link) for pattern in LINKS for link in re.findall(pattern, text)]
    return weights


def plain(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


@pytest.fixture
def full_wall(app: Flask) -> str:
    database = database_of(app)
    meeting = a_meeting(database, topics=["Veiligheid", "Verkeer"])
    for number in range(QUESTIONS):
        a_question(database, meeting, state=QuestionState.ON_WALL, text=TEXT.format(number))
    return f"/m/{meeting.code}"


def test_a_phone_loads_at_most_sixty_kilobytes(app: Flask, full_wall: str):
    weights = loaded(a_browser(app), full_wall)

    names = " ".join(weights)
    assert all(name in names for name in ("socket.io", "idiomorph", "phone.css", "icons.svg"))
    assert sum(weights.values()) <= MOST, weights


def test_a_page_that_goes_out_as_it_lies_there_would_be_seen(app: Flask, full_wall: str):
    weights = loaded(a_browser(app), full_wall, packed="identity")

    assert sum(weights.values()) > MOST


def test_scripts_keep_their_lines_and_their_strings_without_comments():
    script = '/** What it is for.\n * More. */\nconst a = "http://x"; // stays\n  // goes\nb();\n'

    assert without_comments(script, ".js") == '\n\nconst a = "http://x"; // stays\n\nb();\n'


def test_what_others_wrote_keeps_its_licence(app: Flask, full_wall: str):
    client = a_browser(app)
    address = next(name for name in loaded(client, full_wall) if "socket.io" in name)

    sent = client.get(address, headers={"Accept-Encoding": "gzip"})

    assert b"Released under the MIT License" in plain(sent.data)


def test_no_file_outside_the_folder_is_sent(app: Flask, full_wall: str):
    client = a_browser(app)
    script = next(name for name in loaded(client, full_wall) if name.endswith("live.js"))

    outside = client.get(script.replace("js/live.js", "../app.py"))

    assert outside.status_code == 404
