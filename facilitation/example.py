"""The example evening: made by calling the same actions as people do, and marked as an example.

The questions are rewordings of what residents really asked elsewhere; the meeting is invented.
"""

import csv
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from facilitation.actions import asking, hosting, informing, moderating
from facilitation.actions.hosting import MeetingText
from facilitation.actions.informing import SeriesText
from facilitation.domain.lifecycle import Kind, Role
from facilitation.domain.meeting import View, local_day
from facilitation.domain.people import Actor
from facilitation.storage import queries
from facilitation.storage.database import Database
from facilitation.storage.queries import MeetingFacts
from facilitation.storage.work import Work

ROWS = Path(__file__).parent / "example_questions.csv"
SPREAD = uuid.UUID("7f0e4a35-6c0a-4c6e-9c61-5f4a3f1f0b52")  # makes the same keys at every start

DESK = Actor(roles=frozenset({Role.ORGANISER}), name="Example")

ABOUT = """De gemeente onderzoekt een tijdelijke opvang voor asielzoekers in de sporthal aan \
de Sportlaan. Vanavond hoort u wat het plan is en horen wij graag uw vragen, zorgen en ideeën."""
SETTLED = """De gemeente moet plaatsen voor opvang vinden. Dat staat vast.
Of de sporthal het wordt, beslist de gemeenteraad over twee maanden."""
OPEN_TO_CHANGE = """U kunt meepraten over de inrichting van het terrein, de looproutes, \
het toezicht en de afspraken met de buurt."""

PLAN = """De gemeente onderzoekt een tijdelijke opvang voor asielzoekers in de sporthal aan \
de Sportlaan. Hier leest u wat er gevraagd is, wat het antwoord is, en wat er nog komt."""
NEWS = (
    "De vragen van vanavond komen hier",
    """Alles wat vanavond gevraagd wordt, komt op deze pagina: met het antwoord, of met wie het \
uitzoekt en wanneer. Dit is een voorbeeld.""",
)

ANSWERS = {
    "q046": (
        "Projectleider gemeente",
        "Niet vóór het besluit van de raad. Daarna nog twee maanden.",
    ),
    "q215": ("COA", "Het COA regelt de opvang: een bed, begeleiding en veiligheid, dag en nacht."),
    "q166": (
        "Wethouder",
        "Ja, binnen drie maanden. We praten met twee scholen.",
    ),
    "q006": ("COA", "Nee, op deze plek niet."),
    "q070": (
        "Wethouder",
        "Uw zorg is gehoord. Wat er met de waarde van huizen gebeurt, nemen we mee.",
    ),
    "q183": ("Wethouder", ""),
    "q210": ("Burgemeester", "U kreeg de brief te laat. Dat had anders gemoeten."),
}
PROMISES = {
    "q021": ("Politie, wijkteam", 9, "De wijkagent zoekt uit of de analyse openbaar kan zijn."),
    "q019": ("Gemeente, veiligheid", 12, "De gemeente vraagt de politie welke inzet mogelijk is."),
    "q091": ("Gemeente, grondzaken", 21, "Wij vragen een taxateur wat er elders is gebeurd."),
    "q132": ("Gemeente, communicatie", 7, "U hoort waar en hoe vaak wij nieuws geven."),
}
DECLINED = "Deze vraag is in de inleiding beantwoord. U leest het op de pagina met antwoorden."


def make_example(database: Database) -> MeetingFacts:
    """One evening in full swing, with questions in every state."""
    rows = _rows()
    meeting = _make_meeting(database, sorted({row["topic"] for row in rows} - {""}))
    ids = {row["id"]: _ask(database, meeting, row) for row in rows}
    topics = {topic.name: topic.id for topic in meeting.topics}
    for row in rows:
        if row["topic"]:
            _step(
                database,
                meeting,
                moderating.edit_question,
                ids[row["id"]],
                text=row["text"],
                topic_id=topics[row["topic"]],
                kind=None,
            )
    for row in rows:
        if row["fate"] not in {"merged", "on_stage"}:
            _settle(database, meeting, row, ids)
    # The stage before the merged: what others are merged into must stand.
    for fate in ("on_stage", "merged"):
        for row in rows:
            if row["fate"] == fate:
                _settle(database, meeting, row, ids)
    _tell_of_the_plan(database, meeting)
    database.perform(hosting.sort_wall, meeting.id, by=DESK)
    database.perform(hosting.show_view, meeting.id, view=View.STAGE, by=DESK)
    return meeting


def _rows() -> list[dict[str, str]]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _make_meeting(database: Database, topics: list[str]) -> MeetingFacts:
    text = MeetingText(
        title="VOORBEELD Bewonersavond opvang Sportlaan",
        starts_at=_this_evening(database.now()),
        organisation="Gemeente Voorbeeld",
        place="Dorpshuis De Linde",
        about=ABOUT,
        settled=SETTLED,
        open_to_change=OPEN_TO_CHANGE,
        contact="opvang@gemeente.example",
        topics=topics,
    )
    meeting_id = database.perform(hosting.create_meeting, text, is_example=True)
    for step in ("open", "start"):
        database.perform(hosting.take_meeting_step, meeting_id, step, by=DESK)
    with database.read() as session:
        return queries.meeting(session, meeting_id)


def _tell_of_the_plan(database: Database, meeting: MeetingFacts) -> None:
    """What the public page of the plan says beside the questions."""
    plan = SeriesText(
        title="VOORBEELD Opvang aan de Sportlaan",
        about=PLAN,
        contact_name="Team Opvang",
        contact_email="opvang@gemeente.example",
        contact_phone="14 0000",
    )
    database.perform(informing.edit_series, meeting.series_id, plan)
    title, text = NEWS
    database.perform(informing.write_update, meeting.series_id, title=title, text=text, by=DESK)


def _this_evening(now: datetime) -> datetime:
    return now.replace(minute=30, second=0, microsecond=0) - timedelta(hours=1)


def _ask(database: Database, meeting: MeetingFacts, row: dict[str, str]) -> int:
    key = str(uuid.uuid5(SPREAD, row["id"]))
    asker = Actor(roles=frozenset({Role.ASKER}), device=key)
    asked = database.perform(
        asking.ask_question,
        meeting.code,
        key=key,
        kind=Kind(row["kind"]),
        text=row["text"],
        name="",
        by=asker,
    )
    return asked.id


def _settle(
    database: Database, meeting: MeetingFacts, row: dict[str, str], ids: dict[str, int]
) -> None:
    id, fate = ids[row["id"]], row["fate"]
    if fate == "declined":
        _step(database, meeting, moderating.decline_question, id, reason=DECLINED)
    elif fate == "parked":
        _step(
            database,
            meeting,
            moderating.park_question,
            id,
            owner="",
            due=None,
            note="Hoort niet bij de opvang; doorgeven aan de wijkbeheerder.",
        )
    elif fate != "waiting":
        _step(database, meeting, moderating.approve_question, id)
        _support(database, meeting, id, row["more"])
        _settle_on_wall(database, meeting, row, ids)


def _settle_on_wall(
    database: Database, meeting: MeetingFacts, row: dict[str, str], ids: dict[str, int]
) -> None:
    id = ids[row["id"]]
    speaker, summary = ANSWERS.get(row["id"], ("", ""))
    match row["fate"]:
        case "on_stage":
            _step(database, meeting, moderating.call_question, id)
        case "answered":
            _step(
                database, meeting, moderating.answer_question, id, speaker=speaker, summary=summary
            )
        case "acknowledged":
            _step(
                database,
                meeting,
                moderating.acknowledge_question,
                id,
                speaker=speaker,
                summary=summary,
            )
        case "deferred":
            owner, days, promise = PROMISES[row["id"]]
            due = local_day(database.now()) + timedelta(days=days)
            _step(
                database,
                meeting,
                moderating.defer_question,
                id,
                owner=owner,
                due=due,
                promise=promise,
            )
        case "merged":
            _step(database, meeting, moderating.merge_question, id, into=ids[row["more"]])


def _support(database: Database, meeting: MeetingFacts, id: int, count: str) -> None:
    devices = [str(uuid.uuid5(SPREAD, f"{id} {number}")) for number in range(_number(count))]
    database.perform(_support_all, meeting.code, id, devices)


def _support_all(work: Work, code: str, id: int, devices: list[str]) -> None:
    for device in devices:
        asking.support_question(work, code, id, device=device)


def _number(count: str) -> int:
    return int(count) if count.isdecimal() else 0


def _step(
    database: Database, meeting: MeetingFacts, action: Callable[..., int], id: int, **more: Any
) -> None:
    database.perform(action, meeting.id, id, by=DESK, **more)
