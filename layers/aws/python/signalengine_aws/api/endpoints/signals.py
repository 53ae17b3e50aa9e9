"""Signals and decisions: what a close became, and why."""

from typing import Any, Final, Literal, NotRequired, TypedDict

from signalengine.signals import DIRECTIONS, Verdict

from ...stores.signals import STATUSES
from .. import parameters as p
from ..field_types import Components, Direction, Market
from ..routing import MissingError, Request, Route
from ..services import Services


class Event(TypedDict):
    """Something that happened at a bar's close, inside a signal or a decision."""

    kind: str
    interval: str
    direction: Direction
    strength: float
    details: dict[str, float]


class Quality(TypedDict):
    """Quality of the data of a close."""

    gap_s: float
    stream_age_ms: int | None


class Target(TypedDict):
    price: float
    fraction: float


class Exits(TypedDict):
    """Exits beyond one TP and one SL; prices and distances in quote currency."""

    targets: list[Target]
    break_even: bool
    trail: float | None
    trail_step: float | None
    trail_after: int
    leave: bool
    tick_size: float | None


class Fill(TypedDict):
    """A part of the position that was closed; times in ms."""

    name: str
    closed_at: int
    price: float
    fraction: float
    touched_at: int | None


class StopMove(TypedDict):
    """The stop's new price after a bar's close (ms)."""

    name: str
    at: int
    price: float


class Signal(TypedDict):
    """A signal; the fields after `return_pct` are present once it is closed.

    `exits` is present from the opening on where there is more than one TP and one SL; `progress`
    once a part of it was closed or its stop has moved; `fills` where more than one closed it.
    """

    id: str
    symbol: str
    direction: Direction
    status: Literal["open", "tp_hit", "sl_hit", "expired", "left"]
    score: float
    timestamp: float
    close_time: int
    entry_price: float
    tp_price: float
    sl_price: float
    tick_size: NotRequired[float]
    """Smallest step of the price when it opened. Absent where unknown."""
    atr: float
    atr_interval: str
    expires_at: int
    components: Components
    missing: list[str]
    events: list[Event]
    quality: Quality
    market: Market
    policy_digest: str
    strategy: str
    """The parameter set, like `classic` or `donchian@fast`."""
    shadow: NotRequired[bool]
    """True: it is not published. Absent else."""
    code_version: str
    dedup_hash: str
    outcome: Literal["tp_hit", "sl_hit", "expired", "left"] | None
    closed_at: float | None
    return_pct: float | None
    gross_return_pct: NotRequired[float]
    funding_pct: NotRequired[float]
    exit_price: NotRequired[float]
    resolution: NotRequired[Literal["tick", "path", "bar", "forced"]]
    ambiguous: NotRequired[bool]
    mfe_pct: NotRequired[float]
    mae_pct: NotRequired[float]
    exits: NotRequired[Exits]
    progress: NotRequired[list[Fill | StopMove]]
    fills: NotRequired[list[Fill]]


class Signals(TypedDict):
    """A page of signals, newest first."""

    signals: list[Signal]
    count: int
    cursor: str | None
    unreadable: int


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
    """Why a scored close became a signal or did not, with all inputs."""

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
    behind: dict[str, int]
    """Symbols that the protections saw only up to a time (ms): those were not evaluated further."""
    across: NotRequired[dict[str, float | None]]
    """Values that compare symbols, by name, of a strategy that has any."""
    absent: NotRequired[list[str]]
    """Symbols whose values were not there when symbols were compared, where there were any."""


class Receipt(TypedDict):
    """The delivery of a signal's opening, step or closing to one channel. The stages (ms) are null
    until it is delivered; `published_at` also for deliveries that an earlier version made.
    """

    kind: str
    """`opened`, the name of a step (`target1`, `stop1`), or `closed`."""
    channel: str
    state: Literal["waiting", "delivered", "failed", "suppressed"]
    attempts: int
    bar_closed_at: int | None
    """Market time, as all times of bars; the others are wall time."""
    stored_at: int | None
    """The decision and the signal are stored in one transaction."""
    published_at: int | None
    """When the message came into the channel's queue."""
    sent_at: int | None
    """When the channel acknowledged it."""
    latency_ms: int | None
    """From `stored_at` to `sent_at`."""
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
    """Everything stored about a signal; expired data (after weeks) is null or empty."""

    signal: Signal
    values: NotRequired[dict[str, float | None]]
    """The strategy's own at its close; not of `classic`."""
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
    strategy: str


class Decisions(TypedDict):
    """A page of decisions, newest first."""

    decisions: list[Decision]
    count: int
    cursor: str | None
    unreadable: int


def signals(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """`from` and `to` are about the entry's close."""
    from ..queries.signals import SignalQueries

    return services.query(SignalQueries).page(**values)


def detail(services: Services, _: Request, *, signal_id: str) -> dict[str, Any]:
    """The signal; its `decision` with the scores and components of both directions; the `features`
    of all intervals at its close; the `receipts` of its deliveries, with the time of each stage;
    1m `bars` from an hour before its entry to 15 minutes after its close; and `neighbours`, the
    other decisions on the symbol within half an hour. WebSocket clients do not acknowledge
    messages, and so have no receipts. Expired data (events after 30 days, bars and receipts after
    35, decisions after 90) is null or empty.
    """
    from ..queries.history import HistoryQueries

    found = services.query(HistoryQueries).signal(signal_id)
    if found is None:
        raise MissingError(f"signal_id: no signal {signal_id}")
    return found


def decisions(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """Every scored close with its verdict and its reason; [policy.md](policy.md) explains the
    verdicts.
    """
    from ..queries.history import HistoryQueries

    return services.query(HistoryQueries).decisions(**values)


DIRECTION: Final = p.choice("direction", "Only this side", DIRECTIONS)
STATUS: Final = p.choice("status", "`closed` is every outcome", STATUSES)
VERDICT: Final = p.choice("verdict", "Only this verdict", tuple(Verdict))

SIGNALS: Final = """\
{"signals": [{"id": "2fcad2d45479b0185f57236e", "symbol": "BTCUSDT", "direction": "long",
  "status": "tp_hit", "score": 0.6254, "timestamp": 1747571460.0, "close_time": 1747571460000,
  "entry_price": 100.0, "tp_price": 102.0, "sl_price": 99.0, "atr": 1.0, "atr_interval": "15m",
  "expires_at": 1747575060000, "components": {"trend": 0.7, "oi": null}, "missing": ["oi"],
  "events": [{"kind": "ema_cross", "interval": "5m", "direction": "long", "strength": 0.5,
              "details": {"spread": 0.1}}],
  "quality": {"gap_s": 0.0, "stream_age_ms": null}, "market": "live",
  "policy_digest": "5dd6a6097a63", "strategy": "classic", "code_version": "4.0.0+1a2b3c4d",
  "dedup_hash": "358def571b59e3c8478e4e26aff576f8", "outcome": "tp_hit",
  "closed_at": 1747571520.0, "return_pct": 1.88, "gross_return_pct": 2.0, "funding_pct": 0.0,
  "exit_price": 102.0, "resolution": "bar", "ambiguous": false, "mfe_pct": 2.0, "mae_pct": 0.0}],
 "count": 1, "cursor": "WzE3NDc1MjYzOTk5OTksbnVsbCwwXQ==", "unreadable": 0}"""
DETAIL: Final = """\
{"signal": {"id": "a828012cbe60dd33d664d9ea", "...": "as above"},
 "decision": {"verdict": "emitted", "reason": "short scores 59.6%", "scores":
   {"long": {"score": 0.0555, "coverage": 0.6, "...": 0},
    "short": {"score": 0.5961, "coverage": 0.6,
              "components": {"event": 1.0, "structure": 1.0, "trend": 0.5382, "oi": null},
              "missing": ["liquidation", "oi", "vwap"], "backed": true}}, "...": "and more"},
 "events": [{"kind": "volume_spike", "interval": "1m", "direction": "short", "strength": 1.0,
             "details": {"z": 6.2145}}],
 "features": {"1m": {"close": 95.1535, "rsi": 15.6808, "...": 0}, "5m": {}, "15m": {}, "1h": {}},
 "receipts": [{"kind": "opened", "channel": "telegram:5c1e0b7a94d2", "state": "delivered",
               "attempts": 1, "bar_closed_at": 1747699999100, "stored_at": 1747699999600,
               "published_at": 1747699999650, "sent_at": 1747700000000, "latency_ms": 400,
               "message_id": 7}],
 "bars": [[1747612800000, 98.1, 98.3, 98.0, 98.2, 12.5]],
 "neighbours": [{"close_time": 1747616400000, "verdict": "cooldown", "direction": "short",
                 "score": 0.6724, "reason": "cooling down for another 31 min",
                 "signal_id": null}]}"""
DECISIONS: Final = """\
{"decisions": [{"symbol": "BTCUSDT", "close_time": 1747620000000,
  "verdict": "below_threshold", "direction": "long", "price": 103.2612,
  "scores": {"long": {"score": 0.2, "...": 0}, "short": {"score": 0.2582, "...": 0}},
  "reason": "long scores 20%, 50% needed", "events": ["structure_break"], "signal_id": null,
  "market": "live", "policy_digest": "5dd6a6097a63", "strategy": "classic"}],
 "count": 1, "cursor": "WzE3NDc2MjAwMDAwMDAsIkJUQ1VTRFQiLDBd", "unreadable": 0}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/signals", "Signals, newest first", "Signals", signals, Signals,
        (p.symbol(), DIRECTION, STATUS, *p.sets(), *p.period(), p.limit(), p.cursor()),
        example=SIGNALS,
    ),
    Route(
        "/signals/{signal_id}", "Everything stored about a signal", "Signals", detail, SignalDetail,
        (p.signal_id(),), raises=("404",), example=DETAIL,
    ),
    Route(
        "/decisions", "Decisions, newest first, each with its reason", "Signals", decisions,
        Decisions, (p.symbol(), VERDICT, *p.sets(), *p.period(), p.limit(), p.cursor()),
        example=DECISIONS,
    ),
)  # fmt: skip
