"""What the engine decides and stores: evaluations, decisions, signals, outcomes.

Plain data, with the one JSON form of each that is stored, published and compared. Fractions are
plain (0.01 = 1 %); stored returns are integers of 1e-8 so that sums are exact in any order.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from .exits.data import Exits as Exits
from .exits.data import Fill as Fill
from .exits.data import Step as Step
from .exits.data import StopMove as StopMove
from .exits.data import Target as Target
from .exits.risk import between, in_risk
from .facts.markets import Market
from .facts.quality import Quality
from .facts.typed import typed
from .intervals import CLASSIC_INTERVALS

Direction: TypeAlias = Literal["long", "short"]
DIRECTIONS: tuple[Direction, Direction] = ("long", "short")
COMPONENTS = ("trend", "liquidation", "volatility", "vwap", "oi", "structure", "event")
ENTRY = "entry"
"""Kind of the event that a strategy's own entry condition held."""
RETURN_SCALE = 100_000_000
"""Stored returns are integers of 1e-8."""


class Verdict(StrEnum):
    """The result of a scored close; each but `emitted` is a reason for no signal."""

    EMITTED = "emitted"
    BELOW_THRESHOLD = "below_threshold"
    TIE = "tie"
    COOLDOWN = "cooldown"
    NOT_WARM = "not_warm"
    GAP = "gap"
    STALE_DATA = "stale_data"
    INSUFFICIENT_DATA = "insufficient_data"
    COST_TOO_HIGH = "cost_too_high"
    OUT_OF_ORDER = "out_of_order"
    OUT_OF_RANGE = "out_of_range"
    """TP or SL would not be a price on its side of the entry."""
    MODEL_VETO = "model_veto"
    """The rules would have emitted it; the model that the policy requires refuses."""
    PROTECTED = "protected"
    """Rules and model would have emitted it; a protection of the policy is active."""
    BELOW_TICK = "below_tick"
    """On the tick size, TP or SL would not be a price on its side of the entry."""


class Outcome(StrEnum):
    """How a signal ended."""

    TP_HIT = "tp_hit"
    SL_HIT = "sl_hit"
    EXPIRED = "expired"
    LEFT = "left"
    """The strategy's own condition closed it at a bar's close."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a bar's close."""

    kind: str
    interval: str
    direction: Direction
    strength: float
    details: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All events of one symbol at one 1m close, with everything that scoring may read."""

    symbol: str
    close_time: int
    market: Market
    source: str
    sent_at: int
    quality: Quality
    events: tuple[Event, ...]
    features: Mapping[str, Mapping[str, float | None]]
    """Per interval, by the names in `snapshot.NAMES`."""
    context: Mapping[str, float | None]
    """Symbol-wide inputs of the components, by the names in `snapshot.CONTEXT`."""
    unwarm: tuple[str, ...]
    """Intervals with fewer bars than the policy's warm-up."""
    tainted: tuple[str, ...]
    """Intervals with a hole inside their windows."""
    tick_size: float | None = None
    """Smallest step of the price; None when unknown: then levels are as computed."""
    values: Mapping[str, float | None] = field(default_factory=dict)
    """The strategy's own, by the names in its `Values`."""
    strategy: str = ""
    """Key of the parameter set, like `donchian@fast`; empty for `classic`."""
    digest: str = ""
    """Of the parameter set; empty for `classic`, whose policy is deployed."""
    outside: bool = False
    """Whether the symbol is not in the strategy's universe: nothing opens."""
    across: Mapping[str, float | None] = field(default_factory=dict)
    """The strategy's values that compare symbols; none is known before the close is decided."""
    absent: tuple[str, ...] = ()
    """Symbols whose values were not there when symbols were compared."""

    @property
    def price(self) -> float:
        """Close of the 1m bar: the reference entry."""
        price = self.features["1m"]["close"]
        assert price is not None  # noqa: S101 - a folded bar has a close
        return price


@dataclass(frozen=True, slots=True)
class DirectionScore:
    """Score of one direction: 0..1, from the components that had data."""

    score: float
    coverage: float
    components: Mapping[str, float | None]
    missing: tuple[str, ...]
    backed: bool
    """True when an event within the event window has this direction."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The probability (0..1) that a model gave each direction at a close, and the model."""

    model: str
    mode: str
    """What the policy does with it: `off` (only recorded), `gate` or `blend`."""
    long: float
    short: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a scored close became a signal, or did not."""

    symbol: str
    close_time: int
    verdict: Verdict
    direction: Direction | None
    price: float
    scores: Mapping[str, DirectionScore]
    events: tuple[Event, ...]
    quality: Quality
    market: Market
    policy_digest: str
    code_version: str
    signal_id: str | None
    reason: str
    opinion: Opinion | None = None
    """None without a model."""
    protections: tuple[str, ...] = ()
    """The protections that refused it, by their rules' names in the policy."""
    behind: Mapping[str, int] = field(default_factory=dict)
    """Symbols that the protections saw only up to the time (ms) that they had reached."""
    across: Mapping[str, float | None] = field(default_factory=dict)
    """The strategy's values that compare symbols, as they were at this close."""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Per symbol: until when (ms, event time) no further signal may open."""

    symbol: str
    last_scored: int
    until: int = 0
    long_until: int = 0
    short_until: int = 0
    signal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a signal ended. Returns are integers of 1e-8 of the entry price."""

    outcome: Outcome
    closed_at: int
    """Close time of the deciding bar, also where its path decided."""
    exit_price: float
    """Price of the last fill."""
    gross_return: int
    cost: int
    funding: int
    net_return: int
    resolution: Literal["tick", "path", "bar", "forced"]
    """What decided; "tick" only in signals that an earlier build closed."""
    ambiguous: bool
    bars_held: int
    mfe: int
    mae: int
    next_open: float | None
    touched_at: int | None = None
    """Exchange time at which the path crossed the level; None when unknown."""
    fills: tuple[Fill, ...] = ()
    """All of them in order, where there is more than one."""

    @property
    def forced(self) -> bool:
        return self.resolution == "forced"


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal as opened; `settlement` once it is closed."""

    signal_id: str
    symbol: str
    direction: Direction
    score: float
    close_time: int
    entry_price: float
    tp_price: float
    sl_price: float
    atr: float | None
    """Of `atr_interval`, where the levels are ATRs; else both are None."""
    atr_interval: str | None
    expires_at: int
    components: Mapping[str, float | None]
    missing: tuple[str, ...]
    events: tuple[Event, ...]
    quality: Quality
    market: Market
    policy_digest: str
    code_version: str
    fee_bps: float
    slippage_bps: float
    settlement: Settlement | None = None
    exits: Exits | None = None
    """None: one TP and one SL. Else `tp_price` is the first target, `sl_price` the initial stop."""
    progress: tuple[Step, ...] = ()
    """What happened to it since, as far as it is known; the fill that ended it is not among it."""
    strategy: str = ""
    """Key of the parameter set; empty for `classic`."""
    shadow: bool = False
    """Whether it is not published: its parameter set was in shadow when it opened."""
    tick_size: float | None = None
    """Smallest step of the price when it opened; None when unknown."""

    @property
    def set_name(self) -> str:
        """Name of the parameter set: `classic`, `donchian@fast`."""
        return self.strategy or "classic"

    @property
    def side(self) -> int:
        """+1 for long, −1 for short."""
        return 1 if self.direction == "long" else -1

    @property
    def status(self) -> str:
        return "open" if self.settlement is None else self.settlement.outcome.value

    @property
    def reward_r(self) -> float | None:
        """What the farthest target gains, in R (`exits.risk`); None without a risk."""
        return self.in_r(self.exits.targets[-1].price if self.exits else self.tp_price)

    @property
    def result_r(self) -> float | None:
        """The gross result with all its parts, in R; None while open."""
        if self.settlement is None:
            return None
        gain = self.settlement.gross_return / RETURN_SCALE * self.entry_price
        return in_risk(self.direction, self.entry_price, self.sl_price, gain)

    def in_r(self, price: float) -> float | None:
        """Return what the position gains from its entry to a price, in R."""
        entry = self.entry_price
        return between(self.direction, entry, self.sl_price, entry, price)

    @property
    def stats_key(self) -> str:
        """What statistics may be summed over: a policy on a kind of market, published or not."""
        return stats_key(self.policy_digest, self.market, shadow=self.shadow)

    @property
    def dedup_hash(self) -> str:
        """The `MD5(symbol:direction:timestamp:score)` of earlier versions; not the identity."""
        text = f"{self.symbol}:{self.direction}:{self.close_time / 1000}:{self.score:.4f}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def stats_key(policy_digest: str, market: str | None, *, shadow: bool = False) -> str:
    """Return the key of the statistics of a policy and market; those of shadow stand apart."""
    return f"{policy_digest}:{market}{':shadow' if shadow else ''}"


def signal_id(policy_digest: str, symbol: str, close_time: int, direction: Direction) -> str:
    """Return the id that these four always give: 24 hex digits of a SHA-256."""
    text = f"{policy_digest}:{symbol}:{close_time}:{direction}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


# --- the JSON form -------------------------------------------------------------------------------

_OMITTED = (
    "absent", "across", "behind", "digest", "exits", "fills", "outside", "progress", "shadow",
    "strategy", "tick_size", "values",
)  # fmt: skip
"""Fields that are left out where they are empty: stored items were without them before."""


def to_json(item: Evaluation | Decision | Signal | Settlement | Cooldown) -> str:
    """Return the stored form: compact JSON, keys sorted, floats round-trip exact."""
    return _compact(to_dict(item))


def to_dict(item: Evaluation | Decision | Signal | Settlement | Cooldown) -> dict[str, Any]:
    """Return what `to_json` writes."""
    raw = asdict(item)
    for part in (raw, raw.get("settlement") or {}):
        for name in _OMITTED:
            if not part.get(name, True):
                del part[name]
    return raw


def steps_to_json(steps: Iterable[Step]) -> str:
    """Return the stored form of a signal's progress."""
    return _compact({"steps": [asdict(step) for step in steps]})


def _compact(raw: Mapping[str, Any]) -> str:
    return json.dumps(raw, separators=(",", ":"), sort_keys=True, allow_nan=False)


def evaluation_from_json(text: str) -> Evaluation:
    return evaluation_from_dict(json.loads(text))


def evaluation_from_dict(raw: Mapping[str, Any]) -> Evaluation:
    """Read a stored evaluation; a feature that is missing is unknown, but for the price.

    Raises LookupError, TypeError, ValueError or AttributeError for what cannot be read.
    """
    features, close = raw["features"], raw["features"]["1m"]["close"]
    if close is None:
        raise ValueError("an evaluation without a price")
    return typed(
        Evaluation,
        {
            **raw,
            "features": {name: features.get(name, {}) for name in (*CLASSIC_INTERVALS, *features)},
        },
        events=tuple(typed(Event, item) for item in raw["events"]),
        quality=typed(Quality, raw["quality"]),
    )


def decision_from_json(text: str) -> Decision:
    return decision_from_dict(json.loads(text))


def decision_from_dict(raw: Mapping[str, Any]) -> Decision:
    """Read a stored decision; raises as `evaluation_from_dict`."""
    opinion = raw.get("opinion")
    return typed(
        Decision,
        raw,
        opinion=None if opinion is None else typed(Opinion, opinion),
        verdict=Verdict(raw["verdict"]),
        events=tuple(typed(Event, item) for item in raw["events"]),
        quality=typed(Quality, raw["quality"]),
        scores={name: typed(DirectionScore, row) for name, row in raw["scores"].items()},
    )


def signal_from_json(text: str) -> Signal:
    return signal_from_dict(json.loads(text))


def signal_from_dict(raw: Mapping[str, Any]) -> Signal:
    """Read a stored signal; raises as `evaluation_from_dict`."""
    settlement, exits = raw.get("settlement"), raw.get("exits")
    return typed(
        Signal,
        raw,
        events=tuple(typed(Event, item) for item in raw["events"]),
        quality=typed(Quality, raw["quality"]),
        settlement=None if settlement is None else settlement_from_dict(settlement),
        exits=None if exits is None else exits_from_dict(exits),
        progress=steps_from_dict({"steps": raw.get("progress", ())}),
    )


def settlement_from_dict(raw: Mapping[str, Any]) -> Settlement:
    fills = tuple(typed(Fill, fill) for fill in raw.get("fills", ()))
    return typed(Settlement, raw, outcome=Outcome(raw["outcome"]), fills=fills)


def steps_from_dict(raw: Mapping[str, Any]) -> tuple[Step, ...]:
    """Read a stored progress; raises as `evaluation_from_dict`."""
    return tuple(typed(Fill, x) if "fraction" in x else typed(StopMove, x) for x in raw["steps"])


def step_time(step: Step) -> int:
    """Return the close time (ms) of the bar in which a step happened."""
    return step.closed_at if isinstance(step, Fill) else step.at


def exits_from_dict(raw: Mapping[str, Any]) -> Exits:
    return typed(Exits, raw, targets=tuple(typed(Target, one) for one in raw["targets"]))


def settled(signal: Signal, settlement: Settlement) -> Signal:
    """Return the signal as closed."""
    return replace(signal, settlement=settlement)


# --- the public form -----------------------------------------------------------------------------


def public(signal: Signal) -> dict[str, Any]:
    """Return a signal as the HTTP API, the WebSocket and SNS publish it.

    `timestamp` and `closed_at` are seconds, as the API has always given them; `*_time` and
    `expires_at` are ms; `*_pct` are percent of the entry price, net unless named gross.
    """
    out: dict[str, Any] = {
        "id": signal.signal_id,
        "symbol": signal.symbol,
        "direction": signal.direction,
        "status": signal.status,
        "score": signal.score,
        "timestamp": signal.close_time / 1000,
        "close_time": signal.close_time,
        "entry_price": signal.entry_price,
        "tp_price": signal.tp_price,
        "sl_price": signal.sl_price,
        "atr": signal.atr,
        "atr_interval": signal.atr_interval,
        "expires_at": signal.expires_at,
        "components": dict(signal.components),
        "missing": list(signal.missing),
        "events": [asdict(event) for event in signal.events],
        "quality": asdict(signal.quality),
        "market": signal.market,
        "policy_digest": signal.policy_digest,
        "strategy": signal.set_name,
        "code_version": signal.code_version,
        "dedup_hash": signal.dedup_hash,
        "outcome": None,
        "closed_at": None,
        "return_pct": None,
    }
    if signal.tick_size is not None:
        out["tick_size"] = signal.tick_size
    if signal.shadow:
        out["shadow"] = True
    if signal.exits is not None:
        out["exits"] = asdict(signal.exits)
    if signal.progress:
        out["progress"] = [asdict(step) for step in signal.progress]
    return out if signal.settlement is None else out | _ended(signal.settlement)


def _ended(end: Settlement) -> dict[str, Any]:
    fills = {"fills": [asdict(fill) for fill in end.fills]} if end.fills else {}
    return fills | {
        "outcome": end.outcome.value,
        "closed_at": (end.touched_at or end.closed_at) / 1000,
        "return_pct": end.net_return * 100 / RETURN_SCALE,
        "gross_return_pct": end.gross_return * 100 / RETURN_SCALE,
        "funding_pct": end.funding * 100 / RETURN_SCALE,
        "exit_price": end.exit_price,
        "resolution": end.resolution,
        "ambiguous": end.ambiguous,
        "mfe_pct": end.mfe * 100 / RETURN_SCALE,
        "mae_pct": end.mae * 100 / RETURN_SCALE,
    }
