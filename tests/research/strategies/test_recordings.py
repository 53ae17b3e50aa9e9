"""Recorded bars as a market: the longest that make every interval, in order of their closes."""

from pathlib import Path

import pytest
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS

from research.data.bars import BarTable
from research.data.errors import DataError
from research.strategies.markets import CALM, market
from research.strategies.recordings import market_of, recorded_interval, signals_of, steps_of
from tests.research.backtest.sets import channel
from tests.research.backtest.trailing import trailing
from tests.research.backtest.walks import filed, walk

from .texts import GOOD, subject


def table(interval: str, count: int) -> BarTable:
    steps = market(CALM, (interval,), {}, 3, interval).live[:count]
    rows = [step.rows[0].numbers for step in steps]
    return BarTable.of_bars(
        "BTCUSDT", [Bar(interval, int(n[0]), *n[1:6], quote_volume=n[6]) for n in rows], interval
    )


def written(folder: Path, one: BarTable) -> None:
    """Write bars as the exchange's archive has them."""
    lines = [
        f"{int(one.open_time[k])},{one.open[k]},{one.high[k]},{one.low[k]},{one.close[k]},"
        f"{one.volume[k]},{one.open_time[k] + one.interval_ms - 1},{one.quote_volume[k]},9,0,0,0"
        for k in range(len(one))
    ]
    (folder / f"BTCUSDT-{one.interval}-2024-12.csv").write_text("\n".join(lines), encoding="utf-8")


def test_hours_are_read_where_hours_are_enough(tmp_path: Path) -> None:
    written(tmp_path, table("1h", 60))
    made = market_of(subject(), tmp_path, "BTCUSDT")

    assert made.name == "BTCUSDT"
    assert [row.interval for row in made.live[0].rows] == ["1h"]
    assert len(made.live) == 60
    assert recorded_interval(tmp_path, "BTCUSDT", "1h") == "1h"
    assert recorded_interval(tmp_path, "BTCUSDT", "5m") == "1m"  # which it then misses, in words


def test_shorter_bars_make_the_longer_ones(tmp_path: Path) -> None:
    written(tmp_path, table("15m", 80))
    one = subject(GOOD.replace('every="1h"', 'every="15m"'))

    made = market_of(one, tmp_path, "BTCUSDT")

    assert [len(step.rows) for step in made.live[:4]] == [1, 1, 1, 2]
    close = made.live[3].close_time
    assert all(row.numbers[0] + INTERVAL_MS[row.interval] == close for row in made.live[3].rows)


def test_bars_that_lack_are_an_error_in_words(tmp_path: Path) -> None:
    written(tmp_path, table("1h", 60))

    with pytest.raises(DataError):
        market_of(subject(GOOD.replace('every="1h"', 'every="5m"')), tmp_path, "BTCUSDT")


def test_no_bars_are_no_steps() -> None:
    assert steps_of({"1h": table("1h", 5).between(None, "2020-01-01")}) == []


@pytest.mark.slow  # numba compiles
def test_signals_are_counted_on_longer_bars_where_the_strategy_may_be(tmp_path: Path) -> None:
    written(tmp_path, filed(walk(3, 9000)).resample("15m"))

    found = signals_of(trailing(), tmp_path, "BTCUSDT")

    assert found is not None
    assert (found[0] > 20, found[1]) == (True, 9000 / 1440)
    assert signals_of(channel(), tmp_path, "BTCUSDT") is None
