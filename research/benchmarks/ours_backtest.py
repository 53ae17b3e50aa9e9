"""The whole engine over a symbol's minutes, from a table of bars to the statistics."""

import numpy as np
from signalengine.stats.performance import summary

from research.backtest.outcomes import performance
from research.backtest.result import Run
from research.backtest.run import simulate
from research.data.bars import BarTable
from research.data.rows import Rows

from .market import Bars


class Engine:
    """Six intervals, nine kinds of event, scores, rulings, settlement, costs, statistics."""

    def __init__(self, bars: Bars) -> None:
        unknown = np.full((2, len(bars)), np.nan)
        columns = np.vstack([bars[:, 1:].T, unknown])
        self.table = BarTable.of_rows("BTCUSDT", Rows(bars[:, 0].astype(np.int64), columns))

    def check(self) -> dict[str, float]:
        found = summary(performance(simulate(self.table)))
        return {"trades": float(found["total_signals"])}

    def run(self) -> int:
        self.finish(simulate(self.table))
        return len(self.table)

    def finish(self, run: Run) -> None:
        summary(performance(run))


class EngineWithSignals(Engine):
    """The same, with every signal as the live engine stores it."""

    def finish(self, run: Run) -> None:
        summary(performance(run))
        _ = run.signals
