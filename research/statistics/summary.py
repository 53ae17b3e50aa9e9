"""Statistics of one set of closed signals: each with its N and interval, or the reason why not.

A win is net > 0 over all closed signals, expired ones included; the TP rate is separate. Returns
are fractions of the entry price. Ratios (profit factor, Sharpe, Sortino, Calmar) are refused below
30 signals, those of days also below 30 days; rates and means are given from the first signal on,
with the N and the interval that show how little that is.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from signalengine.signals import RETURN_SCALE, Outcome
from signalengine.stats import ratios as core

from research.statistics import ratios
from research.statistics.intervals import MIN_DAYS, DayBootstrap, Interval, share_interval
from research.statistics.trades import Floats, Ints, Mask, Trades

MIN_TRADES: Final = core.MIN_SIGNALS
MIN_RATIO_DAYS: Final = core.MIN_DAYS
_SEEN: Final = 1.959964 + 0.841621
"""Standard errors that an edge must have to be seen at 5 %, two-sided, in four cases of five."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its N and interval; a `value` of None has its `reason`."""

    value: float | None
    n: int
    """Signals, or days for the ratios of days."""
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high


@dataclass(frozen=True, slots=True)
class Summary:
    """All statistics of one set of closed signals. Intervals are 95 %."""

    n: int
    still_open: int
    market: str
    symbols: tuple[str, ...]
    start: int | None
    """First ms at which a signal could open; None without spans."""
    end: int | None
    days: int
    wins: int
    tp_hits: int
    sl_hits: int
    expired: int
    left: int
    """Closed by the strategy's own condition."""
    ambiguous: int
    forced: int
    profiles: tuple[tuple[str, int], ...]
    """Components that lacked data, joined by commas, and how many signals they lacked in."""
    win_rate: Estimate
    tp_rate: Estimate
    sl_rate: Estimate
    expired_rate: Estimate
    mean_net: Estimate
    mean_gross: Estimate
    median_net: Estimate
    median_gross: Estimate
    mean_cost: Estimate
    """Fees and slippage of both sides."""
    mean_funding: Estimate
    """Paid; negative is received."""
    best_net: Estimate
    worst_net: Estimate
    expectancy_r: Estimate
    """Mean net return in units of the distance to the stop."""
    expectancy_r_gross: Estimate
    profit_factor: Estimate
    profit_factor_gross: Estimate
    sharpe: Estimate
    sortino: Estimate
    calmar: Estimate
    max_drawdown: Estimate
    total_return: Estimate
    """Of the capital, each symbol's share of it staked on every of its signals."""
    exposure: Estimate
    """Share of the symbols' time with a signal open."""
    signals_a_day: Estimate
    """Per symbol."""
    visible_edge: Estimate
    """The smallest mean net return that this many signals would show in four cases of five."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; an estimate is {value, n, low, high, reason}."""
        return {
            field.name: asdict(value) if isinstance(value, Estimate) else _plain(value)
            for field in fields(self)
            for value in (getattr(self, field.name),)
        }


def summarise(trades: Trades, *, seed: int = 0, draws: DayBootstrap | None = None) -> Summary:
    """Compute everything; intervals by day-block bootstrap, which follows from the seed."""
    boot = draws or DayBootstrap.of_trades(trades, seed=seed)
    outcomes = trades.outcomes
    spans = trades.spans
    return Summary(
        n=len(trades),
        still_open=trades.still_open,
        market=trades.market,
        symbols=trades.symbols,
        start=min((span.start for span in spans), default=None),
        end=max((span.end for span in spans), default=None),
        days=len(trades.days),
        wins=int((trades.net > 0).sum()),
        tp_hits=outcomes[Outcome.TP_HIT],
        sl_hits=outcomes[Outcome.SL_HIT],
        expired=outcomes[Outcome.EXPIRED],
        left=outcomes[Outcome.LEFT],
        ambiguous=sum(end.ambiguous for end in trades.settlements),
        forced=sum(end.forced for end in trades.settlements),
        profiles=tuple((", ".join(k), n) for k, n in trades.profiles().most_common()),
        **_rates(trades, boot),
        **_returns(trades, boot),
        **_day_ratios(trades, boot),
        exposure=_exposure(trades),
        signals_a_day=_frequency(trades),
    )


def share(boot: DayBootstrap, trades: Trades, hits: Mask, of: Mask | None = None) -> Estimate:
    """Estimate the share of hits among the signals of `of` (default: all)."""
    chosen = np.ones(len(trades), dtype=bool) if of is None else of
    won, n = hits & chosen, int(chosen.sum())
    if n == 0:
        return _none("no closed signals")
    ends = share_interval(boot, trades.daily(won), trades.daily(chosen))
    return Estimate(int(won.sum()) / n, n, *_ends(ends))


def mean(
    boot: DayBootstrap, trades: Trades, values: Ints | Floats, of: Mask | None = None
) -> Estimate:
    """Estimate the mean of a column over the signals of `of` (default: all).

    Signals of fewer than five days have no interval: so few days cannot say how days differ.
    """
    chosen = np.ones(len(trades), dtype=bool) if of is None else of
    selected, n = np.where(chosen, values, 0), int(chosen.sum())
    if n == 0:
        return _none("no closed signals")
    counted = trades.daily(chosen)
    enough = int((counted > 0.0).sum()) >= MIN_DAYS
    ends = boot.ratio(trades.daily(selected), counted) if enough else None
    return Estimate(float(selected.sum()) / n, n, *_ends(ends))


def _rates(trades: Trades, boot: DayBootstrap) -> dict[str, Estimate]:
    outcome = np.array([end.outcome.value for end in trades.settlements], dtype=object)
    return {
        "win_rate": share(boot, trades, trades.net > 0),
        "tp_rate": share(boot, trades, outcome == Outcome.TP_HIT.value),
        "sl_rate": share(boot, trades, outcome == Outcome.SL_HIT.value),
        "expired_rate": share(boot, trades, outcome == Outcome.EXPIRED.value),
    }


def _returns(trades: Trades, boot: DayBootstrap) -> dict[str, Estimate]:
    net, gross = trades.net / RETURN_SCALE, trades.gross / RETURN_SCALE
    cost = np.array([end.cost for end in trades.settlements]) / RETURN_SCALE
    funding = np.array([end.funding for end in trades.settlements]) / RETURN_SCALE
    return {
        "mean_net": mean(boot, trades, net),
        "mean_gross": mean(boot, trades, gross),
        "median_net": _plain_estimate(trades, np.median, net),
        "median_gross": _plain_estimate(trades, np.median, gross),
        "mean_cost": _plain_estimate(trades, np.mean, cost),
        "mean_funding": mean(boot, trades, funding),
        "best_net": _plain_estimate(trades, np.max, net),
        "worst_net": _plain_estimate(trades, np.min, net),
        "expectancy_r": mean(boot, trades, net / trades.risk),
        "expectancy_r_gross": mean(boot, trades, gross / trades.risk),
        "profit_factor": _profit_factor(boot, trades, net),
        "profit_factor_gross": _profit_factor(boot, trades, gross),
        "visible_edge": _visible(boot, trades, net),
    }


def _day_ratios(trades: Trades, boot: DayBootstrap) -> dict[str, Estimate]:
    daily, shares = trades.daily_net(), max(1, len(trades.symbols))
    curve = ratios.equity(trades.steps.net, shares, RETURN_SCALE)
    deepest = ratios.max_drawdown(curve)
    refused = too_few(len(trades), len(daily))
    total = float(curve[-1] - 1.0) if len(curve) else 0.0
    return {
        "sharpe": _of_days(ratios.sharpe(daily), boot.sharpe, daily, refused),
        "sortino": _of_days(ratios.sortino(daily), boot.sortino, daily, refused),
        "calmar": _of_days(ratios.calmar(daily, deepest, shares), None, daily, refused),
        "max_drawdown": Estimate(deepest, len(trades)),
        "total_return": Estimate(total, len(trades)),
    }


def too_few(trades: int, days: int | None = None) -> str:
    """Return why a ratio would be meaningless; empty where it is not."""
    if trades < MIN_TRADES:
        return f"{trades} closed signals, {MIN_TRADES} needed"
    if days is not None and days < MIN_RATIO_DAYS:
        return f"{days} days, {MIN_RATIO_DAYS} needed"
    return ""


def _of_days(value: float | None, interval: Any, daily: Floats, refused: str) -> Estimate:
    n = len(daily)
    if refused:
        return Estimate(None, n, reason=refused)
    if value is None:
        return Estimate(None, n, reason="not defined: no day, or no losing day, to divide by")
    return Estimate(value, n, *_ends(None if interval is None else interval(daily)))


def _profit_factor(boot: DayBootstrap, trades: Trades, returns: Floats) -> Estimate:
    n, refused = len(trades), too_few(len(trades))
    if refused:
        return Estimate(None, n, reason=refused)
    value = ratios.profit_factor(returns)
    if value is None:
        return Estimate(None, n, reason="no losses to divide by")
    gains, losses = np.maximum(returns, 0.0), np.maximum(-returns, 0.0)
    return Estimate(value, n, *_ends(boot.ratio(trades.daily(gains), trades.daily(losses))))


def _plain_estimate(trades: Trades, of: Any, values: Floats) -> Estimate:
    n = len(trades)
    return Estimate(float(of(values)), n) if n else _none("no closed signals")


def _visible(boot: DayBootstrap, trades: Trades, net: Floats) -> Estimate:
    n = len(trades)
    if not n:
        return _none("no closed signals")
    error = boot.error(trades.daily(net), trades.daily(np.ones(n)))
    if error is None:
        what = "days" if boot.block == 1 else f"blocks of {boot.block} days"
        return Estimate(None, n, reason=f"{boot.blocks} {what}, {MIN_DAYS} needed")
    return Estimate(_SEEN * error, n)


def _exposure(trades: Trades) -> Estimate:
    """Time with at least one signal open, summed over symbols, over their time."""
    whole = sum(span.end - span.start for span in trades.spans)
    if whole <= 0:
        return _none("no time in which a signal could open")
    held = sum(_covered(trades, symbol) for symbol in trades.symbols)
    return Estimate(held / whole, len(trades))


def _covered(trades: Trades, symbol: str) -> int:
    lives = sorted(
        (signal.close_time, end.closed_at)
        for signal, end in zip(trades.signals, trades.settlements, strict=True)
        if signal.symbol == symbol
    )
    covered, until = 0, 0
    for start, end in lives:
        covered += max(0, end - max(start, until))
        until = max(until, end)
    return covered


def _frequency(trades: Trades) -> Estimate:
    whole = sum(span.end - span.start for span in trades.spans)
    if whole <= 0:
        return _none("no time in which a signal could open")
    return Estimate(len(trades) * 86_400_000 / whole, len(trades))


def _none(reason: str) -> Estimate:
    return Estimate(None, 0, reason=reason)


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else interval


def _plain(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [list(x) if isinstance(x, tuple) else x for x in value]
