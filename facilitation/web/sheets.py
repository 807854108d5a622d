"""Workbooks of one sheet for Excel (ECMA-376) and LibreOffice (ODF 1.3), written as zipped XML.

Every cell says its own type, so no text is ever calculated, whatever it begins with.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from facilitation.domain.meeting import ZONE

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

Rows = Iterable[Mapping[str, Any]]

_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same table makes the same file
_DAY_ZERO = date(1899, 12, 30)  # of Excel, which takes 1900 for a leap year
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xlsx(columns: Sequence[str], rows: Rows) -> bytes:
    """The table as an Excel workbook: headings that stay in sight, days as days."""
    lines = [_xlsx_row(1, columns, _HEAD)]
    for number, row in enumerate(rows, start=2):
        lines.append(_xlsx_row(number, [row.get(column) for column in columns], _TEXT))
    widths = f'<col min="1" max="{len(columns)}" width="{_WIDTH}" customWidth="1"/>'
    sheet = _XLSX_SHEET.format(widths=widths, rows="".join(lines))
    return _packed({**_XLSX_PARTS, "xl/worksheets/sheet1.xml": sheet})


def ods(columns: Sequence[str], rows: Rows) -> bytes:
    """The same as an OpenDocument workbook."""
    lines = [f"<table:table-header-rows>{_ods_row(columns, 'head')}</table:table-header-rows>"]
    lines += [_ods_row([row.get(column) for column in columns]) for row in rows]
    content = _ODS_CONTENT.format(count=len(columns), rows="".join(lines))
    return _packed({**_ODS_PARTS, "content.xml": content})


def packed_file(name: str) -> ZipInfo:
    """The place of a file in a zip that says nothing of when or where it was made."""
    info = ZipInfo(name, date_time=_LONG_AGO)
    info.external_attr = 0o644 << 16
    return info


def _packed(parts: Mapping[str, str]) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w") as package:
        for name, text in parts.items():
            # The type comes first and as it is: programs read it without unpacking (ODF 1.3, 3.3).
            method = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            package.writestr(packed_file(name), text.encode(), compress_type=method)
    return written.getvalue()


def _plain(text: str) -> str:
    """Text that may stand in XML: some signs may not, in any way."""
    return escape(_FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


# -- Excel

_WIDTH = 22
_TEXT, _HEAD, _DAY, _MOMENT, _NUMBER = range(1, 6)  # the cell styles, in the order of styles.xml
_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def _xlsx_row(number: int, values: Sequence[Any], text_style: int) -> str:
    cells = (
        _xlsx_cell(f"{_letters(place)}{number}", value, text_style)
        for place, value in enumerate(values)
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _xlsx_cell(place: str, value: Any, text_style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        style = _MOMENT if isinstance(value, datetime) else _DAY
        return f'<c r="{place}" s="{style}"><v>{_serial(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}" s="{_NUMBER}"><v>{value}</v></c>'
    # Excel reads _x0041_ as a letter: what was typed like that is said to be no code.
    text = _CODE.sub("_x005F_", _plain(str(value)))
    return (
        f'<c r="{place}" s="{text_style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{text}</t></is></c>'
    )


def _serial(value: date) -> float | int:
    """Days since Excel's day zero, by the clock of the meeting."""
    if not isinstance(value, datetime):
        return (value - _DAY_ZERO).days
    local = value.astimezone(ZONE)
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    return (local.date() - _DAY_ZERO).days + seconds / 86_400


def _letters(place: int) -> str:
    """The name of a column: A to Z, then AA."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MADE_OF = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_XLSX_SHEET = (
    f'{_START}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><cols>{widths}</cols><sheetData>{rows}</sheetData></worksheet>"
)
# A quote prefix keeps Excel from taking text for a formula when somebody edits the cell.
_WRAPPED = '<alignment vertical="top" wrapText="1"/>'
_TOP = '<alignment vertical="top"/>'
_XF = 'borderId="0" xfId="0" applyAlignment="1" applyNumberFormat="1"'
_XLSX_STYLES = (
    f'{_START}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    f'<xf numFmtId="49" fontId="0" fillId="0" quotePrefix="1" {_XF}>{_WRAPPED}</xf>'
    f'<xf numFmtId="49" fontId="1" fillId="0" quotePrefix="1" {_XF}>{_TOP}</xf>'
    f'<xf numFmtId="164" fontId="0" fillId="0" {_XF}>{_TOP}</xf>'
    f'<xf numFmtId="165" fontId="0" fillId="0" {_XF}>{_TOP}</xf>'
    f'<xf numFmtId="0" fontId="0" fillId="0" {_XF}>{_TOP}</xf></cellXfs></styleSheet>'
)
_XLSX_PARTS = {
    "[Content_Types].xml": f'{_START}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_MADE_OF}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_MADE_OF}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_MADE_OF}.styles+xml"/></Types>',
    "_rels/.rels": f'{_START}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
    f'Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_START}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="register" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_START}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": _XLSX_STYLES,
}


# -- OpenDocument

_SPACES = re.compile(r"(?<= ) +|^ +| +$", re.MULTILINE)


def _ods_row(values: Sequence[Any], text_style: str = "text") -> str:
    cells = (_ods_cell(value, text_style) for value in values)
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _ods_cell(value: Any, text_style: str) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, date):
        return _ods_day(value)
    if isinstance(value, int | float):
        return (
            '<table:table-cell table:style-name="count" office:value-type="float" '
            f'office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        )
    lines = "".join(
        f"<text:p>{_ods_text(line)}</text:p>" for line in _plain(str(value)).split("\n")
    )
    return (
        f'<table:table-cell table:style-name="{text_style}" office:value-type="string">'
        f"{lines}</table:table-cell>"
    )


def _ods_day(value: date) -> str:
    shown, style = value.isoformat(), "day"
    if isinstance(value, datetime):
        shown, style = value.astimezone(ZONE).replace(tzinfo=None, microsecond=0).isoformat(), "at"
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="date" '
        f'office:date-value="{shown}"><text:p>{shown.replace("T", " ")}</text:p>'
        "</table:table-cell>"
    )


def _ods_text(line: str) -> str:
    """One line; spaces that stand together, or at an end, would be read as one or none."""
    spaced = _SPACES.sub(lambda found: f'<text:s text:c="{len(found[0])}"/>', line)
    return spaced.replace("\t", "<text:tab/>")


_URN = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = " ".join(
    f'xmlns:{short}="{_URN}:{long}:1.0"'
    for short, long in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
    }.items()
)
_DASH = "<number:text>-</number:text>"
_DATE = (
    f'<number:year number:style="long"/>{_DASH}<number:month number:style="long"/>{_DASH}'
    '<number:day number:style="long"/>'
)
_TIME = (
    '<number:text> </number:text><number:hours number:style="long"/>'
    '<number:text>:</number:text><number:minutes number:style="long"/>'
)
_CELL = '<style:style style:family="table-cell"'
_AT_TOP = '<style:table-cell-properties style:vertical-align="top" fo:wrap-option="wrap"/>'
_ODS_CONTENT = (
    f'{_START}<office:document-content {_NAMES} office:version="1.3"><office:automatic-styles>'
    '<number:text-style style:name="as-typed"><number:text-content/></number:text-style>'
    f'<number:date-style style:name="iso-day">{_DATE}</number:date-style>'
    f'<number:date-style style:name="iso-time">{_DATE}{_TIME}</number:date-style>'
    f'{_CELL} style:name="text" style:data-style-name="as-typed">{_AT_TOP}</style:style>'
    f'{_CELL} style:name="head" style:data-style-name="as-typed">{_AT_TOP}'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    f'{_CELL} style:name="day" style:data-style-name="iso-day">{_AT_TOP}</style:style>'
    f'{_CELL} style:name="at" style:data-style-name="iso-time">{_AT_TOP}</style:style>'
    f'{_CELL} style:name="count">{_AT_TOP}</style:style>'
    '<style:style style:name="wide" style:family="table-column">'
    '<style:table-column-properties style:column-width="4.5cm"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
    '<table:table table:name="register"><table:table-column table:style-name="wide" '
    'table:number-columns-repeated="{count}"/>{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
_ODS_PARTS = {
    "mimetype": ODS_TYPE,
    "META-INF/manifest.xml": f'{_START}<manifest:manifest xmlns:manifest="{_URN}:manifest:1.0" '
    f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" '
    f'manifest:version="1.3" manifest:media-type="{ODS_TYPE}"/><manifest:file-entry '
    'manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
}
