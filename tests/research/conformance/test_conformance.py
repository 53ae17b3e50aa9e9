"""The features equal their references, the comparison sees what is wrong, the document is whole."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from signalengine.intervals import MINUTE_MS
from signalengine.snapshot import CONTEXT, NAMES
from typer.testing import CliRunner

from research.conformance import context, references
from research.conformance.__main__ import BEGIN, END, longest, main, replaced
from research.conformance.market import with_flows
from research.conformance.measure import Row, compare, measure
from research.conformance.profiles import exact_histogram, histograms, value_area, volume_profile
from research.data.bars import BarTable
from research.data.loader import load
from tests.paths import RECORDINGS, ROOT

DOCUMENT = ROOT / "docs" / "indicators.md"
REAL = RECORDINGS
START = 1_747_612_800_000  # 2025-05-19 00:00 UTC
MINUTES = 4 * 1440


def market(seed: int = 0, minutes: int = MINUTES) -> BarTable:
    """A random market in ticks of 0.1, with volumes that cluster."""
    rng = np.random.default_rng(seed)
    size = np.repeat(rng.choice([2.0, 6.0, 25.0], minutes // 30 + 1), 30)[:minutes]
    closes = np.round(50_000.0 + np.cumsum(rng.normal(0.0, size)), 1)
    opens = np.concatenate([[50_000.0], closes[:-1]])
    reach = np.round(rng.exponential(size, (2, minutes)), 1)
    volume = np.round(rng.lognormal(3.0, 0.8, minutes), 3)
    high, low = np.maximum(opens, closes) + reach[0], np.minimum(opens, closes) - reach[1]
    unknown = np.full(minutes, np.nan)
    times = START + MINUTE_MS * np.arange(minutes)
    return BarTable(
        "BTCUSDT", times, opens, high, low, closes, volume, volume * (high + low) / 2.0,
        unknown, unknown,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(measure(with_flows(market())))


def test_every_feature_has_a_reference() -> None:
    assert set(references.SOURCES) == set(NAMES)
    assert set(context.SOURCES) == set(CONTEXT)


def test_every_feature_conforms_on_a_random_market(rows: list[Row]) -> None:
    assert len(rows) == 4 * len(NAMES) + len(CONTEXT)
    assert [row for row in rows if not row.conforms] == []
    assert [row.feature for row in rows if row.bars == 0] == []


def test_every_feature_conforms_on_recorded_bars() -> None:
    if not REAL.exists():
        pytest.skip("no recorded bars beside the project")
    table = load(REAL, "XRPUSDT", "2025-05-19", "2025-05-23")
    assert [row for row in measure(with_flows(table)) if not row.conforms] == []


def test_a_feature_that_is_wrong_is_seen() -> None:
    ours = np.array([np.nan, 1.0, 2.0, 3.0])
    assert compare("rsi", "1m", "", ours, ours).conforms
    off = compare("rsi", "1m", "", ours, ours * (1.0 + 1e-8))
    assert (off.beyond, off.conforms) == (3, False)
    late = compare("rsi", "1m", "", ours, np.array([np.nan, np.nan, 2.0, 3.0]))
    assert (late.undefined, late.first, late.conforms) == (1, 2, False)


def test_only_a_proved_tie_excuses_another_level() -> None:
    ours, theirs = np.array([5.0, 5.0]), np.array([5.0, 6.0])
    assert compare("poc", "1m", "", ours, theirs, np.array([False, True])).conforms
    assert not compare("poc", "1m", "", ours, theirs, np.array([True, False])).conforms


def test_exact_bins_are_the_rounded_ones_without_rounding() -> None:
    table = market(1, 60)
    high, low, volume = table.high[:24], table.low[:24], table.volume[:24]
    exact = [float(x) for x in exact_histogram(high, low, volume)]
    assert exact == pytest.approx(histograms(high[None], low[None], volume[None])[0].tolist())
    assert sum(exact) == pytest.approx(float(volume.sum()))


def test_a_tie_is_seen_as_one() -> None:
    flat = [1.0] * 24
    assert value_area(flat) == (11, 7, 23, 0.0)
    whole = np.full(24, 24.0), np.full(24, 0.0), np.full(24, 1.0)
    assert volume_profile(*whole)[:, -1].tolist() == [11.5, 24.0, 7.0, 1.0]


def test_of_bars_with_holes_the_longest_part_is_compared() -> None:
    table = market(0, 100)
    held = np.r_[0:20, 30:90, 95:100]
    names = ("open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume")
    holed = replace(
        table, open_time=table.open_time[held], **{n: getattr(table, n)[held] for n in names}
    )
    assert longest(holed).open_time.tolist() == table.open_time[30:90].tolist()
    assert len(longest(table)) == 100


# --- the document ---------------------------------------------------------------------------------


def documented() -> dict[str, list[str]]:
    """The cells of each feature's row in the tables of definitions."""
    text = DOCUMENT.read_text().split("## Conformance")[0]
    found = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.M)
    assert len({name for name, _ in found}) == len(found)
    return {name: cells.split(" | ") for name, cells in found}


def test_every_feature_is_documented() -> None:
    assert set(documented()) == {*NAMES, *CONTEXT}
    assert all(cell.strip() for cells in documented().values() for cell in cells)


def test_the_documented_warm_up_is_the_real_one(rows: list[Row]) -> None:
    """Of prices and volumes: a swing may come later than it could."""
    known = {row.feature: row.first for row in rows if row.place in ("1m", "context")}
    later = {"swing_high", "swing_low"}
    for name, cells in documented().items():
        number = cells[3] if name in NAMES else cells[2]
        if number.isdigit() and name not in later and not name.startswith(("liq", "oi")):
            least = int(number)
            assert known[name] == least, name


def test_the_documented_table_has_every_feature_and_no_failure() -> None:
    table = DOCUMENT.read_text().split(BEGIN)[1].split(END)[0]
    assert "**" not in table
    for name in (*NAMES, *CONTEXT):
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
