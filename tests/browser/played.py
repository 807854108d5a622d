"""One whole evening, played by clicking: two phones, a console, a hall, and a second console.

Every step is taken on one screen and awaited on all others. What should have come of each
question is kept here by hand, apart from what the server says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from playwright.sync_api import Locator, expect

from tests.browser.evening import Hosted, Town, real_questions
from tests.browser.recording import Recording
from tests.browser.screens import CONSOLE, HALL, PHONE, Console, Hall, Phone, Screens, sign_in

PUBLIC = {"on_wall", "on_stage", "answered", "deferred", "acknowledged"}
OWED = {"waiting", "on_wall", "on_stage", "deferred", "parked"}
DUE = (date.today() + timedelta(days=14)).isoformat()  # noqa: DTZ011  (the moderator's own calendar)

QUESTIONS = real_questions("question")[:28]
CONCERNS = real_questions("concern")[:6]
IDEAS = real_questions("idea")[:6]
SPOKEN = real_questions("question")[28]
ON_PAPER = real_questions("concern")[6]
LATE = real_questions("question")[29]

# What nobody but the asker and the moderators may read.
ADDRESS = "truus.jansen@voorbeeld.example"
PRIVATE_NAME = "Truus Jansen"
CHOSEN_NAME = "Meneer Bakker"
REASON = "Dit gaat over een persoon; dat bespreken wij hier niet."
PRIVATE_NOTE = "Doorgegeven aan de wijkbeheerder."
PRIVATE_OWNER = "Wijkbeheer Noord"
PATH = "Komt er een voetpad?"
CLEARER = "Wie beslist er over de plek van de opvang?"

EARLIER = """([number, place]) =>
  [...document.querySelectorAll("#lane-wall [data-part=card]")]
    .findIndex((card) => Number(card.dataset.number) === number) < place"""


@dataclass
class Played:
    """What there was to see, and what should have come of every question."""

    hosted: Hosted
    screens: Screens
    one: Phone
    other: Phone
    hall: Hall
    console: Console
    heard: dict[str, Recording]
    colleague: Console | None = None
    fates: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    was_public: set[int] = field(default_factory=set)
    ids: dict[int, int] = field(default_factory=dict)
    receipts: dict[int, str] = field(default_factory=dict)

    # -- what should be

    def owed(self) -> set[int]:
        """The unanswered ones: exactly these belong in the register as still owed."""
        return {number for number, state in self.fates.items() if state in OWED}

    def public(self) -> dict[int, str]:
        return {number: state for number, state in self.fates.items() if state in PUBLIC}

    def never_public(self) -> set[int]:
        return set(self.fates) - self.was_public

    def asked_by(self, phone: Phone) -> set[int]:
        """Odd ones came from one phone, even ones from the other; a scribe's from nobody's."""
        rest = 1 if phone is self.one else 0
        return {number for number in self.receipts if number % 2 == rest}

    def phone_of(self, number: int) -> Phone:
        return self.one if number % 2 else self.other

    # -- playing

    def ask(self, text: str, *, kind: str, name: str = "") -> int:
        """The next number, from the phone whose turn it is; seen by all who may see it."""
        phone = self.phone_of(max(self.fates, default=0) + 1)
        number = phone.asks(text, kind=kind, name=name)
        self.texts[number] = text
        self.receipts[number] = phone.receipt(number)
        self.now(number, "waiting")
        return number

    def take(self, number: int, step: str, state: str, **fields: str) -> None:
        """A step by its button."""
        self.console.press(number, step, **fields)
        self.now(number, state)

    def key(self, number: int, key: str, step: str, state: str, **fields: str) -> None:
        """A step by its key."""
        self.console.key(number, key, step, **fields)
        self.now(number, state)

    def now(self, number: int, state: str, *, is_still: bool = False) -> None:
        """Wait until every screen shows it so, or does not show it at all."""
        self.fates[number] = state
        self.console.shows(number, state)
        if number in self.receipts:
            self.phone_of(number).own_is(number, state)
        if is_still:
            return
        for screen in (self.one, self.other, self.hall):
            if state in PUBLIC:
                screen.shows(number, state)
            else:
                screen.shows_not(number)
        if state in PUBLIC:
            self.was_public.add(number)

    def id_of(self, number: int) -> str:
        return str(self.console.card(number).get_attribute("data-id"))

    def read(self) -> None:
        for recording in self.heard.values():
            recording.read()

    def everyone(self) -> Iterator[Phone | Hall | Console]:
        yield from (self.one, self.other, self.hall, self.console)


def play(screens: Screens, town: Town) -> Played:
    """The whole evening, in the order of its hour."""
    played = _doors_open(screens, town)
    for act in (
        _questions_come,
        _wall_fills,
        _people_have_it_too,
        _stage,
        _outcomes,
        _doubles,
        _not_placed,
        _clearer,
        _from_the_hall,
        _withdrawn,
        _pause,
        _views,
        _second_moderator,
        _closing,
    ):
        act(played)
        played.read()
    _note_ids(played)
    return played


def _doors_open(screens: Screens, town: Town) -> Played:
    """The console opens the meeting; then there is something for phones and the hall to see."""
    hosted = town.meeting("draft")
    console = screens.console(hosted)
    console.meeting_step("open")
    console.meeting_is("open")
    heard: dict[str, Recording] = {}

    def resident(name: str, size: dict[str, int], path: str) -> Recording:
        page = screens.page(screens.device(size), town.base)
        heard[name] = Recording(page)
        page.goto(hosted.public + path)
        return heard[name]

    one, other = (Phone(resident(name, PHONE, "").page) for name in ("one", "other"))
    hall = Hall(resident("hall", HALL, "/hall").page)
    for screen in (one, other, hall, console):
        screens.watch_of(screen.page).mark()
    return Played(hosted, screens, one, other, hall, console, heard)


def _questions_come(played: Played) -> None:
    """One before the evening starts, then all but the last of the forty."""
    played.ask(QUESTIONS[0], kind="question")
    played.console.meeting_step("start")
    for screen in played.everyone():
        screen.meeting_is("live")
    played.hall.view_is("wall")
    for number, text in enumerate(QUESTIONS[1:], start=2):
        name = {24: PRIVATE_NAME, 25: CHOSEN_NAME}.get(number, "")
        more = f" Mail mij op {ADDRESS} of bel 06-12345678." if number == 24 else ""
        assert played.ask(text + more, kind="question", name=name) == number
    for kind, texts in (("concern", CONCERNS), ("idea", IDEAS[:-1])):
        for text in texts:
            played.ask(text, kind=kind)


def _wall_fills(played: Played) -> None:
    """Half of it by button, half by key."""
    for number in (*range(1, 7), 25, 29):
        played.take(number, "approve", "on_wall")
    for number in (*range(7, 13), 30, 35):
        played.key(number, "a", "approve", "on_wall")
    for screen in (played.one, played.other, played.hall):
        screen.has(25, CHOSEN_NAME)


def _people_have_it_too(played: Played) -> None:
    """Support from a phone, seen by the others; and taken back."""
    played.other.support(3).click()
    played.one.support(2).click()
    played.other.support(9).click()
    for number in (3, 2, 9):
        for screen in (played.one, played.other, played.hall, played.console):
            expect(_count(screen, number)).to_have_text("1")
    played.other.support(9).click()
    expect(played.other.support(9)).to_have_attribute("aria-pressed", "false")
    for screen in (played.one, played.hall, played.console):
        expect(_count(screen, 9)).to_have_text("0")


def _count(screen: Phone | Hall | Console, number: int) -> Locator:
    return screen.card(number).locator('[data-part="support-count"]').first


def _stage(played: Played) -> None:
    """One on stage: a second puts the first back."""
    played.console.view("stage")
    played.hall.view_is("stage")
    played.key(1, "v", "call", "on_stage")
    expect(played.hall.card(1)).to_be_visible()
    played.take(2, "call", "on_stage")
    played.now(1, "on_wall")
    played.take(2, "put_back", "on_wall")
    played.key(2, "v", "call", "on_stage")
    played.key(2, "t", "put_back", "on_wall")
    played.take(18, "call", "on_stage")  # straight from what was sent
    played.take(3, "call", "on_stage")
    played.now(18, "on_wall")


def _outcomes(played: Played) -> None:
    """Answered, heard, deferred, parked: each taken back once, and taken again."""
    said = {"speaker": "Wethouder", "summary": "Niet vóór het besluit van de raad."}
    played.take(3, "answer", "answered", **said)
    for screen in (played.one, played.other):
        screen.has(3, said["summary"])
    played.key(4, "b", "answer", "answered", speaker="COA")
    played.take(4, "undo", "on_wall")
    played.key(4, "b", "answer", "answered", speaker="COA")
    played.key(29, "g", "acknowledge", "acknowledged", speaker="Burgemeester")
    played.key(29, "u", "undo", "on_wall")
    played.take(29, "acknowledge", "acknowledged", speaker="Burgemeester")
    played.take(35, "acknowledge", "acknowledged", summary="Wij nemen dit mee.")
    played.take(31, "acknowledge", "acknowledged", speaker="Wethouder")

    promise = {"owner": "Politie, wijkteam", "due": DUE, "promise": "Wij zoeken dit uit."}
    played.take(5, "defer", "deferred", **promise)
    played.take(5, "undo", "on_wall")
    played.key(5, "d", "defer", "deferred", **promise)
    played.take(13, "defer", "deferred", **promise)
    for screen in (played.one, played.other, played.hall):
        screen.has(5, promise["owner"])
    elsewhere = {"owner": PRIVATE_OWNER, "due": DUE, "note": PRIVATE_NOTE}
    played.take(6, "park", "parked", note=PRIVATE_NOTE)
    played.take(6, "undo", "on_wall")
    played.key(6, "y", "park", "parked", note=PRIVATE_NOTE)
    played.take(14, "park", "parked", **elsewhere)


def _doubles(played: Played) -> None:
    """Merging takes the asker along: the other question counts one more."""
    played.take(8, "merge", "merged", into=played.id_of(1))
    for screen in (played.one, played.hall, played.console):
        expect(_count(screen, 1)).to_have_text("1")
    played.take(8, "undo", "on_wall")
    for screen in (played.one, played.hall, played.console):
        expect(_count(screen, 1)).to_have_text("0")
    played.key(8, "s", "merge", "merged", into=played.id_of(1))
    played.take(15, "merge", "merged", into=played.id_of(2))
    expect(played.one.own(15)).to_contain_text("no. 2")


def _not_placed(played: Played) -> None:
    """Declined with a reason that the asker reads; and taken down for now."""
    played.take(26, "decline", "declined", reason=REASON)
    expect(played.other.own(26)).to_contain_text(REASON)
    played.take(26, "undo", "waiting")
    played.key(26, "x", "decline", "declined", reason=REASON)
    played.take(9, "decline", "declined", reason=REASON)
    played.take(10, "take_down", "waiting")
    played.key(10, "a", "approve", "on_wall")
    played.key(10, "t", "take_down", "waiting")
    played.take(12, "take_down", "waiting")
    played.take(12, "undo", "on_wall")


def _clearer(played: Played) -> None:
    """Edited on the wall and before it; the asker keeps the own words."""
    played.console.press(11, "edit", text=CLEARER, topic="Veiligheid")
    for screen in (played.one, played.other, played.hall, played.console):
        screen.has(11, CLEARER)
    for phone in (played.one, played.other):
        expect(phone.card(11)).to_contain_text("Veiligheid")
    played.console.key(16, "e", "edit", text=PATH)
    played.console.has(16, PATH)
    played.take(16, "approve", "on_wall")
    for screen in (played.one, played.other, played.hall):
        screen.has(16, PATH)
    expect(played.other.own(16)).to_contain_text(played.texts[16])
    played.take(18, "call", "on_stage")


def _from_the_hall(played: Played) -> None:
    """A scribe enters what was spoken and written: straight to the wall, marked as such."""
    for text, kind, source, word in (
        (SPOKEN, "question", "spoken", "Spoken"),
        (ON_PAPER, "concern", "paper", "On paper"),
    ):
        number = max(played.fates) + 1
        played.console.enter(text, kind=kind, source=source)
        played.now(number, "on_wall")
        played.texts[number] = text
        for screen in (played.one, played.other, played.hall):
            screen.has(number, word)


def _withdrawn(played: Played) -> None:
    """By the asker, on the private page: one that waits, one that stands on the wall."""
    for number in (17, 12):
        phone = played.phone_of(number)
        own = played.screens.page(phone.page.context, played.hosted.town.base)
        own.goto(played.hosted.town.base + played.receipts[number])
        own.locator("#withdraw summary").click()
        own.locator("#withdraw button").click()
        expect(own.locator("#withdraw")).to_have_count(0)
        own.close()
        played.now(number, "withdrawn")


def _pause(played: Played) -> None:
    """Phones and hall stand still, and nothing that is sent is lost."""
    played.console.meeting_step("pause")
    for screen in played.everyone():
        screen.meeting_is("paused")
    expect(played.hall.page.locator(".calm")).to_be_visible()
    played.ask(IDEAS[-1], kind="idea")
    played.console.press(19, "approve")
    played.now(19, "on_wall", is_still=True)
    for screen in (played.one, played.other, played.hall):
        screen.shows_not(19)
    played.console.meeting_step("resume")
    for screen in played.everyone():
        screen.meeting_is("live")
    played.now(19, "on_wall")


def _views(played: Played) -> None:
    """What the moderator chooses, the hall shows; the order is dealt anew when asked for."""
    for view, sign in (
        ("collection", ".view-collection"),
        ("join", ".view-join"),
        ("stage", ".view-stage"),
        ("wall", ".view-wall"),
    ):
        played.console.view(view)
        played.hall.view_is(view)
        expect(played.hall.page.locator(sign)).to_be_visible()
    played.one.support(16).click()
    expect(_count(played.console, 16)).to_have_text("1")
    place = played.hall.numbers("lane-wall").index(16)
    played.console.meeting_step("sort")
    for screen in played.everyone():
        screen.page.wait_for_function(EARLIER, arg=[16, place])


def _second_moderator(played: Played) -> None:
    """A colleague sits down, sees the same, and takes steps that the first one sees."""
    town = played.hosted.town
    page = played.screens.page(played.screens.device(CONSOLE), town.base)
    sign_in(page, town.base)
    page.goto(f"{played.hosted.staff}/console")
    colleague = played.colleague = Console(page)
    played.screens.watch_of(page).mark()
    for lane in ("lane-waiting", "lane-wall", "lane-stage", "lane-done"):
        assert colleague.numbers(lane) == played.console.numbers(lane)
    colleague.press(20, "approve")
    played.now(20, "on_wall")
    played.take(20, "call", "on_stage")
    played.now(18, "on_wall")
    colleague.shows(20, "on_stage")


def _closing(played: Played) -> None:
    """Closed after a second look; a late question goes straight to the register."""
    played.console.page.locator('[data-action="open"][data-dialog="close"]').click()
    played.console.page.locator("dialog#close form button").first.click()
    for screen in played.everyone():
        screen.meeting_is("closed")
    played.ask(LATE, kind="question")


def _note_ids(played: Played) -> None:
    """Ids by number, for looking through what was heard."""
    played.ids = {card["number"]: card["id"] for card in played.hosted.received()}
