"""A stranger finds any file from the map in the README, and no link leads nowhere."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from tests.house.ground import ROOT, files, project_files, read

WANTED = (
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "publiccode.yml"),
    *("docs/architecture.md", "docs/settings.md", "instance/README.md"),
)


def top_folders() -> set[str]:
    return {path.parts[0] for path in project_files() if len(path.parts) > 1}


def not_on_the_map(folders: Iterable[str], readme: str) -> list[str]:
    return sorted(folder for folder in folders if f"{folder}/" not in readme)


def dead_links(page: Path, text: str) -> list[str]:
    """Name the links inside the project that lead to no file of it."""
    targets = re.findall(r"\]\(\s*<?([^)\s>#]+)", re.sub(r"(?s)```.*?```", "", text))
    inside = [target for target in targets if not re.match(r"[a-z]+:|/", target)]
    return [target for target in inside if not leads_somewhere((ROOT / page).parent / target)]


def leads_somewhere(target: Path) -> bool:
    whole = target.resolve()
    return whole.exists() and whole.is_relative_to(ROOT)


def test_the_map_names_every_folder():
    assert not_on_the_map(top_folders(), read(Path("README.md"))) == []


def test_a_folder_without_a_line_would_be_seen():
    assert not_on_the_map({"docs", "attic"}, "docs/  what is written about it") == ["attic"]


def test_every_paper_of_the_house_is_there():
    assert [name for name in WANTED if not (ROOT / name).is_file()] == []


def test_every_link_leads_somewhere():
    pages = [path for path in files(".") if path.suffix == ".md" and "vendor" not in path.parts]

    assert {str(page): dead for page in pages if (dead := dead_links(page, read(page)))} == {}


def test_a_dead_link_would_be_seen():
    page = Path("docs/architecture.md")

    assert dead_links(page, "[a](nowhere.md) [b](../LICENSE) [c](../../outside.md)") == [
        "nowhere.md",
        "../../outside.md",
    ]


def flaws(described: dict) -> list[str]:
    """Name what the publiccode.yml standard asks and this description lacks."""
    asked = {
        *("publiccodeYmlVersion", "name", "platforms", "developmentStatus", "softwareType"),
        *("description", "legal", "maintenance", "localisation"),
    }
    texts = described.get("description", {}).items()
    return [
        *(f"missing: {key}" for key in sorted(asked - set(described))),
        *(f"short: {lang}" for lang, text in texts if len(text["shortDescription"]) > 150),
        *(
            f"long: {lang}"
            for lang, text in texts
            if not 150 <= len(text["longDescription"]) <= 10_000
        ),
        *(f"features: {lang}" for lang, text in texts if not text.get("features")),
    ]


def test_the_public_description_is_whole():
    described = yaml.safe_load(read(Path("publiccode.yml")))

    assert flaws(described) == []
    assert described["legal"]["license"] == "EUPL-1.2"
    assert described["localisation"]["availableLanguages"] == ["nl", "en"]


def test_a_poor_description_would_be_seen():
    text = {"shortDescription": "x" * 151, "longDescription": "short"}

    assert flaws({"description": {"nl": text}})[-3:] == ["short: nl", "long: nl", "features: nl"]
