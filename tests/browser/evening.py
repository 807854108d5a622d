"""A town with a server and an organiser: makes meetings and questions for the screens to show."""

import csv
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.server import Evening, Server, a_program

ORGANISER = "organiser@gemeente.example"
ROWS = Path(__file__).parents[1] / "data" / "questions.csv"
TEXTS = {
    "title": "Opvang aan de Sportlaan",
    "starts_at": "2026-12-01T19:30",
    "organisation": "Gemeente Voorbeeld",
    "place": "Dorpshuis De Linde",
    "about": "Wat er komt en wanneer.",
    "settled": "Er komt opvang.",
    "open_to_change": "De looproutes en het toezicht.",
    "contact": "Loket wonen, 14 030",
    "topics": "Veiligheid\nVerkeer",
    "is_moderated": "yes",
    "takes_late_questions": "yes",
    "shows_counts": "yes",
}
# Each state of a meeting, with the steps that lead there from a draft.
WAYS = {
    "draft": (),
    "open": ("open",),
    "live": ("open", "start"),
    "paused": ("open", "start", "pause"),
    "closed": ("open", "start", "close"),
    "archived": ("open", "start", "close", "archive"),
}


def real_questions(kind: str) -> list[str]:
    """What residents really asked, of one kind."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if row["kind"] == kind]


@dataclass(frozen=True)
class Town:
    """A running server with one organiser, and that organiser's own program."""

    server: Server
    desk: requests.Session

    @classmethod
    def with_organiser(cls, server: Server) -> "Town":
        desk = server.organiser()
        return cls(server, desk)

    @property
    def base(self) -> str:
        return self.server.base

    def meeting(self, state: str = "live", **texts: str) -> "Hosted":
        """A meeting in this state; a text that is empty leaves its box unticked."""
        sent = {name: text for name, text in (TEXTS | texts).items() if text}
        made = said(self.desk.post(f"{self.base}/staff/meetings", data=sent))
        hosted = Hosted(self, Evening(made["id"], made["code"], self.base))
        for step in WAYS[state]:
            hosted.step(step)
        return hosted


@dataclass(frozen=True)
class Hosted:
    """One meeting, moved by program where a test looks at something else."""

    town: Town
    evening: Evening

    @property
    def code(self) -> str:
        return self.evening.code

    @property
    def public(self) -> str:
        return self.evening.public

    @property
    def staff(self) -> str:
        return self.evening.staff

    def step(self, step: str, **fields: Any) -> dict[str, Any]:
        return said(self.town.desk.post(f"{self.staff}/{step}", data=fields))

    def ask(self, text: str, *, kind: str = "question", name: str = "") -> dict[str, Any]:
        """A question from a phone of its own."""
        phone = a_program(self.town.base)
        sent = {"key": str(uuid.uuid4()), "kind": kind, "text": text, "name": name}
        return said(phone.post(f"{self.public}/questions", data=sent))

    def take(self, asked: dict[str, Any], step: str, **fields: Any) -> dict[str, Any]:
        """A moderator's step, taken by program."""
        return said(
            self.town.desk.post(f"{self.staff}/questions/{asked['id']}/{step}", data=fields)
        )

    def placed(self, text: str, **how: Any) -> dict[str, Any]:
        """A question that stands on the wall."""
        return self.take(self.ask(text, **how), "approve")

    def received(self) -> list[dict[str, Any]]:
        """All questions of this meeting, as its console knows them."""
        answer = self.town.desk.get(f"{self.staff}/live?screen=console")
        return list(said(answer)["cards"])


def said(answer: requests.Response) -> Any:
    """The facts in an answer that must be a yes."""
    assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer.json()
