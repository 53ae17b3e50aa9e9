"""Stored decisions, events and bars, and everything about one signal."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS, MINUTE_MS
from signalengine.signals import Decision, Evaluation, Event, Signal, public

from ...delivery.deliveries import Delivery, DynamoDeliveries
from ...messaging.sns import publications
from ...runtime.clock import day_of
from ...stores.bars import DynamoBars
from ...stores.decisions import DynamoDecisionLog
from ...stores.events import DynamoEventLog
from ...stores.merging import merged
from ...stores.pagination import (
    AHEAD_MS,
    EMPTY_DAYS,
    EVER,
    Chunk,
    Place,
    Read,
    Span,
    parts_of,
    walk,
)
from ...stores.signals import DynamoSignals
from ...stores.strategies import strategy_of
from ..decisions import full
from ..parameters import BARS_LIMIT, DEFAULT_LIMIT, EVENTS_LIMIT, check_cursor, write_cursor
from .feed import newest_time, window
from .sets import RegisteredSets, name_of

if TYPE_CHECKING:
    from ..services import Services

BEFORE_MS: Final = 60 * MINUTE_MS
"""Bars shown before a signal's entry."""
AFTER_MS: Final = 15 * MINUTE_MS
"""Bars shown after its close."""
NEIGHBOURS_MS: Final = 30 * MINUTE_MS
MAX_NEIGHBOURS: Final = 61
MAX_COUNTED: Final = 3_000
"""Closes whose events are counted for a day's statistics, the newest."""


class HistoryQueries:
    """What happened, and why a close became a signal or did not."""

    def __init__(
        self,
        *,
        signals: DynamoSignals,
        decisions: DynamoDecisionLog,
        events: DynamoEventLog,
        bars: DynamoBars,
        deliveries: DynamoDeliveries,
        sets: RegisteredSets,
        newest_time: Callable[[], int],
    ) -> None:
        self._signals = signals
        self._decisions = decisions
        self._events = events
        self._bars = bars
        self._deliveries = deliveries
        self._sets = sets
        self._newest_time = newest_time

    @classmethod
    def of(cls, services: "Services") -> Self:
        env = services.env
        return cls(
            signals=services.signals,
            decisions=DynamoDecisionLog(env.decisions_table),
            events=DynamoEventLog(env.events_table),
            bars=DynamoBars(env.bars_table, env.state_table),
            deliveries=DynamoDeliveries(env.deliveries_table),
            sets=services.query(RegisteredSets),
            newest_time=partial(newest_time, services.feed),
        )

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        """Return everything stored about a signal; None when there is none with this id.

        Decision, events, bars and receipts expire after weeks: then they are null or empty.
        """
        stored = self._signals.get(signal_id)
        if stored is None:
            return None
        signal = stored.signal
        strategy = strategy_of(signal)
        decision = self._decisions.of(strategy).at(signal.symbol, signal.close_time)
        evaluation = self._events.of(strategy).at(signal.symbol, signal.close_time)
        own = {} if evaluation is None or not signal.strategy else {"values": evaluation.values}
        return own | {
            "signal": public(signal),
            "decision": None if decision is None else full(decision),
            "events": [asdict(event) for event in signal.events],
            "features": {} if evaluation is None else evaluation.features,
            "receipts": list(self._receipts(signal)),
            "bars": self._bars_around(signal),
            "neighbours": self._neighbours(signal),
        }

    def image(self, signal_id: str, address: str) -> str | None:
        """Return the picture of a signal; None when there is none with this id."""
        from ..signal_image import AFTER, BEFORE, interval_of, signal_image

        stored = self._signals.get(signal_id)
        if stored is None:
            return None
        signal, newest = stored.signal, self._newest_time()
        end = newest if signal.settlement is None else signal.settlement.closed_at
        interval = interval_of(end - signal.close_time)
        length = INTERVAL_MS[interval]
        span = Span(
            signal.close_time - BEFORE * length,
            max(signal.close_time, min(end + AFTER * length, newest)),
        )
        limit = (span.end - span.start) // length + 1
        found, _ = self._bars.candles(signal.symbol, interval, span, limit, newest=True)
        return signal_image(public(signal), [_row(bar) for bar in found], interval, address)

    def decisions(
        self,
        symbol: str | None = None,
        verdict: str | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = DEFAULT_LIMIT,
        cursor: Place | None = None,
        strategy: str | None = None,
        shadow: bool = False,
    ) -> dict[str, Any]:
        """Return a page of decisions, newest first, of the sets that `chosen` names."""
        check_cursor(cursor, symbol=symbol, end=end)
        span = window(start, end, self._newest_time())
        chosen = self._sets.chosen(strategy, shadow=shadow)
        page = walk(
            merged(
                {
                    key: _decisions_of(key, self._decisions.of(one), symbol, verdict)
                    for key, one in chosen.sets.items()
                }
            ),
            parts_of(symbol, span, cursor),
            cursor,
            limit,
            filtered=verdict is not None,
            max_empty=EMPTY_DAYS if start is None and symbol is None else None,
        )
        return {
            "decisions": [_decision(name_of(key), decision) for key, decision in page.rows],
            "count": len(page.rows),
            "cursor": write_cursor(page.after),
            "unreadable": page.unreadable,
        }

    def events(
        self,
        symbol: str | None = None,
        kind: str | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = EVENTS_LIMIT,
        cursor: Place | None = None,
        strategy: str | None = None,
        shadow: bool = False,
    ) -> dict[str, Any]:
        """Return a page of events, newest first; those of one close in order of detection.

        Of the sets that `chosen` names: the events of a set are its entries.
        """
        check_cursor(cursor, symbol=symbol, end=end, skips=True)
        span = window(start, end, self._newest_time())
        chosen = self._sets.chosen(strategy, shadow=shadow)
        page = walk(
            merged(
                {
                    key: _each_event(self._events.of(one), symbol, kind)
                    for key, one in chosen.sets.items()
                }
            ),
            parts_of(symbol, span, cursor),
            cursor,
            limit,
            filtered=kind is not None,
            max_empty=EMPTY_DAYS if start is None and symbol is None else None,
        )
        return {
            "events": page.rows,
            "count": len(page.rows),
            "cursor": write_cursor(page.after),
            "unreadable": page.unreadable,
        }

    def event_stats(self, day: str | None = None) -> dict[str, Any]:
        """Count a UTC day's events; by default those of the newest day."""
        day = day or day_of(self._newest_time() - AHEAD_MS)
        kinds, symbols = Counter[str](), Counter[str]()
        place, remaining, unreadable = None, MAX_COUNTED, 0
        while remaining > 0:
            chunk = self._events.of_day(day, EVER, place, remaining)
            unreadable += chunk.passed_over()
            for _, evaluation in chunk.rows:
                kinds.update(event.kind for event in evaluation.events)
                symbols[evaluation.symbol] += len(evaluation.events)
            place, remaining = chunk.last, remaining - chunk.read
            if place is None:
                break
        return {
            "total": kinds.total(),
            "by_type": dict(kinds.most_common()),
            "by_symbol": dict(symbols.most_common()),
            "day": day,
            "truncated": place is not None,
            "unreadable": unreadable,
        }

    def bars(
        self,
        symbol: str,
        interval: str = "1m",
        start: int | None = None,
        end: int | None = None,
        limit: int = BARS_LIMIT,
    ) -> dict[str, Any]:
        """Return bars by opening time, oldest first: the first from `start` on, else the newest."""
        span = window(start, end, self._newest_time())
        found: list[Bar] = []
        unreadable = 0
        if span.start < span.end:
            newest = start is None
            found, unreadable = self._bars.candles(symbol, interval, span, limit, newest=newest)
        return {
            "symbol": symbol,
            "interval": interval,
            "bars": [_row(bar) for bar in found],
            "count": len(found),
            "unreadable": unreadable,
        }

    # --- about one signal ------------------------------------------------------------------------

    def _bars_around(self, signal: Signal) -> list[list[float]]:
        end = signal.expires_at if signal.settlement is None else signal.settlement.closed_at
        until = min(end + AFTER_MS, self._newest_time())
        span = Span(signal.close_time - BEFORE_MS, until)
        limit = (span.end - span.start) // MINUTE_MS + 1
        found, _ = self._bars.candles(signal.symbol, "1m", span, limit, newest=False)
        return [_row(bar) for bar in found]

    def _neighbours(self, signal: Signal) -> list[dict[str, Any]]:
        time = signal.close_time
        span = Span(time - NEIGHBOURS_MS, time + NEIGHBOURS_MS + 1)
        chunk = self._decisions.of(strategy_of(signal)).of_symbol(
            signal.symbol, span, None, MAX_NEIGHBOURS
        )
        return [_neighbour(one) for _, one in chunk.rows if one.close_time != time]

    def _receipts(self, signal: Signal) -> Iterator[dict[str, Any]]:
        for kind in publications(signal):
            for delivery in self._deliveries.of(f"{signal.signal_id}#{kind}"):
                yield _receipt(kind, delivery)


# --- lists of one set ----------------------------------------------------------------------------


def _decisions_of(
    key: str, log: DynamoDecisionLog, symbol: str | None, verdict: str | None
) -> Read[tuple[str, Decision]]:
    """Return what reads a set's decisions, each with the set's key."""
    source = log.of_day if symbol is None else log.of_symbol

    def read(part: str, span: Span, after: Place | None, size: int) -> Chunk[tuple[str, Decision]]:
        chunk = source(part, span, after, size, verdict)
        rows = [(place, (key, decision)) for place, decision in chunk.rows]
        return Chunk(rows, chunk.last, chunk.read, chunk.unreadable)

    return read


def _each_event(log: DynamoEventLog, symbol: str | None, kind: str | None) -> Read[dict[str, Any]]:
    source = log.of_day if symbol is None else log.of_symbol

    def read(part: str, span: Span, after: Place | None, size: int) -> Chunk[dict[str, Any]]:
        if after is not None and after.skip:
            return _remaining(log, after, kind)
        chunk = source(part, span, after, size, kind)
        each = [list(_event_rows(evaluation, kind)) for _, evaluation in chunk.rows]
        before = [0, *accumulate(len(rows) for rows in each)]
        unreadable = tuple(before[items] for items in chunk.unreadable)
        return Chunk(list(chain(*each)), chunk.last, chunk.read, unreadable)

    return read


def _remaining(log: DynamoEventLog, place: Place, kind: str | None) -> Chunk[dict[str, Any]]:
    """Return the remaining events of an item whose first ones were on the last page."""
    evaluation = log.at(place.name or "", place.time)
    rows = [] if evaluation is None else list(_event_rows(evaluation, kind))
    return Chunk(rows[place.skip :], Place(place.time, place.name), 1)


def _event_rows(evaluation: Evaluation, kind: str | None) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield an item's events of a kind, each with the place after it."""
    selected = [event for event in evaluation.events if kind in (None, event.kind)]
    for number, event in enumerate(selected, start=1):
        skip = number if number < len(selected) else 0
        place = Place(evaluation.close_time, evaluation.symbol, skip)
        yield place, _event(evaluation, event)


def _event(evaluation: Evaluation, event: Event) -> dict[str, Any]:
    return {
        "symbol": evaluation.symbol,
        "timestamp": evaluation.close_time / 1000,
        "close_time": evaluation.close_time,
        "event_type": event.kind,
        "interval": event.interval,
        "direction": event.direction,
        "strength": event.strength,
        "details": dict(event.details),
        "strategy": name_of(evaluation.strategy),
    }


def _decision(strategy: str, decision: Decision) -> dict[str, Any]:
    return {
        "symbol": decision.symbol,
        "close_time": decision.close_time,
        "verdict": decision.verdict.value,
        "direction": decision.direction,
        "price": decision.price,
        "scores": {name: asdict(row) for name, row in decision.scores.items()},
        "reason": decision.reason,
        "events": [event.kind for event in decision.events],
        "signal_id": decision.signal_id,
        "market": decision.market,
        "policy_digest": decision.policy_digest,
        "strategy": strategy,
    }


def _neighbour(decision: Decision) -> dict[str, Any]:
    best = max(decision.scores.values(), key=lambda row: row.score)
    shown = best if decision.direction is None else decision.scores[decision.direction]
    return {
        "close_time": decision.close_time,
        "verdict": decision.verdict.value,
        "direction": decision.direction,
        "score": shown.score,
        "reason": decision.reason,
        "signal_id": decision.signal_id,
    }


def _receipt(kind: str, delivery: Delivery) -> dict[str, Any]:
    return {
        "kind": kind,
        "channel": delivery.public_channel,
        "state": delivery.status.value,
        "attempts": delivery.attempts,
        "bar_closed_at": _before(delivery, delivery.close_latency_ms),
        "stored_at": _before(delivery, delivery.commit_latency_ms),
        "published_at": _before(delivery, delivery.publish_latency_ms),
        "sent_at": delivery.sent_at,
        "latency_ms": delivery.commit_latency_ms,
        "message_id": delivery.message_id,
    }


def _before(delivery: Delivery, latency_ms: int | None) -> int | None:
    """Return the time (ms) that was this long before the service's answer."""
    if delivery.sent_at is None or latency_ms is None:
        return None
    return delivery.sent_at - latency_ms


def _row(bar: Bar) -> list[float]:
    return [bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.volume]
