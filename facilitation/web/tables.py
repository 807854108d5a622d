"""Tables for spreadsheets: cells that a spreadsheet would run as a formula stay text."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response

# What makes Excel and LibreOffice take a cell for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_response(
    name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], heads: Sequence[str] = ()
) -> Response:
    """A CSV file to keep."""
    written = csv_text(columns, rows, heads)
    response = Response(written, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def csv_text(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], heads: Sequence[str] = ()
) -> str:
    """A table as Dutch Excel wants it: `;` between, and a byte order mark for UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";")
    writer.writerow(heads or columns)
    for row in rows:
        writer.writerow([cell(row.get(column)) for column in columns])
    return "\ufeff" + written.getvalue()


def cell(value: Any) -> str:
    """The value as text, with an apostrophe before what a spreadsheet would calculate."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.lstrip().startswith(FORMULA_STARTS):
        return f"'{text}"
    return text
