"""Raw input → clean values, or a message beside each field that cannot be taken."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from facilitation.domain.meeting import ZONE
from facilitation.domain.refusals import Invalid
from facilitation.domain.text import LINE_LIMIT, clean, clean_line, fits

Word = TypeVar("Word", bound=StrEnum)

TRUE = {"true", "on", "1", "yes"}
FALSE = {"false", "off", "0", "no", ""}


class Fields:
    """Reads one field after another and gathers what is wrong; `check` refuses it all at once."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._problems: dict[str, str] = {}

    def text(self, name: str, *, limit: int, is_needed: bool = True) -> str:
        """Free text of at most `limit` characters as a reader counts them."""
        return self._words(name, clean(self._typed(name)), limit, is_needed)

    def line(self, name: str, *, limit: int = LINE_LIMIT, is_needed: bool = True) -> str:
        """The same, on one line."""
        return self._words(name, clean_line(self._typed(name)), limit, is_needed)

    def lines(self, name: str, *, limit: int) -> list[str]:
        """A list, one to a line; empty and repeated ones drop out."""
        listed = dict.fromkeys(clean_line(line) for line in self._string(name).splitlines())
        return [self._words(name, line, limit, True) for line in listed if line]

    def word(self, name: str, words: type[Word], default: Word | None = None) -> Word:
        """One of a closed list."""
        raw = self._string(name)
        if not raw and default is not None:
            return default
        if raw not in set(words):
            self._problems[name] = "unknown"
            return next(iter(words))
        return words(raw)

    def optional_word(self, name: str, words: type[Word]) -> Word | None:
        """One of a closed list, or nothing."""
        return self.word(name, words) if self._string(name) else None

    def key(self, name: str = "key") -> str:
        """A UUID made by the sender, by which a repeated request is known."""
        try:
            return str(uuid.UUID(self._string(name)))
        except ValueError:
            self._problems[name] = "no_key"
            return ""

    def day(self, name: str, *, is_needed: bool = True) -> date | None:
        """A date as YYYY-MM-DD."""
        raw = self._string(name).strip()
        if not raw and not is_needed:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self._problems[name] = "no_date" if raw else "empty"
            return None

    def moment(self, name: str) -> datetime:
        """A local date and time as YYYY-MM-DDTHH:MM; Dutch time unless it says otherwise."""
        raw = self._string(name).strip()
        try:
            moment = datetime.fromisoformat(raw)
            return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)
        except (ValueError, OverflowError):  # no date, or one before or after all years
            self._problems[name] = "no_moment" if raw else "empty"
            return datetime.max.replace(tzinfo=UTC)

    def number(self, name: str, *, is_needed: bool = False) -> int | None:
        raw = self._string(name).strip()
        if not raw and not is_needed:
            return None
        if not raw.isascii() or not raw.isdecimal() or len(raw) > 9:
            self._problems[name] = "no_number" if raw else "empty"
            return None
        return int(raw)

    def flag(self, name: str) -> bool:
        """A box that is ticked, or JSON's true."""
        raw = self._string(name).lower()
        if raw not in TRUE | FALSE:
            self._problems[name] = "unknown"
        return raw in TRUE

    def email(self, name: str) -> str:
        raw = self._string(name).strip()
        try:
            return validate_email(raw, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            self._problems[name] = "no_email" if raw else "empty"
            return ""

    def optional_email(self, name: str) -> str:
        return self.email(name) if self._string(name).strip() else ""

    def secret(self, name: str, *, shortest: int = 1) -> str:
        """A password, exactly as typed."""
        raw = self._string(name)
        if len(raw) < shortest:
            self._problems[name] = "too_short" if raw else "empty"
        elif len(raw) > 1000:
            self._problems[name] = "too_long"
        return raw

    def check(self) -> None:
        if self._problems:
            raise Invalid(**self._problems)

    def _typed(self, name: str) -> str:
        """What people typed is text; a number in its place is a mistake of a program."""
        if isinstance(self._raw.get(name), int):
            self._problems[name] = "no_text"
        return self._string(name)

    def _string(self, name: str) -> str:
        value = self._raw.get(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if not isinstance(value, str):
            self._problems[name] = "no_text"
            return ""
        # A lone surrogate or NUL is taken out of every field, not only of free text.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "ignore").replace("\0", "")

    def _words(self, name: str, text: str, limit: int, is_needed: bool) -> str:
        if not text and is_needed and name not in self._problems:
            self._problems[name] = "empty"
        elif not fits(text, limit):
            self._problems[name] = "too_long"
        return text


def read_fields() -> Fields:
    """The fields of this request, from a form or from a JSON object."""
    return Fields(raw_body())


def raw_body() -> Mapping[str, Any]:
    if not request.is_json:
        return request.form
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # thousands of brackets, one inside the other
        body = None
    if not isinstance(body, dict):
        raise Invalid(body="no_json")
    return body


def wants_json() -> bool:
    """Whether the sender asks for JSON, or sends it and does not ask for a page."""
    return _prefers_json(request.headers.get("Accept", ""), request.is_json)


@lru_cache(maxsize=256)
def _prefers_json(accept: str, is_json: bool) -> bool:
    accepted = parse_accept_header(accept, MIMEAccept)
    if is_json and "text/html" not in accepted.values():
        return True
    return accepted["application/json"] > accepted["text/html"]
