"""What a screen does with messages of the socket that come in an unlucky order."""

import json
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.evening import Hosted, Town
from tests.browser.screens import PHONE, Phone, Screens


def test_two_counts_under_one_number_both_count(town: Town, screens: Screens):
    hosted = town.meeting()
    first, second = hosted.placed("Waarom hier?"), hosted.placed("Hoe lang?")
    phone, socket = overheard(screens, hosted)

    for asked, count in ((first, 7), (second, 8)):
        say(socket, "counted", {"supports": 40, "counts": {str(asked["id"]): count}})

    expect(phone.count(first["number"])).to_have_text("7")
    expect(phone.count(second["number"])).to_have_text("8")


def test_an_older_count_changes_nothing(town: Town, screens: Screens):
    hosted = town.meeting()
    first, second = hosted.placed("Waarom hier?"), hosted.placed("Hoe lang?")
    phone, socket = overheard(screens, hosted)

    for supports, asked, count in ((40, first, 7), (39, first, 6), (41, second, 8)):
        say(socket, "counted", {"supports": supports, "counts": {str(asked["id"]): count}})

    expect(phone.count(second["number"])).to_have_text("8")
    expect(phone.count(first["number"])).to_have_text("7")


def overheard(screens: Screens, hosted: Hosted) -> tuple[Phone, WebSocketRoute]:
    """A connected phone, and its socket to say something over."""
    connected: list[WebSocketRoute] = []

    def listen(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            socket.send(message)
            if str(message).startswith("42"):  # the first thing the server tells
                connected.append(socket)

        server.on_message(pass_on)

    phone = Phone(screens.page(screens.device(PHONE), hosted.town.base))
    phone.page.route_web_socket("**/socket.io/**", listen)
    phone.page.goto(hosted.public)
    while not connected:  # the test's own time limit ends it
        phone.page.wait_for_timeout(20)
    return phone, connected[0]


def say(socket: WebSocketRoute, name: str, message: dict[str, Any]) -> None:
    socket.send("42" + json.dumps([name, message]))
