"""The dossier of a plan, for a request for information: everything in one zip, with checksums.

Nobody who asked is named in it, and what looks private in people's words is hidden.
"""

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from facilitation.domain.text import without_private_details
from facilitation.storage.dossier import Line, Material
from facilitation.storage.queries import MeetingFacts, QuestionFacts
from facilitation.storage.register import Point
from facilitation.web import sheets
from facilitation.web.cards import public_facts
from facilitation.web.points import CSV_COLUMNS, csv_row
from facilitation.web.tables import csv_text

VERSION = 1
HIDDEN = "▇▇▇"


class Personal(StrEnum):
    """What becomes of names of askers and of private details: gone, or a mark in their place."""

    LEAVE_OUT = "leave_out"
    REDACT = "redact"


@dataclass
class Censor:
    """Hides who asked and what looks private, and counts in how many texts it did so."""

    personal: Personal
    hidden: Counter[str] = field(default_factory=Counter)

    def clean(self, value: Any, *, asker: str, file: str) -> Any:
        """The value with every text in it cleaned, however deep it lies."""
        if isinstance(value, Mapping):
            return {
                key: self.clean(one, asker=asker, file=file)
                for key, one in value.items()
                if key not in self._left_out
            }
        if isinstance(value, list):
            return [self.clean(one, asker=asker, file=file) for one in value]
        is_typed = isinstance(value, str) and not isinstance(value, StrEnum)
        return self._text(value, asker, file) if is_typed else value

    @property
    def _left_out(self) -> set[str]:
        return {"name"} if self.personal is Personal.LEAVE_OUT else set()

    def _text(self, text: str, asker: str, file: str) -> str:
        instead = "" if self.personal is Personal.LEAVE_OUT else HIDDEN
        cleaned = without_private_details(text, instead)
        if asker:
            named = re.compile(rf"(?<!\w){re.escape(asker)}(?!\w)", re.IGNORECASE)
            cleaned = named.sub(instead, cleaned)
        if cleaned == text:
            return text
        self.hidden[file] += 1
        return re.sub(r" {2,}", " ", cleaned).strip()


def register_row(point: Point) -> dict[str, Any]:
    """A line of the register as a table has it, days as days."""
    row = csv_row(point) | {"due": point.owed.due}
    return {column: row[column] for column in CSV_COLUMNS}


def as_json(facts: Mapping[str, Any]) -> bytes:
    """The facts as a file that programs and people can read, under the version of its form."""
    text = json.dumps({"version": VERSION, **facts}, ensure_ascii=False, indent=2, default=_plain)
    return f"{text}\n".encode()


def zipped(material: Material, *, personal: Personal, made_at: datetime) -> bytes:
    """The whole dossier; it takes long enough to be made beside the loop."""
    files = _files(material, censor := Censor(personal))
    files["manifest.json"] = as_json(
        {
            "series": {"code": material.series.code, "title": material.series.title},
            "made_at": made_at,
            "personal": personal,
            "texts_changed": dict(censor.hidden),
            "files": [_described(name, content) for name, content in files.items()],
        }
    )
    sums = [f"{_sum(content)}  {name}\n" for name, content in files.items()]
    files["SHA256SUMS"] = "".join(sums).encode()
    return _packed(files)


def _files(material: Material, censor: Censor) -> dict[str, bytes]:
    codes = {meeting.id: meeting.code for meeting in material.meetings}
    rows = [
        censor.clean(register_row(point), asker=point.question.name, file="register")
        for point in material.points
    ]
    answers = [
        censor.clean(_answer(found, codes), asker=found.name, file="answers")
        for found in material.told
    ]
    steps = [
        censor.clean(_step(line, codes), asker=line.asker, file="history")
        for line in material.history
    ]
    meetings = [
        censor.clean(_meeting(meeting), asker="", file="meetings") for meeting in material.meetings
    ]
    return {
        "register.csv": csv_text(CSV_COLUMNS, rows).encode(),
        "register.xlsx": sheets.xlsx(CSV_COLUMNS, rows),
        "register.ods": sheets.ods(CSV_COLUMNS, rows),
        "register.json": as_json({"points": rows}),
        "answers.json": as_json({"questions": answers}),
        "meetings.json": as_json({"meetings": meetings}),
        "history.json": as_json({"steps": steps}),
    }


def _answer(question: QuestionFacts, codes: Mapping[int, str]) -> dict[str, Any]:
    """What the public page says of a question."""
    return {"meeting": codes[question.meeting_id], **public_facts(question)}


def _step(line: Line, codes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "meeting": codes[line.meeting_id],
        "number": line.number,
        "step": line.step,
        "taken_at": line.taken_at,
        "note": line.note,
        "before": line.before,
        "after": line.after,
    }


_TOLD_OF_A_MEETING = (
    *("code", "title", "starts_at", "closed_at", "state", "organisation", "place", "about"),
    *("settled", "open_to_change", "contact"),
)


def _meeting(meeting: MeetingFacts) -> dict[str, Any]:
    facts = {field: getattr(meeting, field) for field in _TOLD_OF_A_MEETING}
    return facts | {"topics": [topic.name for topic in meeting.topics]}


def _described(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "bytes": len(content), "sha256": _sum(content)}


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _packed(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w") as package:
        for name, content in files.items():
            package.writestr(sheets.packed_file(name), content, compress_type=ZIP_DEFLATED)
    return written.getvalue()


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")
