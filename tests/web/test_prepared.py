"""The screen of prepared answers: fill in, import, print, and find what fits a question."""

import pytest

from facilitation.domain.lifecycle import Role
from facilitation.storage import prepared
from tests.makers import a_browser, a_colleague, a_meeting, database_of

TEXT = {
    "question": "Hoeveel mensen komen er?",
    "answer": "Ten hoogste 125.",
    "answer_kind": "political",
    "speaker": "Wethouder De Vries",
    "source": "Raadsbesluit",
    "review_on": "2027-01-15",
}
HEAD = "question;answer;kind;speaker;source;review_on\n"


@pytest.fixture
def database(app):
    return database_of(app)


@pytest.fixture
def meeting(database):
    return a_meeting(database)


@pytest.fixture
def address(meeting):
    return f"/staff/series/{meeting.series_id}/prepared"


@pytest.fixture
def browser(app, database, meeting):
    """A moderator's."""
    account_id = a_colleague(database, role=Role.MODERATOR, meeting=meeting)
    return a_browser(app, account_id=account_id, accept="text/html")


@pytest.fixture
def library(database, meeting):
    def read():
        with database.read() as session:
            return prepared.library(session, meeting.series_id).answers

    return read


@pytest.fixture
def upload(browser, address):
    def send(raw, name="antwoorden.csv", **how):
        raw = raw.encode() if isinstance(raw, str) else raw
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        return browser.post(
            f"{address}/import?lang=en",
            data=head.encode() + raw + b"\r\n--x--\r\n",
            content_type="multipart/form-data; boundary=x",
            **how,
        )

    return send


def test_an_answer_is_added_changed_and_taken_out(browser, address, library):
    added = browser.post(address, data=TEXT)
    (first,) = library()
    form = browser.get(f"{address}/{first.id}").text
    saved = browser.post(f"{address}/{first.id}", data=TEXT | {"answer": "Negentig.", "version": 1})
    (second,) = library()
    removed = browser.post(f"{address}/{first.id}/remove")

    assert added.status_code == saved.status_code == removed.status_code == 303
    assert added.location == saved.location == removed.location == f"{address}#main"
    assert 'value="2027-01-15"' in form
    assert '<option value="political" selected>' in form
    assert (first.answer, second.answer) == ("Ten hoogste 125.", "Negentig.")
    assert library() == ()


def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_typed_is_lost(
    browser, address, library
):
    answer = browser.post(f"{address}?lang=en", data=TEXT | {"answer": ""})

    assert answer.status_code == 422
    assert 'id="answer-problem"' in answer.text
    assert "Hoeveel mensen komen er?</textarea>" in answer.text
    assert library() == ()


def test_who_is_second_is_told_and_loses_nothing(browser, address, library):
    browser.post(address, data=TEXT)
    (found,) = library()
    browser.post(f"{address}/{found.id}", data=TEXT | {"answer": "Negentig.", "version": 1})

    answer = browser.post(f"{address}/{found.id}", data=TEXT | {"answer": "Nul.", "version": 1})

    assert answer.status_code == 409
    assert "Nul.</textarea>" in answer.text
    assert library()[0].answer == "Negentig."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_table_comes_in_as_spreadsheets_write_it(upload, library, encoding, separator):
    rows = [
        ["Vraag", "Antwoord", "Soort", "Nakijken op"],
        ["Komt er een café?", '"Nee,\nmaar wel koffie; elke dag"', "Politiek", "31-12-2026"],
        ["", "", "", ""],
        ["Wie betaalt?", "Het Rijk", "", ""],
    ]
    table = "\r\n".join(separator.join(row) for row in rows)

    answer = upload(table.encode(encoding))

    assert answer.location.endswith("/prepared?added=2&again=0#main")
    first, second = library()
    assert first.question == "Komt er een café?"
    assert first.answer == "Nee,\nmaar wel koffie; elke dag"
    assert (first.kind, str(first.review_on)) == ("political", "2026-12-31")
    assert (second.answer, second.kind, second.review_on) == ("Het Rijk", "factual", None)


def test_every_line_that_is_wrong_is_named_and_nothing_is_half_imported(upload, library):
    table = (
        HEAD
        + "Goed?;Ja.;;;;\n"
        + '"Over twee\nregels?";;;;;\n'
        + "Soort?;Ja.;onbekend;;;\n"
        + "Dag?;Ja.;;;;31-02-2027\n"
        + "goed;Nee.;;;;\n"
        + "Te veel?;Ja.;;;;;;nog iets\n"
    )

    answer = upload(table)

    assert answer.status_code == 422
    assert "Nothing was imported." in answer.text
    assert "Line 3, Answer: Write the answer first." in answer.text
    assert "Line 5, Kind of question: Choose one from the list." in answer.text
    assert "Line 6, Check again on: This is not a date." in answer.text
    assert "Line 7, Question: This question stands in the file twice." in answer.text
    assert "Line 8: There are more cells than columns." in answer.text
    assert library() == ()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf", "This file names columns, and no answers"),
        (b" \n \n", "This file is empty."),
        (b"question;answer\n", "This file names columns, and no answers"),
        (b"naam;adres\nJan;Dorpsstraat\n", "The columns are not right."),
        (b"question;speaker\nWie?;Jan\n", "The columns are not right."),
        (b"question;answer;question\na;b;c\n", "The columns are not right."),
        (b"PK\x03\x04 an xlsx", "This is not a CSV file."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "This is not a CSV file."),
        (b"\xff\xfea", "This is not a CSV file."),
        (b'question;answer\n"never ends;x\n', "This is not a CSV file."),
        (b"question;answer\n" + b"a" * 1024 * 1024, "This file is too large: at most 1 MB."),
        (b"a" * 10 * 1024 * 1024, "This file is too large: at most 1 MB."),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_kindly(upload, library, raw, sentence):
    answer = upload(raw)

    assert answer.status_code == 422
    assert "Nothing was imported." in answer.text
    assert sentence in answer.text
    assert library() == ()


def test_no_file_is_said_too(browser, address):
    answer = browser.post(f"{address}/import?lang=en", data={})

    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_a_program_is_told_which_cells_are_wrong(upload, library):
    answer = upload(HEAD + "Vraag?;;;;;\n", headers={"Accept": "application/json"})

    assert answer.status_code == 422
    assert answer.json["errors"] == {"2.answer": "Write the answer first."}
    assert library() == ()


def test_many_wrong_lines_make_a_short_page(upload):
    answer = upload(HEAD + "Vraag?;;;;;\n" * 300)

    assert answer.text.count("Line ") == 20
    assert "And 280 more." in answer.text


def test_the_table_that_goes_out_comes_in_again_as_it_was(browser, address, library, upload):
    browser.post(address, data=TEXT)
    browser.post(address, data={"question": "=1+1", "answer": "-2; of\n@drie"})
    before = library()

    table = browser.get(f"{address}.csv").data
    answer = upload(table)

    assert b"'=1+1" in table
    assert answer.location.endswith("?added=0&again=0#main")
    assert library() == before


def test_the_brief_says_what_to_say_and_what_to_pass_on(browser, address):
    browser.post(address, data=TEXT)
    browser.post(address, data={"question": "Waar is het?", "answer": "In de <b>sporthal</b>."})

    html = browser.get(f"{address}/brief?lang=en").text

    factual, political = html.split('id="kind-political"')
    assert "You can give these answers yourself." in factual
    assert "In de &lt;b&gt;sporthal&lt;/b&gt;." in factual
    assert "Do not answer these yourself." in political
    assert "Answer by: Wethouder De Vries" in political


@pytest.mark.parametrize(
    ("review_on", "is_marked"), [("2026-11-30", True), ("2026-12-01", True), ("2026-12-02", False)]
)
def test_an_answer_that_may_be_out_of_date_is_marked(browser, address, review_on, is_marked):
    browser.post(address, data=TEXT | {"review_on": review_on})

    pages = [browser.get(f"{address}{more}?lang=en").text for more in ("", "/brief")]

    assert ['class="overdue"' in html for html in pages] == [is_marked] * 2


def test_the_best_answers_are_offered_with_a_score(browser, address):
    browser.post(address, data=TEXT)
    browser.post(address, data={"question": "Waar kan ik parkeren?", "answer": "Bij de hal."})

    found = browser.get(f"{address}/matches", query_string={"text": "Met hoeveel mensen?"}).json

    assert found[0] == {
        "id": found[0]["id"],
        "question": TEXT["question"],
        "answer": TEXT["answer"],
        "kind": "political",
        "score": found[0]["score"],
    }
    assert 0 < found[0]["score"] <= 1
    assert browser.get(f"{address}/matches").json == []


def test_who_answers_reads_the_library_and_finds_no_button_to_change_it(
    app, database, meeting, browser, address
):
    browser.post(address, data=TEXT)
    account_id = a_colleague(database, role=Role.ANSWERER, meeting=meeting)

    html = a_browser(app, account_id=account_id, accept="text/html").get(address).text

    assert TEXT["answer"] in html
    assert "<textarea" not in html
    assert f'href="{address}/1"' not in html


def test_a_plan_that_does_not_exist_is_not_found(app, database):
    browser = a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))

    assert browser.get("/staff/series/999/prepared").status_code == 404


def test_an_answer_of_another_plan_is_not_found(browser, database, app, address):
    other = a_meeting(database)
    organiser = a_browser(app, account_id=a_colleague(database, role=Role.ORGANISER))
    answer_id = organiser.post(f"/staff/series/{other.series_id}/prepared", json=TEXT).json["id"]

    assert browser.get(f"{address}/{answer_id}").status_code == 404
    assert browser.post(f"{address}/{answer_id}", data=TEXT).status_code == 404
    assert browser.post(f"{address}/{answer_id}/remove").status_code == 404
