"""The tables of the document: written between their marks."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from research.horizons.__main__ import MARKS, app, replaced
from tests.paths import ROOT

DOCUMENT = ROOT / "docs" / "evidence.md"


def test_a_text_is_written_between_its_marks() -> None:
    begin, end = MARKS["years"]
    assert replaced(f"a\n{begin}\nold\n{end}\nb", "years", "new\n") == (
        f"a\n{begin}\n\nnew\n\n{end}\nb"
    )
    with pytest.raises(ValueError, match="no <!-- years"):
        replaced("nothing", "years", "new")


def test_the_document_has_both_tables() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for begin, end in MARKS.values():
        table = text.partition(begin)[2].partition(end)[0]
        assert table.count("\n| ") >= 6


@pytest.mark.parametrize("command", ["compare", "years"])
def test_a_folder_without_bars_is_a_clear_error(command: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [command, str(tmp_path)])
    assert done.exit_code == 2
