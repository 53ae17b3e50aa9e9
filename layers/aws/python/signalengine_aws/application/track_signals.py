"""track_signals: open signals are settled from stored bars, and from nothing else.

Every outcome is the core's fold over stored bars, so it does not depend on which invocation finds
it, how often, or in what order: the first write closes the signal. A few ticks come while the bars
of a minute are being stored, so those that were streamed before they were stored are read soon.

What is cached between invocations saves calls and changes no outcome: the open signals (read again
when bars or a heartbeat arrive, and every 10 s), and the symbols with bars that were not read yet.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from signalengine.errors import MalformedFactError, PermanentError, SignalEngineError
from signalengine.facts.stream import (
    BarsFact,
    GapFact,
    HeartbeatFact,
    TicksFact,
    decode,
)
from signalengine.policy import Policy, default_policy
from signalengine.settlement import (
    Position,
    StoredBar,
    advance,
    contiguous,
    delisted,
    expire,
    opened,
)
from signalengine.signals import Settlement, Signal

from ..messaging.dead_letters import DeadLetter
from ..messaging.records import FOLDED, Record, claimed_kind
from ..messaging.sns import traced
from ..ports import Closings, MinuteBars, Positions, Signals
from ..runtime.clock import Clock, wall_ms
from ..runtime.observability import LogLine
from ..runtime.stored_fields import UNREADABLE, UnreadableError
from ..stores.positions import LONG_MS, lasting
from ..stores.signals import StoredSignal
from .heartbeats import FeedProgress, Priced, newer_beat, newest_priced

OPEN_TTL_MS: Final = 10_000
LOST_MS: Final = 12 * 3_600_000
"""Wall time after which no bar of a symbol that is not traded any more can still arrive."""


@dataclass(slots=True)
class Batch:
    """What track_signals reads from a batch of the stream."""

    heartbeat: HeartbeatFact | None = None
    priced: Priced | None = None
    """The newest heartbeat or tick of the batch that has prices."""
    watermark: int = 0
    """Newest exchange time of a tick or heartbeat in the batch."""
    bars: dict[str, int] = field(default_factory=dict)
    """Newest close time of each symbol's bars in the batch."""
    closes: list[BarsFact] = field(default_factory=list)
    gaps: list[GapFact] = field(default_factory=list)
    refused: list[DeadLetter] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The result of an invocation."""

    open: int = 0
    """Signals that stay open."""
    looked_at: int = 0
    """Signals whose bars were read."""
    steps: int = 0
    """Partial fills and moves of stops that were stored."""
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
                batch.closes.append(fact)
            case TicksFact():
                batch.watermark = max(batch.watermark, fact.time)
                batch.priced = newest_priced(batch.priced, fact)
            case HeartbeatFact():
                batch.watermark = max(batch.watermark, fact.time)
                batch.priced = newest_priced(batch.priced, fact)
                batch.heartbeat = newer_beat(batch.heartbeat, fact)
            case GapFact():
                batch.gaps.append(fact)
            case _:
                pass  # only compute_features uses history
    return batch


def progress_of(batch: Batch) -> FeedProgress:
    """Return the feed's progress by a batch; nothing is overdue by one without a heartbeat."""
    beat = batch.heartbeat
    if beat is None:
        return FeedProgress(0, frozenset())
    followed = frozenset(beat.symbols)
    return FeedProgress(batch.watermark, followed.difference(beat.halted), followed=followed)


def outcome(
    signal: Signal,
    position: Position,
    bars: Sequence[StoredBar],
    past: int,
    grace_ms: int,
    dropped_at: int = 0,
) -> tuple[Position, Settlement | None]:
    """Return a signal's position after its bars, and how it ended; None while it is open (pure).

    `past` is the exchange time (ms) up to which every bar that will ever arrive is stored, and
    `dropped_at` the exchange's time now if the symbol is not followed any more.
    """
    reached, end = advance(signal, position, bars)
    if end is None and dropped_at:
        end = delisted(signal, reached, dropped_at)
    if end is None and past >= signal.expires_at + grace_ms:
        end = expire(signal, reached)
    return reached, end


class TrackedSets(Protocol):
    """The parameter sets that have opened signals, whether they run or not."""

    def open_shadows(self) -> Sequence[StoredSignal]:
        """Return the open signals that are not published."""
        ...

    def grace_ms(self, signal: Signal, default: int, /) -> int:
        """Return how long (ms) after its expiry the bars of a signal are waited for."""
        ...


class TrackSignals:
    """Settles open signals."""

    def __init__(
        self,
        *,
        bars: MinuteBars,
        signals: Signals,
        closings: Closings,
        folded_until: Callable[[str], int],
        policy: Policy | None = None,
        sets: TrackedSets | None = None,
        positions: Positions | None = None,
        clock: Clock = wall_ms,
    ) -> None:
        """`folded_until` returns the close (ms) up to which no more bars of a symbol come.

        Without `sets`, all signals are published ones of `classic`; without `positions`, all bars
        of a signal are read by a process that begins.
        """
        self._folded_until = folded_until
        self._bars = bars
        self._signals = signals
        self._closings = closings
        self._grace_ms = (policy or default_policy()).grace_ms
        self._sets, self._stored = sets, positions
        self._clock = clock
        self._open: dict[str, StoredSignal] = {}
        self._open_at: int | None = None
        self._positions: dict[str, Position] = {}
        """Of signals with exits, and those that may be open for weeks: their bars are read once."""
        self._saved: dict[str, int] = {}
        """How far the stored positions of those are, ms."""
        self._streamed: dict[str, int] = {}
        """Newest close time of each symbol's bars on the stream."""
        self._looked: dict[str, int] = {}
        """Close time up to which a symbol's bars had no hole when its signals were last settled.

        Bars of one batch are stored at once: a later one may be there before an earlier one.
        """

    def track(self, batch: Batch) -> Report:
        """Settle the signals that a batch may end; on a heartbeat also those that have expired."""
        for symbol, close_time in batch.bars.items():
            self._streamed[symbol] = max(self._streamed.get(symbol, 0), close_time)
        if batch.bars or batch.heartbeat is not None or self._stale():
            self._refresh()
        return self._settle(progress_of(batch), everything=False)

    def still_open(self) -> list[Signal]:
        """Return the open signals that are published, as this process last read them."""
        signals = (stored.signal for stored in self._open.values())
        return [signal for signal in signals if not signal.shadow]

    def sweep(self, feed: FeedProgress) -> Report:
        """Settle all open signals."""
        self._refresh()
        return self._settle(feed, everything=True)

    def _stale(self) -> bool:
        return self._open_at is None or self._clock() - self._open_at >= OPEN_TTL_MS

    def _refresh(self) -> None:
        """Read the open signals; the bars of a symbol with a new one have to be read."""
        shadows = () if self._sets is None else self._sets.open_shadows()
        found = [*self._signals.open(), *shadows]
        now_open = {stored.signal.signal_id: stored for stored in found}
        for signal_id, stored in now_open.items():
            if signal_id not in self._open:
                self._looked.pop(stored.signal.symbol, None)
        self._open, self._open_at = now_open, self._clock()
        self._positions = {key: one for key, one in self._positions.items() if key in now_open}
        self._saved = {key: one for key, one in self._saved.items() if key in now_open}

    def _settle(self, feed: FeedProgress, *, everything: bool) -> Report:
        report = Report()
        for symbol, group in self._by_symbol().items():
            due = any(self._overdue(stored.signal, feed) for stored in group)
            if not (everything or due or self._unseen(symbol, group)):
                continue
            report.looked_at += len(group)
            try:
                self._settle_symbol(symbol, group, feed, report)
            except SignalEngineError as error:
                report.failed[symbol] = error
            except UNREADABLE as error:
                report.failed[symbol] = UnreadableError(
                    f"{symbol}: {type(error).__name__}: {error}"
                )
        report.open = len(self._open)
        return report

    def _settle_symbol(
        self,
        symbol: str,
        group: Sequence[StoredSignal],
        feed: FeedProgress,
        report: Report,
    ) -> None:
        self._load(stored.signal for stored in group)
        since = min(self._position(stored.signal).until for stored in group)
        bars = self._bars.minutes(symbol, since, _until(group))
        left = [stored for stored in group if not self._close(stored, bars, 0, feed, report)]
        if any(self._overdue(stored.signal, feed) for stored in left):
            folded = self._folded_until(symbol)
            bars = self._bars.minutes(symbol, since, _until(group))  # all that it was folded from
            for stored in left:
                self._close(stored, bars, self._past(stored, folded, feed), feed, report)
        whole = [bar.close_time for bar in contiguous(since, bars)]
        self._looked[symbol] = whole[-1] if whole else since

    def _close(
        self,
        stored: StoredSignal,
        bars: Sequence[StoredBar],
        past: int,
        feed: FeedProgress,
        report: Report,
    ) -> bool:
        """Store a signal's progress, and close it if it has ended; returns whether it has."""
        stored = self._open.get(stored.signal.signal_id, stored)
        signal = stored.signal
        position, end = outcome(
            signal,
            self._position(signal),
            bars,
            past,
            self._grace(signal),
            self._dropped_at(stored, feed),
        )
        if not self._advance(stored, position, report):
            return False
        if end is None:
            self._keep(signal, position)
            return False
        if self._closings.close(signal, end):
            report.closed.append((signal, end))
        del self._open[signal.signal_id]
        self._positions.pop(signal.signal_id, None)
        return True

    def _load(self, signals: Iterable[Signal]) -> None:
        """Read the positions of signals that other processes have followed for long."""
        new = [one for one in signals if lasting(one) and one.signal_id not in self._saved]
        if not new or self._stored is None:
            return
        found = self._stored.of(new)
        for one in new:
            position = found.get(one.signal_id) or opened(one)
            self._positions.setdefault(one.signal_id, position)
            self._saved[one.signal_id] = position.until

    def _keep(self, signal: Signal, position: Position) -> None:
        """Remember how far an open signal is, and store it now and then where it takes long."""
        if signal.exits is None and not lasting(signal):
            return
        self._positions[signal.signal_id] = position
        saved = self._saved.get(signal.signal_id)
        if self._stored is None or saved is None or position.until - saved < LONG_MS:
            return
        self._stored.put(signal, position)
        self._saved[signal.signal_id] = position.until

    def _position(self, signal: Signal) -> Position:
        return self._positions.get(signal.signal_id) or opened(signal)

    def _advance(self, stored: StoredSignal, position: Position, report: Report) -> bool:
        """Store the steps that are new; returns whether all of them are stored.

        A signal that has changed since it was read is read and settled again: nothing is closed
        before its steps are stored, as nobody would publish them.
        """
        signal, steps = stored.signal, position.steps
        new = len(steps) - len(signal.progress)
        if new <= 0:
            return True
        if not self._closings.advance(signal, steps):
            self._open_at = None
            return False
        report.steps += new
        changed = replace(stored, signal=replace(signal, progress=steps))
        self._open[signal.signal_id] = changed
        return True

    def _unseen(self, symbol: str, group: Sequence[StoredSignal]) -> bool:
        """Return whether bars of these signals' time may be stored that were not read yet."""
        streamed = min(self._streamed.get(symbol, 0), _until(group))
        return self._looked.get(symbol, -1) < streamed or symbol not in self._looked

    def _by_symbol(self) -> dict[str, list[StoredSignal]]:
        groups: dict[str, list[StoredSignal]] = {}
        for stored in self._open.values():
            groups.setdefault(stored.signal.symbol, []).append(stored)
        return groups

    def _overdue(self, signal: Signal, feed: FeedProgress) -> bool:
        return signal.expires_at + self._grace(signal) <= feed.watermark

    def _grace(self, signal: Signal) -> int:
        if self._sets is None or not signal.strategy:
            return self._grace_ms
        return self._sets.grace_ms(signal, self._grace_ms)

    def _dropped_at(self, stored: StoredSignal, feed: FeedProgress) -> int:
        """Return the exchange's time (ms) if a signal's symbol is not followed any more, else 0.

        What was sent of it before may still be on the stream for less than `LOST_MS`.
        """
        if feed.followed is None or stored.signal.symbol in feed.followed:
            return 0
        return feed.watermark if self._clock() - stored.updated_at > LOST_MS else 0

    def _past(self, stored: StoredSignal, folded: int, feed: FeedProgress) -> int:
        """Return the exchange time (ms) up to which every bar of the signal that comes has come.

        Those of its own symbol up to `folded`: the watermark is not enough, as the fold may be
        hours behind it in a replay, or while another symbol is filled up after an outage. A symbol
        that is not traded any more has no bars to come; what was sent of it before is retained by
        the stream for less than `LOST_MS`.
        """
        signal = stored.signal
        lifetime = signal.expires_at - signal.close_time
        if signal.symbol in feed.trading or self._clock() - stored.updated_at <= lifetime + LOST_MS:
            return folded
        return max(folded, feed.watermark)


def _until(group: Sequence[StoredSignal]) -> int:
    return max(stored.signal.expires_at for stored in group)


def conclude(line: LogLine, report: Report, *, streamed: bool = False) -> None:
    """Log an invocation's result; raises the error of the first symbol that was not settled.

    `streamed`: by records of the stream, which a permanent error of one symbol must not hold up.
    The schedule looks at that symbol each minute, and raises it.
    """
    line.routine(open=report.open, looked_at=report.looked_at)
    line.count(closed=len(report.closed), failed=len(report.failed))
    if report.steps:
        line.count(steps=report.steps)
    line.count(**Counter(end.outcome.value for _, end in report.closed))
    for signal, end in report.closed:
        line.trace(*traced(signal))
        line.trace(signal.symbol, end.closed_at)
    for error in report.failed.values():
        if not (streamed and isinstance(error, PermanentError)):
            raise error
