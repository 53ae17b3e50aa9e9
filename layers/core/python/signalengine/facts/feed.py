"""What the feed reports of itself: its health (`heartbeat`) and what it missed (`gap`).

Reading accepts records of older writers: an absent field has its default.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from ..errors import MalformedFactError
from .json_fields import amount, array, choice, label, maybe_amount, maybe_whole, moment, obj, price
from .json_fields import symbol as read_symbol
from .lots import LotSize
from .markets import MARKETS, Market


@dataclass(frozen=True)
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
    connections: int = 0
    """Sockets that are subscribed now."""
    silent: tuple[str, ...] = ()
    """Stream classes that are silent for too long, or sent nothing yet."""
    silent_symbols: int = 0
    """Symbols whose klines are silent although the exchange trades them."""
    halted: tuple[str, ...] = ()
    """Symbols the exchange itself does not trade now."""
    skew_ms: int | None = None
    """This machine's clock minus the exchange's; None when it is not known."""
    spool_bytes: int = 0
    holder: str = ""
    """Task that holds the lease; the empty string when there is only one task."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Further counters: bars repaired, lost and differing, malformed messages, …"""
    tick_sizes: Mapping[str, float] = field(default_factory=dict)
    """Smallest step of each symbol's price, where one is listed; once an hour, else none."""
    lot_sizes: Mapping[str, LotSize] = field(default_factory=dict)
    """Of the symbols that have one, in the same heartbeats."""


@dataclass(frozen=True)
class GapFact:
    """An entry of the ledger: what was not received, when it was noticed, and how it ended.

    An `open` entry is sent again, with the same `gap_id`, when it is over.
    """

    time: int
    """Exchange time at which this was sent."""
    market: Market
    task: str
    symbol: str | None
    """None: all symbols that the task follows."""
    stream: str
    """kline, mark, liquidation, open_interest, connection, universe or task."""
    cause: str
    start: int
    """First ms of the exchange's time that is missing."""
    end: int | None
    """First ms that is not missing any more; None while unknown."""
    noticed_at: int
    repaired_at: int | None
    bars_missing: int
    bars_repaired: int
    outcome: str
    """open, repaired, lost (at least one bar for good), differs, or noted (nothing was missing)."""
    detail: str = ""

    @property
    def gap_id(self) -> str:
        """Key of the entry, later ones greater: a function of what was noticed, and by whom."""
        where = f"{self.symbol or '*'}#{self.stream}#{self.cause}#{self.start}"
        return f"{self.noticed_at:014d}#{where}#{self.task}"

    @property
    def bars_lost(self) -> int:
        return self.bars_missing - self.bars_repaired if self.outcome == "lost" else 0


def heartbeat_body(fact: HeartbeatFact) -> dict[str, Any]:
    """Return the JSON-ready fields of a heartbeat."""
    ticks = {"tick_sizes": dict(fact.tick_sizes)} if fact.tick_sizes else {}
    lots = {symbol: list(astuple(lot)) for symbol, lot in fact.lot_sizes.items()}
    return {
        "time": fact.time, "market": fact.market,
        "task": fact.task, "symbols": list(fact.symbols), "prices": dict(fact.prices),
        "stream_ages_ms": dict(fact.stream_ages_ms), "reconnects": fact.reconnects,
        "backlog": fact.backlog, "gaps": fact.gaps, "sent": dict(fact.sent),
        "cpu_percent": fact.cpu_percent, "rss_bytes": fact.rss_bytes,
        "connections": fact.connections, "silent": list(fact.silent),
        "silent_symbols": fact.silent_symbols, "halted": list(fact.halted),
        "skew_ms": fact.skew_ms, "spool_bytes": fact.spool_bytes, "holder": fact.holder,
        "counts": dict(fact.counts), **ticks, **({"lot_sizes": lots} if lots else {}),
    }  # fmt: skip


def read_heartbeat(raw: dict[str, Any]) -> HeartbeatFact:
    """Read a heartbeat; raises MalformedFactError."""
    prices, ticks = obj(raw.get("prices"), "prices"), obj(raw.get("tick_sizes", {}), "tick_sizes")
    ages = obj(raw.get("stream_ages_ms"), "stream_ages_ms")
    return HeartbeatFact(
        time=moment(raw.get("time"), "time"),
        market=choice(raw, "market", MARKETS),
        task=label(raw.get("task", ""), "task"),
        symbols=_symbols(raw.get("symbols"), "symbols"),
        prices={read_symbol(name): price(value, name) for name, value in prices.items()},
        stream_ages_ms={label(name, "stream"): maybe_whole(ages, name) for name in ages},
        reconnects=maybe_whole(raw, "reconnects") or 0,
        backlog=maybe_whole(raw, "backlog") or 0,
        gaps=maybe_whole(raw, "gaps") or 0,
        sent=_counts(raw.get("sent"), "sent"),
        cpu_percent=maybe_amount(raw, "cpu_percent") or 0.0,
        rss_bytes=maybe_whole(raw, "rss_bytes") or 0,
        connections=maybe_whole(raw, "connections") or 0,
        silent=tuple(label(name, "silent") for name in array(raw.get("silent", []), "silent")),
        silent_symbols=maybe_whole(raw, "silent_symbols") or 0,
        halted=_symbols(raw.get("halted", []), "halted"),
        skew_ms=maybe_whole(raw, "skew_ms"),
        spool_bytes=maybe_whole(raw, "spool_bytes") or 0,
        holder=label(raw.get("holder", ""), "holder"),
        counts=_counts(raw.get("counts", {}), "counts"),
        tick_sizes={read_symbol(name): price(value, name) for name, value in ticks.items()},
        lot_sizes=_lot_sizes(raw.get("lot_sizes", {})),
    )


def gap_body(fact: GapFact) -> dict[str, Any]:
    """Return the JSON-ready fields of a ledger entry."""
    return {
        "time": fact.time, "market": fact.market, "task": fact.task, "symbol": fact.symbol,
        "stream": fact.stream, "cause": fact.cause, "start": fact.start, "end": fact.end,
        "noticed_at": fact.noticed_at, "repaired_at": fact.repaired_at,
        "bars_missing": fact.bars_missing, "bars_repaired": fact.bars_repaired,
        "outcome": fact.outcome, "detail": fact.detail,
    }  # fmt: skip


def read_gap(raw: dict[str, Any]) -> GapFact:
    """Read a ledger entry; raises MalformedFactError."""
    name, end, repaired = raw.get("symbol"), raw.get("end"), raw.get("repaired_at")
    return GapFact(
        time=moment(raw.get("time"), "time"),
        market=choice(raw, "market", MARKETS),
        task=label(raw.get("task"), "task"),
        symbol=None if name is None else read_symbol(name),
        stream=label(raw.get("stream"), "stream"),
        cause=label(raw.get("cause"), "cause"),
        start=moment(raw.get("start"), "start"),
        end=None if end is None else moment(end, "end"),
        noticed_at=moment(raw.get("noticed_at"), "noticed_at"),
        repaired_at=None if repaired is None else moment(repaired, "repaired_at"),
        bars_missing=int(amount(raw.get("bars_missing"), "bars_missing")),
        bars_repaired=int(amount(raw.get("bars_repaired"), "bars_repaired")),
        outcome=label(raw.get("outcome"), "outcome"),
        detail=label(raw.get("detail", ""), "detail"),
    )


def _lot_sizes(value: Any) -> dict[str, LotSize]:
    rows = obj(value, "lot_sizes")
    return {read_symbol(name): _lot_size(array(row, name), name) for name, row in rows.items()}


def _lot_size(row: list[Any], name: str) -> LotSize:
    if len(row) != 3:
        raise MalformedFactError(f"{name}: not [step, min_quantity, min_notional]")
    return LotSize(price(row[0], name), amount(row[1], name), amount(row[2], name))


def _symbols(value: Any, name: str) -> tuple[str, ...]:
    return tuple(read_symbol(item) for item in array(value, name))


def _counts(value: Any, name: str) -> dict[str, int]:
    raw = obj(value, name)
    return {label(key, name): maybe_whole(raw, key) or 0 for key in raw}
