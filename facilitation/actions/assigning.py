"""Several points of a series' register at once: all of them, or none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from facilitation.actions.following_up import Owner, assign_follow_up, check_day
from facilitation.domain.follow_up import FollowUp
from facilitation.domain.people import Actor
from facilitation.domain.refusals import Invalid, NotAll, NotFound, Refusal
from facilitation.storage import finding
from facilitation.storage.work import Work

Take = Callable[[FollowUp, Actor, int | None], int]


@dataclass(frozen=True)
class Picked:
    """A point that was ticked, in the version that was seen."""

    id: int
    version: int | None = None


def assign_follow_ups(
    work: Work,
    series_id: int,
    picked: Sequence[Picked],
    *,
    owner: Owner,
    due: date,
    promise: str,
    by: Mapping[int, Actor],
) -> int:
    """Give all of these to one owner, with one day; without a promise each keeps its own.

    `by` says who does it, with the roles in each meeting; of other meetings nothing is known.
    """

    def assign(owed: FollowUp, actor: Actor, version: int | None) -> int:
        return assign_follow_up(
            work,
            owed.meeting_id,
            owed.id,
            owner=owner,
            due=due,
            promise=promise,
            by=actor,
            version=version,
        )

    check_day(work, due)
    return _take_all(work, series_id, picked, assign, by=by)


def move_follow_ups(
    work: Work,
    series_id: int,
    picked: Sequence[Picked],
    *,
    due: date,
    promise: str,
    by: Mapping[int, Actor],
) -> int:
    """Promise another day for all of these, with the reason; each keeps its owner."""

    def move(owed: FollowUp, actor: Actor, version: int | None) -> int:
        if not owed.owner:
            raise Invalid(owner="empty")
        return assign_follow_up(
            work,
            owed.meeting_id,
            owed.id,
            owner=Owner(owed.owner, owed.organisation, owed.owner_kind, owed.owner_id),
            due=due,
            promise=promise,
            by=actor,
            version=version,
        )

    check_day(work, due)
    return _take_all(work, series_id, picked, move, by=by)


def _take_all(
    work: Work,
    series_id: int,
    picked: Sequence[Picked],
    take: Take,
    *,
    by: Mapping[int, Actor],
) -> int:
    """How many; it tries every one, so that who is refused hears of all that are in the way."""
    seen = {point.id: point.version for point in picked}
    found = [owed for owed in finding.follow_ups(work, series_id, seen) if owed.meeting_id in by]
    if len(found) < len(seen):
        raise NotFound(what="follow_up")
    refused: dict[int, Refusal] = {}
    for owed in found:
        try:
            take(owed, by[owed.meeting_id], seen[owed.id])
        except Refusal as why:
            refused[owed.id] = why
    if refused:
        raise NotAll(refused)
    return len(seen)
