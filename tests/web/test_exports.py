"""Files to take along: the register in every form says the same, the dossier names no asker."""

import csv
import hashlib
import io
import json
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from facilitation.actions.following_up import Owner
from facilitation.domain.lifecycle import QuestionState, Role
from facilitation.web import sheets
from tests.makers import (
    IN_TWO_WEEKS,
    a_browser,
    a_colleague,
    a_meeting,
    a_question,
    database_of,
    follow_up,
    support,
    take,
)

EMAIL, PHONE, IBAN = "jan.jansen@example.org", "06 1234 5678", "NL91 ABNA 0417 1643 00"
ASKER = "Jan Jansen"
PRIVATE = (EMAIL, PHONE, IBAN, ASKER)
FILES = {
    *("register.csv", "register.xlsx", "register.ods", "register.json"),
    *("answers.json", "meetings.json", "history.json", "manifest.json", "SHA256SUMS"),
}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
PARAGRAPH = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"


@pytest.fixture
def meeting(app):
    """An evening with a point full of private details, and one that begins as a formula."""
    database = database_of(app)
    meeting = a_meeting(database, contact=f"Bel {PHONE}", topics=["Verkeer"])
    private = a_question(
        database,
        meeting,
        state=QuestionState.ON_WALL,
        text=f"Ik ben {ASKER}, mail {EMAIL}, bel {PHONE} of stort op {IBAN}. Komt er een drempel?",
        name=ASKER,
    )
    support(database, private)
    private = take(database, private, "defer", promise=f"Wij mailen {ASKER} op {EMAIL}.")
    owner = Owner("COA", organisation="COA")
    follow_up(database, private, "assign", owner=owner, due=IN_TWO_WEEKS, note=f"Bel {PHONE}")
    a_question(database, meeting, state=QuestionState.PARKED, text="=1+1 en de rest")
    return meeting


def a_desk(app, meeting, role=Role.ORGANISER):
    account_id = a_colleague(database_of(app), role=role, meeting=meeting)
    return a_browser(app, account_id=account_id, accept="text/html")


def fetch(app, meeting, kind):
    answer = a_desk(app, meeting).get(f"/staff/meetings/{meeting.id}/register.{kind}")
    assert answer.status_code == 200
    return answer


def fetch_dossier(app, meeting, query=""):
    answer = a_desk(app, meeting).get(f"/staff/series/{meeting.series_id}/dossier.zip{query}")
    assert answer.status_code == 200, answer.text
    return answer


def unpacked(content):
    with ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def everything(files):
    """All text of the dossier, also that of the workbooks inside it."""
    for name, content in files.items():
        inner = unpacked(content) if name.endswith((".xlsx", ".ods")) else {name: content}
        yield from ((f"{name}: {part}", text.decode()) for part, text in inner.items())


def places_of(secret, files):
    """The files that hold these words, in capitals or not."""
    return {
        place.split(":")[0]
        for place, text in everything(files)
        if secret.casefold() in text.casefold()
    }


def csv_rows(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def xlsx_cells(content, row):
    """The texts of a line by their column."""
    sheet = ElementTree.fromstring(unpacked(content)["xl/worksheets/sheet1.xml"])
    line = list(sheet.iter(f"{MAIN}row"))[row]
    return {cell.get("r").rstrip("0123456789"): "".join(cell.itertext()) for cell in line}


def ods_cells(content, row):
    sheet = ElementTree.fromstring(unpacked(content)["content.xml"])
    line = list(sheet.iter(f"{TABLE}table-row"))[row]
    return [
        "\n".join("".join(text.itertext()) for text in cell.iter(PARAGRAPH))
        for cell in line.iter(f"{TABLE}table-cell")
    ]


# -- the register of an evening


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("xlsx", sheets.XLSX_TYPE),
        ("ods", sheets.ODS_TYPE),
        ("json", "application/json"),
    ],
)
def test_a_file_is_of_its_kind_and_named_after_the_meeting(app, meeting, kind, content_type):
    answer = fetch(app, meeting, kind)

    assert answer.content_type == content_type
    named = f'attachment; filename="register-{meeting.code}.{kind}"'
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_form_of_the_register_has_the_columns_of_the_csv(app, meeting):
    columns, *rows = csv_rows(fetch(app, meeting, "csv").text)

    data = fetch(app, meeting, "json").json
    assert list(xlsx_cells(fetch(app, meeting, "xlsx").data, 0).values()) == columns
    assert ods_cells(fetch(app, meeting, "ods").data, 0) == columns
    assert [list(point) for point in data["points"]] == [columns] * len(rows)
    assert data["version"] == 1


def test_every_form_of_the_register_says_what_the_csv_says(app, meeting):
    first = csv_rows(fetch(app, meeting, "csv").text)[1]

    point = fetch(app, meeting, "json").json["points"][0]
    assert ods_cells(fetch(app, meeting, "ods").data, 1) == first
    assert ["" if value is None else str(value) for value in point.values()] == first
    assert point["due"] == IN_TWO_WEEKS.isoformat()
    assert (point["supports"], point["askers"]) == (1, 1)


def test_a_question_that_begins_as_a_formula_is_text_in_both_workbooks(app, meeting):
    xlsx, ods = (fetch(app, meeting, kind).data for kind in ("xlsx", "ods"))

    assert "=1+1 en de rest" in xlsx_cells(xlsx, 2).values()
    assert "=1+1 en de rest" in ods_cells(ods, 2)
    assert b"<f" not in unpacked(xlsx)["xl/worksheets/sheet1.xml"].replace(b"<fo", b"")
    assert b"table:formula" not in unpacked(ods)["content.xml"]


def test_a_meeting_that_is_not_there_has_no_register(app, meeting):
    desk = a_desk(app, meeting)

    assert desk.get("/staff/meetings/999/register.xlsx").status_code == 404
    assert desk.get("/staff/series/999/dossier.zip").status_code == 404


# -- the dossier


def test_the_dossier_holds_every_file(app, meeting):
    answer = fetch_dossier(app, meeting)

    assert set(unpacked(answer.data)) == FILES
    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="dossier-')


def test_the_checksums_are_those_of_the_files(app, meeting):
    files = unpacked(fetch_dossier(app, meeting).data)

    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    told = {each["name"]: each for each in json.loads(files["manifest.json"])["files"]}
    assert set(sums) == FILES - {"SHA256SUMS"}
    assert set(told) == FILES - {"SHA256SUMS", "manifest.json"}
    for name, sum_ in sums.items():
        assert hashlib.sha256(files[name]).hexdigest() == sum_
    for name, each in told.items():
        assert (each["sha256"], each["bytes"]) == (sums[name], len(files[name]))


@pytest.mark.parametrize("personal", ["", "?personal=leave_out", "?personal=redact"])
def test_nothing_private_is_in_any_file(app, meeting, personal):
    files = unpacked(fetch_dossier(app, meeting, personal).data)

    for secret in PRIVATE:
        assert places_of(secret, files) == set()


def test_what_is_private_would_be_seen(app, meeting):
    """The control: the register of the evening, for colleagues, does hold it."""
    files = {f"register.{kind}": fetch(app, meeting, kind).data for kind in ("csv", "xlsx", "ods")}

    for secret in PRIVATE:
        assert places_of(secret, files) == set(files)


def test_what_is_left_out_leaves_the_rest_of_the_sentence(app, meeting):
    register = json.loads(unpacked(fetch_dossier(app, meeting).data)["register.json"])

    assert register["points"][0]["question"] == (
        "Ik ben , mail , bel of stort op . Komt er een drempel?"
    )
    assert register["points"][0]["promise"] == "Wij mailen op ."


def test_what_is_redacted_is_marked(app, meeting):
    files = unpacked(fetch_dossier(app, meeting, "?personal=redact").data)

    point = json.loads(files["register.json"])["points"][0]
    (answer,) = json.loads(files["answers.json"])["questions"]
    assert (
        point["question"] == "Ik ben ▇▇▇, mail ▇▇▇, bel ▇▇▇ of stort op ▇▇▇. Komt er een drempel?"
    )
    assert answer["name"] == "▇▇▇"
    assert json.loads(files["meetings.json"])["meetings"][0]["contact"] == "Bel ▇▇▇"


def test_the_manifest_says_how_people_were_hidden_and_in_how_many_texts(app, meeting):
    manifest = json.loads(unpacked(fetch_dossier(app, meeting).data)["manifest.json"])

    assert (manifest["version"], manifest["personal"]) == (1, "leave_out")
    assert manifest["texts_changed"]["meetings"] == 1
    assert manifest["texts_changed"]["register"] > 1


def test_the_history_names_no_account_and_no_receipt(app, meeting):
    files = unpacked(fetch_dossier(app, meeting).data)

    steps = json.loads(files["history.json"])["steps"]
    assert [step["step"] for step in steps if step["step"] == "assign"] == ["assign"]
    assert {"meeting", "number", "step", "taken_at", "note", "before", "after"} == set(steps[0])
    for _, text in everything(files):
        assert not {"owner_id", "drafted_by_id", "account", "receipt", "device"} & set(
            text.split('"')
        )


def test_the_dossier_is_of_all_evenings_of_the_plan_and_no_other(app, meeting):
    database = database_of(app)
    second = a_meeting(database, title="Tweede avond", series_id=meeting.series_id)
    other = a_meeting(database, title="Ander plan")
    for each in (second, other):
        a_question(database, each, state=QuestionState.PARKED, text=f"Over {each.title}")

    files = unpacked(fetch_dossier(app, meeting).data)

    codes = [each["code"] for each in json.loads(files["meetings.json"])["meetings"]]
    assert codes == [meeting.code, second.code]
    assert "Over Tweede avond" in files["register.csv"].decode()
    assert not any("Ander plan" in text for _, text in everything(files))


def test_only_the_two_ways_of_hiding_are_taken(app, meeting):
    desk = a_desk(app, meeting)

    answer = desk.get(f"/staff/series/{meeting.series_id}/dossier.zip?personal=keep")

    assert answer.status_code == 422


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SCRIBE, Role.ANSWERER])
def test_only_organisers_take_the_dossier_along(app, meeting, role):
    desk = a_desk(app, meeting, role)

    assert desk.get(f"/staff/series/{meeting.series_id}/dossier.zip").status_code == 403
