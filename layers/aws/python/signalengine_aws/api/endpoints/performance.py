"""The track record: statistics, performance and equity.

`policy` and `market` choose whose; see docs/api.md for the defaults.
"""

from collections.abc import Callable
from typing import Any, Final

from signalengine.facts.markets import MARKETS
from signalengine.signals import DIRECTIONS

from .. import parameters as p
from ..routing import Request, Route
from ..services import Services

SECONDS: Final = 10
"""Cache time of a track record."""


def shape(name: str) -> Callable[[], Any]:
    """Return a function that imports the type of an answer."""

    def found() -> Any:
        from . import performance_shapes

        return getattr(performance_shapes, name)

    return found


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

    Days, ISO weeks, months, weekdays and hours are those of the entry, in UTC. All of an answer is
    as of one moment, `as_of`.
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


def compared(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """The parameter sets that run, over the same whole UTC days of entry: those after the first
    day on which each of them has a signal that has closed (`limited_by` names the youngest set; its
    first day was not whole, and where it is today `from` is after `to`). `mode`
    shadow: decided and settled beside the live ones, never published.
    """
    from ..queries.side_by_side import SideBySideQueries

    return services.query(SideBySideQueries).compare(**values)


def what_if(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """Hindsight: closed signals, newest first, settled again by the engine's own fold from their
    stored 1m bars, costs and funding included; SL comes first in a bar that reaches both, unless
    the stored path says which came first. Each rule that is not given stays the signal's own, and
    under none the outcome is the stored one.

    It does not say what would have opened instead: a signal that `threshold` leaves out would have
    started no cooldown, and the policy's cost gate and protections are not applied again.
    `published` sums the same signals as they ended, those below the threshold included; signals
    whose bars have expired (35 days) are in neither, and counted in `left_out`. So are those that
    are `too_young`: their life, as published or under the rules, ends after the newest bar, and
    of them only those that reached a level would be known. A `threshold` below that of a policy
    changes nothing: what was not published is unknown.

    A page ends after 50 signals, 20,000 1m bars or 6 seconds; `net_sum` and `gross_sum` are
    integers of 1e-8, so that those of all pages add up exactly.
    """
    from ..queries.what_if import WhatIfQueries

    return services.query(WhatIfQueries).page(**values)


DAYS: Final = p.whole("days", "UTC days, the running one included", low=1, high=366, default=30)
DIRECTION: Final = p.choice("direction", "Only signals of this side", DIRECTIONS)
MARKET: Final = p.choice("market", "Kind of market", MARKETS)
RULES: Final = (
    p.decimal("tp", "Distance of TP from the entry, in ATRs", low=0.05, high=20, argument="tp_atr"),
    p.decimal("sl", "Distance of SL from the entry, in ATRs", low=0.05, high=20, argument="sl_atr"),
    p.whole("ttl_minutes", "1m bars after which a signal expires", low=1, high=1440),
    p.decimal("threshold", "Only signals with this score or more", low=0, high=1),
)
WHAT_IF_LIMIT: Final = 50
WHOSE: Final = (p.strategy(), p.policy(), MARKET)

STATS: Final = """\
{"total_signals": 41, "n": 40, "wins": 20, "losses": 20, "tp_hits": 20, "sl_hits": 20,
 "expired": 0, "left": 0, "ambiguous": 0, "forced": 0, "win_rate": 0.5, "avg_return": 0.3078,
 "avg_gross_return": 0.4278, "total_return": 12.3114, "best_return": 1.88,
 "worst_return": -1.1101, "best_symbol": "BTCUSDT", "worst_symbol": "ETHUSDT", "open_signals": 1,
 "by_direction": {"long": 25, "short": 16},
 "by_status": {"open": 1, "tp_hit": 20, "sl_hit": 20, "expired": 0, "left": 0},
 "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live"}"""
PERFORMANCE: Final = """\
{"as_of": 1747627202000, "n": 12, "truncated": false, "unreadable": 0, "days": 7,
 "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live",
 "policies": [{"policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live",
               "n": 12}],
 "summary": {"wins": 6, "win_rate": 0.5, "win_rate_low": 0.2538, "win_rate_high": 0.7462,
   "avg_return": 0.33, "avg_gross": 0.45, "total_return": 3.96, "profit_factor": null,
   "expectancy_r": 0.33, "max_drawdown": -1.1, "best": 1.88, "worst": -1.1,
   "sharpe_ratio": null, "sortino_ratio": null, "days": 6},
 "by_symbol": [{"key": "BTCUSDT", "n": 6, "wins": 6, "win_rate": 1.0, "win_rate_low": 0.61,
                "win_rate_high": 1.0, "avg_return": 1.88}],
 "by_hour": [{"key": "00", "n": 6, "...": 0}],
 "by_weekday": [{"key": "monday", "n": 2, "...": 0}],
 "periods": {"day": [{"key": "2025-05-19", "n": 2, "total_return": 0.78, "...": 0}],
   "week": [], "month": []},
 "calibration": {"n": 12, "win_rate": 0.5, "buckets": [{"from": 0.6, "to": 0.65, "n": 4,
   "...": 0}], "...": 0},
 "excursions": {"n": 12, "won": {"n": 6, "mfe_r": [1.6, 2.0, 2.0, 2.0, 2.0], "...": 0},
   "...": 0},
 "by_event": [{"key": "ema_cross", "...": 0}],
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

COMPARISON: Final = """\
{"as_of": 1747627202000, "market": "live", "from": "2025-05-12", "to": "2025-05-19", "days": 30,
 "limited_by": "donchian@fast",
 "strategies": [{"name": "classic", "mode": "live", "digest": "5dd6a6097a63", "since": null,
   "first_day": "2025-05-01", "closed": 12, "wins": 6, "win_rate": 0.5, "win_rate_low": 0.2538,
   "win_rate_high": 0.7462, "total_return": 3.96, "avg_return": 0.33, "avg_return_low": null,
   "avg_return_high": null,
   "equity": [{"day": "2025-05-18", "closed": 2, "net_pct": 0.77, "equity_pct": 0.77,
               "drawdown_pct": 0.0}]}]}"""
WHAT_IF: Final = """\
{"as_of": 1747627202000, "days": 30,
 "rules": {"tp_atr": 3.0, "sl_atr": 1.0, "ttl_minutes": null, "threshold": null},
 "signals": [{"signal_id": "2fcad2d45479b0185f57236e", "symbol": "BTCUSDT", "direction": "long",
   "close_time": 1747571520000, "score": 0.62,
   "published": {"outcome": "tp_hit", "closed_at": 1747572540000, "exit_price": 105.2,
     "net_pct": 1.88, "gross_pct": 2.0, "ambiguous": false},
   "what_if": {"outcome": "expired", "closed_at": 1747575120000, "exit_price": 104.9,
     "net_pct": 1.59, "gross_pct": 1.71, "ambiguous": false}, "left_out": null}],
 "count": 1, "cursor": null, "unreadable": 0,
 "published": {"n": 1, "wins": 1, "net_sum": 1880000, "gross_sum": 2000000, "tp_hits": 1,
   "sl_hits": 0, "expired": 0, "left": 0, "ambiguous": 0},
 "what_if": {"n": 1, "wins": 1, "net_sum": 1590000, "gross_sum": 1710000, "tp_hits": 0,
   "sl_hits": 0, "expired": 1, "left": 0, "ambiguous": 0},
 "left_out": {"below_threshold": 0, "no_atr": 0, "own_exits": 0, "out_of_range": 0, "no_bars": 0,
   "not_by_bars": 0, "too_young": 0},
 "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "live"}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/signals/stats", "Statistics of a policy on a market", "Performance", stats,
        shape("SignalStats"), WHOSE, shared=True, example=STATS,
    ),
    Route(
        "/performance", "Track record of a window", "Performance", performance,
        shape("Performance"),
        (DAYS, *WHOSE, p.symbol(), DIRECTION), max_age_s=SECONDS, shared=True, example=PERFORMANCE,
    ),
    Route(
        "/performance/stats", "Statistics by symbol", "Performance", performance_stats,
        shape("PerformanceStats"), WHOSE, example=PERFORMANCE_STATS,
    ),
    Route(
        "/equity", "Equity by day, over a policy's whole life", "Performance", equity,
        shape("Equity"), WHOSE, shared=True, example=EQUITY,
    ),
    Route(
        "/performance/strategies", "Parameter sets side by side", "Performance", compared,
        shape("Comparison"), (DAYS, MARKET), max_age_s=SECONDS, shared=True, example=COMPARISON,
    ),
    Route(
        "/performance/what-if", "Past signals under other rules", "Performance", what_if,
        shape("WhatIf"),
        (
            *RULES, DAYS, *WHOSE, p.symbol(), DIRECTION,
            p.limit(WHAT_IF_LIMIT, WHAT_IF_LIMIT), p.cursor(),
        ),
        max_age_s=SECONDS, shared=True, example=WHAT_IF,
    ),
)  # fmt: skip
