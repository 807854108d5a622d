"""What the registers of an evening and of a series share: filter, order, groups, spreadsheet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from facilitation.actions.following_up import Owner
from facilitation.domain.follow_up import OwnerKind, Track
from facilitation.domain.lifecycle import FollowUpState
from facilitation.domain.meeting import local_day
from facilitation.storage.register import Point
from facilitation.web.cards import follow_up_facts, staff_facts
from facilitation.web.forms import Fields

FILTERS = ("state", "owner", "organisation", "topic", "track", "meeting", "words")
GROUPS = ("owner", "topic")
ME = "me"

CSV_COLUMNS = (
    "day",
    "meeting",
    "number",
    "kind",
    "question",
    "asked_as",
    "topic",
    "supports",
    "askers",
    "question_state",
    "track",
    "state",
    "owner",
    "organisation",
    "owner_kind",
    "due",
    "promise",
    "answer",
    "public_reason",
    "note",
)


@dataclass(frozen=True)
class Reader:
    """Who looks at the list, and on which day."""

    account_id: int
    today: date

    def days_late(self, point: Point) -> int:
        """How many days the answer is owed too long; 0 when it is in time or no longer owed."""
        if point.owed.due is None or not point.owed.state.is_owed:
            return 0
        return max(0, (self.today - point.owed.due).days)

    def has(self, point: Point) -> bool:
        """Whether it is this reader who owes the answer."""
        return point.owed.owner_id == self.account_id and point.owed.state.is_owed


def read_owner(fields: Fields) -> Owner:
    """Who finds out, as both registers ask for it."""
    return Owner(
        name=fields.line("owner"),
        organisation=fields.line("organisation", is_needed=False),
        kind=fields.word("owner_kind", OwnerKind, default=OwnerKind.OFFICIAL),
        account_id=fields.number("account"),
    )


def chosen_in(asked: Mapping[str, str]) -> dict[str, str]:
    """What the address asks to see; what it leaves out is empty."""
    chosen = {name: asked.get(name, "") for name in FILTERS}
    return chosen | {"group": asked.get("group", "") if asked.get("group") in GROUPS else ""}


def listing(points: Sequence[Point], chosen: dict[str, str], reader: Reader) -> dict[str, Any]:
    """What the templates of both registers need for their list and its filter."""
    shown = fitting(points, chosen, reader)
    return {
        "points": shown,
        "groups": _grouped(shown, chosen["group"]),
        "all_points": points,
        "late": sum(map(bool, map(reader.days_late, points))),
        "mine": sum(map(reader.has, points)),
        "days_late": reader.days_late,
        "chosen": chosen,
        "states": list(FollowUpState),
        "tracks": list(Track),
        "owners": _named(point.owed.owner for point in points),
        "organisations": _named(point.owed.organisation for point in points),
        "topics": _named(map(topic_of, points)),
    }


def fitting(points: Iterable[Point], chosen: dict[str, str], reader: Reader) -> list[Point]:
    """The points that fit the filter, what is too late first and of that the latest."""
    tests = [test for name, test in _TESTS.items() if chosen[name]]
    kept = [point for point in points if all(test(point, chosen, reader) for test in tests)]
    return sorted(kept, key=lambda point: -reader.days_late(point))


def topic_of(point: Point) -> str:
    return point.question.topic.name if point.question.topic else ""


def csv_row(point: Point) -> dict[str, Any]:
    """A point as a line of a spreadsheet."""
    return {
        **staff_facts(point.question),
        **follow_up_facts(point.owed),
        "day": local_day(point.meeting.starts_at),
        "meeting": point.meeting.title,
        "question": point.question.text,
        "asked_as": point.question.original_text,
        "supports": point.question.support_count,
        "askers": point.askers,
        "question_state": point.question.state,
    }


Test = Callable[[Point, dict[str, str], Reader], bool]


def _stands_there(point: Point, chosen: dict[str, str], reader: Reader) -> bool:
    """Whether it is in this state, or in one of the groups that the filter offers beside them."""
    wanted = chosen["state"]
    if wanted == "overdue":
        return reader.days_late(point) > 0
    if wanted == "owed":
        return point.owed.state.is_owed
    return point.owed.state == wanted


def _is_owned(point: Point, chosen: dict[str, str], reader: Reader) -> bool:
    if chosen["owner"] == ME:
        return point.owed.owner_id == reader.account_id
    return point.owed.owner == chosen["owner"]


def _says(point: Point, chosen: dict[str, str], reader: Reader) -> bool:
    said = f"{point.question.number} {point.question.text}".casefold()
    return chosen["words"].strip().casefold() in said


_TESTS: dict[str, Test] = {
    "state": _stands_there,
    "owner": _is_owned,
    "organisation": lambda point, chosen, _: point.owed.organisation == chosen["organisation"],
    "topic": lambda point, chosen, _: topic_of(point) == chosen["topic"],
    "track": lambda point, chosen, _: point.owed.track == chosen["track"],
    "meeting": lambda point, chosen, _: str(point.meeting.id) == chosen["meeting"],
    "words": _says,
}


def _grouped(points: Sequence[Point], group: str) -> list[tuple[str, list[Point]]]:
    """The points under their headings; what has no owner comes first, no topic last."""
    if not group:
        return [("", list(points))]
    heading = topic_of if group == "topic" else _owner_of
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(heading(point), []).append(point)
    return sorted(
        found.items(), key=lambda pair: ((not pair[0]) == (group == "topic"), pair[0].casefold())
    )


def _owner_of(point: Point) -> str:
    return point.owed.owner


def _named(names: Iterable[str]) -> list[str]:
    return sorted(set(names) - {""}, key=str.casefold)
