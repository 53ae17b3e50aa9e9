"""The page on security names tests that exist, and at least one for every entry point."""

import re

from .named_tests import functions_of, missing_tests, named_tests
from .source import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", PAGE, flags=re.MULTILINE))
ENTRY_POINTS = (
    "The HTTP API",
    "The WebSocket API",
    "The Telegram webhook and the bot",
    "The chat and its model",
    "The dashboard",
    "The command line and its files",
    "The ingest task",
    "Roles and secrets in AWS",
    "A local run",
    "The supply chain",
)


def test_every_test_that_the_page_names_exists() -> None:
    assert missing_tests(PAGE) == []


def test_every_entry_point_has_its_section_and_each_row_a_test() -> None:
    for title in ENTRY_POINTS:
        rows = re.findall(r"^\| (.+) \| (.+) \|$", SECTIONS[title], flags=re.MULTILINE)
        assert rows[0] == ("refused", "tested by"), title
        assert len(rows) > 1, title
        assert [what for what, tests in rows[1:] if not named_tests(tests)] == [], title


def test_a_missing_test_would_be_found() -> None:
    assert named_tests("| x | `tests/a.py`: `test_a`, `test_b`; `tests/b.py`: `test_c` |") == [
        ("tests/a.py", "test_a"),
        ("tests/a.py", "test_b"),
        ("tests/b.py", "test_c"),
    ]
    assert "test_that_is_none" not in functions_of("tests/architecture/test_security.py")


def test_the_security_policy_points_to_the_page() -> None:
    assert "docs/security.md" in (ROOT / ".github" / "SECURITY.md").read_text()
