"""The page on exactly-once names a test for each thing that may happen, and all of them exist."""

import re

from .named_tests import missing_tests
from .source import ROOT

PAGE = (ROOT / "docs" / "exactly-once.md").read_text()
TABLES = re.findall(
    r"^\| what happens \| why it is harmless \| tested by \|\n\|[-|]+\|\n((?:\|.*\n)+)",
    PAGE,
    re.MULTILINE,
)


def test_every_test_that_the_page_names_exists() -> None:
    assert missing_tests(PAGE) == []


def test_every_claim_names_a_test() -> None:
    rows = [row.strip("| ").split(" | ") for table in TABLES for row in table.splitlines()]
    assert len(TABLES) == PAGE.count("| what happens |") == 8
    assert len(rows) > 25
    assert [row[0] for row in rows if not re.search(r"`(?:web/)?tests/\S+`", row[-1])] == []
