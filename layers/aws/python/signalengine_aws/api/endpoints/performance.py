"""The track record: statistics, performance and equity.

`policy` and `market` choose whose; see docs/api.md for the defaults.
"""

from typing import Any, Final, TypeAlias, TypedDict

from signalengine.facts.markets import MARKETS

from .. import parameters as p
from ..field_types import Market
from ..routing import Request, Route
from ..services import Services

SECONDS: Final = 10
"""Cache time of a track record."""


class ByDirection(TypedDict):
    """Signals of each side; null where some closed before sides were counted."""

    long: int | None
    short: int | None


class ByStatus(TypedDict):
    open: int
    tp_hit: int
    sl_hit: int
    expired: int
    left: int


class SymbolStats(TypedDict):
    """Statistics of closed signals; returns are net percent unless named gross."""

    total_signals: int
    wins: int
    losses: int
    tp_hits: int
    sl_hits: int
    expired: int
    left: int
    ambiguous: int
    forced: int
    win_rate: float | None
    avg_return: float | None
    avg_gross_return: float | None
    total_return: float
    best_return: float | None
    worst_return: float | None


class RatedStats(SymbolStats):
    """A symbol's statistics."""

    sharpe_ratio: float | None


class SignalStats(SymbolStats):
    """Statistics of one policy on one market.

    `total_signals` counts all of them, `n` the closed ones, which rates and returns are of.
    """

    n: int
    best_symbol: str | None
    worst_symbol: str | None
    open_signals: int
    by_direction: ByDirection
    by_status: ByStatus
    market: Market | None
    policy_digest: str
    policy_name: str | None


class PolicyCount(TypedDict):
    """`policy_name` is null for a policy or a parameter set of before."""

    policy_digest: str
    policy_name: str | None
    market: Market
    n: int


class Summary(TypedDict):
    """Rates with Wilson's 95 % interval; ratios are null below 30 signals, or 30 days."""

    wins: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    avg_return: float | None
    avg_gross: float | None
    total_return: float
    profit_factor: float | None
    expectancy_r: float | None
    max_drawdown: float | None
    best: float | None
    worst: float | None
    sharpe_ratio: float | None
    sortino_ratio: float | None
    days: int


class Row(TypedDict):
    """One group of closed signals."""

    key: str
    n: int
    wins: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    avg_return: float | None


class Histogram(TypedDict):
    """Net percent a signal: one more edge than counts."""

    edges: list[float]
    counts: list[int]


class EquityPoint(TypedDict):
    """Equity after a closed signal: sums of equal stakes, nothing is compounded."""

    time: int
    signal_id: str
    symbol: str
    net_pct: float
    equity_pct: float
    drawdown_pct: float


class Performance(TypedDict):
    """The track record of a window, of one policy on one market."""

    n: int
    truncated: bool
    unreadable: int
    days: int
    policies: list[PolicyCount]
    policy_digest: str
    policy_name: str | None
    market: Market | None
    summary: Summary
    by_symbol: list[Row]
    by_hour: list[Row]
    by_event: list[Row]
    by_direction: list[Row]
    histogram: Histogram
    equity: list[EquityPoint]


class EquityDay(TypedDict):
    day: str
    closed: int
    net_pct: float
    equity_pct: float
    drawdown_pct: float


class Equity(TypedDict):
    """Equity by UTC day of entry over a policy's whole life on a market."""

    equity: list[EquityDay]
    policy_digest: str
    policy_name: str | None
    market: Market | None


PerformanceStats: TypeAlias = dict[str, RatedStats]


def stats(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """Over the whole life of a policy on a market. `total_signals` counts open and closed signals,
    as a backtest does; `n` counts the closed ones, which rates and returns are of. `by_direction`
    is of all signals, null where some closed before sides were counted.
    """
    from ..queries.performance import PerformanceQueries

    return services.query(PerformanceQueries).stats(**values)


def performance(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """The closed signals of the window, at most the newest 5,000 (else `truncated`). `policies`
    counts the policies and markets in the window.

    Stakes are equal and summed, nothing is compounded: equity is 1 plus the sum of net returns, a
    drawdown is its distance from its highest point so far. Intervals are Wilson's, 95 %. Profit
    factor, Sharpe and Sortino ratio are null below 30 signals, the latter two also below 30 days;
    they are computed from daily sums, days without a signal included, times √365.
    """
    from ..queries.performance import PerformanceQueries

    return services.query(PerformanceQueries).performance(**values)


def performance_stats(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """By symbol, over the whole life of a policy on a market. `sharpe_ratio` is computed from daily
    net sums, from 30 signals and 30 days on; null also where some signals closed before daily sums
    were stored.
    """
    from ..queries.performance import PerformanceQueries

    return services.query(PerformanceQueries).performance_stats(**values)


def equity(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """By UTC day of entry, over the whole life of a policy on a market."""
    from ..queries.performance import PerformanceQueries

    return services.query(PerformanceQueries).equity(**values)


DAYS: Final = p.whole("days", "UTC days, the running one included", low=1, high=366, default=30)
WHOSE: Final = (p.strategy(), p.policy(), p.choice("market", "Kind of market", MARKETS))

STATS: Final = """\
{"total_signals": 41, "n": 40, "wins": 20, "losses": 20, "tp_hits": 20, "sl_hits": 20,
 "expired": 0, "left": 0, "ambiguous": 0, "forced": 0, "win_rate": 0.5, "avg_return": 0.3078,
 "avg_gross_return": 0.4278, "total_return": 12.3114, "best_return": 1.88,
 "worst_return": -1.1101, "best_symbol": "BTCUSDT", "worst_symbol": "ETHUSDT", "open_signals": 1,
 "by_direction": {"long": 25, "short": 16},
 "by_status": {"open": 1, "tp_hit": 20, "sl_hit": 20, "expired": 0, "left": 0},
 "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live"}"""
PERFORMANCE: Final = """\
{"n": 12, "truncated": false, "unreadable": 0, "days": 7,
 "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live",
 "policies": [{"policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live",
               "n": 12}],
 "summary": {"wins": 6, "win_rate": 0.5, "win_rate_low": 0.2538, "win_rate_high": 0.7462,
   "avg_return": 0.33, "avg_gross": 0.45, "total_return": 3.96, "profit_factor": null,
   "expectancy_r": 0.33, "max_drawdown": -1.1, "best": 1.88, "worst": -1.1,
   "sharpe_ratio": null, "sortino_ratio": null, "days": 6},
 "by_symbol": [{"key": "BTCUSDT", "n": 6, "wins": 6, "win_rate": 1.0, "win_rate_low": 0.61,
                "win_rate_high": 1.0, "avg_return": 1.88}],
 "by_hour": [{"key": "00", "n": 6, "...": 0}], "by_event": [{"key": "ema_cross", "...": 0}],
 "by_direction": [{"key": "long", "n": 8, "...": 0}],
 "histogram": {"edges": [-1.2, -1.1, 1.8, 1.9], "counts": [6, 0, 6]},
 "equity": [{"time": 1747571520000, "signal_id": "2fcad2d45479b0185f57236e", "symbol": "BTCUSDT",
             "net_pct": 1.88, "equity_pct": 1.88, "drawdown_pct": 0.0}]}"""
PERFORMANCE_STATS: Final = """\
{"BTCUSDT": {"total_signals": 20, "wins": 20, "losses": 0, "win_rate": 1.0,
  "avg_return": 1.88, "best_return": 1.88, "worst_return": 1.88, "sharpe_ratio": null, "...": 0}}"""
EQUITY: Final = """\
{"equity": [{"day": "2025-05-18", "closed": 2, "net_pct": 0.77, "equity_pct": 12.31,
             "drawdown_pct": 0.0}],
 "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live"}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/signals/stats", "Statistics of a policy on a market", "Performance", stats, SignalStats,
        WHOSE, shared=True, example=STATS,
    ),
    Route(
        "/performance", "Track record of a window", "Performance", performance, Performance,
        (DAYS, *WHOSE, p.symbol()), max_age_s=SECONDS, shared=True, example=PERFORMANCE,
    ),
    Route(
        "/performance/stats", "Statistics by symbol", "Performance", performance_stats,
        PerformanceStats, WHOSE, example=PERFORMANCE_STATS,
    ),
    Route(
        "/equity", "Equity by day, over a policy's whole life", "Performance", equity, Equity,
        WHOSE, shared=True, example=EQUITY,
    ),
)  # fmt: skip
