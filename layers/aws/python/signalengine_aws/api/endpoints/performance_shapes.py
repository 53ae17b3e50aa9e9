"""The answers of the endpoints of `performance`: imported when they are described."""

from typing import Literal, TypeAlias, TypedDict

from ..field_types import Direction, Market


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


class PeriodRow(Row):
    """A UTC day (2025-05-19), ISO week (2025-W21) or month (2025-05) of entry with signals."""

    avg_gross: float
    total_return: float
    best: float
    worst: float
    profit_factor: float | None


class Periods(TypedDict):
    """Newest first."""

    day: list[PeriodRow]
    week: list[PeriodRow]
    month: list[PeriodRow]


Bucket = TypedDict(
    "Bucket",
    {
        "from": float,
        "to": float,
        "n": int,
        "wins": int,
        "win_rate": float,
        "win_rate_low": float,
        "win_rate_high": float,
        "avg_score": float,
        "avg_return": float,
    },
)
"""The closed signals of scores from `from` on and below `to`."""


class Calibration(TypedDict):
    """Win rate by score. `without`: signals whose score is not stored with their result.

    `trend_z` and `trend_p` are of the test of Cochran and Armitage; null below 30 signals.
    """

    n: int
    without: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    buckets: list[Bucket]
    trend_z: float | None
    trend_p: float | None


class Strips(TypedDict):
    """Quantiles at the `shares`; empty without signals."""

    n: int
    mfe_r: list[float]
    mae_r: list[float]
    mfe_pct: list[float]
    mae_pct: list[float]


class Excursion(TypedDict):
    """How far one signal went for and against its direction, without costs."""

    signal_id: str
    symbol: str
    direction: Direction
    mfe_r: float
    mae_r: float
    mfe_pct: float
    mae_pct: float
    net_pct: float


class Excursions(TypedDict):
    """MFE and MAE of signals that won and that lost; R is the distance from the entry to the stop.

    `targets_r` are the nearest and the farthest first target, `target_r` their median. `points`:
    the newest 500.
    """

    n: int
    without: int
    shares: list[float]
    won: Strips
    lost: Strips
    target_r: float | None
    targets_r: list[float]
    points: list[Excursion]


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
    """The track record of a window, of one policy on one market, as of one moment."""

    as_of: int
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
    by_weekday: list[Row]
    by_event: list[Row]
    by_direction: list[Row]
    periods: Periods
    calibration: Calibration
    excursions: Excursions
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


class ComparedSet(TypedDict):
    """A parameter set in the compared days. In `shadow` it was never published."""

    name: str
    mode: Literal["live", "shadow", "parked", "off"]
    digest: str
    since: int | None
    first_day: str | None
    closed: int
    wins: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    total_return: float
    avg_return: float | None
    avg_return_low: float | None
    avg_return_high: float | None
    equity: list[EquityDay]


Comparison = TypedDict(
    "Comparison",
    {
        "as_of": int,
        "market": Market | None,
        "from": str,
        "to": str,
        "days": int,
        "limited_by": str | None,
        "strategies": list[ComparedSet],
    },
)
"""Parameter sets over the same UTC days of entry, both ends included."""


class Ending(TypedDict):
    """How a signal ended, or would have."""

    outcome: Literal["tp_hit", "sl_hit", "expired", "left"]
    closed_at: int
    exit_price: float
    net_pct: float
    gross_pct: float
    ambiguous: bool


class TriedSignal(TypedDict):
    """A past signal as it ended, and under the other rules: null where it is left out."""

    signal_id: str
    symbol: str
    direction: Direction
    close_time: int
    score: float
    published: Ending
    what_if: Ending | None
    left_out: (
        Literal[
            "below_threshold",
            "no_atr",
            "own_exits",
            "out_of_range",
            "no_bars",
            "not_by_bars",
            "too_young",
        ]
        | None
    )


class Sums(TypedDict):
    """Sums of returns are integers of 1e-8, so that those of pages add up exactly."""

    n: int
    wins: int
    net_sum: int
    gross_sum: int
    tp_hits: int
    sl_hits: int
    expired: int
    left: int
    ambiguous: int


class LeftOut(TypedDict):
    """Signals that are not counted, by reason."""

    below_threshold: int
    no_atr: int
    own_exits: int
    out_of_range: int
    no_bars: int
    not_by_bars: int
    too_young: int


class WhatIfRules(TypedDict):
    """The other rules; null keeps those of each signal."""

    tp_atr: float | None
    sl_atr: float | None
    ttl_minutes: int | None
    threshold: float | None


class WhatIf(TypedDict):
    """A page of past signals under other rules, newest first: hindsight.

    `published` sums the same signals as they ended, those below the threshold included.
    """

    as_of: int
    days: int
    rules: WhatIfRules
    signals: list[TriedSignal]
    count: int
    cursor: str | None
    unreadable: int
    published: Sums
    what_if: Sums
    left_out: LeftOut
    policy_digest: str
    policy_name: str | None
    market: Market | None
