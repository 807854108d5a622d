"""A random walk: whatever residents and moderators may do at this moment, one thing at a time."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from facilitation.domain.lifecycle import (
    FOLLOW_UP_STEPS,
    MEETING_STEPS,
    QUESTION_STEPS,
    FollowUpState,
    Kind,
    MeetingState,
    QuestionState,
    Role,
    open_steps,
)
from tests.server import Evening, a_program

DESK = frozenset({Role.ORGANISER})
WORDS = ("wanneer", "komt", "waarom", "mag", "opvang", "sporthal", "wie", "betaalt", "verkeer")
REFUSED_BY_THE_MOMENT = {
    404,
    409,
    422,
}  # a merge into itself, an undo of nothing, a second too late
MARK = "geheim"  # in every text, so that the checker knows it from the page around it


@dataclass
class Asked:
    """One question of a walk: who asked it, and all the words in which it ever stood."""

    id: int
    device: str
    receipt: str
    name: str = ""
    texts: set[str] = field(default_factory=set)


@dataclass
class Walk:
    """Takes steps on one evening; every choice comes from the seed."""

    evening: Evening
    desk: requests.Session
    dice: random.Random
    phones: dict[str, requests.Session]
    asked: dict[int, Asked] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    count: int = 0
    after: Callable[[], object] = lambda: None  # looks at the evening after every step

    @classmethod
    def on(
        cls, evening: Evening, desk: requests.Session, seed: str, phones: dict[str, Any]
    ) -> "Walk":
        crowd = {f"toestel {n}": a_program(evening.base) for n in range(3)}
        for phone in crowd.values():
            phone.get(evening.public, headers={"Accept": "text/html"})
        return cls(evening, desk, random.Random(seed), phones | crowd)

    def take(self, steps: int) -> None:
        """Take so many steps, each of a kind that is drawn by weight."""
        kinds = [self.ask, self.support, self.moderate, self.follow_up, self.lead, self.enter]
        for _ in range(steps):
            (step,) = self.dice.choices([*kinds, self.withdraw], [12, 12, 32, 6, 2, 4, 2])
            step()
            self.after()

    # -- residents

    def ask(self) -> None:
        device = self.dice.choice(sorted(self.phones))
        text = self._words() + self.dice.choice(["", "", "", " bel 06 12345678", "\nen <b>nog</b>"])
        name = self.dice.choice(["", "", f"Buur {self._mark()}"])
        body = {"key": self._key(), "kind": self._kind(), "text": text, "name": name}
        answer = self._send(self.phones[device], f"{self.evening.public}/questions", body)
        if answer.ok:
            told = answer.json()
            self.asked[told["id"]] = Asked(told["id"], device, told["receipt"], name, {text})

    def support(self) -> None:
        cards = self._cards(self.evening.public, self.phones["toestel 0"])
        if cards:
            card, phone = self.dice.choice(cards), self.phones[self.dice.choice([*self.phones])]
            has = self.dice.choice(["true", "true", "true", "false"])
            place = f"{self.evening.public}/questions/{card['id']}/support"
            self._send(phone, place, {"supported": has})

    def withdraw(self) -> None:
        if self.asked:
            question = self.dice.choice([*self.asked.values()])
            place = f"{self.evening.base}/q/{question.receipt}/withdraw"
            self._send(self.phones.get(question.device, self.desk), place, {})

    # -- moderators

    def moderate(self) -> None:
        """One open step of one question, whichever."""
        cards = self._cards(self.evening.staff, self.desk)
        if not cards:
            return
        card = self.dice.choice(cards)
        state, kind = QuestionState(card["state"]), Kind(card["kind"])
        steps = open_steps(QUESTION_STEPS, state, roles=DESK, kind=kind)
        if steps:
            step = self.dice.choice(steps)
            body = self._fields(step, cards)
            if step == "edit" and card["id"] in self.asked:
                self.asked[card["id"]].texts.add(body["text"])
            self._send(self.desk, f"{self.evening.staff}/questions/{card['id']}/{step}", body)

    def follow_up(self) -> None:
        """One open step of one point of the register."""
        owed = [card["follow_up"] for card in self._cards(self.evening.staff, self.desk)]
        points = [point for point in owed if point]
        if points:
            point = self.dice.choice(points)
            step = self.dice.choice(
                open_steps(FOLLOW_UP_STEPS, FollowUpState(point["state"]), roles=DESK)
            )
            body = {
                "owner": f"Afdeling {self._mark()}",
                "due": "2027-01-15",
                "promise": "Wij zoeken het uit.",
                "answer": f"Antwoord {self._mark()}.",
                "public_reason": "Het plan is van de baan.",
            }
            self._send(self.desk, f"{self.evening.staff}/register/{point['id']}/{step}", body)

    def enter(self) -> None:
        """What somebody said aloud, or handed in on paper."""
        body = {
            "key": self._key(),
            "kind": self._kind(),
            "text": self._words(),
            "source": self.dice.choice(["spoken", "paper"]),
        }
        self._send(self.desk, f"{self.evening.staff}/questions", body)

    def lead(self) -> None:
        """One open step of the meeting that leaves it standing; sometimes its words change."""
        facts = self.desk.get(f"{self.evening.staff}/live").json()["meeting"]
        steps = open_steps(MEETING_STEPS, MeetingState(facts["state"]), roles=DESK)
        steps = [step for step in steps if step not in {"clear", "archive"}]
        weights = [1 if step == "close" else 4 for step in steps]
        (step,) = self.dice.choices([*steps, "edit"], [*weights, 2])
        body = {"view": self.dice.choice(["wall", "stage", "collection", "join"])}
        if step == "edit":
            body = {
                "title": f"Avond {self._mark()}",
                "starts_at": "2026-12-01T19:30",
                "topics": "Veiligheid\nVerkeer",
                "is_moderated": self.dice.choice("01"),
                "takes_late_questions": "1",
                "shows_counts": self.dice.choice("01"),
            }
        self._send(self.desk, f"{self.evening.staff}/{step}", body)

    def show(self, view: str) -> None:
        """A step that every audience hears of."""
        self._send(self.desk, f"{self.evening.staff}/view", {"view": view})
        self.after()

    # -- what they send

    def _fields(self, step: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
        fields: dict[str, dict[str, Any]] = {
            "decline": {"reason": f"Dit gaat over iets anders, {self._mark()}."},
            "answer": {"speaker": "Wethouder", "summary": f"Zo zit het, {self._mark()}."},
            "acknowledge": {"speaker": self.dice.choice(["", "Burgemeester"])},
            "defer": {"owner": "Politie", "due": "2027-01-10", "promise": "U hoort het van ons."},
            "park": {"owner": self.dice.choice(["", "School"]), "note": f"Notitie {self._mark()}"},
            "merge": {"into": self.dice.choice(cards)["id"]},
            "edit": {"text": self._words(), "topic": self.dice.choice(["", "0", "1", "2"])},
        }
        return fields.get(step, {})

    def _words(self) -> str:
        return f"{' '.join(self.dice.choices(WORDS, k=self.dice.randint(2, 12)))} {self._mark()}?"

    def _mark(self) -> str:
        self.count += 1
        return f"{MARK}{self.count:05d}"

    def _kind(self) -> str:
        return self.dice.choice(["question", "question", "concern", "idea"])

    def _key(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def _cards(self, place: str, who: requests.Session) -> list[dict[str, Any]]:
        return who.get(f"{place}/live").json()["cards"]

    def _send(self, who: requests.Session, place: str, body: dict[str, Any]) -> requests.Response:
        answer = who.post(place, data=body)
        self.steps.append(f"{place.removeprefix(self.evening.base)} {body} → {answer.status_code}")
        assert answer.ok or answer.status_code in REFUSED_BY_THE_MOMENT, (
            self.steps[-1] + answer.text
        )
        return answer
