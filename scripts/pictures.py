"""Take the pictures of docs/: every screen of the example evening, in Dutch and English."""

import json
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.server import PASSWORD, Server  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
EMAIL = "organiser@example.org"
PHONE, CONSOLE, HALL = (390, 844), (1440, 900), (1920, 1080)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Shot:
    """One picture: its name, its page, its size, and what to do there first."""

    name: str
    title: str
    path: str
    size: tuple[int, int] = CONSOLE
    press: str = ""
    is_whole: bool = False
    scroll: str = ""


SHOTS = (
    Shot("home", "Type a code", "/", PHONE),
    Shot("phone", "The phone: ask first", "/m/{code}", PHONE),
    Shot("phone-wall", "The phone: the wall", "/m/{code}", PHONE, scroll="#lane-on_stage, .lane"),
    Shot("receipt", "The receipt: an asker's own page", "{receipt}", PHONE),
    Shot("console", "The console", "/staff/meetings/1/console"),
    Shot("console-card", "A card under the keyboard", "/staff/meetings/1/console", press="j"),
    Shot("console-defer", "Promise an answer", "/staff/meetings/1/console", press="j d"),
    Shot("console-decline", "Decline with a reason", "/staff/meetings/1/console", press="j x"),
    Shot("console-keys", "The keys", "/staff/meetings/1/console", press="?"),
    Shot("question", "One question, without JavaScript", "/staff/meetings/1/questions/2"),
    Shot("hall-stage", "The hall: being discussed now", "/m/{code}/hall", HALL),
    Shot("hall-wall", "The hall: the wall", "/m/{code}/hall", HALL),
    Shot("hall-collection", "The hall: what we come back to", "/m/{code}/hall", HALL),
    Shot("hall-join", "The hall: join in", "/m/{code}/hall", HALL),
    Shot("hall-paused", "The hall: paused", "/m/{code}/hall", HALL),
    Shot("phone-paused", "The phone: paused", "/m/{code}", PHONE),
    Shot("register", "The register", "/staff/meetings/1/register"),
    Shot(
        "register-point", "A point of the register", "/staff/meetings/1/register/1", is_whole=True
    ),
    Shot("answers", "The public answers page", "/m/{code}/answers"),
    Shot("desk-meetings", "My meetings", "/staff/"),
    Shot("desk", "One meeting", "/staff/meetings/1"),
    Shot("desk-edit", "Prepare a meeting", "/staff/meetings/1/edit", is_whole=True),
    Shot("poster", "The poster", "/m/{code}/poster", (1000, 1400)),
    Shot("sign-in", "Sign in", "/staff/sign-in", PHONE),
)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), settings={"EXAMPLE": "yes"}).start()
        try:
            take_all(server)
        finally:
            server.stop()
    write_index()


def take_all(server: Server) -> None:
    server.add_colleague(EMAIL)
    code = str(json.loads(server.run("meeting", "list", "--json").stdout)[0]["code"])
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for lang in ("nl", "en"):
            page = browser.new_context(locale=lang).new_page()
            page.goto(f"{server.base}/staff/sign-in?lang={lang}")
            take(page, Shot("sign-in", "", "/staff/sign-in", PHONE), lang, server.base, {})
            sign_in(page)
            names = {"code": code, "receipt": ask(page, server.base, code, lang)}
            for shot in SHOTS:
                if shot.name != "sign-in":
                    take(page, shot, lang, server.base, names)
        browser.close()


def sign_in(page: Page) -> None:
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    page.wait_for_url("**/staff/")


def ask(page: Page, base: str, code: str, lang: str) -> str:
    """Ask as a resident would, and give the private link."""
    page.goto(f"{base}/m/{code}")
    page.fill("#text", "Komt er verlichting op het fietspad?" if lang == "nl" else "Any lights?")
    page.click("[data-part=ask] button[data-variant=primary]")
    link = page.locator("[data-part=mine-card] a[href^='/q/']").first
    link.wait_for()
    return str(link.get_attribute("href"))


def take(page: Page, shot: Shot, lang: str, base: str, names: dict[str, str]) -> None:
    """Bring the evening where the picture wants it, and take it."""
    set_scene(page, shot.name, base)
    page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
    page.goto(base + shot.path.format(**names))
    page.wait_for_load_state("networkidle")
    for key in shot.press.split():
        page.keyboard.press(key)
    if shot.scroll:
        page.locator(shot.scroll).first.scroll_into_view_if_needed()
        page.locator(shot.scroll).first.evaluate("lane => lane.scrollIntoView()")
    page.screenshot(path=PICTURES / f"{shot.name}-{lang}.png", full_page=shot.is_whole)


def set_scene(page: Page, name: str, base: str) -> None:
    """What the hall shows, and whether the evening is paused, as the console would set it."""
    view = re.fullmatch(r"hall-(stage|wall|collection|join)", name)
    if view:
        post(page, base, "view", {"view": view.group(1)})
    if name == "hall-paused":
        post(page, base, "pause", {})
    if name == "register":
        post(page, base, "resume", {})


def post(page: Page, base: str, step: str, form: dict[str, str | float | bool]) -> None:
    page.request.post(
        f"{base}/staff/meetings/1/{step}",
        form=form,
        headers={"Origin": base, "Accept": "application/json"},
    )


def write_index() -> None:
    lines = ["# Every screen", "", "Taken by `make pictures` from the example evening.", ""]
    for shot in SHOTS:
        lines += [f"## {shot.title}", ""]
        for lang, language in (("nl", "Dutch"), ("en", "English")):
            lines += [f"![{shot.title}, in {language}](pictures/{shot.name}-{lang}.png)", ""]
    (ROOT / "docs" / "pictures.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
