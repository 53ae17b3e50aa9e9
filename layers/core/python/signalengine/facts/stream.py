"""Facts: what the ingest task puts on the stream, one JSON object a Kinesis record.

Reading is strict about what it uses (types, ranges, finite numbers, known kinds) and ignores
unknown fields, so that a newer writer never breaks an older reader. Anything else raises
`MalformedFactError` with the reason that is stored with the record in the dead-letter queue.

All times are ms since the epoch, UTC, exchange time. Prices are quote currency, volumes base
currency, `*_usd` quote currency. Unknown is None, never zero.
"""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from ..errors import MalformedFactError
from ..intervals import INTERVAL_MS
from .feed import GapFact as GapFact
from .feed import HeartbeatFact as HeartbeatFact
from .feed import gap_body, heartbeat_body, read_gap, read_heartbeat
from .frozen import frozen
from .json_fields import (
    amount,
    array,
    choice,
    maybe_amount,
    maybe_rate,
    maybe_whole,
    minute,
    moment,
    obj,
    price,
    shown,
    symbol,
    whole,
)
from .markets import MARKETS as MARKETS
from .markets import Market as Market
from .quality import FLAWLESS
from .quality import Quality as Quality

VERSION: Final = 1
MAX_FACT_BYTES: Final = 262_144
"""Larger records are refused unread: 500 bars of history are about 110 KB."""


@frozen
class Bar:
    """One closed bar; `close_time` = `open_time` + interval (the first ms that is not in it)."""

    interval: str
    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float | None = None
    trades: int | None = None
    taker_buy_volume: float | None = None

    @property
    def close_time(self) -> int:
        return self.open_time + INTERVAL_MS[self.interval]


@dataclass(frozen=True, slots=True)
class PathPoint:
    """A new extreme inside the minute: after `second` seconds, low and high so far."""

    second: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BarsFact:
    """A closed 1m bar and the longer bars that close with it (`bars[0]` is the 1m bar)."""

    symbol: str
    bars: tuple[Bar, ...]
    market: Market
    source: Literal["ws", "rest"]
    sent_at: int
    quality: Quality = FLAWLESS
    open_interest: float | None = None
    open_interest_time: int | None = None
    funding_rate: float | None = None
    funding_paid: float | None = None
    """The rate settled exactly at this minute's close; None when no funding was due then."""
    mark_price: float | None = None
    liq_long_usd: float | None = None
    liq_short_usd: float | None = None
    path: tuple[PathPoint, ...] | None = None
    funding_hours: int | None = None
    """Hours between two payments of `funding_rate`: 0.05 % every hour is not 0.05 % every 8."""
    tick_size: float | None = None
    """Smallest step of the price, as the exchange lists it."""

    @property
    def close_time(self) -> int:
        return self.bars[0].close_time


@dataclass(frozen=True, slots=True)
class HistoryFact:
    """Warm-up: bars of one interval, oldest first. Advances state, causes no events.

    It also makes the symbol known; it may be empty (a listing with no past).
    """

    symbol: str
    interval: str
    bars: tuple[Bar, ...]
    market: Market


@dataclass(frozen=True, slots=True)
class Tick:
    """The running minute of one symbol, from trade prices."""

    open_time: int
    open: float
    high: float
    low: float
    last: float


@dataclass(frozen=True, slots=True)
class TicksFact:
    """The exchange's clock is at `time`: bars are being stored, or prices are due."""

    time: int
    market: Market
    ticks: Mapping[str, Tick]
    """The running minutes of all symbols, which earlier versions sent each second; now none."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """The last price of each symbol, midway between two heartbeats; else none."""


Fact: TypeAlias = BarsFact | HistoryFact | TicksFact | HeartbeatFact | GapFact


# --- writing -------------------------------------------------------------------------------------


def encode(fact: Fact) -> bytes:
    """Return the JSON record of a fact (UTF-8, compact, round-trip exact floats)."""
    return json.dumps(to_dict(fact), separators=(",", ":"), allow_nan=False).encode()


def to_dict(fact: Fact) -> dict[str, Any]:
    """Return the JSON-ready form of a fact, `v` and `kind` at the top level."""
    match fact:
        case BarsFact():
            return _bars_dict(fact)
        case HistoryFact():
            return {
                "v": VERSION, "kind": "history", "symbol": fact.symbol, "market": fact.market,
                "interval": fact.interval, "bars": [bar_to_dict(b) for b in fact.bars],
            }  # fmt: skip
        case TicksFact():
            ticks = {s: [t.open_time, t.open, t.high, t.low, t.last] for s, t in fact.ticks.items()}
            body = {
                "v": VERSION, "kind": "ticks", "time": fact.time, "market": fact.market,
                "ticks": ticks,
            }  # fmt: skip
            return {**body, "prices": dict(fact.prices)} if fact.prices else body
        case HeartbeatFact():
            return {"v": VERSION, "kind": "heartbeat", **heartbeat_body(fact)}
        case GapFact():
            return {"v": VERSION, "kind": "gap", **gap_body(fact)}


def bar_to_dict(bar: Bar) -> dict[str, Any]:
    """Return a bar as stored and sent; unknown optional fields are left out."""
    out: dict[str, Any] = {
        "interval": bar.interval, "open_time": bar.open_time, "close_time": bar.close_time,
        "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close,
        "volume": bar.volume,
    }  # fmt: skip
    for name in ("quote_volume", "trades", "taker_buy_volume"):
        value = getattr(bar, name)
        if value is not None:
            out[name] = value
    return out


def _bars_dict(fact: BarsFact) -> dict[str, Any]:
    out = {
        "v": VERSION, "kind": "bars", "symbol": fact.symbol, "market": fact.market,
        "source": fact.source, "sent_at": fact.sent_at,
        "bars": [bar_to_dict(b) for b in fact.bars],
        "quality": {"gap_s": fact.quality.gap_s, "stream_age_ms": fact.quality.stream_age_ms},
        "open_interest": fact.open_interest, "open_interest_time": fact.open_interest_time,
        "funding_rate": fact.funding_rate, "funding_paid": fact.funding_paid,
        "mark_price": fact.mark_price,
        "liq_long_usd": fact.liq_long_usd, "liq_short_usd": fact.liq_short_usd,
        "path": None if fact.path is None else [[p.second, p.low, p.high] for p in fact.path],
        "funding_hours": fact.funding_hours,
    }  # fmt: skip
    return out if fact.tick_size is None else {**out, "tick_size": fact.tick_size}


# --- reading -------------------------------------------------------------------------------------


def decode(data: bytes) -> Fact:
    """Read one record; raises MalformedFactError naming what is wrong."""
    if len(data) > MAX_FACT_BYTES:
        raise MalformedFactError(f"record of {len(data)} bytes is over {MAX_FACT_BYTES}")
    raw = _load(data)
    if whole(raw.get("v"), "v") != VERSION:
        raise MalformedFactError(f"v: schema version {shown(raw['v'])} is not {VERSION}")
    kind = raw.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise MalformedFactError(f"unknown kind {shown(kind)}")
    return reader(raw)


def kind_of(data: bytes) -> str | None:
    """Return the `kind` a record claims, None when it cannot be read at all."""
    try:
        kind = _load(data).get("kind")
    except MalformedFactError:
        return None
    return kind if isinstance(kind, str) else None


def _load(data: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedFactError(f"not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise MalformedFactError(f"not a JSON object but {shown(raw)}")
    return raw


def _read_bars(raw: dict[str, Any]) -> BarsFact:
    bars = _bars(raw)
    if not bars or bars[0].interval != "1m":
        raise MalformedFactError("bars: the first bar must be the 1m bar")
    end = bars[0].close_time
    if any(bar.close_time != end for bar in bars):
        raise MalformedFactError("bars: all bars of one fact must close together")
    if len({bar.interval for bar in bars}) != len(bars):
        raise MalformedFactError("bars: two bars of the same interval")
    return BarsFact(
        symbol=symbol(raw.get("symbol")),
        bars=bars,
        market=choice(raw, "market", MARKETS),
        source=choice(raw, "source", ("ws", "rest")),
        sent_at=moment(raw.get("sent_at"), "sent_at"),
        quality=_quality(raw.get("quality")),
        open_interest=maybe_amount(raw, "open_interest"),
        open_interest_time=maybe_whole(raw, "open_interest_time"),
        funding_rate=maybe_rate(raw, "funding_rate"),
        funding_paid=maybe_rate(raw, "funding_paid"),
        mark_price=maybe_amount(raw, "mark_price"),
        liq_long_usd=maybe_amount(raw, "liq_long_usd"),
        liq_short_usd=maybe_amount(raw, "liq_short_usd"),
        path=_path(raw.get("path")),
        funding_hours=maybe_whole(raw, "funding_hours"),
        tick_size=None if raw.get("tick_size") is None else price(raw["tick_size"], "tick_size"),
    )


def _quality(value: Any) -> Quality:
    raw = {} if value is None else obj(value, "quality")
    return Quality(maybe_amount(raw, "gap_s") or 0.0, maybe_whole(raw, "stream_age_ms"))


def _read_history(raw: dict[str, Any]) -> HistoryFact:
    interval = choice(raw, "interval", tuple(INTERVAL_MS))
    bars = _bars(raw)
    for before, after in itertools.pairwise(bars):
        if after.open_time <= before.open_time:
            raise MalformedFactError("bars: history is not in ascending order")
    if any(bar.interval != interval for bar in bars):
        raise MalformedFactError("bars: history of mixed intervals")
    return HistoryFact(symbol(raw.get("symbol")), interval, bars, choice(raw, "market", MARKETS))


def _read_ticks(raw: dict[str, Any]) -> TicksFact:
    items = obj(raw.get("ticks"), "ticks")
    ticks = {symbol(name): _tick(f"ticks.{name}", row) for name, row in items.items()}
    known = obj(raw.get("prices", {}), "prices")
    prices = {symbol(name): price(value, name) for name, value in known.items()}
    return TicksFact(moment(raw.get("time"), "time"), choice(raw, "market", MARKETS), ticks, prices)


def _tick(name: str, value: Any) -> Tick:
    row = array(value, name)
    if len(row) != 5:
        raise MalformedFactError(f"{name}: not [open_time, open, high, low, last]")
    o, h, lo, last = (price(item, name) for item in row[1:])
    if not (lo <= o <= h and lo <= last <= h):
        raise MalformedFactError(f"{name}: open {o} or last {last} outside low {lo} .. high {h}")
    return Tick(minute(row[0], name), o, h, lo, last)


_READERS: dict[str, Callable[[dict[str, Any]], Fact]] = {
    "bars": _read_bars,
    "history": _read_history,
    "ticks": _read_ticks,
    "heartbeat": read_heartbeat,
    "gap": read_gap,
}


def _bars(raw: dict[str, Any]) -> tuple[Bar, ...]:
    return tuple(bar_from_dict(item) for item in array(raw.get("bars"), "bars"))


def bar_from_dict(value: Any) -> Bar:
    """Read one bar; raises MalformedFactError when it could not have been traded."""
    raw = obj(value, "bars")
    interval = choice(raw, "interval", tuple(INTERVAL_MS))
    open_time = minute(raw.get("open_time"), "open_time")
    if open_time % INTERVAL_MS[interval]:
        raise MalformedFactError(f"bars: {open_time} does not start a {interval} bar")
    o, h, lo, c = (price(raw.get(name), name) for name in ("open", "high", "low", "close"))
    if not (lo <= o <= h and lo <= c <= h):
        raise MalformedFactError(f"bars: open {o} or close {c} outside low {lo} .. high {h}")
    return Bar(
        interval, open_time, o, h, lo, c, amount(raw.get("volume"), "volume"),
        quote_volume=maybe_amount(raw, "quote_volume"),
        trades=maybe_whole(raw, "trades"),
        taker_buy_volume=maybe_amount(raw, "taker_buy_volume"),
    )  # fmt: skip


def _path(value: Any) -> tuple[PathPoint, ...] | None:
    if value is None:
        return None
    return tuple(_point(array(item, "path")) for item in array(value, "path"))


def _point(row: list[Any]) -> PathPoint:
    if len(row) != 3:
        raise MalformedFactError("path: a point that is not [second, low, high]")
    second, low, high = whole(row[0], "path"), price(row[1], "path"), price(row[2], "path")
    if not 0 <= second <= 60 or low > high:
        raise MalformedFactError(f"path: no point of a minute: {second} s, {low} .. {high}")
    return PathPoint(second, low, high)
