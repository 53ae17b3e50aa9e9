"""The forms of the answers about the track record: statistics, performance and equity.

The units are those of shapes.py: returns are percent, rates fractions, null is not known.
"""

from typing import TypeAlias, TypedDict

from .vocabulary import Market


class ByStatus(TypedDict):
    open: int
    tp_hit: int
    sl_hit: int
    expired: int


class SymbolStats(TypedDict):
    """Statistics of closed signals; returns are net percent unless named gross."""

    total_signals: int
    wins: int
    losses: int
    tp_hits: int
    sl_hits: int
    expired: int
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
    """Statistics of one policy on one market."""

    n: int
    best_symbol: str | None
    worst_symbol: str | None
    open_signals: int
    by_status: ByStatus
    market: Market | None
    policy_digest: str


class PolicyCount(TypedDict):
    policy_digest: str
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
    days: int
    policies: list[PolicyCount]
    policy_digest: str
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
    market: Market | None


PerformanceStats: TypeAlias = dict[str, RatedStats]
