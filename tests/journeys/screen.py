"""A screen that listens as the contract says (docs/live-channel.md), and remembers all it heard."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import engineio
import requests
import socketio

from tests.journeys.markup import Element, read
from tests.server import Evening, a_program


class InOrder(engineio.Client):
    """Handles what comes in as it comes in; the library would start a thread for each message."""

    def _trigger_event(self, event: str, *args: Any, **how: Any) -> Any:
        return super()._trigger_event(event, *args, **(how | {"run_async": False}))


class Wire(socketio.Client):
    def _engineio_client_class(self) -> type[engineio.Client]:
        return InOrder


@dataclass
class Lane:
    states: list[str]
    is_newest_first: bool


@dataclass
class Region:
    """A live region taken apart."""

    epoch: str
    revision: int
    supports: int
    state: str
    view: str
    lanes: list[Lane]
    cards: dict[int, Element]
    as_drawn: list[list[str]]

    @classmethod
    def of(cls, html: str) -> "Region":
        live = next(one for one in read(html).within() if one.get("id") == "live")
        lanes = live.all("lane")
        for lane in lanes:
            assert lane.all("lane-count") == [] or (
                int(lane.all("lane-count")[0].words) == len(lane.all("card"))
            )
            assert ("hidden" in lane.all("empty")[0].attributes) == bool(lane.all("card"))
        return cls(
            epoch=live["data-epoch"],
            revision=int(live["data-revision"]),
            supports=int(live["data-supports"]),
            state=live["data-state"],
            view=live["data-view"],
            lanes=[
                Lane(lane["data-states"].split(), lane.get("data-newest") == "first")
                for lane in lanes
            ],
            cards={int(card["data-id"]): card for card in live.all("card")},
            as_drawn=[[str(card) for card in lane.all("card")] for lane in lanes],
        )


@dataclass
class Screen:
    """One open screen: `web` fetches its pages, `wire` hears the changes."""

    name: str
    lang: str
    evening: Evening
    web: requests.Session
    inbox: deque[tuple[str, Any]] = field(default_factory=deque)
    heard: list[str] = field(default_factory=list)
    own: dict[int, Element] = field(default_factory=dict)
    refetches: int = 0
    told: int = -1  # the newest revision that a `changed` brought: all before it was heard too

    def __post_init__(self) -> None:
        self.web.headers["Accept-Language"] = self.lang
        self.wire = Wire(reconnection=False, handle_sigint=False)
        self.wire.on("*", self._hear)
        self.left = threading.Event()
        self.wire.on("disconnect", lambda *why: self.left.set())

    # -- the connection

    @property
    def place(self) -> str:
        return self.evening.staff if self.name == "console" else self.evening.public

    def open(self) -> "Screen":
        """Load the page and listen, as a browser does."""
        self.load()
        self.listen()
        return self

    def load(self) -> None:
        page = self.get("" if self.name == "phone" else f"/{self.name}")
        self._become(Region.of(page))
        self.own = own_cards(page)
        if self.name == "phone":
            self._become(self.fetch())  # a page may mark what is this phone's own

    def listen(self) -> None:
        self.left.clear()
        meeting = self.evening.id if self.name == "console" else self.evening.code
        cookies = "; ".join(f"{name}={value}" for name, value in self.web.cookies.items())
        self.wire.connect(
            self.evening.base,
            headers={"Cookie": cookies},  # the library says the origin itself
            auth={"meeting": meeting, "screen": self.name, "lang": self.lang},
            transports=["websocket"],
            wait_timeout=10,
        )

    def leave(self) -> None:
        """Out of reach: what is told now is missed."""
        self.wire.disconnect()
        self.catch_up()

    def come_back(self) -> None:
        """Within reach again: listen, and fetch what was missed."""
        self.listen()
        self.refetch()

    def _hear(self, event: str, message: Any = None) -> None:
        self.heard.append(json.dumps([event, message], ensure_ascii=False))
        self.inbox.append((event, message))

    # -- what the page does

    def get(self, path: str) -> str:
        answer = self.web.get(self.place + path, headers={"Accept": "text/html"})
        answer.encoding = "utf-8"
        self.heard.append(answer.text)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    def fetch(self) -> Region:
        """A live region fetched anew, as a reload would."""
        return Region.of(self.get(f"/live?screen={self.name}"))

    def refetch(self) -> None:
        self.refetches += 1
        self._become(self.fetch())
        if self.name == "phone":
            self.own = own_cards(self.get("/mine"))

    def catch_up(self) -> None:
        """Do all that was heard so far."""
        while self.inbox:
            event, message = self.inbox.popleft()
            getattr(self, f"_do_{event}")(message)

    def _become(self, region: Region) -> None:
        self.region = region

    def _do_changed(self, message: dict[str, Any]) -> None:
        self.told, mine = message["revision"], self.region
        if message["epoch"] == mine.epoch and message["revision"] <= mine.revision:
            return
        is_next = (message["epoch"], message["previous"]) == (mine.epoch, mine.revision)
        if not is_next or message["meeting"]["state"] != mine.state:
            self.refetch()
            return
        mine.view = message["meeting"]["view"]
        mine.revision = message["revision"]
        for change in message["cards"]:
            self._put(change)

    def _put(self, change: dict[str, Any]) -> None:
        self.region.cards.pop(change["id"], None)
        if change["html"] is not None and any(
            change["state"] in lane.states for lane in self.region.lanes
        ):
            card = one_card(change)
            assert card["data-state"] == change["state"]
            self.region.cards[change["id"]] = card

    def _do_counted(self, message: dict[str, Any]) -> None:
        if message["supports"] < self.region.supports:
            return
        self.region.supports = message["supports"]
        for id, count in message["counts"].items():
            card = self.region.cards.get(int(id))
            for place in card.all("support-count") if card else []:
                place.children = [str(count)]
            if card and "data-count" in card.attributes:
                card.attributes["data-count"] = str(count)

    def _do_mine(self, message: dict[str, Any]) -> None:
        for change in message["cards"]:
            self.own.pop(change["id"], None)
            if change["html"] is not None:
                self.own[change["id"]] = one_card(change)

    def _do_pulse(self, message: dict[str, Any]) -> None:
        mine = self.region
        known = (mine.epoch, mine.revision, mine.supports, mine.state)
        if known != (
            *(message["epoch"], message["revision"], message["supports"]),
            message["meeting"]["state"],
        ):
            self.refetch()

    def _do_bye(self, message: dict[str, Any]) -> None:
        pass

    # -- what it shows

    @property
    def shown(self) -> list[list[str]]:
        """The cards of every lane, each in its place."""
        return [self._in_lane(lane) for lane in self.region.lanes]

    def _in_lane(self, lane: Lane) -> list[str]:
        here = [card for card in self.region.cards.values() if card["data-state"] in lane.states]
        here.sort(key=placed, reverse=lane.is_newest_first)
        return [str(card) for card in here]

    @property
    def shown_own(self) -> list[str]:
        return [str(card) for card in sorted(self.own.values(), key=placed, reverse=True)]


def a_screen(
    evening: Evening, name: str, *, lang: str = "nl", web: requests.Session | None = None
) -> Screen:
    return Screen(name, lang, evening, web or a_program(evening.base)).open()


def one_card(change: dict[str, Any]) -> Element:
    """The card of a message, in the place that the message gives it."""
    (card,) = (one for one in read(change["html"]).children if isinstance(one, Element))
    card.attributes["data-order"] = str(change["order"])
    return card


def own_cards(html: str) -> dict[int, Element]:
    return {int(card["data-id"]): card for card in read(html).all("mine-card")}


def placed(card: Element) -> tuple[int, int]:
    return int(card["data-order"]), int(card["data-id"])
