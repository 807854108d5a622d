"""The project stands on its own: no machine's paths, no addresses of others, nothing inline."""

import json
import re
import subprocess
from collections.abc import Iterable

import pytest

from tests.house.ground import ROOT, files, lines_matching, offences, read, text_files

OWN_PAGES = ("templates", "static")
VENDORED = ("static/vendor", "static/fonts")
MAY_BE_NAMED = (
    *("www.w3.org", "joinup.ec.europa.eu", "interoperable-europe.ec.europa.eu", "eupl.eu"),
    *("openfontlicense.org", "scripts.sil.org", "nldesignsystem.nl"),
)

machine_paths = lines_matching(
    r"(?<![\w.}/-])/(?:work|root|tmp|Users|home/(?!app\b)\w+)/(?=\w)|\b[A-Z]:\\\\?Users\b"
)
registry_words = lines_matching(
    r"(?m)^\s*(?:--?(?:extra-)?index-url|-i |--find-links|--trusted-host)"
    r"|pypi\.[a-z]+/|pythonhosted\.|registry\.(?:npmjs|yarnpkg)\.|[a-z-]+\.jfrog\."
)
addresses = lines_matching(r"https?://")
inline = lines_matching(
    r"(?i)<style\b|<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/json)"
    r"|<[a-z][^>]*?\s(?:style|on[a-z]+)\s*=\s*[\"']|javascript:"
)
requests_elsewhere = lines_matching(
    r"(?i)\b(?:src|srcset|action|formaction|poster)\s*=\s*[\"']?\s*(?:https?:)?//\w"
    r"|<link\b[^>]*\bhref\s*=\s*[\"']?\s*(?:https?:)?//\w"
    r"|url\(\s*[\"']?(?:https?:)?//\w"
    r"|@import\s+(?:url\()?\s*[\"']?(?:https?:)?//\w"
    r"|\bimport\b[^;\n]{0,80}?[\"'](?:https?:)?//\w"
    r"|\bfetch\(\s*[\"'`](?:https?:)?//\w"
)


def strange_addresses(text: str) -> Iterable[int]:
    """Find addresses on hosts that only a licence, a standard or a source would name."""
    hosts = "|".join(map(re.escape, MAY_BE_NAMED))
    return lines_matching(rf"https?://(?!(?:{hosts})\b)[\w.-]+\.\w{{2,}}")(text)


def markup(text: str) -> str:
    """Keep the HTML of a template and every line where it was; a macro's arguments are not HTML."""
    return re.sub(
        r"\{[%{#].*?[%}#]\}", lambda hit: "\n" * hit[0].count("\n"), text, flags=re.DOTALL
    )


def test_no_file_names_a_place_on_some_machine():
    assert offences(text_files(), machine_paths) == []


def test_no_file_names_a_package_registry():
    own = [path for path in text_files() if path.name != "test_places.py"]

    assert offences(own, registry_words) == []


def test_the_pins_hold_hashes_and_no_address():
    pins = files("requirements.txt", "requirements-dev.txt")

    assert len(pins) == 2
    assert offences(pins, addresses) == []
    assert all("--hash=sha256:" in read(path) for path in pins)


def test_no_lock_file_records_where_it_downloaded():
    locks = [path for path in text_files() if path.name in {"package-lock.json", "uv.lock"}]

    assert [path for path in locks if "resolved" in read(path) or path.suffix == ".lock"] == []


def test_the_browser_parts_need_no_packages():
    wanted = json.loads((ROOT / "package.json").read_text())

    assert {"dependencies", "devDependencies"} & set(wanted) == set()


def test_no_page_asks_a_third_party_for_anything():
    own = [path for path in files(*OWN_PAGES, but=VENDORED) if path in set(text_files())]
    theirs = [path for path in files(*VENDORED) if path.suffix in {".css", ".js"}]

    assert offences(own, strange_addresses) == []
    assert offences([*own, *theirs], requests_elsewhere) == []


def test_no_template_holds_inline_script_or_style():
    assert offences(files("templates"), lambda text: inline(markup(text))) == []


@pytest.mark.parametrize(
    ("find", "sample"),
    [
        (machine_paths, 'open("/' + 'work/notes.txt")'),
        (machine_paths, "see /" + "home/anna/notes"),
        (machine_paths, "picture: /" + "tmp/look/phone.png"),
        (registry_words, "--index-url https://packages.example/simple"),
        (registry_words, "https://registry.npmjs" + ".org/x.tgz"),
        (addresses, "http://example.org"),
        (strange_addresses, "<a href='https://fonts.example.com/x'>"),
        (requests_elsewhere, '<img src="//cdn.example/x.png">'),
        (requests_elsewhere, "a { background: url(https://cdn.example/x.png) }"),
        (requests_elsewhere, '<link rel="stylesheet" href="https://cdn.example/x.css">'),
        (requests_elsewhere, 'import { io } from "https://cdn.example/io.js"'),
        (inline, '<p style="color:red">'),
        (inline, '<button onclick="send()">'),
        (inline, "<script>send()</script>"),
        (inline, "<style>p {}</style>"),
    ],
)
def test_a_breach_would_be_seen(find, sample):
    assert list(find(sample))


@pytest.mark.parametrize(
    ("find", "sample"),
    [
        (inline, '<script type="application/json" id="facts">{}</script>'),
        (inline, '<script type="module" src="/static/js/screens/phone.js"></script>'),
        (strange_addresses, '<svg xmlns="http://www.w3.org/2000/svg">'),
        (machine_paths, "GET /m/K7PM2Q/tmp"),
    ],
)
def test_what_is_allowed_is_left_alone(find, sample):
    assert list(find(sample)) == []


def is_ignored(name: str) -> bool:
    command = ["git", "check-ignore", "--quiet", "--no-index", name]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    "name", ["vragenmuur.db", "vragenmuur.db-wal", "secret_key", "theme/logo.svg"]
)
def test_what_belongs_to_one_installation_stays_out_of_git(name):
    assert is_ignored(f"instance/{name}")


def test_of_an_installation_only_its_explanation_is_in_git():
    assert not is_ignored("instance/README.md")
    assert [str(path) for path in files("instance")] == ["instance/README.md"]
