"""Workbooks as other programs read them: LibreOffice where it is installed, XML everywhere."""

import csv
import io
import shutil
import subprocess
from datetime import UTC, date, datetime
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import pytest

from facilitation.web import sheets

OFFICE = shutil.which("soffice")
COLUMNS = ("number", "day", "at", "text", "more")
TEXTS = [
    "=1+1",
    '=HYPERLINK("#", "klik")',
    "+31",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "'=1+1",
    "Hoeveel & waarom <nu>?",
    "twee\nregels, en  twee  spaties ",
    " vooraan",
    "_x0041_ blijft zo",
    "007",
    "1e5",
    "2026-12-01",
    "TRUE",
    "Ʃ 𝔘 🙂 ▇ é",
]
ROWS = [
    {
        "number": number,
        "day": date(2026, 12, number + 1),
        "at": datetime(2026, 12, 1, 18, 30, tzinfo=UTC),
        "text": text,
        "more": None,
    }
    for number, text in enumerate(TEXTS)
]
MAKERS = {"xlsx": sheets.xlsx, "ods": sheets.ods}
both = pytest.mark.parametrize("kind", MAKERS)


def parts(content):
    with ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


@both
def test_a_workbook_is_well_formed_in_every_part(kind):
    found = parts(MAKERS[kind](COLUMNS, ROWS))

    for name, content in found.items():
        if name != "mimetype":
            ElementTree.fromstring(content)
    assert len(found) > 2


def test_an_opendocument_says_first_and_plainly_what_it_is():
    content = sheets.ods(COLUMNS, ROWS)

    with ZipFile(io.BytesIO(content)) as package:
        first = package.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
    assert content[38 : 38 + len(sheets.ODS_TYPE)].decode() == sheets.ODS_TYPE


@both
def test_no_cell_holds_a_formula(kind):
    sheet = b"".join(parts(MAKERS[kind](COLUMNS, ROWS)).values())

    assert b"=1+1" in sheet
    assert b"<f>" not in sheet and b"table:formula" not in sheet


@both
def test_the_same_table_makes_the_same_file(kind):
    assert MAKERS[kind](COLUMNS, ROWS) == MAKERS[kind](COLUMNS, ROWS)


@both
def test_signs_that_xml_forbids_do_not_spoil_the_file(kind):
    content = MAKERS[kind](["text"], [{"text": "a\x00b\x0bc\x1bd\ufffee"}])

    assert "abcde" in b"".join(parts(content).values()).decode()


@both
def test_a_table_without_rows_still_has_its_headings(kind):
    assert "number" in b"".join(parts(MAKERS[kind](COLUMNS, [])).values()).decode()


def test_columns_after_the_last_letter_go_on():
    columns = [f"c{place}" for place in range(28)]

    sheet = parts(sheets.xlsx(columns, []))["xl/worksheets/sheet1.xml"].decode()

    assert all(f'r="{name}1"' in sheet for name in ("A", "Z", "AA", "AB"))


@pytest.fixture(scope="module")
def read_back(tmp_path_factory):
    """Both workbooks as LibreOffice reads them, shown as text or as what was typed."""
    if OFFICE is None:
        pytest.skip("LIBREOFFICE IS MISSING: NO OTHER PROGRAM HAS READ THE WORKBOOKS")
    folder = tmp_path_factory.mktemp("office")
    for kind, make in MAKERS.items():
        (folder / f"{kind}.{kind}").write_bytes(make(COLUMNS, ROWS))
    (folder / "control.xlsx").write_bytes(with_a_formula(sheets.xlsx(COLUMNS, ROWS)))
    # 59 is ";", 34 the quote, 76 UTF-8; cells as shown, and no text taken for a number.
    form = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false"
    subprocess.run(
        [
            OFFICE,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--norestore", "--convert-to", form, "--outdir", str(folder)),
            *(str(folder / name) for name in ("xlsx.xlsx", "ods.ods", "control.xlsx")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {
        kind: list(csv.reader(io.StringIO((folder / f"{kind}.csv").read_text()), delimiter=";"))
        for kind in (*MAKERS, "control")
    }


def with_a_formula(content):
    """The same workbook with its first text as what it must never be."""
    written = io.BytesIO()
    with ZipFile(written, "w") as package:
        for name, part in parts(content).items():
            text = b' t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>'
            package.writestr(name, part.replace(text, b"><f>1+1</f></c>"))
    return written.getvalue()


@both
def test_libreoffice_reads_back_what_was_written(read_back, kind):
    found = read_back[kind]

    assert found[0] == list(COLUMNS)
    assert [row[0] for row in found[1:]] == [str(row["number"]) for row in ROWS]
    assert [row[1] for row in found[1:]] == [row["day"].isoformat() for row in ROWS]
    assert {row[2] for row in found[1:]} == {"2026-12-01 19:30:00"}
    assert {row[4] for row in found[1:]} == {""}
    # LibreOffice drops a tab in an ODS cell; what people type holds none.
    lost = "\t" if kind == "ods" else ""
    assert [row[3] for row in found[1:]] == [text.removeprefix(lost) for text in TEXTS]


def test_libreoffice_would_calculate_a_formula(read_back):
    assert [row[3] for row in read_back["control"][1:]] == ["2", *TEXTS[1:]]
