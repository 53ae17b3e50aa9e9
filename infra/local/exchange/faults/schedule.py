"""The schedule of injected faults: kind, time, duration and affected streams.

A fault is a JSON object, scheduled with `POST /_local/faults` (one, or a list), listed with `GET`,
cleared with `DELETE`:

    {"kind": "silent", "at": 1747612800000, "for": 300000, "stream": "kline", "symbol": "BTCUSDT"}

`at` (default: now) and `for` (null: unlimited) are ms of event time, so a fault affects the same
messages at any speed; a closing kline counts as published at its close time. `stream` is a
class (`kline`, `mark`, `liquidation`, `ticker`, `contract`, `trade`, `quote`) or the name of one
stream; if absent, all streams are meant. `FORMS` describes each kind and its fields.

This module decides which faults are due. They are applied by `disturbance` (messages), `sockets`
(connections) and `rest` (answers).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..protocol.streams import Kind as StreamKind
from ..protocol.streams import Stream

CLASSES: Final[Mapping[str, frozenset[StreamKind]]] = {
    "kline": frozenset({"kline"}),
    "mark": frozenset({"markPrice", "markPrices"}),
    "liquidation": frozenset({"forceOrder", "forceOrders"}),
    "ticker": frozenset({"miniTickers"}),
    "contract": frozenset({"contractInfo"}),
    "trade": frozenset({"aggTrade"}),
    "quote": frozenset({"bookTicker"}),
}


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of fault: its effect, and its fields besides `at` and `for`."""

    does: str
    takes: Mapping[str, Any]


_STREAMS: Final = {"stream": "", "symbol": ""}
FORMS: Final[Mapping[str, Form]] = {
    # messages
    "silent": Form("nothing is published; from the start on, a stream that never begins", _STREAMS),
    "missing": Form("closing klines are not published", _STREAMS),
    "unformed": Form("klines that still form are not published", _STREAMS),
    "late": Form("closing klines are published `delay_ms` later", {**_STREAMS, "delay_ms": 10_000}),
    "mismatch": Form("closing klines have half the volume, and the open as close", _STREAMS),
    "duplicate": Form("every message is sent twice", _STREAMS),
    "reorder": Form("every second message is sent after the one that follows it", _STREAMS),
    "malformed": Form("every `every`th message is broken", {**_STREAMS, "every": 5}),
    "huge": Form(
        "a frame of `bytes` before every `every`th message",
        {**_STREAMS, "every": 20, "bytes": 2_000_000},
    ),
    "unknown": Form("messages have unknown fields, and there are unknown events", _STREAMS),
    "skew": Form("event times and serverTime are `offset_ms` off", {"offset_ms": 5_000}),
    # connections
    "stall": Form(
        "connections open at `at` get nothing more: no messages, pongs or close", _STREAMS
    ),
    "disconnect": Form("open connections are cut, and again every `every_ms`", {"every_ms": 0}),
    "expire": Form("connections `age_ms` old are closed", {"age_ms": 86_400_000}),
    "refuse": Form("new connections are answered with `status`", {"status": 503}),
    # REST
    "slow_rest": Form("answers take `delay_ms` of wall time", {"path": "", "delay_ms": 5_000}),
    "refuse_rest": Form(
        "answered with `status`; `retry_after` in s, where given",
        {"path": "", "status": 429, "retry_after": 0},
    ),
    "garbled_rest": Form("answered with 200 and no JSON", {"path": ""}),
    "lagging_rest": Form("klines lack the last `delay_ms`", {"delay_ms": 5_000}),
    # the market
    "halt": Form(
        "`symbol` has `status` and does not trade: it never has klines of that time",
        {"symbol": "", "status": "SETTLING"},
    ),
    "unlisted": Form(
        "`symbol` does not exist yet; schedule it before the playback", {"symbol": ""}
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `span` in ms, None without end. Each kind uses its own of the other fields."""

    kind: str
    at: int
    span: int | None = None
    stream: str = ""
    symbol: str = ""
    path: str = ""
    every: int = 1
    every_ms: int = 0
    delay_ms: int = 0
    offset_ms: int = 0
    age_ms: int = 0
    bytes: int = 0
    status: int | str = 0
    retry_after: int = 0

    def on(self, now: int) -> bool:
        """Return whether it is active at event time `now`, ms."""
        return self.at <= now and (self.span is None or now < self.at + self.span)

    def hits(self, stream: Stream) -> bool:
        """Return whether it affects that stream; a stream of all symbols matches any symbol."""
        named = self.stream in ("", stream.name) or stream.kind in CLASSES.get(self.stream, ())
        return named and (not self.symbol or stream.symbol in ("", self.symbol))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, defaults filled in."""
        taken = {name: getattr(self, name) for name in FORMS[self.kind].takes}
        return {"kind": self.kind, "at": self.at, "for": self.span, **taken}


def read_fault(raw: Any, now: int) -> Fault:
    """Read one JSON row; raises ValueError naming the wrong field."""
    if not isinstance(raw, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - one error for a bad body
    kind = raw.get("kind")
    form = FORMS.get(kind) if isinstance(kind, str) else None
    if form is None:
        raise ValueError(f"kind: {kind!r} is not one of {', '.join(FORMS)}")
    unknown = sorted(set(raw) - {"kind", "at", "for", *form.takes})
    if unknown:
        raise ValueError(f"{kind} takes no {', '.join(unknown)}, but {', '.join(form.takes)}")
    values = {name: _read(name, raw.get(name, given), given) for name, given in form.takes.items()}
    if kind in ("halt", "unlisted") and not values["symbol"]:
        raise ValueError(f"symbol: {kind} needs one")
    span = None if raw.get("for") is None else _read("for", raw["for"], 0)
    return Fault(str(kind), _read("at", raw.get("at", now), 0), span, **values)


def _read(name: str, value: Any, like: Any) -> Any:
    """Return a value if it is of the type of its default."""
    if isinstance(like, str):
        if not isinstance(value, str):
            raise ValueError(f"{name}: {value!r} is not a text")  # noqa: TRY004 - as above
        known = name != "stream" or value in ("", *CLASSES) or "@" in value or "!" in value
        if not known:
            raise ValueError(f"stream: {value!r} is no stream, nor of {', '.join(CLASSES)}")
        return value
    if type(value) is not int or (value < 0 and name != "offset_ms") or abs(value) > 10**14:
        raise ValueError(f"{name}: {value!r} is not a whole number")
    if name == "every" and value < 1:
        raise ValueError(f"every: {value!r} is not 1 or more")
    return value


@dataclass(slots=True)
class ScheduledFault:
    """A scheduled fault: how often it took effect, and when first and last (event time, ms)."""

    fault: Fault
    struck: int = 0
    first: int | None = None
    last: int | None = None

    def strike(self, now: int) -> int:
        """Count one effect of the fault; return the count."""
        self.first = now if self.first is None else self.first
        self.last = now
        self.struck += 1
        return self.struck

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.fault.to_dict(), "struck": self.struck, "first": self.first, "last": self.last,
        }  # fmt: skip


@dataclass(slots=True)
class Faults:
    """All scheduled faults, in order."""

    rows: list[ScheduledFault] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def add(self, fault: Fault) -> None:
        """Schedule one more."""
        self.rows.append(ScheduledFault(fault))

    def clear(self) -> None:
        """Clear the schedule; past effects stay."""
        self.rows.clear()

    def on(self, now: int, *kinds: str) -> Iterator[ScheduledFault]:
        """Yield the faults of some kinds that are active at `now`."""
        return (row for row in self.rows if row.fault.kind in kinds and row.fault.on(now))
