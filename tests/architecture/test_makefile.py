"""The targets of the Makefile are described, and documents name only those there are."""

import re
import subprocess

from .source import ROOT

TEXT = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", TEXT, flags=re.MULTILINE))
DOCUMENTS = [
    ROOT / "README.md",
    *(ROOT / ".github").glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / ".ci" / "run",
]


def test_every_target_is_phony_and_described() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", TEXT, flags=re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == TARGETS
    assert set(re.findall(r"^([a-z]+):.*## \S", TEXT, flags=re.MULTILINE)) == TARGETS


def test_help_lists_every_target() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607 - make is on PATH: it runs the tests
    assert {line.split()[0] for line in done.stdout.splitlines() if line.strip()} >= TARGETS


def test_documents_name_only_targets_that_exist() -> None:
    for path in DOCUMENTS:
        named = re.findall(r"(?:`|^|[=\s]&& )make ([a-z]+)\b", path.read_text(), re.MULTILINE)
        assert set(named) <= TARGETS, path.name


def test_the_guide_for_contributors_names_the_fast_loop() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
    for target in ("format", "check", "unit", "test", "docs", "soak"):
        assert f"`make {target}`" in text
