"""One entry of a group's log, and its byte form: JSON, deflated, which keeps every float exact.

Per symbol an entry has first what history has left (`resets`, `missed`), then the facts that were
folded after it, in order.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from signalengine.facts.stream import Bar, BarsFact, PathPoint, Quality
from signalengine.intervals import INTERVAL_MS

FORM: Final = 1
"""Version of the form. A reader takes what follows the fields it knows for a newer writer's."""
MAX_BYTES: Final = 32_000_000
"""Of an entry as JSON: an item has 400 KB at most."""


class Reached(NamedTuple):
    """How far a symbol is folded."""

    close_time: int
    """Close (ms) of its newest 1m bar; 0 before the first."""
    evaluated: int
    """Close (ms) of its newest evaluation; 0 when there is none."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A state that history has advanced: it cannot be folded again from bars alone."""

    data: bytes
    known_from: str
    """Sequence number of the symbol's first history."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one commit has folded of the symbols of a group."""

    since: int
    """Whoever folds the group's states begins after the entry of this number."""
    newest: int
    """Close (ms) of the newest 1m bar of any symbol of the group, in this entry or before it."""
    members: Mapping[str, Reached]
    """Every symbol of the group that is known, after this entry."""
    facts: Sequence[BarsFact] = ()
    resets: Mapping[str, Reset] = field(default_factory=dict)
    missed: Mapping[str, Sequence[Bar]] = field(default_factory=dict)
    """1m bars of history that a followed symbol had missed."""
    leaves: Mapping[str, Mapping[int, Mapping[str, int]]] = field(default_factory=dict)
    """By symbol and close (ms), what parameter sets close by a condition of their own, as
    `StoredBar` has it."""

    def minutes(self, symbol: str) -> list[tuple[BarsFact | None, Bar]]:
        """Return a symbol's 1m bars in order, each with its fact; history's have none."""
        past: list[tuple[BarsFact | None, Bar]] = [(None, b) for b in self.missed.get(symbol, ())]
        return past + [(one, one.bars[0]) for one in self.facts if one.symbol == symbol]


def pack(entry: Entry) -> bytes:
    """Return the bytes of an entry."""
    raw = [
        FORM, entry.since, entry.newest,
        {symbol: list(one) for symbol, one in entry.members.items()},
        [_fact_row(fact) for fact in entry.facts],
        {
            symbol: [b64encode(one.data).decode(), one.known_from]
            for symbol, one in entry.resets.items()
        },
        {
            symbol: [[bar.open_time, *_bar_row(bar)] for bar in bars]
            for symbol, bars in entry.missed.items()
        },
    ]  # fmt: skip
    if entry.leaves:
        raw.append(entry.leaves)
    return deflated(raw)


def unpack(data: bytes) -> Entry:
    """Return the entry that was packed; raises ValueError for bytes of another form."""
    form, since, newest, members, facts, resets, missed, *more = inflated(data)
    if form != FORM:
        raise ValueError(f"a log entry of form {form!r}, this code reads {FORM}")
    return Entry(
        since,
        newest,
        {symbol: Reached(*row[:2]) for symbol, row in members.items()},
        tuple(map(_fact, facts)),
        {symbol: Reset(b64decode(row[0]), row[1]) for symbol, row in resets.items()},
        {
            symbol: tuple(_bar("1m", row[0], row[1:]) for row in rows)
            for symbol, rows in missed.items()
        },
        {
            symbol: {int(close_time): by_set for close_time, by_set in closes.items()}
            for symbol, closes in (more[0] if more else {}).items()
        },
    )


def pack_bars(bars: Mapping[str, Bar]) -> bytes:
    """Return the bytes of the bars of one interval that close together, by symbol."""
    rows = {symbol: [bar.open_time, *_bar_row(bar)] for symbol, bar in bars.items()}
    return deflated([FORM, rows])


def unpack_bar(data: bytes, symbol: str, interval: str) -> Bar | None:
    """Return a symbol's bar of those that were packed; raises ValueError for another form."""
    form, rows, *_ = inflated(data)
    if form != FORM:
        raise ValueError(f"bars of form {form!r}, this code reads {FORM}")
    row = rows.get(symbol)
    return None if row is None else _bar(interval, row[0], row[1:])


def deflated(raw: Any) -> bytes:
    """Return JSON-ready values as deflated bytes."""
    text = json.dumps(raw, separators=(",", ":"), allow_nan=False).encode()
    return zlib.compress(text, 6, -15)


def inflated(data: bytes) -> Any:
    """Return the values that were deflated; raises ValueError for damaged bytes."""
    inflate = zlib.decompressobj(-15)
    try:
        text = inflate.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"damaged bytes: {error}") from error
    if not inflate.eof:
        raise ValueError("damaged bytes: they end too soon")
    return json.loads(text)


def _bar_row(bar: Bar) -> list[Any]:
    return [
        bar.open, bar.high, bar.low, bar.close, bar.volume,
        bar.quote_volume, bar.trades, bar.taker_buy_volume,
    ]  # fmt: skip


def _bar(interval: str, open_time: int, row: Sequence[Any]) -> Bar:
    return Bar(interval, open_time, *row[:8])


def _fact_row(fact: BarsFact) -> list[Any]:
    close_time = fact.close_time
    path = None if fact.path is None else [[p.second, p.low, p.high] for p in fact.path]
    row = [
        fact.symbol, close_time, fact.market, fact.source, fact.sent_at - close_time,
        fact.quality.gap_s, fact.quality.stream_age_ms,
        fact.open_interest, fact.open_interest_time, fact.funding_rate, fact.funding_paid,
        fact.mark_price, fact.liq_long_usd, fact.liq_short_usd, fact.funding_hours, path,
        [[bar.interval, *_bar_row(bar)] for bar in fact.bars],
    ]  # fmt: skip
    return row if fact.tick_size is None else [*row, fact.tick_size]


def _fact(row: Sequence[Any]) -> BarsFact:
    (
        symbol, close_time, market, source, after_ms, gap_s, age_ms, oi, oi_time, rate, paid,
        mark, long_usd, short_usd, hours, path, bars, *more,
    ) = row  # fmt: skip
    return BarsFact(
        symbol,
        tuple(_bar(one[0], close_time - INTERVAL_MS[one[0]], one[1:]) for one in bars),
        market,
        source,
        sent_at=close_time + after_ms,
        quality=Quality(gap_s, age_ms),
        open_interest=oi,
        open_interest_time=oi_time,
        funding_rate=rate,
        funding_paid=paid,
        mark_price=mark,
        liq_long_usd=long_usd,
        liq_short_usd=short_usd,
        path=None if path is None else tuple(PathPoint(*point) for point in path),
        funding_hours=hours,
        tick_size=more[0] if more else None,
    )
