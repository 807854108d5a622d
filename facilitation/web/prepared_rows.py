"""An uploaded table of prepared answers → clean texts, or what is wrong on which line."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from facilitation.actions.preparing import PreparedText
from facilitation.domain.prepared import AnswerKind, same_question
from facilitation.domain.refusals import Invalid
from facilitation.domain.text import NOTE_LIMIT, TEXT_LIMIT, clean_line
from facilitation.web.forms import Fields
from facilitation.web.tables import FORMULA_STARTS

COLUMNS = ("question", "answer", "kind", "speaker", "source", "review_on")
SOURCE_LIMIT = 500

# As a heading or a kind may be written, in both languages.
_HEADINGS = {
    **{name.replace("_", " "): name for name in COLUMNS},
    "kind": "answer_kind",  # a question that is asked has a kind too, of other words
    "vraag": "question",
    "antwoord": "answer",
    "soort": "answer_kind",
    "woordvoerder": "speaker",
    "bron": "source",
    "nakijken op": "review_on",
}
_KINDS = {
    **{kind.value: kind.value for kind in AnswerKind},
    "feitelijk": "factual",
    "procedureel": "procedural",
    "politiek": "political",
}
_NEEDED = {"question", "answer"}
_DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SEPARATORS = ";,\t"

Row = tuple[int, dict[str, str]]


def read_prepared(fields: Fields) -> PreparedText:
    """One prepared answer, from a form or from a line of a table."""
    return PreparedText(
        question=fields.line("question", limit=TEXT_LIMIT),
        answer=fields.text("answer", limit=NOTE_LIMIT),
        kind=fields.word("answer_kind", AnswerKind, default=AnswerKind.FACTUAL),
        speaker=fields.line("speaker", is_needed=False),
        source=fields.line("source", limit=SOURCE_LIMIT, is_needed=False),
        review_on=fields.day("review_on", is_needed=False),
    )


def read_table(raw: bytes) -> list[PreparedText]:
    """All lines, or a refusal that names every line that cannot be taken as `4.answer`."""
    problems: dict[str, str] = {}
    found: dict[str, PreparedText] = {}
    for line, cells in _rows(decoded(raw)):
        try:
            text = _read_line(cells)
        except Invalid as invalid:
            problems |= {f"{line}.{field}": why for field, why in invalid.problems.items()}
            continue
        if found.setdefault(same_question(text.question), text) is not text:
            problems[f"{line}.question"] = "twice"
    if problems:
        raise Invalid(**problems)
    if not found:
        raise Invalid(file="no_rows")
    return list(found.values())


def decoded(raw: bytes) -> str:
    """The text of the file: UTF-8, or as Excel on Windows and older programs write it."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded_as("utf-16", raw)
    if not raw.strip():
        raise Invalid(file="empty")
    if b"\0" in raw or raw.startswith(b"PK\x03\x04"):
        raise Invalid(file="no_table")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _decoded_as(encoding: str, raw: bytes) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid(file="no_table") from None


def _rows(text: str) -> Iterator[Row]:
    """Each line with something on it, with its number in the file and its cells by column."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=head.count), strict=True
    )
    columns: Sequence[str] = ()
    try:
        begins = 1
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells)
            else:
                yield line, _by_column(columns, cells)
    except csv.Error:  # a cell longer than any answer, or no table at all
        raise Invalid(file="no_table") from None


def _columns(cells: Sequence[str]) -> list[str]:
    named = [clean_line(cell).casefold().replace("_", " ") for cell in cells]
    while named and not named[-1]:
        named.pop()
    columns = [_HEADINGS.get(name, "") for name in named]
    is_plain = len(set(columns)) == len(columns) and "" not in columns
    if not (is_plain and set(columns) >= _NEEDED):
        raise Invalid(file="columns")
    return columns


def _by_column(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    more = [cell for cell in cells[len(columns) :] if cell.strip()]
    return dict(zip(columns, map(_unquoted, cells), strict=False)) | ({"": more[0]} if more else {})


def _unquoted(cell: str) -> str:
    """Without the apostrophe that our own table puts before what looks like a formula."""
    bare = cell.removeprefix("'")
    return bare if bare.lstrip().startswith(FORMULA_STARTS) else cell


def _read_line(cells: Mapping[str, str]) -> PreparedText:
    if "" in cells:
        raise Invalid(line="too_many_cells")
    kind = clean_line(cells.get("answer_kind", "")).casefold()
    fields = Fields(
        {
            **cells,
            "answer_kind": _KINDS.get(kind, kind),
            "review_on": _iso_day(cells.get("review_on", "").strip()),
        }
    )
    text = read_prepared(fields)
    fields.check()
    return text


def _iso_day(typed: str) -> str:
    """`31-12-2026` as ISO writes it; what is no such date goes on as it is."""
    match = _DUTCH_DAY.fullmatch(typed)
    if match is None:
        return typed
    day, month, year = map(int, match.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return typed
