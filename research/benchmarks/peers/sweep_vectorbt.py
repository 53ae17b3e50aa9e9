"""vectorbt with stop and target broadcast over columns: a hundred sets of one pair of averages.

A thousand columns at once would take ten times the memory and no less time a set.
"""

import warnings
from typing import Any

from ..market import Bars
from ..month import CHECKED, FAST, FEE, SKIPPED, SLOW, STEPS, months


class VectorbtSweep:
    """The sets of one slow average a run; of each its number of trades and their mean return."""

    def __init__(self, bars: Bars) -> None:
        import numpy as np
        import pandas as pd

        warnings.simplefilter("ignore")
        parts = months(bars).values()
        self.index = pd.to_datetime(next(iter(parts))[:, 0], unit="ms")  # no zone, as in `backtest`
        self.symbols = [
            [pd.Series(part[:, k].copy(), index=self.index) for k in (1, 2, 3, 4)] for part in parts
        ]
        self.stops = np.repeat(STEPS, len(STEPS))[None, :]
        self.profits = np.tile(STEPS, len(STEPS))[None, :]
        self.number = 0

    def check(self) -> dict[str, float]:
        column = STEPS.index(CHECKED.stop) * len(STEPS) + STEPS.index(CHECKED.profit)
        counts = [
            self._portfolio(CHECKED.slow, symbol).trades.count().iloc[column]
            for symbol in self.symbols
        ]
        return {"trades": float(sum(counts))}

    def run(self) -> int:
        slow = SLOW[self.number % len(SLOW)]
        self.number += 1
        for symbol in self.symbols:
            trades = self._portfolio(slow, symbol).trades
            trades.count()
            trades.returns.mean()
        return self.stops.size

    def _portfolio(self, slow: int, symbol: list[Any]) -> Any:
        import numpy as np
        import pandas as pd
        import talib
        import vectorbt as vbt

        o, h, lo, c = symbol
        above = talib.EMA(c.to_numpy(), FAST) > talib.EMA(c.to_numpy(), slow)
        turned = np.concatenate([[False], above[1:] != above[:-1]])
        turned[:SKIPPED] = False
        entries, shorts = (
            pd.Series(column, index=self.index) for column in (turned & above, turned & ~above)
        )
        return vbt.Portfolio.from_signals(
            c, entries=entries, short_entries=shorts, sl_stop=self.stops, tp_stop=self.profits,
            open=o, high=h, low=lo, fees=FEE, freq="1min",
            upon_opposite_entry="ignore",
        )  # fmt: skip
