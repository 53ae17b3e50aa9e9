"""The decisions have one form, follow each other without a hole, and are all in the index."""

import re
from pathlib import Path

import pytest

from .source import ROOT, short

FOLDER = ROOT / "docs" / "decisions"
FILES = sorted(FOLDER.glob("[0-9]*.md"))
HEADER = re.compile(
    r"# (?P<number>\d+)\. (?P<title>[^\n]+)\n\n"
    r"\*Status: (?P<status>accepted|proposed|withdrawn|superseded by \d+)"
    r" · Date: (?P<date>20\d\d-\d\d-\d\d) · Door: (?P<door>[^\n*]*(?:one|two)-way[^\n*]*)\*\n\n"
)
ROW = re.compile(
    r"^\| (?P<number>\d+) \| \[(?P<title>.+)\]\((?P<file>[^)]+)\) \| (?P<status>[^|]+) \| "
    r"(?P<date>[^|]+) \| (?P<door>[^|]+) \|$",
    re.MULTILINE,
)


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_decision_begins_with_its_status_date_and_door(path: Path) -> None:
    found = HEADER.match(path.read_text())
    assert found, "the header is: # N. Title, then *Status: … · Date: … · Door: …*"
    assert int(found["number"]) == int(path.name[:4])
    assert len(found["title"]) <= 90


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_decision_names_context_choice_and_consequence(path: Path) -> None:
    text = path.read_text()
    if "*Status: withdrawn" not in text and path.name != "0005-libraries.md":  # a table
        for part in ("**Context.**", "**Choice.**", "**Consequence.**"):
            assert part in text, f"{short(path)} lacks {part}"


def test_the_numbers_have_no_hole() -> None:
    assert [int(path.name[:4]) for path in FILES] == list(range(1, len(FILES) + 1))


def test_the_index_agrees_with_the_files() -> None:
    rows = [row.groupdict() for row in ROW.finditer((FOLDER / "README.md").read_text())]
    headers = [(path.name, HEADER.match(path.read_text())) for path in FILES]
    assert rows == [found.groupdict() | {"file": name} for name, found in headers if found]
