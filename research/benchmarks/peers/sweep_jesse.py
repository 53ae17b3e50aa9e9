"""Jesse's `research.backtest`, its fast mode: a set is a backtest of each symbol, metrics included.

Averages are folded by the strategy, bar by bar: its indicators would be computed anew on each one.
"""

import os
from tempfile import TemporaryDirectory
from typing import Any, Final

from ..market import Bars
from ..month import BASES, CHECKED, FAST, FEE, SETS, SKIPPED, RuleSet, months

_EXCHANGE: Final = "Binance Perpetual Futures"
_STAKE: Final = 100_000.0


class Jesse:
    """One set a run."""

    def __init__(self, bars: Bars) -> None:
        import numpy as np

        self.folder = TemporaryDirectory()
        os.chdir(self.folder.name)  # it makes a folder `storage` where it runs
        self.strategy = _crossing()
        self.candles = {
            f"{base}-USDT": np.ascontiguousarray(part[:, [0, 1, 4, 2, 3, 5]])
            for base, part in zip(BASES, months(bars).values(), strict=True)
        }
        self.sets = iter(SETS[:: len(SETS) // 40])

    def check(self) -> dict[str, float]:
        return {"trades": float(self._trades(CHECKED))}

    def run(self) -> int:
        self._trades(next(self.sets))
        return 1

    def _trades(self, one: RuleSet) -> int:
        from jesse import research

        config = {
            "starting_balance": 1e9, "fee": FEE, "type": "futures", "futures_leverage": 1,
            "futures_leverage_mode": "cross", "exchange": _EXCHANGE, "warm_up_candles": 0,
        }  # fmt: skip
        trades = 0
        for symbol, candles in self.candles.items():
            place = {"exchange": _EXCHANGE, "symbol": symbol}
            done = research.backtest(
                config, [place | {"strategy": self.strategy, "timeframe": "1m"}], [],
                {f"{_EXCHANGE}-{symbol}": place | {"candles": candles}},
                hyperparameters=one._asdict(), fast_mode=True,
            )  # fmt: skip
            trades += done["metrics"]["total"]
        return trades


def _crossing() -> Any:
    from jesse.strategies import Strategy

    class Crossing(Strategy):  # type: ignore[misc]  # the peer carries no types
        def before(self) -> None:
            close, slow = self.close, self.hp["slow"]
            if self.index == 0:
                self.fast = self.slow = close
                self.above = self.was_above = False
                return
            self.fast += (close - self.fast) * 2.0 / (FAST + 1)
            self.slow += (close - self.slow) * 2.0 / (slow + 1)
            self.was_above, self.above = self.above, self.fast > self.slow

        def should_long(self) -> bool:
            return self.index > SKIPPED and self.above and not self.was_above

        def should_short(self) -> bool:
            return self.index > SKIPPED and self.was_above and not self.above

        def go_long(self) -> None:
            self.buy = self._order(0.0)
            self.stop_loss, self.take_profit = (
                self._order(-self.hp["stop"]),
                self._order(self.hp["profit"]),
            )

        def go_short(self) -> None:
            self.sell = self._order(0.0)
            self.stop_loss, self.take_profit = (
                self._order(self.hp["stop"]),
                self._order(-self.hp["profit"]),
            )

        def should_cancel_entry(self) -> bool:
            return True

        def _order(self, distance: float) -> tuple[float, float]:
            return _STAKE / self.price, self.price * (1.0 + distance)

    return Crossing
