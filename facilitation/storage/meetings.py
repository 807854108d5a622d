"""The meetings as they stand, from memory for as long as nothing at all was saved.

A hall that arrives asks for the same meeting a thousand times in a second.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from facilitation.storage import queries
from facilitation.storage.database import Database
from facilitation.storage.queries import MeetingFacts

Wanted = TypeVar("Wanted", str, int)

KEPT = 64


class Meetings:
    """Looks meetings up by code or id; refuses with `NotFound` as the queries do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version: int | None = None
        self._kept: OrderedDict[str | int, MeetingFacts] = OrderedDict()

    def by_code(self, code: str) -> MeetingFacts:
        return self._found(code, queries.meeting_by_code)

    def by_id(self, meeting_id: int) -> MeetingFacts:
        return self._found(meeting_id, queries.meeting)

    def _found(
        self, wanted: Wanted, find: Callable[[Session, Wanted], MeetingFacts]
    ) -> MeetingFacts:
        # Asked before the read: what is saved in between makes the next one read again.
        version = self._database.version()
        if version is None or version != self._version:
            self._version = version
            self._kept.clear()
        found = self._kept.get(wanted)
        if found is None:
            with self._database.read() as session:
                found = find(session, wanted)
            if version is not None and version == self._version:
                self._kept[wanted] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found
