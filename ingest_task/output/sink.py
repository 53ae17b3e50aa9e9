"""Facts to the stream: queued, batched, retried, spooled. Never drops a bar, never reorders a key.

A producer checks `full` first and stops reading its source while it is: this back-pressure keeps
memory bounded when the stream is slower than a fast replay. While the stream cannot be reached a
market does not wait, so bars go to the disk, those in memory too.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from signalengine.errors import TransientError
from signalengine.facts.stream import BarsFact, Fact, GapFact, HistoryFact, TicksFact, encode
from signalengine.intervals import MINUTE_MS
from signalengine_aws.messaging.kinesis import Backoff, Entry, EntryRefusedError, Outbox

from ..logs import Log, Repeats
from .spool import Spool

SENDERS: Final = 2
"""Calls under way at once: a closed bar does not wait for the ticks' answer."""

_LOG = Log("sink")


class Stream(Protocol):
    """What the sink writes to (KinesisStream)."""

    def put(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Write entries once and return the indexes of those that were not accepted."""


@dataclass(frozen=True, slots=True)
class SinkCounts:
    """Counts of facts by what was done with them."""

    sent: dict[str, int]
    backlog: int
    """Durable records in memory, not acknowledged."""
    spooled: int
    superseded: int
    dropped: int
    refused: int
    retried: int
    spool_bytes: int = 0


class Sink:
    """A queue with senders behind it."""

    def __init__(
        self, stream: Stream, spool: Spool, *, bound: int = 256, backoff: Backoff | None = None
    ) -> None:
        self._stream, self._spool, self._bound = stream, spool, bound
        lock = threading.Lock()
        self._work = threading.Condition(lock)  # for senders: there may be something to send
        self._freed = threading.Condition(lock)  # for producers: something has left
        self._outbox = Outbox()
        self._backoff = backoff or Backoff()
        self._not_before = 0.0
        self._loaded: tuple[int, int] | None = None  # spool segment in memory, records left of it
        self._overflow: deque[Entry] = deque()  # behind the spool: the disk refused them
        self._away = False
        self._closing = self._closed = False
        self._sent: Counter[str] = Counter()
        self._spooled = self._refused = self._retried = 0
        self._failures = Repeats()
        self._threads = [
            threading.Thread(target=self._send, name=f"sender-{n}", daemon=True)
            for n in range(SENDERS)
        ]

    def start(self) -> None:
        """Start the senders; records that an earlier run left in the spool are sent first."""
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether every sender still runs."""
        return all(thread.is_alive() for thread in self._threads)

    @property
    def full(self) -> bool:
        """Whether the source should not be read for now."""
        if self._belongs_on_disk():
            return bool(self._overflow) or not self._spool.has_room
        return self._outbox.durable >= self._bound

    def wait_for_room(self, timeout: float) -> bool:
        """Wait until not full; False when it still is after `timeout` seconds."""
        with self._freed:
            return self._freed.wait_for(lambda: not self.full or self._closing, timeout)

    def put(self, fact: Fact) -> None:
        """Queue a fact; never blocks."""
        entry = _entry(fact)
        with self._work:
            if entry.durable and self._belongs_on_disk():
                self._overflow.append(entry)
                self._write_overflow()
            else:
                self._outbox.offer(entry)
            self._work.notify()

    def counts(self) -> SinkCounts:
        """Return counts of all facts so far."""
        with self._freed:
            box, backlog = self._outbox, self._outbox.durable + len(self._overflow)
            return SinkCounts(
                dict(self._sent), backlog, self._spooled, box.superseded, box.dropped,
                self._refused, self._retried, self._spool.size_bytes,
            )  # fmt: skip

    def close(self, timeout: float) -> bool:
        """Send all that is left, for at most `timeout` seconds; the rest goes to the disk.

        Returns whether everything was sent. A stream that was unreachable is tried once more.
        """
        with self._freed:
            self._closing = True
            self._not_before = 0.0
            self._work.notify_all()
            self._freed.notify_all()
            flushed = self._freed.wait_for(self._idle, min(timeout, 2.0) if self._away else timeout)
            self._closed = True
            self._work.notify_all()
            self._copy_to_disk()
            self._write_overflow()
        return flushed

    def _idle(self) -> bool:
        return self._outbox.empty and not self._waits_behind_disk()

    def _waits_behind_disk(self) -> bool:
        """Return whether records on disk, or behind those, have not been sent."""
        return self._spool.pending or bool(self._overflow)

    def _belongs_on_disk(self) -> bool:
        """Return whether records go to the disk: behind others there, or the stream is unreachable.

        Also when the disk is full, which stops the source: later records must not overtake.
        """
        return self._away or self._waits_behind_disk()

    def _copy_to_disk(self) -> None:
        """Write the records in memory to the front of the spool, as a segment that is loaded.

        From here on a crash loses nothing: all unsent records are on disk, in order.
        """
        fresh = [entry for entry in self._outbox.unsent() if entry.origin is None]
        if self._loaded or not fresh:
            return
        try:
            number = self._spool.prepend(fresh)
        except OSError as error:
            _LOG.failure("spool_failed", reason=str(error))
            return
        for entry in fresh:
            entry.origin = number
        self._loaded = (number, len(fresh))
        self._spooled += len(fresh)

    def _write_overflow(self) -> None:
        """Move records to the disk; those that it refuses wait in memory, behind those on it."""
        while self._overflow:
            try:
                self._spool.append(self._overflow[0])
            except OSError as error:
                _LOG.failure("spool_failed", reason=str(error))
                return
            self._overflow.popleft()
            self._spooled += 1

    # --- the senders ---

    def _send(self) -> None:
        while (batch := self._next()) is not None:
            self._deliver(batch)

    def _next(self) -> list[Entry] | None:
        """Wait for a call's worth of entries; None when the sink has closed."""
        with self._work:
            while not self._closed:
                self._unspool()
                wait = self._not_before - time.monotonic()
                replaceable = not self._waits_behind_disk()  # else they would overtake their bars
                if wait <= 0.0 and (batch := self._outbox.take(replaceable=replaceable)):
                    return batch
                self._work.wait(wait if wait > 0.0 else None)
        return None

    def _unspool(self) -> None:
        """Bring the oldest segment back to memory when there is room for it.

        While the stream is unreachable only when memory has nothing to try it with.
        """
        room = 0 if self._away else self._bound // 2
        if self._loaded or self._outbox.durable > room:
            return
        segment = self._spool.oldest()
        if segment is None:
            self._take_overflow()
            return
        number, entries = segment
        self._loaded = (number, len(entries))
        for entry in entries:
            self._outbox.offer(entry)
        self._acknowledge_spooled(0)

    def _take_overflow(self) -> None:
        """Queue the records that waited behind the disk, now that it is empty."""
        if self._overflow:
            for entry in self._overflow:
                self._outbox.offer(entry)
            self._overflow.clear()
            self._freed.notify_all()

    def _acknowledge_spooled(self, arrived: int) -> None:
        if self._loaded is None:
            return
        number, left = self._loaded[0], self._loaded[1] - arrived
        self._loaded = (number, left) if left > 0 else None
        if self._loaded is None:
            self._spool.delete(number)

    def _deliver(self, batch: list[Entry]) -> None:
        try:
            failed = set(self._stream.put(batch))
        except TransientError as error:
            self._settle([], batch, away=True)
            if self._failures.due():
                _LOG.warning("stream_away", reason=str(error), times=self._failures.count)
            return
        except EntryRefusedError as error:
            self._refuse(batch, str(error))
            return
        good = [entry for n, entry in enumerate(batch) if n not in failed]
        self._settle(good, [batch[n] for n in sorted(failed)], away=False)

    def _settle(self, good: Sequence[Entry], bad: Sequence[Entry], *, away: bool) -> None:
        with self._work:
            self._outbox.done(good)
            self._outbox.back(bad)
            self._sent.update(entry.kind for entry in good)
            self._retried += len(bad)
            self._acknowledge_spooled(sum(entry.origin is not None for entry in good))
            if self._away and not away:
                _LOG.info("stream_back", backlog=self._outbox.durable)
            self._away = away
            if away:
                self._copy_to_disk()
            if bad:
                self._not_before = time.monotonic() + self._backoff.next()
            else:
                self._backoff.reset()
            self._work.notify_all()
            self._freed.notify_all()

    def _refuse(self, batch: list[Entry], reason: str) -> None:
        """Find the record that the service refuses by sending them one by one."""
        if len(batch) > 1:
            for entry in batch:
                self._deliver([entry])
            return
        _LOG.failure("record_refused", key=batch[0].key, kind=batch[0].kind, reason=reason)
        with self._work:
            self._refused += 1
            self._outbox.done(batch)
            self._acknowledge_spooled(sum(entry.origin is not None for entry in batch))
            self._work.notify_all()
            self._freed.notify_all()


def _entry(fact: Fact) -> Entry:
    """Return a fact's record: bars, history and the ledger are durable, the others replaceable."""
    match fact:
        case BarsFact():
            return Entry(fact.symbol, "bars", encode(fact))
        case HistoryFact():
            return Entry(fact.symbol, "history", encode(fact))
        case GapFact():
            return Entry("gaps", "gap", encode(fact))
        case TicksFact():
            minute = (fact.time - 1) // MINUTE_MS
            return Entry("ticks", "ticks", lambda: encode(fact), durable=False, tag=minute)
        case _:
            return Entry("heartbeat", "heartbeat", lambda: encode(fact), durable=False, tag="any")
