"""track_signals: open signals are settled from stored bars; ticks only reduce the latency.

Every outcome is the core's fold over stored bars, so it does not depend on which invocation finds
it, how often, or in what order: the first write closes the signal.

What is cached between invocations saves calls and changes no outcome: the open signals (read again
when bars or a heartbeat arrive, and every 10 s), and the symbols with bars that were not read yet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from signalengine.errors import MalformedFactError, SignalEngineError
from signalengine.facts.stream import (
    BarsFact,
    GapFact,
    HeartbeatFact,
    Market,
    Tick,
    TicksFact,
    decode,
)
from signalengine.policy import Policy, default_policy
from signalengine.settlement import StoredBar, force_expiry, settle, settle_tick
from signalengine.signals import Settlement, Signal

from ..messaging.dead_letters import DeadLetter
from ..messaging.records import FOLDED, Record, claimed_kind
from ..ports import Closings, Feed, MinuteBars, Signals
from ..runtime.clock import Clock, wall_ms
from ..runtime.observability import LogLine
from ..stores.signals import StoredSignal

OPEN_TTL_MS: Final = 10_000
LOST_MS: Final = 12 * 3_600_000
"""Wall time after which no bar of a signal can still arrive: the stream drops records by then."""


@dataclass(frozen=True, slots=True)
class SeenTick:
    """A symbol's running minute, as of exchange time `time`."""

    tick: Tick
    time: int
    market: Market


@dataclass(slots=True)
class Batch:
    """What track_signals reads from a batch of the stream."""

    ticks: dict[str, SeenTick] = field(default_factory=dict)
    heartbeat: HeartbeatFact | None = None
    watermark: int = 0
    """Newest exchange time of a tick or heartbeat in the batch."""
    bars: dict[str, int] = field(default_factory=dict)
    """Newest close time of each symbol's bars in the batch."""
    gaps: list[GapFact] = field(default_factory=list)
    refused: list[DeadLetter] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The result of an invocation."""

    open: int = 0
    """Signals that stay open."""
    looked_at: int = 0
    """Signals whose bars were read."""
    closed: list[tuple[Signal, Settlement]] = field(default_factory=list)
    failed: dict[str, SignalEngineError] = field(default_factory=dict)


def read_batch(records: Iterable[Record]) -> Batch:
    """Read a batch (pure); malformed records that no other function owns become dead letters."""
    batch = Batch()
    for record in records:
        try:
            fact = decode(record.data)
        except MalformedFactError as error:
            if claimed_kind(record.data) not in FOLDED:
                batch.refused.append(DeadLetter(record, str(error)))
            continue
        match fact:
            case BarsFact():
                newest = max(batch.bars.get(fact.symbol, 0), fact.close_time)
                batch.bars[fact.symbol] = newest
            case TicksFact():
                _read_ticks(batch, fact)
            case HeartbeatFact():
                batch.watermark = max(batch.watermark, fact.time)
                if batch.heartbeat is None or fact.time >= batch.heartbeat.time:
                    batch.heartbeat = fact
            case GapFact():
                batch.gaps.append(fact)
            case _:
                pass  # only compute_features uses history
    return batch


def _read_ticks(batch: Batch, fact: TicksFact) -> None:
    batch.watermark = max(batch.watermark, fact.time)
    for symbol, tick in fact.ticks.items():
        seen = batch.ticks.get(symbol)
        if seen is None or fact.time >= seen.time:
            batch.ticks[symbol] = SeenTick(tick, fact.time, fact.market)


def touches(signal: Signal, seen: SeenTick | None) -> bool:
    """Return whether a running minute may settle a signal, so that its bars have to be read.

    The path inside a recorded minute is synthetic, so a recording's ticks settle nothing.
    """
    if seen is None or seen.market != signal.market or signal.market == "recording":
        return False
    low, high = sorted((signal.tp_price, signal.sl_price))
    return seen.tick.low <= low or seen.tick.high >= high


def outcome(
    signal: Signal, bars: Sequence[StoredBar], seen: SeenTick | None, past: int, grace_ms: int
) -> Settlement | None:
    """Return how a signal ended, None while it is open (pure).

    `past` is the exchange time (ms) up to which every bar that will ever arrive is stored.
    """
    end = settle(signal, bars)
    if end is None and seen is not None and touches(signal, seen):
        end = settle_tick(signal, bars, seen.tick, seen.time)
    return end or force_expiry(signal, bars, past, grace_ms)


class TrackSignals:
    """Settles open signals."""

    def __init__(
        self,
        *,
        feed: Feed,
        bars: MinuteBars,
        signals: Signals,
        closings: Closings,
        policy: Policy | None = None,
        clock: Clock = wall_ms,
    ) -> None:
        self._feed = feed
        self._bars = bars
        self._signals = signals
        self._closings = closings
        self._grace_ms = (policy or default_policy()).grace_ms
        self._clock = clock
        self._open: dict[str, StoredSignal] = {}
        self._open_at: int | None = None
        self._streamed: dict[str, int] = {}
        """Newest close time of each symbol's bars on the stream."""
        self._looked: dict[str, int] = {}
        """Newest close time of the stored bars with which a symbol's signals were last settled."""

    def track(self, batch: Batch) -> Report:
        """Settle the signals that a batch may end; on a heartbeat also those that have expired."""
        for symbol, close_time in batch.bars.items():
            self._streamed[symbol] = max(self._streamed.get(symbol, 0), close_time)
        if batch.bars or batch.heartbeat is not None or self._stale():
            self._refresh()
        watermark = batch.watermark if batch.heartbeat is not None else 0
        return self._settle(batch.ticks, watermark, everything=False)

    def still_open(self) -> list[Signal]:
        """Return the open signals as this process last read them."""
        return [stored.signal for stored in self._open.values()]

    def sweep(self, watermark: int) -> Report:
        """Settle all open signals; `watermark` is the newest exchange time (ms) of the feed."""
        self._refresh()
        return self._settle({}, watermark, everything=True)

    def _stale(self) -> bool:
        return self._open_at is None or self._clock() - self._open_at >= OPEN_TTL_MS

    def _refresh(self) -> None:
        """Read the open signals; the bars of a symbol with a new one have to be read."""
        now_open = {stored.signal.signal_id: stored for stored in self._signals.open()}
        for signal_id, stored in now_open.items():
            if signal_id not in self._open:
                self._looked.pop(stored.signal.symbol, None)
        self._open, self._open_at = now_open, self._clock()

    def _settle(self, ticks: Mapping[str, SeenTick], watermark: int, *, everything: bool) -> Report:
        past = self._past(watermark)
        report = Report()
        for symbol, group in self._by_symbol().items():
            seen = ticks.get(symbol)
            due = any(touches(s.signal, seen) or self._overdue(s, past) for s in group)
            if not (everything or due or self._unseen(symbol, group)):
                continue
            report.looked_at += len(group)
            try:
                self._settle_symbol(symbol, group, seen, past, report)
            except SignalEngineError as error:
                report.failed[symbol] = error
        report.open = len(self._open)
        return report

    def _settle_symbol(
        self,
        symbol: str,
        group: Sequence[StoredSignal],
        seen: SeenTick | None,
        past: "Past",
        report: Report,
    ) -> None:
        since = min(stored.signal.close_time for stored in group)
        bars = self._bars.minutes(symbol, since, _until(group))
        for stored in group:
            signal = stored.signal
            at = past.of(stored, self._clock())
            end = outcome(signal, bars, seen, at, self._grace_ms)
            if end is None:
                continue
            if self._closings.close(signal, end):
                report.closed.append((signal, end))
            del self._open[signal.signal_id]
        self._looked[symbol] = bars[-1].close_time if bars else since

    def _unseen(self, symbol: str, group: Sequence[StoredSignal]) -> bool:
        """Return whether bars of these signals' time may be stored that were not read yet."""
        streamed = min(self._streamed.get(symbol, 0), _until(group))
        return self._looked.get(symbol, -1) < streamed or symbol not in self._looked

    def _by_symbol(self) -> dict[str, list[StoredSignal]]:
        groups: dict[str, list[StoredSignal]] = {}
        for stored in self._open.values():
            groups.setdefault(stored.signal.symbol, []).append(stored)
        return groups

    def _overdue(self, stored: StoredSignal, past: "Past") -> bool:
        return stored.signal.expires_at + self._grace_ms <= past.of(stored, self._clock())

    def _past(self, watermark: int) -> "Past":
        """Query how far bars are stored, only when some signal has expired."""
        up = any(s.signal.expires_at + self._grace_ms <= watermark for s in self._open.values())
        return Past(watermark, min(watermark, self._feed.progress()) if up else 0)


@dataclass(frozen=True, slots=True)
class Past:
    """The exchange time (ms) up to which no more bars will arrive.

    The feed's watermark is not enough: compute_features may be hours of exchange time behind it in
    a fast replay, so its progress counts. Wall time counts where the bars of a signal had longer to
    arrive than the stream retains records (the only symbol was delisted).
    """

    watermark: int
    stored: int

    def of(self, signal: StoredSignal, now: int) -> int:
        """Return that time for a signal, at wall time `now` (ms)."""
        lifetime = signal.signal.expires_at - signal.signal.close_time
        lost = now - signal.updated_at > lifetime + LOST_MS
        return self.watermark if lost else self.stored


def _until(group: Sequence[StoredSignal]) -> int:
    return max(stored.signal.expires_at for stored in group)


def conclude(line: LogLine, report: Report) -> None:
    """Log an invocation's result; raises the error of the first symbol that was not settled."""
    line.count(
        open=report.open,
        looked_at=report.looked_at,
        closed=len(report.closed),
        failed=len(report.failed),
    )
    line.count(**Counter(end.outcome.value for _, end in report.closed))
    line.measure("SignalsClosed", len(report.closed))
    for error in report.failed.values():
        raise error
