"""Faults on command: what an exchange does on its bad days, when, how long, and to whom.

A fault is a row of JSON, set by `POST /_local/faults` (one, or a list), shown by `GET`, forgotten
by `DELETE`:

    {"kind": "silent", "at": 1747612800000, "for": 300000, "stream": "kline", "symbol": "BTCUSDT"}

`at` (default: now) and `for` (null: for good) are ms of the exchange's own time, so a fault hits
the same messages at any speed; a closing kline counts as told at its close time. `stream` is a
class (`kline`, `mark`, `liquidation`, `ticker`, `contract`, `trade`, `quote`) or the name of one
stream; left out, it is all of them. What each kind does, and what else it takes, is `FORMS`.

This file decides what is due and to whom. Doing it is left to the three places where the exchange
talks: `disturbance` (every message), `sockets` (every connection), `rest` (every answer).
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
    """A kind of fault: what it does, and the fields it takes beside `at` and `for`."""

    does: str
    takes: Mapping[str, Any]


_WHOM: Final = {"stream": "", "symbol": ""}
FORMS: Final[Mapping[str, Form]] = {
    # messages
    "silent": Form("nothing is told; from the start on, a stream that never begins", _WHOM),
    "missing": Form("closing klines are not told", _WHOM),
    "unformed": Form("klines that still form are not told", _WHOM),
    "late": Form("closing klines are told `delay_ms` later", {**_WHOM, "delay_ms": 10_000}),
    "mismatch": Form("closing klines say half the volume, and the open as close", _WHOM),
    "duplicate": Form("every message comes twice", _WHOM),
    "reorder": Form("every second message comes after the one that follows it", _WHOM),
    "malformed": Form("every `every`th message is broken", {**_WHOM, "every": 5}),
    "huge": Form(
        "a frame of `bytes` before every `every`th message",
        {**_WHOM, "every": 20, "bytes": 2_000_000},
    ),
    "unknown": Form("fields and events that nobody knows", _WHOM),
    "skew": Form("event times and serverTime are `offset_ms` off", {"offset_ms": 5_000}),
    # connections
    "stall": Form("those open at `at` get nothing more, pongs included, and no close", _WHOM),
    "disconnect": Form("those there are, are cut, and again every `every_ms`", {"every_ms": 0}),
    "expire": Form("those `age_ms` old are closed", {"age_ms": 86_400_000}),
    "refuse": Form("new ones are answered with `status`", {"status": 503}),
    # REST
    "slow_rest": Form("answers take `delay_ms` of the wall's", {"path": "", "delay_ms": 5_000}),
    "refuse_rest": Form(
        "answered with `status`; `retry_after` in s, where given",
        {"path": "", "status": 429, "retry_after": 0},
    ),
    "garbled_rest": Form("answered with 200 and no JSON", {"path": ""}),
    "lagging_rest": Form("klines know nothing of the last `delay_ms`", {"delay_ms": 5_000}),
    # the market
    "halt": Form(
        "`symbol` has `status` and does not trade: no klines, then or ever after",
        {"symbol": "", "status": "SETTLING"},
    ),
    "unlisted": Form("`symbol` does not exist yet; set before the play", {"symbol": ""}),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `span` None is for good. Of the other fields each kind uses its own."""

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
        """Return whether it holds at exchange time `now`."""
        return self.at <= now and (self.span is None or now < self.at + self.span)

    def hits(self, stream: Stream) -> bool:
        """Return whether it means that stream; one of all symbols is meant by each of them."""
        named = self.stream in ("", stream.name) or stream.kind in CLASSES.get(self.stream, ())
        return named and (not self.symbol or stream.symbol in ("", self.symbol))

    def to_dict(self) -> dict[str, Any]:
        """Return it as it was given, defaults filled in."""
        taken = {name: getattr(self, name) for name in FORMS[self.kind].takes}
        return {"kind": self.kind, "at": self.at, "for": self.span, **taken}


def read_fault(raw: Any, now: int) -> Fault:
    """Read one row; raises ValueError naming what is wrong."""
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
class Set:
    """A fault that was set, and what became of it: how often it struck, first and last when."""

    fault: Fault
    struck: int = 0
    first: int | None = None
    last: int | None = None

    def strike(self, now: int) -> int:
        """Note that it strikes; returns for the how manieth time."""
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
    """All that are set, in order."""

    rows: list[Set] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def add(self, fault: Fault) -> None:
        """Set one more."""
        self.rows.append(Set(fault))

    def clear(self) -> None:
        """Forget all; what is done is done."""
        self.rows.clear()

    def on(self, now: int, *kinds: str) -> Iterator[Set]:
        """Yield those of some kinds that hold now."""
        return (row for row in self.rows if row.fault.kind in kinds and row.fault.on(now))
