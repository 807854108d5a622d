"""The look keeps its promises: light on a phone, readable in a hall, each colour in one place."""

import gzip
import re
from pathlib import Path

import pytest

from tests.house.ground import ROOT

CSS = ROOT / "static" / "css"
PHONE = ["tokens.css", "base.css", "cards.css", "phone.css"]
LIMIT = 10 * 1024
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^;{]*\{)|\b(?:rgb|hsl|oklch)a?\(")
# White behind a QR code, black for a dark screen and for ink on paper, shadows of the darkest ink.
PLAIN = re.compile(r"#fff\b|#000\b|#888\b|rgb\(0 26 64 / \d+%\)")

DARK = [
    ("--hall-ink", "--hall-paper"),
    ("--hall-ink-soft", "--hall-paper"),
    ("--hall-ink-soft", "--hall-paper-strip"),
    ("--hall-accent", "--hall-paper"),
    ("--hall-paper-strip", "--hall-accent"),
]
LIGHT = [
    ("--voorbeeld-kleuren-grijs-700", "--paper"),
    ("--voorbeeld-kleuren-grijs-600", "--paper-sunken"),
    ("--accent-dark", "--paper-sunken"),
]
TONES = ["calm", "good", "warning", "error", "heard", "aside"]
PAGES = [
    *((f"--{tone}", f"--{tone}-soft") for tone in TONES),
    ("--ink", "--paper"),
    ("--ink-soft", "--paper-sunken"),
    ("--accent", "--paper"),
    ("--accent", "--accent-soft"),
    ("--accent-dark", "--accent-soft"),
    ("--accent-ink", "--accent"),
    ("--error", "--paper"),
    ("--warning", "--paper"),
    ("--good", "--paper"),
]


def token(name: str) -> str:
    """Follow a token to the colour it stands for."""
    found = re.search(rf"^\s*{name}: ([^;]+);", (CSS / "tokens.css").read_text(), re.MULTILINE)
    assert found, f"no token {name}"
    value = found[1].removeprefix("var(").removesuffix(")")
    return token(value) if value.startswith("--") else value


def contrast(one: str, other: str) -> float:
    """Compare two colours as WCAG 2.2 does (1.4.3)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def stray_colours(css: str) -> list[str]:
    without_comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return [found[0] for found in COLOUR.finditer(PLAIN.sub("", without_comments))]


@pytest.mark.parametrize(("letters", "ground"), [*DARK, *LIGHT])
def test_the_hall_can_be_read_from_the_last_row(letters, ground):
    assert contrast(token(letters), token(ground)) >= 7


@pytest.mark.parametrize(("letters", "ground"), PAGES)
def test_every_page_can_be_read_by_weak_eyes(letters, ground):
    assert contrast(token(letters), token(ground)) >= 4.5


def test_grey_on_white_would_be_noticed():
    assert contrast("#999999", "#ffffff") < 4.5


def test_a_phone_is_sent_four_small_stylesheets():
    assert sum(len(gzip.compress((CSS / name).read_bytes())) for name in PHONE) <= LIMIT


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_every_colour_is_a_token(path: Path):
    assert path.name == "tokens.css" or stray_colours(path.read_text()) == []


def test_a_colour_of_its_own_would_be_noticed():
    assert stray_colours(".card { color: #123456; background: rgb(1 2 3); }") == ["#123456", "rgb("]


def test_every_icon_that_a_page_asks_for_is_drawn():
    drawn = set(re.findall(r'<symbol id="(\w+)"', (ROOT / "static" / "icons.svg").read_text()))
    asked = {
        name
        for page in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"icons\.svg#(\w+)", page.read_text())
    }

    assert asked <= drawn
