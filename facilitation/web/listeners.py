"""Who listens: every open screen, and quick answers about a hall full of them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from facilitation.domain.audience import Audience
from facilitation.web.cards import Seat

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Listener:
    """One connected screen."""

    meeting_id: int
    seat: Seat
    device: str | None = None
    session_id: int | None = None
    account_id: int | None = None

    @property
    def rooms(self) -> list[str]:
        rooms = [
            seat_room(self.meeting_id, self.seat),
            audience_room(self.meeting_id, self.seat.audience),
        ]
        if self.device is not None:
            rooms.append(device_room(self.meeting_id, self.device, self.seat.lang))
        return rooms


class Listeners:
    """All of them by socket; what a broadcast asks is counted as they come and go."""

    def __init__(self) -> None:
        self._all: dict[str, Listener] = {}
        self._seats: dict[int, Counter[Seat]] = defaultdict(Counter)
        self._rooms: Counter[str] = Counter()

    def add(self, sid: str, who: Listener) -> None:
        self._all[sid] = who
        self._seats[who.meeting_id][who.seat] += 1
        self._rooms.update(who.rooms)

    def remove(self, sid: str) -> None:
        """Forget a screen; one that was forgotten before is no error."""
        who = self._all.pop(sid, None)
        if who is None:
            return
        _take_one(self._seats[who.meeting_id], who.seat)
        if not self._seats[who.meeting_id]:
            del self._seats[who.meeting_id]
        for room in who.rooms:
            _take_one(self._rooms, room)

    def meetings(self) -> list[int]:
        return list(self._seats)

    def seats(self, meeting_id: int) -> list[Seat]:
        """The kinds of screen that are open."""
        return list(self._seats.get(meeting_id, ()))

    def is_open(self, room: str) -> bool:
        """Whether any screen is in this room."""
        return room in self._rooms

    def screens(self) -> Counter[str]:
        """How many of each screen."""
        found: Counter[str] = Counter()
        for seats in self._seats.values():
            for seat, count in seats.items():
                found[seat.screen] += count
        return found

    def who(self, is_meant: Callable[[Listener], bool]) -> list[str]:
        """The sockets of these screens."""
        return [sid for sid, who in list(self._all.items()) if is_meant(who)]


def seat_room(meeting_id: int, seat: Seat) -> str:
    return f"seat/{meeting_id}/{seat}"


def audience_room(meeting_id: int, audience: Audience) -> str:
    return f"audience/{meeting_id}/{audience}"


def device_room(meeting_id: int, device: str, lang: str) -> str:
    return f"device/{meeting_id}/{device}/{lang}"


def _take_one(counts: Counter[Kind], kind: Kind) -> None:
    counts[kind] -= 1
    if not counts[kind]:
        del counts[kind]
