"""The changelog has the form of Keep a Changelog."""

import re
import tomllib

from .source import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text()
SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
RELEASE = re.compile(r"\[Unreleased\](?: / \d+\.\d+\.\d+)?|\[\d+\.\d+\.\d+\] - 20\d\d-\d\d-\d\d")


def test_each_release_has_a_version_and_a_date_or_is_unreleased() -> None:
    releases = re.findall(r"^## (.+)$", TEXT, flags=re.MULTILINE)
    assert releases[0].startswith("[Unreleased]")
    assert [name for name in releases if not RELEASE.fullmatch(name)] == []


def test_the_sections_are_the_usual_ones_in_their_order() -> None:
    for release in TEXT.split("\n## ")[1:]:
        sections = re.findall(r"^### (.+)$", release, flags=re.MULTILINE)
        assert sections == sorted(sections, key=SECTIONS.index)


def test_the_version_of_the_project_is_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in TEXT
