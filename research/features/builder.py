"""Features of recorded markets as a frame: the engine's snapshot at each close.

::

    from research.features.builder import FeatureBuilder

    builder = FeatureBuilder()
    df = builder.build_features("BTCUSDT", start_date="2026-01-01", end_date="2026-02-01")
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from signalengine.intervals import INTERVAL_MS, INTERVALS
from signalengine.models.inputs import ALIASES, find, read
from signalengine.policy import Policy, default_policy
from signalengine.snapshot import CONTEXT, NAMES

from research.backtest.feed import WARM_LONGER, feed_of_table
from research.data.bars import BarTable
from research.data.download import data_folder
from research.data.errors import DataError
from research.data.loader import load
from research.data.series import Floats
from research.data.times import Moment, time_ms
from research.features.snapshots import snapshots

COLUMNS: Final = (*(f"{interval}_{name}" for interval in INTERVALS for name in NAMES), *CONTEXT)
"""Columns of a frame before the short names (`signalengine.models.inputs.ALIASES`)."""
WARM_MS: Final = (WARM_LONGER + 1) * INTERVAL_MS["1h"]
"""How far before the start bars are read to warm up, as far as there are any: three weeks."""


class FeatureBuilder:
    """Builds features from recorded bars: `data` is a folder, a file or a table.

    The default is the folder of downloads. The policy affects only `event_long` and
    `event_short`, through its event thresholds.
    """

    def __init__(
        self, data: Path | str | BarTable | None = None, policy: Policy | None = None
    ) -> None:
        self._data = data_folder() if data is None else data
        self._policy = policy or default_policy()

    def build_features(
        self, symbol: str, start_date: Moment | None = None, end_date: Moment | None = None
    ) -> pd.DataFrame:
        """Return one row per closed 1m bar with start <= open time < end, indexed by close time.

        float64, NaN where unknown; columns `COLUMNS`, then the short names. Every value is as of
        its row's close, bit-identical to the live snapshot after the same bars. Bars before the
        start only warm up. Raises DataError for a span, symbol or folder without bars.
        """
        table = self.bars(symbol, start_date, end_date)
        feed = feed_of_table(table, start_date)
        rows = snapshots(feed, self._policy)
        close = feed.bars[:, 0].astype(np.int64) + INTERVAL_MS["1m"]
        index = pd.to_datetime(close, unit="ms", utc=True).rename("close_time")
        frame = pd.DataFrame(rows, index=index, columns=list(COLUMNS), copy=False)
        return frame.assign(**short_names(rows))

    def bars(
        self, symbol: str, start_date: Moment | None = None, end_date: Moment | None = None
    ) -> BarTable:
        """Return the bars of the span and those before it that warm up."""
        start = None if start_date is None else time_ms(start_date) - WARM_MS
        if not isinstance(self._data, BarTable):
            table = load(self._data, symbol, start, end_date)
        elif self._data.symbol != symbol or self._data.interval != "1m":
            raise DataError(f"{self._data!r} has no 1m bars of {symbol}.")
        else:
            table = self._data.between(start, end_date)
        if not len(table) or (start_date is not None and table.end <= time_ms(start_date)):
            raise DataError(f"{symbol}: no bars in that span.")
        return table


def short_names(rows: Floats) -> dict[str, Floats]:
    """Return the columns that have a short name, from snapshots of shape (n, SIZE)."""
    by_slot: Any = rows.T  # the core's + − × ÷ are the same on columns: each slot is one here
    nobody: list[float] = []
    return {name: np.asarray(read(find(name), by_slot, 0.0, nobody)) for name in ALIASES}
