"""A backtest by year of entry, and as a whole."""

from collections.abc import Sequence

import numpy as np
from signalengine.signals import RETURN_SCALE
from signalengine.strategy.sets import StrategySet

from research.backtest.coarse import usable
from research.backtest.strategy_run import simulate_set_market
from research.data.bars import BarTable
from research.data.errors import MissingBarsError
from research.data.loader import load_each, symbols
from research.data.times import Moment, moment
from research.horizons.comparing import signed
from research.statistics.conclusion import Conclusion, conclude
from research.statistics.summary import Estimate
from research.statistics.trades import Ints, Trades


def best_bars(folder: str, one: StrategySet, end: Moment | None = None) -> list[BarTable]:
    """Load the shortest bars that there are and that a strategy may be run on, of all symbols.

    Raises MissingBarsError where there are none.
    """
    for interval in usable(one):
        names = symbols(folder, interval)
        if names:
            return list(load_each(folder, names, end=end, interval=interval))
    raise MissingBarsError(f"{folder} holds no bars of {', '.join(usable(one))}.")


def concluded(tables: Sequence[BarTable], one: StrategySet) -> Conclusion:
    """Run a strategy and conclude."""
    return conclude(simulate_set_market(tables, one))


def table_of(found: Conclusion) -> list[str]:
    """Return the results of each year and of all in Markdown."""
    trades, summary = found.trades, found.summary
    lines = [
        "| entries in | N | net bps a signal | gross bps | won net | TP, SL, expired, left |",
        "|---|---|---|---|---|---|",
    ]
    years = years_of(trades)
    lines += [_row(str(year), trades, years == year) for year in np.unique(years)]
    all_of_them = np.ones(len(trades), dtype=bool)
    cells = _row("all", trades, all_of_them).split(" | ")
    cells[2] += f" ({_interval(summary.mean_net)})"
    cells[3] += f" ({_interval(summary.mean_gross)})"
    return [*lines, " | ".join(cells)]


def remarks(found: Conclusion, tables: Sequence[BarTable]) -> list[str]:
    """Return the sentences of the conclusion, and what they are of."""
    unpaid = [table.symbol for table in tables if table.funding is None]
    span = f"{moment(min(t.start for t in tables))} to {moment(max(t.end for t in tables))} UTC"
    lines = [f"- {len(tables)} symbols, {tables[0].interval} bars, {span}."]
    lines += [f"- No funding rates of {', '.join(unpaid)}."] if unpaid else []
    return [*lines, *(f"- {sentence}" for sentence in found.sentences)]


def years_of(trades: Trades) -> Ints:
    """Return the UTC year of each entry."""
    return trades.entered.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970


def _row(title: str, trades: Trades, those: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    kinds = [end.outcome.value for end, one in zip(trades.settlements, those, strict=True) if one]
    net, gross = (float(x[those].mean()) * 1e4 / RETURN_SCALE for x in (trades.net, trades.gross))
    won = int((trades.net[those] > 0).sum()) / len(kinds)
    ends = ", ".join(str(kinds.count(k)) for k in ("tp_hit", "sl_hit", "expired", "left"))
    cells = (title, str(len(kinds)), signed(net), signed(gross), f"{won * 100:.0f} %", ends)
    return f"| {' | '.join(cells)} |"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "no interval"
    return f"{signed(estimate.low * 1e4)} to {signed(estimate.high * 1e4)}"
