"""The forms of the answers: what the OpenAPI document says and mypy may check, in one place.

Times are ms since the epoch, UTC, unless a name says otherwise; `timestamp` and `closed_at` of a
signal are seconds. `*_pct` and returns are percent, rates fractions. Null: not known, never zero.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Direction: TypeAlias = Literal["long", "short"]
Market: TypeAlias = Literal["live", "recording", "simulated"]
Components: TypeAlias = dict[str, float | None]


class Problem(TypedDict):
    """An error (RFC 9457, application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


class Gaps(TypedDict):
    """Holes in the bars."""

    open: int
    last_24h: int
    lost_bars_24h: int


class Health(TypedDict):
    """How the service is. Before the first heartbeat most of it is not there."""

    status: Literal["ok", "degraded"]
    components: dict[str, str]
    uptime_seconds: NotRequired[int]
    feed_age_seconds: NotRequired[float]
    lag_ms: NotRequired[int | None]
    watermark: NotRequired[int]
    market: NotRequired[Market]
    symbols: NotRequired[int]
    gaps: NotRequired[Gaps]
    policy_digest: NotRequired[str]
    code_version: NotRequired[str]


class Symbols(TypedDict):
    """The symbols that the feed follows, with their last prices."""

    symbols: list[str]
    count: int
    prices: dict[str, float]
    time: int | None


class Event(TypedDict):
    """Something that happened at a bar's close, inside a signal or a decision."""

    kind: str
    interval: str
    direction: Direction
    strength: float
    details: dict[str, float]


class Quality(TypedDict):
    """How good the data behind a close was."""

    gap_s: float
    stream_age_ms: int | None


class Signal(TypedDict):
    """A signal; what comes after `return_pct` is there once it is closed."""

    id: str
    symbol: str
    direction: Direction
    status: Literal["open", "tp_hit", "sl_hit", "expired"]
    score: float
    timestamp: float
    close_time: int
    entry_price: float
    tp_price: float
    sl_price: float
    atr: float
    atr_interval: str
    expires_at: int
    components: Components
    missing: list[str]
    events: list[Event]
    quality: Quality
    market: Market
    policy_digest: str
    code_version: str
    dedup_hash: str
    outcome: Literal["tp_hit", "sl_hit", "expired"] | None
    closed_at: float | None
    return_pct: float | None
    gross_return_pct: NotRequired[float]
    funding_pct: NotRequired[float]
    exit_price: NotRequired[float]
    resolution: NotRequired[Literal["tick", "path", "bar", "forced"]]
    ambiguous: NotRequired[bool]
    mfe_pct: NotRequired[float]
    mae_pct: NotRequired[float]


class Signals(TypedDict):
    """A page of signals, newest first."""

    signals: list[Signal]
    count: int
    cursor: str | None


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


class DirectionScore(TypedDict):
    score: float
    coverage: float
    components: Components
    missing: list[str]
    backed: bool


class Scores(TypedDict):
    long: DirectionScore
    short: DirectionScore


class Opinion(TypedDict):
    model: str
    mode: str
    long: float
    short: float


class FullDecision(TypedDict):
    """Why a scored close became a signal, or not, with all that was looked at."""

    symbol: str
    close_time: int
    verdict: str
    direction: Direction | None
    price: float
    scores: Scores
    events: list[Event]
    quality: Quality
    market: Market
    policy_digest: str
    code_version: str
    signal_id: str | None
    reason: str
    opinion: Opinion | None
    protections: list[str]


class Receipt(TypedDict):
    """What became of telling a signal's opening or closing in one channel."""

    kind: Literal["opened", "closed"]
    channel: str
    state: Literal["waiting", "delivered", "failed", "suppressed"]
    attempts: int
    sent_at: int | None
    latency_ms: int | None
    message_id: int | None


class Neighbour(TypedDict):
    """Another decision on the same symbol within half an hour."""

    close_time: int
    verdict: str
    direction: Direction | None
    score: float
    reason: str
    signal_id: str | None


class SignalDetail(TypedDict):
    """All that is known of a signal; what is forgotten (after weeks) is null or empty."""

    signal: Signal
    decision: FullDecision | None
    events: list[Event]
    features: dict[str, dict[str, float | None]]
    receipts: list[Receipt]
    bars: list[list[float]]
    neighbours: list[Neighbour]


class Decision(TypedDict):
    """A decision in a list; `events` are their kinds."""

    symbol: str
    close_time: int
    verdict: str
    direction: Direction | None
    price: float
    scores: Scores
    reason: str
    events: list[str]
    signal_id: str | None
    market: Market
    policy_digest: str


class Decisions(TypedDict):
    """A page of decisions, newest first."""

    decisions: list[Decision]
    count: int
    cursor: str | None


class ListedEvent(TypedDict):
    """An event in a list; `timestamp` is its bar's close in seconds."""

    symbol: str
    timestamp: float
    close_time: int
    event_type: str
    interval: str
    direction: Direction
    strength: float
    details: dict[str, float]


class Events(TypedDict):
    """A page of events, newest first."""

    events: list[ListedEvent]
    count: int
    cursor: str | None


class EventStats(TypedDict):
    """A day's events. `truncated`: only the newest 3,000 closes with events were counted."""

    total: int
    by_type: dict[str, int]
    by_symbol: dict[str, int]
    day: str
    truncated: bool


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


class Standing(TypedDict):
    """A symbol's scores at its last folded close. `backed`: an event speaks for the direction."""

    symbol: str
    direction: Direction | None
    score: float
    long_score: float
    short_score: float
    components: Components
    missing: list[str]
    backed: bool
    price: float | None
    close_time: int
    warm: bool


class Top(TypedDict):
    """Followed symbols, best score first."""

    top: list[Standing]
    time: int | None


class Bars(TypedDict):
    """Bars, oldest first: [open_time, open, high, low, close, volume]."""

    symbol: str
    interval: Literal["1m", "5m", "15m", "1h"]
    bars: list[list[float]]
    count: int


class GapList(TypedDict):
    """A page of a day's entries, newest first."""

    gaps: list[dict[str, Any]]
    count: int
    cursor: str | None
    day: str


class Hop(TypedDict):
    """Latency of one step of newly opened signals; null where nothing came through."""

    name: str
    p50_ms: float | None
    p95_ms: float | None
    n: int


class System(TypedDict):
    """How the engine runs. `hops` are of live markets only: a replay's clock is not the wall's."""

    hops: list[Hop]
    queues: dict[str, int]
    cost: dict[str, Any] | None
    feed: dict[str, Any] | None
    websocket_clients: int


class LegacySystem(TypedDict):
    cpu_percent: float | None
    rss_mb: float | None
    threads: int | None
    uptime_seconds: int | None


class LegacyCounters(TypedDict):
    events_triggered: int | None
    signals_emitted: int | None
    telegram_sent: int | None
    signal_long: int | None
    signal_short: int | None


class LegacyGauges(TypedDict):
    signal_queue_size: int | None
    telegram_queue_size: int | None


class LegacyMetrics(TypedDict):
    """Metrics as earlier versions told them; null is what cannot be known."""

    system: LegacySystem
    counters: LegacyCounters
    gauges: LegacyGauges


class ChatAnswer(TypedDict):
    """An answer, whose words they are, and which data it rests on."""

    answer: str
    source: str
    used: list[str]
    disclaimer: str


PerformanceStats: TypeAlias = dict[str, RatedStats]
Document: TypeAlias = dict[str, Any]
