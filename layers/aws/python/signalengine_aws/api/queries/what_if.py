"""Past signals under other rules: each is settled again from its stored 1m bars.

A page is bounded by its signals, by its 1m bars and by time: what did not fit is on the next one.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, compress
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import CLASSIC
from signalengine.settlement import StoredBar
from signalengine.signals import Direction, Settlement, Signal
from signalengine.stats.performance import outcome_row, pct, total
from signalengine.stats.what_if import BELOW_THRESHOLD, LEFT_OUT, NO_BARS, Rules, changed, what_if

from ...stores.bars import DynamoBars
from ...stores.pagination import AHEAD_MS, Chunk, Page, Place, Read, Span, parts_of, walk
from ...stores.signals import DynamoSignals, Only, StoredSignal
from ..parameters import check_signal_cursor, write_cursor
from .feed import newest_time
from .performance import PerformanceQueries
from .sets import key_of, strategy_of

if TYPE_CHECKING:
    from ..services import Services

MOST_SIGNALS: Final = 50
"""Of a page."""
MOST_BARS: Final = 20_000
"""1m bars of a page's signals, by their lives: some 50 of 60 minutes, or 14 of a day."""
MOST_S: Final = 6.0
"""Time after which a page ends: a client waits 15 s."""
TOGETHER: Final = 10
"""Signals whose bars are read at once: those of one time and group are in the same items."""
TOGETHER_BARS: Final = 600
"""1m bars of their lives at most, unless it is one signal: then time is looked at after each."""
FIRST_MS: Final = 60 * MINUTE_MS
"""What is read of a life first, then twice as much each time, until the signal is settled."""

Tried: TypeAlias = tuple[Signal, Settlement | str]
"""A closed signal, and how it would have ended, or why it is left out."""


class WhatIfQueries:
    """Settles past signals again."""

    def __init__(
        self,
        *,
        signals: DynamoSignals,
        bars: DynamoBars,
        performance: PerformanceQueries,
        newest_time: Callable[[], int],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signals = signals
        self._bars = bars
        self._performance = performance
        self._newest_time = newest_time
        self._seconds = seconds

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(
            signals=services.signals,
            bars=DynamoBars(services.env.bars_table, services.env.state_table),
            performance=services.query(PerformanceQueries),
            newest_time=partial(newest_time, services.feed),
        )

    def page(
        self,
        *,
        days: int = 30,
        tp_atr: float | None = None,
        sl_atr: float | None = None,
        ttl_minutes: int | None = None,
        threshold: float | None = None,
        symbol: str | None = None,
        direction: Direction | None = None,
        limit: int = MOST_SIGNALS,
        cursor: Place | None = None,
        policy: str | None = None,
        market: str | None = None,
        strategy: str | None = None,
    ) -> dict[str, Any]:
        """Return a page of closed signals, newest first, each as it ended and as it would have."""
        rules = Rules(tp_atr, sl_atr, ttl_minutes, threshold)
        names = self._performance.names(policy, market, strategy)
        newest = self._newest_time()
        last_day = (newest - AHEAD_MS) // DAY_MS
        span = Span((last_day + 1 - days) * DAY_MS, newest)
        check_signal_cursor(cursor, span.end)
        shadow = self._performance.shadow(strategy)
        read = self._source(strategy, symbol, direction, names, shadow=shadow)
        found = walk(read, parts_of(symbol, span, cursor), cursor, limit, filtered=True)
        tried, after = self._tried(found, rules, newest - AHEAD_MS)
        return {
            "as_of": newest - AHEAD_MS,
            "days": days,
            "rules": {
                "tp_atr": tp_atr,
                "sl_atr": sl_atr,
                "ttl_minutes": ttl_minutes,
                "threshold": threshold,
            },
            "signals": [_row(*one) for one in tried],
            "count": len(tried),
            "cursor": write_cursor(after),
            "unreadable": found.unreadable,
            **_counted(tried),
            **names,
            **self._performance.named(names, strategy),
        }

    def _source(
        self,
        strategy: str | None,
        symbol: str | None,
        direction: Direction | None,
        names: dict[str, Any],
        *,
        shadow: bool,
    ) -> Read[StoredSignal]:
        """Return what reads the closed signals of a set that are of one policy and market."""
        signals = self._signals.of(strategy_of(key_of(strategy or CLASSIC)))
        source = signals.of_day if symbol is None else signals.of_symbol
        only = Only(direction, "closed")

        def wanted(one: Signal) -> bool:
            own = {"policy_digest": one.policy_digest, "market": one.market}
            return own == names and one.shadow == shadow

        def read(part: str, within: Span, after: Place | None, size: int) -> Chunk[StoredSignal]:
            chunk = source(part, within, after, size, only)
            keep = [wanted(stored.signal) for _, stored in chunk.rows]
            passed = [0, *accumulate(keep)]
            return chunk._replace(
                rows=list(compress(chunk.rows, keep)),
                unreadable=tuple(passed[before] for before in chunk.unreadable),
            )

        return read

    def _tried(
        self, page: Page[StoredSignal], rules: Rules, newest: int
    ) -> tuple[list[Tried], Place | None]:
        """Settle a page's signals again; returns those that fitted, and where the next begins."""
        signals = [stored.signal for stored in page.rows]
        until, bars = self._seconds() + MOST_S, 0
        done: list[Tried] = []
        for several in _batches(signals, rules):
            bars += sum(minutes(one, rules) for one in several)
            if done and (bars > MOST_BARS or self._seconds() >= until):
                last = done[-1][0]
                return done, Place(last.close_time, last.signal_id)
            done += self._settled(several, rules, newest)
        return done, page.after

    def _settled(self, signals: Sequence[Signal], rules: Rules, newest: int) -> list[Tried]:
        """Settle signals again; of their bars no more is read than decides, in growing pieces."""
        new = [changed(one, rules, newest) for one in signals]
        found: dict[int, Settlement | str] = {
            at: one for at, one in enumerate(new) if isinstance(one, str)
        }
        bars: list[list[StoredBar]] = [[] for _ in signals]
        start, end = 0, FIRST_MS
        while left := [
            (at, one) for at, one in enumerate(new) if at not in found and isinstance(one, Signal)
        ]:
            lives = [(one.symbol, _piece(one, start, end)) for _, one in left]
            read = zip(left, lives, self._bars.over(lives), strict=True)
            for (at, one), (_, span), more in read:
                bars[at] += more
                tried = what_if(signals[at], rules, bars[at], newest)
                whole = bool(more) and more[-1].open_time >= span.end - MINUTE_MS
                if tried != NO_BARS or not whole or span.end >= one.expires_at:
                    found[at] = tried
            start, end = end, 2 * end
        return [(one, found[at]) for at, one in enumerate(signals)]


def _piece(signal: Signal, start: int, end: int) -> Span:
    """Return a part of the life of a signal, from and to ms after its close."""
    return Span(signal.close_time + start, min(signal.close_time + end, signal.expires_at))


def _batches(signals: Sequence[Signal], rules: Rules) -> Iterator[list[Signal]]:
    """Yield signals whose bars are read at once, in order."""
    batch, bars = list[Signal](), 0
    for one in signals:
        size = minutes(one, rules)
        if batch and (len(batch) == TOGETHER or bars + size > TOGETHER_BARS):
            yield batch
            batch, bars = [], 0
        batch.append(one)
        bars += size
    if batch:
        yield batch


def minutes(signal: Signal, rules: Rules) -> int:
    """Return how many 1m bars the life of a signal has at most under other rules."""
    return rules.ttl_minutes or (signal.expires_at - signal.close_time) // MINUTE_MS


def _counted(tried: Sequence[Tried]) -> dict[str, Any]:
    """Return the sums of the signals that were settled again, and why others are left out.

    Those below the threshold were published, so they are among these: of no other it is known how
    it would have ended.
    """
    reasons = Counter(end for _, end in tried if isinstance(end, str))
    return {
        "published": _sums(
            one.settlement
            for one, end in tried
            if not isinstance(end, str) or end == BELOW_THRESHOLD
        ),
        "what_if": _sums(end for _, end in tried if not isinstance(end, str)),
        "left_out": {reason: reasons[reason] for reason in LEFT_OUT},
    }


def _sums(ends: Iterable[Settlement | None]) -> dict[str, int]:
    row = total(outcome_row(end) for end in ends if end is not None)
    return {
        "n": row.closed,
        "wins": row.wins,
        "net_sum": row.net_sum,
        "gross_sum": row.gross_sum,
        "tp_hits": row.tp_hits,
        "sl_hits": row.sl_hits,
        "expired": row.expired,
        "left": row.left,
        "ambiguous": row.ambiguous,
    }


def _row(signal: Signal, end: Settlement | str) -> dict[str, Any]:
    return {
        "signal_id": signal.signal_id,
        "symbol": signal.symbol,
        "direction": signal.direction,
        "close_time": signal.close_time,
        "score": signal.score,
        "published": None if signal.settlement is None else _ending(signal.settlement),
        "what_if": None if isinstance(end, str) else _ending(end),
        "left_out": end if isinstance(end, str) else None,
    }


def _ending(end: Settlement) -> dict[str, Any]:
    return {
        "outcome": end.outcome.value,
        "closed_at": end.closed_at,
        "exit_price": end.exit_price,
        "net_pct": pct(end.net_return),
        "gross_pct": pct(end.gross_return),
        "ambiguous": end.ambiguous,
    }
