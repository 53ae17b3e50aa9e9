"""The pages have the tables that the models give."""

from pathlib import Path

import pytest

from infra.local.capacity import __main__ as command
from infra.local.capacity.pages import dollars, pages, share, table, written


def test_the_pages_are_up_to_date() -> None:
    for page, found in pages().items():
        text = page.read_text(encoding="utf-8")
        assert written(text, found) == text, "run python -m infra.local.capacity"


def test_a_table_replaces_what_stands_in_its_place() -> None:
    place = "<!-- a: written by `python -m infra.local.capacity` -->\n{0}<!-- end of a -->"
    old, new = "before " + place.format("| x |\n") + " after", table(["n"], [["1"]])
    assert written(old, {"a": new}) == "before " + place.format("| n |\n|---|\n| 1 |\n") + " after"
    with pytest.raises(ValueError, match="no place for b"):
        written(old, {"b": new})


def test_the_command_writes_each_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- a: written by `python -m infra.local.capacity` -->\n<!-- end of a -->")
    monkeypatch.setattr(command, "pages", lambda: {page: {"a": "table\n"}})
    command.main()
    assert "-->\ntable\n<!-- end" in page.read_text()


@pytest.mark.parametrize(("use", "words"), [(0.005, "0 %"), (0.5, "50 %"), (20.0, "20.0 ×")])
def test_a_use_is_a_part_or_a_multiple(use: float, words: str) -> None:
    assert share(use) == words


def test_dollars_are_no_more_exact_than_the_model() -> None:
    assert [dollars(usd) for usd in (24.65, 160.8, 35_441.0)] == ["25", "160", "35,000"]
