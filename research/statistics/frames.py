"""The tables of a backtest as pandas frames, by the names in its results."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from signalengine.signals import RETURN_SCALE

from research.statistics import ratios, tables
from research.statistics.intervals import DayBootstrap
from research.statistics.tables import Row
from research.statistics.trades import Trades

if TYPE_CHECKING:
    import pandas as pd  # takes half a second to import: only those who ask for a frame pay it

Grouped: TypeAlias = Callable[[Trades, DayBootstrap], Sequence[Row]]


def equity_curve(trades: Trades) -> "pd.DataFrame":
    """Return `net` and `gross` equity after each closing, from 1.0, indexed by its time (UTC).

    Of signals that may be open for more than a day: at the end of each day, marked to the market.
    """
    import pandas as pd

    shares = max(1, len(trades.symbols))
    steps = trades.steps
    at = pd.to_datetime(steps.time, unit="ms", utc=True).rename("closed_at")
    columns = {"net": steps.net, "gross": steps.gross}
    curves = {name: ratios.equity(x, shares, RETURN_SCALE) for name, x in columns.items()}
    return pd.DataFrame(curves, index=at)


def grouped(groups: Grouped, trades: Trades) -> "pd.DataFrame":
    """Return one row a group: N, outcomes, and the estimates with their 95 % intervals."""
    import pandas as pd

    found = groups(trades, DayBootstrap.of_trades(trades))
    columns = ("n", "wins", "tp_hits", "win_rate", "win_rate_low", "win_rate_high",
               "avg_return", "avg_return_low", "avg_return_high", "avg_gross_return")  # fmt: skip
    index = pd.Index([row.label for row in found], name="group")
    return pd.DataFrame([_numbers(row) for row in found], index=index, columns=list(columns))


def _numbers(row: Row) -> tuple[Any, ...]:
    won, net = row.win_rate, row.mean_net
    return (
        row.n, row.wins, row.tp_hits, won.value, won.low, won.high,
        net.value, net.low, net.high, row.mean_gross.value,
    )  # fmt: skip


FRAMES: Final[dict[str, Callable[[Trades], "pd.DataFrame"]]] = {
    "equity_curve": equity_curve,
    "by_symbol": partial(grouped, tables.by_symbol),
    "by_event": partial(grouped, tables.by_event_kind),
    "by_direction": partial(grouped, tables.by_direction),
    "by_hour": partial(grouped, tables.by_hour),
    "by_score": partial(grouped, tables.by_score),
}
"""Computed on access: each draws its intervals anew."""
