"""The table of the document: written between its marks, over the longest part without gaps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from signalengine.snapshot import CONTEXT, NAMES
from typer.testing import CliRunner

from research.conformance.__main__ import BEGIN, END, longest, main, replaced
from research.conformance.library import CASES
from tests.research.conformance.samples import DOCUMENT, market


def test_of_bars_with_holes_the_longest_part_is_compared() -> None:
    table = market(0, 100)
    held = np.r_[0:20, 30:90, 95:100]
    names = ("open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume")
    holed = replace(
        table, open_time=table.open_time[held], **{n: getattr(table, n)[held] for n in names}
    )
    assert longest(holed).open_time.tolist() == table.open_time[30:90].tolist()
    assert len(longest(table)) == 100


def test_the_documented_table_has_every_feature_and_no_failure() -> None:
    table = DOCUMENT.read_text().split(BEGIN)[1].split(END)[0]
    assert "**" not in table
    library = [name for case in CASES for name in case.values]
    for name in (*NAMES, *CONTEXT, *library):
        assert f"| `{name}` |" in table


def test_a_table_is_written_between_its_marks() -> None:
    assert replaced(f"a\n{BEGIN}\nold\n{END}\nb", "new\n") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb"
    with pytest.raises(ValueError, match="no <!-- conformance"):
        replaced("nothing", "new")


def test_a_folder_without_bars_is_a_clear_error(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, [str(tmp_path)])
    assert done.exit_code == 2
