"""What a screen does with messages of the socket that come in an unlucky order."""

import json
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.evening import Town
from tests.browser.screens import PHONE, Phone, Screens


def test_two_counts_under_one_number_both_count(town: Town, screens: Screens):
    hosted = town.meeting()
    first, second = hosted.placed("Waarom hier?"), hosted.placed("Hoe lang?")
    sockets: list[WebSocketRoute] = []
    phone = Phone(screens.page(screens.device(PHONE), town.base))
    phone.page.route_web_socket("**/socket.io/**", lambda socket: _listen(socket, sockets))
    phone.page.goto(hosted.public)
    phone.page.wait_for_function("document.querySelector('#live') !== null")
    _wait_for_one(phone, sockets)

    for asked, count in ((first, 7), (second, 8)):
        _say(sockets[0], "counted", {"supports": 40, "counts": {str(asked["id"]): count}})

    expect(phone.count(first["number"])).to_have_text("7")
    expect(phone.count(second["number"])).to_have_text("8")


def test_an_older_count_changes_nothing(town: Town, screens: Screens):
    hosted = town.meeting()
    first, second = hosted.placed("Waarom hier?"), hosted.placed("Hoe lang?")
    sockets: list[WebSocketRoute] = []
    phone = Phone(screens.page(screens.device(PHONE), town.base))
    phone.page.route_web_socket("**/socket.io/**", lambda socket: _listen(socket, sockets))
    phone.page.goto(hosted.public)
    _wait_for_one(phone, sockets)

    for supports, asked, count in ((40, first, 7), (39, first, 6), (41, second, 8)):
        _say(sockets[0], "counted", {"supports": supports, "counts": {str(asked["id"]): count}})

    expect(phone.count(second["number"])).to_have_text("8")
    expect(phone.count(first["number"])).to_have_text("7")


def _listen(socket: WebSocketRoute, sockets: list[WebSocketRoute]) -> None:
    server = socket.connect_to_server()

    def pass_on(message: str | bytes) -> None:
        socket.send(message)
        if str(message).startswith("40"):  # connected
            sockets.append(socket)

    server.on_message(pass_on)


def _wait_for_one(phone: Phone, sockets: list[WebSocketRoute]) -> None:
    while not sockets:
        phone.page.wait_for_timeout(20)


def _say(socket: WebSocketRoute, name: str, message: dict[str, Any]) -> None:
    socket.send("42" + json.dumps([name, message]))
