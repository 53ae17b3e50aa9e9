"""Results by year of entry sum to the whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from research.data.errors import MissingBarsError
from research.data.series import Steps
from research.horizons.years import best_bars, concluded, remarks, table_of, years_of
from research.strategies.named import strategy_set
from tests.paths import HISTORY, ROOT
from tests.research.backtest.sets import channel
from tests.research.backtest.trailing import trailing
from tests.research.backtest.walks import filed, walk
from tests.research.data.recordings import csv

pytestmark = pytest.mark.slow  # numba compiles

BARS = filed(walk(3, 9000)).resample("15m")
TO_2025 = 1_735_689_600_000 - BARS.start - 3 * 86_400_000
"""Three days in, a year begins."""


def test_years_sum_to_all_signals() -> None:
    table = replace(BARS, open_time=BARS.open_time + TO_2025)
    found = concluded([table], trailing())

    lines = table_of(found)

    assert [line.split(" | ")[0] for line in lines[2:]] == ["| 2024", "| 2025", "| all"]
    counts = [int(line.split(" | ")[1]) for line in lines[2:]]
    assert counts[0] + counts[1] == counts[2] == len(found.trades) > 20
    ends = [[int(n) for n in line.rstrip(" |").split(" | ")[5].split(", ")] for line in lines[2:]]
    assert [a + b for a, b in zip(*ends[:2], strict=True)] == ends[2]
    assert sum(ends[2]) == counts[2]
    assert set(years_of(found.trades)) == {2024, 2025}
    assert (years_of(found.trades) == 2024).sum() == counts[0]


def test_what_the_results_are_of_is_said() -> None:
    found = concluded([BARS], trailing())
    lines = remarks(found, [BARS])
    assert lines[0] == "- 1 symbols, 15m bars, 2025-05-19 00:00 to 2025-05-25 06:00 UTC."
    assert lines[1] == "- No funding rates of BTCUSDT."
    assert any("Coarse: signals were settled by 15m bars" in line for line in lines)
    paid = replace(BARS, funding=Steps.of([(BARS.start, 1e-4)]))
    assert not any("funding rates" in line for line in remarks(found, [paid]))


def test_the_shortest_bars_that_there_are_are_read(tmp_path: Path) -> None:
    (tmp_path / "BTCUSDT-15m-2025-05-19.csv").write_text(csv(BARS))
    hours = replace(BARS.resample("1h"), symbol="ETHUSDT")
    (tmp_path / "ETHUSDT-1h-2025-05-19.csv").write_text(csv(hours))
    assert [table.symbol for table in best_bars(str(tmp_path), trailing())] == ["BTCUSDT"]
    with pytest.raises(MissingBarsError, match="holds no bars of 1m"):
        best_bars(str(tmp_path), channel())


@pytest.mark.skipif(not HISTORY.exists(), reason="the recorded history is not on this machine")
def test_the_documented_results_of_donchian_are_those_of_the_history() -> None:
    one = strategy_set("donchian")
    tables = best_bars(str(HISTORY), one)
    found = concluded(tables, one)

    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert all(line in text for line in (*table_of(found), *remarks(found, tables)))
    assert (len(found.trades), found.edge, found.coarse) == (394, False, "1h")
