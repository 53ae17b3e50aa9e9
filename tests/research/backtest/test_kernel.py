"""The compiled loop makes the same longer bars as a table."""

import numpy as np

from research.backtest.kernel import kernel
from tests.research.backtest.walks import (
    walk,
)


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
