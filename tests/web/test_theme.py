"""A municipality's own name, logo and colours, from its own folder."""

import pytest

from tests.makers import a_browser


@pytest.fixture
def home(new_app, tmp_path):
    def home(**files: str) -> str:
        folder = tmp_path / "theme"
        folder.mkdir()
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
        browser = a_browser(new_app(tmp_path), accept="text/html")
        with browser.get("/theme/theme.css") as colours:
            return browser.get("/").text + colours.text

    return home


def test_without_a_theme_the_product_shows_its_own_name(home):
    html = home()

    assert "Vragenmuur" in html
    assert "masthead-logo" not in html


def test_a_theme_brings_name_logo_and_colours(home):
    html = home(
        name_txt="Gemeente <Oost>\n", logo_svg="<svg/>", theme_css=":root { --accent: #123 }"
    )

    assert "Gemeente &lt;Oost&gt;" in html
    assert 'src="/theme/logo.svg"' in html
    assert "--accent: #123" in html
