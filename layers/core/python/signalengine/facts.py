"""Facts: what the ingest task puts on the stream, one JSON object a Kinesis record.

Reading is strict about what it uses (types, ranges, finite numbers, known kinds) and blind to what
it does not know, so that a newer writer never breaks an older reader. Anything else raises
`MalformedFactError` with the reason that ends up beside the record in the dead-letter queue.

All times are ms since the epoch, UTC, exchange time. Prices are quote currency, volumes base
currency, `*_usd` quote currency. Unknown is None, never zero.
"""

import itertools
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from .errors import MalformedFactError
from .intervals import INTERVAL_MS, MINUTE_MS

VERSION: Final = 1
MAX_FACT_BYTES: Final = 262_144
"""Larger records are refused unread: 500 bars of history are about 110 KB."""

Market: TypeAlias = Literal["live", "recording", "simulated"]
MARKETS: Final = ("live", "recording", "simulated")
_SYMBOL = re.compile(r"^\w{2,30}$")


@dataclass(frozen=True, slots=True)
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
class Quality:
    """How good the data behind a fact is."""

    gap_s: float = 0.0
    """Seconds of this symbol's market that could not be repaired, up to this bar."""
    stream_age_ms: int | None = None
    """Exchange ms since the last message of the bar's stream when the bar was sent."""


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
    quality: Quality = Quality()
    open_interest: float | None = None
    open_interest_time: int | None = None
    funding_rate: float | None = None
    funding_paid: float | None = None
    """The rate settled exactly at this minute's close; None when no funding was due then."""
    mark_price: float | None = None
    liq_long_usd: float | None = None
    liq_short_usd: float | None = None
    path: tuple[PathPoint, ...] | None = None

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
    """All symbols' running minutes at exchange time `time`, once a second."""

    time: int
    market: Market
    ticks: Mapping[str, Tick]


@dataclass(frozen=True, slots=True)
class HeartbeatFact:
    """The ingest task's own report, every 10 s of exchange time."""

    time: int
    market: Market
    task: str
    symbols: tuple[str, ...]
    prices: Mapping[str, float]
    stream_ages_ms: Mapping[str, int | None]
    reconnects: int
    backlog: int
    gaps: int
    sent: Mapping[str, int]
    cpu_percent: float
    rss_bytes: int


Fact: TypeAlias = BarsFact | HistoryFact | TicksFact | HeartbeatFact


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
            return {
                "v": VERSION, "kind": "ticks", "time": fact.time, "market": fact.market,
                "ticks": ticks,
            }  # fmt: skip
        case HeartbeatFact():
            return _heartbeat_dict(fact)


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
    return {
        "v": VERSION, "kind": "bars", "symbol": fact.symbol, "market": fact.market,
        "source": fact.source, "sent_at": fact.sent_at,
        "bars": [bar_to_dict(b) for b in fact.bars],
        "quality": {"gap_s": fact.quality.gap_s, "stream_age_ms": fact.quality.stream_age_ms},
        "open_interest": fact.open_interest, "open_interest_time": fact.open_interest_time,
        "funding_rate": fact.funding_rate, "funding_paid": fact.funding_paid,
        "mark_price": fact.mark_price,
        "liq_long_usd": fact.liq_long_usd, "liq_short_usd": fact.liq_short_usd,
        "path": None if fact.path is None else [[p.second, p.low, p.high] for p in fact.path],
    }  # fmt: skip


def _heartbeat_dict(fact: HeartbeatFact) -> dict[str, Any]:
    return {
        "v": VERSION, "kind": "heartbeat", "time": fact.time, "market": fact.market,
        "task": fact.task, "symbols": list(fact.symbols), "prices": dict(fact.prices),
        "stream_ages_ms": dict(fact.stream_ages_ms), "reconnects": fact.reconnects,
        "backlog": fact.backlog, "gaps": fact.gaps, "sent": dict(fact.sent),
        "cpu_percent": fact.cpu_percent, "rss_bytes": fact.rss_bytes,
    }  # fmt: skip


# --- reading -------------------------------------------------------------------------------------


def decode(data: bytes) -> Fact:
    """Read one record; raises MalformedFactError naming what is wrong."""
    if len(data) > MAX_FACT_BYTES:
        raise MalformedFactError(f"record of {len(data)} bytes is over {MAX_FACT_BYTES}")
    raw = _load(data)
    version = raw.get("v")
    if version != VERSION:
        raise MalformedFactError(f"schema version {version!r} is not {VERSION}")
    kind = raw.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise MalformedFactError(f"unknown kind {kind!r}")
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
        raise MalformedFactError(f"not a JSON object but {type(raw).__name__}")
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
    quality = raw.get("quality") or {}
    if not isinstance(quality, dict):
        raise MalformedFactError("quality: not an object")
    return BarsFact(
        symbol=_symbol(raw),
        bars=bars,
        market=_choice(raw, "market", MARKETS),
        source=_choice(raw, "source", ("ws", "rest")),
        sent_at=_time(raw, "sent_at"),
        quality=Quality(
            gap_s=_number(quality, "gap_s", low=0.0, default=0.0) or 0.0,
            stream_age_ms=_integer(quality, "stream_age_ms"),
        ),
        open_interest=_number(raw, "open_interest", low=0.0, default=None),
        open_interest_time=_integer(raw, "open_interest_time"),
        funding_rate=_number(raw, "funding_rate", default=None),
        funding_paid=_number(raw, "funding_paid", default=None),
        mark_price=_number(raw, "mark_price", low=0.0, default=None),
        liq_long_usd=_number(raw, "liq_long_usd", low=0.0, default=None),
        liq_short_usd=_number(raw, "liq_short_usd", low=0.0, default=None),
        path=_path(raw.get("path")),
    )


def _read_history(raw: dict[str, Any]) -> HistoryFact:
    interval = _choice(raw, "interval", tuple(INTERVAL_MS))
    bars = _bars(raw)
    for before, after in itertools.pairwise(bars):
        if after.open_time <= before.open_time:
            raise MalformedFactError("bars: history is not in ascending order")
    if any(bar.interval != interval for bar in bars):
        raise MalformedFactError("bars: history of mixed intervals")
    return HistoryFact(_symbol(raw), interval, bars, _choice(raw, "market", MARKETS))


def _read_ticks(raw: dict[str, Any]) -> TicksFact:
    items = raw.get("ticks")
    if not isinstance(items, dict):
        raise MalformedFactError("ticks: not an object")
    ticks = {_checked_symbol(name): _tick(name, row) for name, row in items.items()}
    return TicksFact(_time(raw, "time"), _choice(raw, "market", MARKETS), ticks)


def _tick(name: str, row: Any) -> Tick:
    if not isinstance(row, list) or len(row) != 5 or not isinstance(row[0], int):
        raise MalformedFactError(f"ticks.{name}: not [open_time, open, high, low, last]")
    prices = [_finite(value, f"ticks.{name}", positive=True) for value in row[1:]]
    return Tick(row[0], prices[0], prices[1], prices[2], prices[3])


def _read_heartbeat(raw: dict[str, Any]) -> HeartbeatFact:
    symbols, prices = raw.get("symbols"), raw.get("prices")
    ages, sent = raw.get("stream_ages_ms"), raw.get("sent")
    if not isinstance(symbols, list) or not all(isinstance(d, dict) for d in (prices, ages, sent)):
        raise MalformedFactError("heartbeat: symbols, prices, stream_ages_ms or sent missing")
    assert isinstance(prices, dict)  # noqa: S101 - narrows for the type checker what all() proved
    assert isinstance(ages, dict)  # noqa: S101
    assert isinstance(sent, dict)  # noqa: S101
    return HeartbeatFact(
        time=_time(raw, "time"),
        market=_choice(raw, "market", MARKETS),
        task=str(raw.get("task", "")),
        symbols=tuple(_checked_symbol(s) for s in symbols),
        prices={_checked_symbol(s): _finite(p, s, positive=True) for s, p in prices.items()},
        stream_ages_ms={str(k): _integer(ages, k) for k in ages},
        reconnects=_integer(raw, "reconnects") or 0,
        backlog=_integer(raw, "backlog") or 0,
        gaps=_integer(raw, "gaps") or 0,
        sent={str(k): _integer(sent, k) or 0 for k in sent},
        cpu_percent=_number(raw, "cpu_percent", low=0.0, default=0.0) or 0.0,
        rss_bytes=_integer(raw, "rss_bytes") or 0,
    )


_READERS: dict[str, Callable[[dict[str, Any]], Fact]] = {
    "bars": _read_bars,
    "history": _read_history,
    "ticks": _read_ticks,
    "heartbeat": _read_heartbeat,
}


def _bars(raw: dict[str, Any]) -> tuple[Bar, ...]:
    items = raw.get("bars")
    if not isinstance(items, list):
        raise MalformedFactError("bars: missing or not a list")
    return tuple(bar_from_dict(item) for item in items)


def bar_from_dict(raw: Any) -> Bar:
    """Read one bar; raises MalformedFactError when it could not have been traded."""
    if not isinstance(raw, dict):
        raise MalformedFactError("bars: a bar that is not an object")
    interval = _choice(raw, "interval", tuple(INTERVAL_MS))
    open_time = _time(raw, "open_time")
    if open_time % INTERVAL_MS[interval]:
        raise MalformedFactError(f"bars: {open_time} does not start a {interval} bar")
    o, h, lo, c = (_price(raw, name) for name in ("open", "high", "low", "close"))
    if not (lo <= o <= h and lo <= c <= h):
        raise MalformedFactError(f"bars: open {o} or close {c} outside low {lo} .. high {h}")
    volume = _number(raw, "volume", low=0.0)
    assert volume is not None  # noqa: S101 - required above
    return Bar(
        interval, open_time, o, h, lo, c, volume,
        quote_volume=_number(raw, "quote_volume", low=0.0, default=None),
        trades=_integer(raw, "trades"),
        taker_buy_volume=_number(raw, "taker_buy_volume", low=0.0, default=None),
    )  # fmt: skip


def _path(raw: Any) -> tuple[PathPoint, ...] | None:
    if raw is None:
        return None
    if not isinstance(raw, list):
        raise MalformedFactError("path: not a list")
    points = []
    for item in raw:
        if not isinstance(item, list) or len(item) != 3 or not isinstance(item[0], int):
            raise MalformedFactError("path: a point that is not [second, low, high]")
        low, high = (_finite(value, "path", positive=True) for value in item[1:])
        points.append(PathPoint(item[0], low, high))
    return tuple(points)


def _symbol(raw: dict[str, Any]) -> str:
    return _checked_symbol(raw.get("symbol"))


def _checked_symbol(value: Any) -> str:
    if not isinstance(value, str) or not _SYMBOL.match(value):
        raise MalformedFactError(f"symbol: {value!r} is not a symbol")
    return value


def _choice(raw: dict[str, Any], name: str, allowed: tuple[str, ...]) -> Any:
    value = raw.get(name)
    if value not in allowed:
        raise MalformedFactError(f"{name}: {value!r} is not one of {', '.join(allowed)}")
    return value


def _time(raw: dict[str, Any], name: str) -> int:
    value = _integer(raw, name)
    if value is None or not 0 <= value < 10**14:
        raise MalformedFactError(f"{name}: {value!r} is not a time in ms")
    if name == "open_time" and value % MINUTE_MS:
        raise MalformedFactError(f"{name}: {value} is not on a minute")
    return value


def _integer(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedFactError(f"{name}: {value!r} is not an integer")
    return value


_REQUIRED: Final = -math.inf  # a default no caller can mean


def _number(
    raw: Mapping[str, Any],
    name: str,
    *,
    low: float | None = None,
    default: float | None = _REQUIRED,
) -> float | None:
    value = raw.get(name)
    if value is None:
        if default == _REQUIRED:
            raise MalformedFactError(f"{name}: missing")
        return default
    number = _finite(value, name)
    if low is not None and number < low:
        raise MalformedFactError(f"{name}: {number} is below {low}")
    return number


def _price(raw: dict[str, Any], name: str) -> float:
    if raw.get(name) is None:
        raise MalformedFactError(f"{name}: missing")
    return _finite(raw[name], name, positive=True)


def _finite(value: Any, name: str, *, positive: bool = False) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedFactError(f"{name}: {value!r} is not a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise MalformedFactError(f"{name}: {value!r} is out of range") from error
    if not math.isfinite(number):
        raise MalformedFactError(f"{name}: {number} is not finite")
    if positive and number <= 0.0:
        raise MalformedFactError(f"{name}: {number} is not a price")
    return number
