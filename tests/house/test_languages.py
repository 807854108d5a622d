"""Every sentence exists in both languages: English is the source, Dutch is the catalogue."""

import ast
import io
import re
import subprocess
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS
from babel.messages.pofile import read_po

from tests.house.ground import ROOT, files, read

DUTCH = ROOT / "facilitation" / "translations" / "nl" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|(?<!%)%[sd]")
NOT_A_SENTENCE = {"Vragenmuur", "Nederlands", "English", "NL", "EN"}
READ_ALOUD = {"aria-label", "title", "placeholder", "alt", "aria-description"}


# --- the catalogue -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def sentences(tmp_path_factory) -> Catalog:
    """What code and templates say, gathered as `make translations` does."""
    target = tmp_path_factory.mktemp("sentences") / "messages.pot"
    subprocess.run(["scripts/translations", "--gather", str(target)], cwd=ROOT, check=True)
    return read_po(io.BytesIO(target.read_bytes()))


@pytest.fixture(scope="module")
def dutch() -> Catalog:
    return read_po(io.BytesIO(DUTCH.read_bytes()), locale="nl")


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def forms(words: str | Iterable[str]) -> list[str]:
    """List the singular and the plurals; a plain sentence is its only form."""
    return [words] if isinstance(words, str) else list(words)


def untranslated(said: Catalog, catalogue: Catalog) -> list[str]:
    """Name the sentences without a Dutch one; a fuzzy one is a guess, and counts as none."""
    return [
        forms(message.id)[0]
        for message in messages(said)
        if not is_translated(catalogue.get(message.id, message.context))
    ]


def is_translated(message: Message | None) -> bool:
    return bool(
        message and not message.fuzzy and all(part.strip() for part in forms(message.string))
    )


def left_behind(said: Catalog, catalogue: Catalog) -> list[str]:
    """Name the sentences that nothing says any more."""
    gone = [forms(m.id)[0] for m in messages(catalogue) if said.get(m.id, m.context) is None]
    return gone + [forms(message.id)[0] for message in catalogue.obsolete.values()]


def broken_placeholders(catalogue: Catalog) -> list[str]:
    """Name the sentences that promise other values than they are given."""
    return [
        forms(message.id)[0]
        for message in messages(catalogue)
        for form in forms(message.string)
        if form and not fits(form, message)
    ]


def fits(form: str, message: Message) -> bool:
    """Whether a form uses what its source has; a plural may leave the number out of one form."""
    offered = {name for part in forms(message.id) for name in PLACEHOLDER.findall(part)}
    asked = set(PLACEHOLDER.findall(form))
    return asked <= offered if len(forms(message.id)) > 1 else asked == offered


def unknown_words(sources: Iterable[str], script: str) -> set[str]:
    """Name the names under which code translates and that gathering does not look for."""
    used = {
        name.asname or name.name
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "flask_babel"
        for name in node.names
        if name.name.endswith("gettext")
    }
    return used - set(DEFAULT_KEYWORDS) - set(re.findall(r"-k (\w+)", script))


def test_gathering_knows_every_word_for_translating():
    sources = [read(path) for path in files("facilitation") if path.suffix == ".py"]

    assert unknown_words(sources, read(Path("scripts/translations"))) == set()


def test_an_unknown_word_for_translating_would_be_seen():
    source = "from flask_babel import gettext as _, lazy_gettext as later"

    assert unknown_words([source], "-k _l") == {"later"}


def test_every_sentence_is_in_dutch(sentences, dutch):
    assert sentences.get("Received, no. {number}")  # the scripts' own are among them
    assert untranslated(sentences, dutch) == []


def test_the_catalogue_keeps_nothing_that_is_gone(sentences, dutch):
    assert left_behind(sentences, dutch) == []


def test_placeholders_are_the_same_in_both_languages(dutch):
    assert broken_placeholders(dutch) == []


def test_the_catalogue_knows_two_forms_of_dutch(dutch):
    assert dutch.num_plurals == 2


def a_catalogue(*rows: tuple, **flags) -> Catalog:
    catalogue = Catalog(locale="nl", fuzzy=False)
    for source, target in rows:
        catalogue.add(source, target, **flags)
    return catalogue


def test_a_missing_an_empty_and_a_guessed_sentence_are_seen():
    said = a_catalogue(("Send", ""), ("Back", ""), (("%(n)s day", "%(n)s days"), ""))

    assert untranslated(said, a_catalogue(("Send", "Verstuur"))) == ["Back", "%(n)s day"]
    assert untranslated(said, a_catalogue(("Send", " "))) == ["Send", "Back", "%(n)s day"]
    assert "Send" in untranslated(said, a_catalogue(("Send", "Verstuur"), flags={"fuzzy"}))


def test_a_sentence_that_is_gone_is_seen():
    assert left_behind(a_catalogue(), a_catalogue(("Send", "Verstuur"))) == ["Send"]


def test_a_wrong_placeholder_is_seen():
    rows = [("No. %(number)s", "Nr. %(nummer)s"), ("{n} of {all}", "{n}"), ("{n} left", "nog {n}")]

    assert broken_placeholders(a_catalogue(*rows)) == ["No. %(number)s", "{n} of {all}"]


# --- the templates -----------------------------------------------------------------------


class Words(HTMLParser):
    """Collect what a page says between its tags and in the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style"}
        self.said += [value or "" for name, value in attrs if name in READ_ALOUD]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def fixed_words(template: str) -> list[str]:
    """Name the words that a template says in one language only."""
    rest = re.sub(r"(?s)\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", template)
    # A page tells the frame the code name of its screen; a macro may hold attributes without a tag.
    rest = re.sub(r"\{%-?\s*block screen\s*-?%\}\w+\{%", "{%", rest)
    parser = Words()
    parser.feed(re.sub(r"(?s)\{([%{#]).*?[%}#]\}", " ", rest))
    words = [re.sub(r'[\w-]+="[^"]*"', "", said).strip(" \n·—–|:/,.()") for said in parser.said]
    return [
        " ".join(said.split())
        for said in words
        if re.search(r"[^\W\d_]{2,}", said) and said not in NOT_A_SENTENCE
    ]


def test_no_template_says_anything_in_one_language_only():
    pages = [path for path in files("templates") if path.suffix == ".html"]

    assert pages
    assert {str(page): said for page in pages if (said := fixed_words(read(page)))} == {}


def test_a_fixed_word_would_be_seen():
    assert fixed_words("<p>Send</p>") == ["Send"]
    assert fixed_words('<p aria-label="Close it">{{ _("Send") }}</p>') == ["Close it"]
    assert fixed_words("<title>{{ page }} · Vragenmuur</title>") == []
    assert fixed_words("{% block screen %}desk{% endblock %}") == []
    assert fixed_words("<p>{% trans %}Send{% endtrans %} · {{ n }}</p><script>let x</script>") == []
