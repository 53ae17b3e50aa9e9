"""The rule as freqtrade loads it, from this file: parameters and spaces in its own terms.

Its stop and its target are net of fees, and it opens at the next bar's open.
"""

from typing import Any, ClassVar

import talib
from freqtrade.optimize.space import SKDecimal
from freqtrade.strategy import CategoricalParameter, IStrategy

from research.benchmarks.month import CHECKED, FAST, SKIPPED, SLOW, STEPS


class Crossing(IStrategy):  # type: ignore[misc]  # the peer carries no types
    """EMA 9 crosses a slower one."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    startup_candle_count = SKIPPED
    use_exit_signal = False
    minimal_roi: ClassVar[dict[str, float]] = {"0": CHECKED.profit}
    stoploss = -CHECKED.stop
    slow = CategoricalParameter(SLOW, default=CHECKED.slow, space="buy")

    class HyperOpt:
        """The spaces of stop and target, which freqtrade has of its own otherwise."""

        @staticmethod
        def stoploss_space() -> list[Any]:
            return [SKDecimal(-STEPS[-1], -STEPS[0], decimals=4, name="stoploss")]

        @staticmethod
        def roi_space() -> list[Any]:
            return [SKDecimal(STEPS[0], STEPS[-1], decimals=4, name="profit")]

        @staticmethod
        def generate_roi_table(params: Any) -> dict[int, float]:
            return {0: params["profit"]}

    def populate_indicators(self, dataframe: Any, _metadata: Any) -> Any:
        """Compute every average that a set may name, once for all sets."""
        fast = talib.EMA(dataframe["close"], FAST)
        for slow in SLOW:
            dataframe[f"above_{slow}"] = fast > talib.EMA(dataframe["close"], slow)
        return dataframe

    def populate_entry_trend(self, dataframe: Any, _metadata: Any) -> Any:
        """Mark the crossings of this set."""
        above = dataframe[f"above_{self.slow.value}"]
        before = above.shift(1, fill_value=False)
        dataframe.loc[above & ~before, "enter_long"] = 1
        dataframe.loc[~above & before, "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, _metadata: Any) -> Any:
        """Leave by stop and target alone."""
        return dataframe
