"""The peers' backtests: EMA 9 crosses EMA 21, stop at 1 ATR, profit at 2; fees of 5 bps a side.

One interval, one rule, no scores: less work a bar than the engine's, and what each of them is good
at. Data is prepared before the clock starts, in the form that each likes best; indicators are not.
"""

import warnings
from typing import Any

from ..market import MINUTE, Bars


class Vectorbt:
    """vectorbt: arrays in, a portfolio out (numba inside); EMA and ATR by TA-Lib."""

    stats = False

    def __init__(self, bars: Bars) -> None:
        import pandas as pd

        warnings.simplefilter("ignore")
        # an index without a zone: with one, every array of times becomes an array of objects
        self.index = pd.to_datetime(bars[:, 0], unit="ms")
        self.columns = [bars[:, k].copy() for k in (1, 2, 3, 4)]
        self.frames = [pd.Series(column, index=self.index) for column in self.columns]

    def check(self) -> dict[str, float]:
        return {"trades": float(self._portfolio().trades.count())}

    def run(self) -> int:
        portfolio = self._portfolio()
        if self.stats:
            portfolio.stats()
        return len(self.index)

    def _portfolio(self) -> Any:
        import numpy as np
        import pandas as pd
        import talib
        import vectorbt as vbt

        _, high, low, close = self.columns
        above = talib.EMA(close, 9) > talib.EMA(close, 21)
        atr = talib.ATR(high, low, close, 14) / close
        turned = np.concatenate([[False], above[1:] != above[:-1]])
        turned[:30] = False
        entries, shorts, stops, profits = (
            pd.Series(column, index=self.index)
            for column in (turned & above, turned & ~above, atr, 2.0 * atr)
        )
        o, h, lo, c = self.frames
        return vbt.Portfolio.from_signals(
            c, entries=entries, short_entries=shorts, sl_stop=stops, tp_stop=profits,
            open=o, high=h, low=lo, fees=5e-4, slippage=1e-4, freq="1min",
        )  # fmt: skip


class VectorbtStats(Vectorbt):
    """The same, and its statistics."""

    stats = True


class BacktestingPy:
    """backtesting.py: a Python strategy called every bar, statistics included."""

    bars = 50_000

    def __init__(self, bars: Bars) -> None:
        import pandas as pd

        warnings.simplefilter("ignore")
        part = bars[: self.bars]
        names = ["Open", "High", "Low", "Close", "Volume"]
        index = pd.to_datetime(part[:, 0], unit="ms")
        self.frame = pd.DataFrame(part[:, 1:6], columns=names, index=index)

    def check(self) -> dict[str, float]:
        return {"trades": float(self._stats()["# Trades"])}

    def run(self) -> int:
        self._stats()
        return len(self.frame)

    def _stats(self) -> Any:
        from backtesting import Backtest

        return Backtest(
            self.frame, _crossing(), cash=1e9, commission=5e-4, trade_on_close=True
        ).run()


def _crossing() -> Any:
    import talib
    from backtesting import Strategy

    class Crossing(Strategy):  # type: ignore[misc]  # the peer carries no types
        def init(self) -> None:
            data = self.data
            self.fast = self.I(talib.EMA, data.Close, 9)
            self.slow = self.I(talib.EMA, data.Close, 21)
            self.atr = self.I(talib.ATR, data.High, data.Low, data.Close, 14)

        def next(self) -> None:
            above, before = self.fast[-1] > self.slow[-1], self.fast[-2] > self.slow[-2]
            if self.position or above == before:
                return
            close, atr = self.data.Close[-1], self.atr[-1]
            if above:
                self.buy(sl=close - atr, tp=close + 2.0 * atr)
            else:
                self.sell(sl=close + atr, tp=close - 2.0 * atr)

    return Crossing


class NautilusEngine:
    """nautilus_trader's BacktestEngine: every order through its exchange, bracket orders."""

    bars = 10_000

    def __init__(self, bars: Bars) -> None:
        from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
        from nautilus_trader.config import LoggingConfig
        from nautilus_trader.model import BarType, Money, TraderId, Venue
        from nautilus_trader.model.currencies import USDT
        from nautilus_trader.model.data import Bar
        from nautilus_trader.model.enums import AccountType, OmsType
        from nautilus_trader.test_kit.providers import TestInstrumentProvider

        warnings.simplefilter("ignore")
        instrument = TestInstrumentProvider.btcusdt_perp_binance()
        bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
        price, size = instrument.make_price, instrument.make_qty
        data = []
        for opened, o, h, lo, c, v, _ in bars[: self.bars].tolist():
            at = int(opened + MINUTE) * 1_000_000
            data.append(Bar(bar_type, price(o), price(h), price(lo), price(c), size(v), at, at))
        quiet = LoggingConfig(bypass_logging=True)
        self.engine = BacktestEngine(
            BacktestEngineConfig(trader_id=TraderId("BENCH-001"), logging=quiet)
        )
        self.engine.add_venue(
            venue=Venue("BINANCE"), oms_type=OmsType.NETTING, account_type=AccountType.MARGIN,
            base_currency=None, starting_balances=[Money(1_000_000, USDT)],
        )  # fmt: skip
        self.engine.add_instrument(instrument)
        self.engine.add_data(data)
        self.engine.add_strategy(_bracketing(instrument, bar_type))
        self.count = len(data)

    def check(self) -> dict[str, float]:
        self.run()
        return {"trades": float(self.engine.cache.orders_total_count() // 3)}

    def run(self) -> int:
        self.engine.reset()
        self.engine.run()
        return self.count


def _bracketing(instrument: Any, bar_type: Any) -> Any:
    from nautilus_trader.config import StrategyConfig
    from nautilus_trader.indicators import AverageTrueRange, ExponentialMovingAverage
    from nautilus_trader.model.enums import OrderSide
    from nautilus_trader.trading.strategy import Strategy

    class Bracketing(Strategy):  # type: ignore[misc]  # the peer carries no types
        def __init__(self) -> None:
            super().__init__(StrategyConfig())
            self.fast, self.slow = ExponentialMovingAverage(9), ExponentialMovingAverage(21)
            self.atr = AverageTrueRange(14)
            self.before = 0.0

        def on_start(self) -> None:
            for indicator in (self.fast, self.slow, self.atr):
                self.register_indicator_for_bars(bar_type, indicator)
            self.subscribe_bars(bar_type)

        def on_reset(self) -> None:
            self.before = 0.0

        def on_bar(self, bar: Any) -> None:
            if not self.indicators_initialized():
                return
            spread = self.fast.value - self.slow.value
            crossed, self.before = self.before * spread < 0.0, spread
            if not crossed or not self.portfolio.is_flat(instrument.id):
                return
            side = 1.0 if spread > 0.0 else -1.0
            close, atr = float(bar.close), self.atr.value
            orders = self.order_factory.bracket(
                instrument_id=instrument.id,
                order_side=OrderSide.BUY if spread > 0.0 else OrderSide.SELL,
                quantity=instrument.make_qty(0.01),
                sl_trigger_price=instrument.make_price(close - side * atr),
                tp_price=instrument.make_price(close + 2.0 * side * atr),
            )
            self.submit_order_list(orders)

    return Bracketing()
