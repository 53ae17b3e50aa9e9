"""The compiled loop makes the same longer bars as a table."""

import numpy as np

from research.backtest.kernel import SIGNAL_FIELDS, kernel
from tests.research.backtest.walks import walk


def test_longer_bars_are_the_tables_own() -> None:
    table = walk(3, 1000, frozenset(range(333, 340)))
    columns = (table.open, table.high, table.low, table.close, table.volume, table.quote_volume)
    rows = np.column_stack([table.open_time.astype(float), *columns])
    for interval, minutes in (("5m", 5), ("15m", 15), ("1h", 60)):
        expected = table.resample(interval)
        found = kernel().longer(rows, minutes)
        assert np.array_equal(found[:, 0], expected.open_time)
        for n, name in enumerate(("open", "high", "low", "close", "volume"), 1):
            assert np.array_equal(found[:, n], getattr(expected, name)), name


def test_rows_of_signals_are_put_on_the_tick_of_their_minute() -> None:
    rows = np.zeros((3, len(SIGNAL_FIELDS)))
    minute, side, entry, tp = (SIGNAL_FIELDS.index(n) for n in ("minute", "side", "entry", "tp"))
    rows[:, minute], rows[:, side], rows[:, entry] = [0, 1, 2], [1.0, -1.0, -1.0], 100.0
    rows[:, tp : tp + 2] = [[103.2, 98.4], [96.8, 101.6], [96.8, 101.6]]
    fit = kernel().put_on_ticks(rows, np.array([0.5, np.nan, 5.0]))
    assert rows[:, tp : tp + 2].tolist() == [[103.5, 98.5], [96.8, 101.6], [95.0, 100.0]]
    assert fit.tolist() == [True, True, False]
