"""The forms of the answers about signals, decisions and events: what a close became, and why.

The units are those of shapes.py: times are ms, but `timestamp` and `closed_at` are seconds.
"""

from typing import Literal, NotRequired, TypedDict

from .vocabulary import Components, Direction, Market


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
