"""The forms of the answers: what the OpenAPI document says and mypy may check.

Here is what is told of the service and the market; signal_shapes.py has what closes became, and
record_shapes.py how that did.

Times are ms since the epoch, UTC, unless a name says otherwise; `timestamp` and `closed_at` of a
signal are seconds. `*_pct` and returns are percent, rates fractions. Null: not known, never zero.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from ...costs.shapes import Cost
from .vocabulary import Components, Direction, Market


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


class CurrentScores(TypedDict):
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

    top: list[CurrentScores]
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
    """How the engine runs. The hop from a bar's close is told of live markets only: a replay's
    clock is not the wall's.
    """

    hops: list[Hop]
    queues: dict[str, int]
    cost: Cost
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


Document: TypeAlias = dict[str, Any]
