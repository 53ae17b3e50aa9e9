"""Features of recorded markets as a frame: the engine's snapshot at each close.

::

    from research.features.builder import FeatureBuilder

    builder = FeatureBuilder()
    df = builder.build_features("BTCUSDT", start_date="2026-01-01", end_date="2026-02-01")
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from signalengine.intervals import CLASSIC_INTERVALS, INTERVAL_MS, numbers_of
from signalengine.models.inputs import find, read
from signalengine.policy import Policy, default_policy
from signalengine.snapshot import BASE, CONTEXT, WIDTH

from research.backtest.feed import feed_of_longer, feed_of_table, warm_ms
from research.data.bars import BarTable
from research.data.download import data_folder
from research.data.errors import MissingBarsError
from research.data.loader import interval_of, load
from research.data.series import Floats
from research.data.times import Moment, time_ms
from research.features.short_names import INTERVAL, named_for
from research.features.snapshots import columns_of, known_of, snapshots


def places_of(intervals: Sequence[str]) -> list[int]:
    """Return the place of each of these columns in a flat snapshot."""
    own = [number * WIDTH + k for number in numbers_of(intervals) for k in range(WIDTH)]
    return [*own, *range(BASE, BASE + len(CONTEXT))]


COLUMNS: Final = columns_of(CLASSIC_INTERVALS)
"""Columns of a frame before the short names (`signalengine.models.inputs.ALIASES`)."""


class FeatureBuilder:
    """Builds features from recorded bars: `data` is a folder, a file or a table.

    The default is the folder of downloads. The policy affects only `event_long` and
    `event_short`, through its event thresholds. `intervals` are those whose features are columns;
    "4h" and "1d" beside the others read a year and more of bars before the start.
    """

    def __init__(
        self,
        data: Path | str | BarTable | None = None,
        policy: Policy | None = None,
        intervals: Sequence[str] = CLASSIC_INTERVALS,
    ) -> None:
        self._data = data_folder() if data is None else data
        self._policy = policy or default_policy()
        self._intervals = tuple(dict.fromkeys((CLASSIC_INTERVALS[0], *intervals)))

    def build_features(
        self, symbol: str, start_date: Moment | None = None, end_date: Moment | None = None
    ) -> pd.DataFrame:
        """Return one row per closed 1m bar with start <= open time < end, indexed by close time.

        float64, NaN where unknown; columns `columns_of`, then the short names. Every value is as of
        its row's close, bit-identical to the live snapshot after the same bars. Bars before the
        start only warm up. Raises DataError for a span, symbol or folder without bars.

        Where there are no 1m bars of the span, a row is the close of a 5m bar, else of a 15m or 1h
        bar: `.attrs["interval"]` is the bars' own. Features of that interval and of longer ones are
        as above (sums of volume but for rounding); those of minutes are unknown, and the short
        names are of the bars: `rsi` is `5m_rsi`.
        """
        table = self.bars(symbol, start_date, end_date)
        feed_of = feed_of_table if table.interval == "1m" else feed_of_longer
        feed = feed_of(table, start_date)
        rows = snapshots(feed, self._policy, intervals=self._intervals)
        columns, places = columns_of(self._intervals), places_of(self._intervals)
        known = known_of(table.interval, self._intervals)
        for name, place in zip(columns, places, strict=True):
            if name not in known:
                rows[:, place] = np.nan
        close = feed.bars[:, 0].astype(np.int64) + INTERVAL_MS["1m"]
        index = pd.to_datetime(close, unit="ms", utc=True).rename("close_time")
        frame = pd.DataFrame(rows[:, places], index=index, columns=list(columns), copy=False)
        frame.attrs[INTERVAL] = table.interval
        return frame.assign(**short_names(rows, table.interval))

    def bars(
        self, symbol: str, start_date: Moment | None = None, end_date: Moment | None = None
    ) -> BarTable:
        """Return the bars of the span and those before it that warm up."""
        start = None if start_date is None else time_ms(start_date) - warm_ms(self._intervals)
        tables = self._tables(symbol, start, end_date)
        missing = []
        own = None if isinstance(self._data, BarTable) else interval_of(self._data, symbol)
        if own is not None and own not in CLASSIC_INTERVALS:
            raise MissingBarsError(f"{symbol}: bars of {own} are too long: bring 1m to 1h bars.")
        for interval in CLASSIC_INTERVALS if own is None else (own,):  # the shortest that is there
            try:
                table = tables(interval)
            except MissingBarsError as error:
                missing.append(error)
                continue
            if len(table) and (start_date is None or table.end > time_ms(start_date)):
                return table
            missing.append(MissingBarsError(f"{symbol}: no bars in that span."))
        raise missing[0]

    def _tables(
        self, symbol: str, start: int | None, end: Moment | None
    ) -> Callable[[str], BarTable]:
        """Return what reads the bars of an interval; it raises MissingBarsError without them."""
        data = self._data
        if not isinstance(data, BarTable):
            return lambda interval: load(data, symbol, start, end, interval=interval)

        def own(interval: str) -> BarTable:
            if (data.symbol, data.interval) != (symbol, interval):
                raise MissingBarsError(f"{data!r} has no {interval} bars of {symbol}.")
            return data.between(start, end)

        return own


def short_names(rows: Floats, interval: str = "1m") -> dict[str, Floats]:
    """Return the columns that have a short name, from snapshots of shape (n, SIZE)."""
    by_slot: Any = rows.T  # the core's + − × ÷ are the same on columns: each slot is one here
    nobody: list[float] = []
    return {
        short: np.asarray(read(find(name), by_slot, 0.0, nobody))
        for short, name in named_for(interval).items()
    }
