"""Histograms of how long signals take, hop by hop, from the receipts of a day's openings.

A histogram is a counter to Prometheus: it grows during a UTC day of the market and begins again
with the next, as the counters of a process begin again when it restarts. A day's receipts are
counted until `GRACE_MS` after its end. Then the histograms are empty for `EMPTY_MS`, so that a
scraper sees the reset even when the next day soon has more signals than the last one had in all.

Any process can answer a scrape, so what counts follows from stored times alone, and not from what
a process saw before.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from signalengine.intervals import DAY_MS, MINUTE_MS

from ...delivery.deliveries import Delivery, Status
from ...runtime.channels import CHANNELS
from ...runtime.clock import Clock, wall_ms
from ...stores.pagination import Read, Span, days, walk
from ...stores.signals import StoredSignal

BUCKETS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds: the objectives of 5 and 10 s and the alarm's 120 s are among them."""
GRACE_MS: Final = 10 * MINUTE_MS
EMPTY_MS: Final = 2 * MINUTE_MS
MOST: Final = 1_000
"""Openings of a day at most; a day with more has no histograms."""
AGAIN_MS: Final = 60 * MINUTE_MS
"""A delivery later than this after its signal's commit does not count."""
LATE_MS: Final = 15 * MINUTE_MS
"""A live signal that is committed later than this after its bar's close does not count."""
SETTLED_MS: Final = 2 * MINUTE_MS
"""A receipt is stored sooner than this after its service's answer, or never: functions that send
run for a minute at most."""

CLOSE_TO_COMMIT: Final = "close_to_commit"
COMMIT_TO_PUBLICATION: Final = "commit_to_publication"
PUBLICATION_TO_DELIVERY: Final = "publication_to_delivery"
COMMIT_TO_DELIVERY: Final = "commit_to_delivery"
Series = tuple[str, str]
"""A hop and a channel; "" where the hop is the same for all channels."""


@dataclass(slots=True)
class Histogram:
    """Counts by bucket, of which the last has no bound, and the sum of what was counted."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    sum_ms: int = 0
    """Whole, so that it does not depend on the order."""

    def add(self, ms: int) -> None:
        """Count one time; a clock that is behind may make it negative, which counts as 0."""
        self.counts[bisect_left(BUCKETS_S, ms / 1000)] += 1
        self.sum_ms += max(0, ms)

    @property
    def sum(self) -> float:
        """In seconds."""
        return self.sum_ms / 1000

    def cumulated(self) -> Iterator[tuple[float, int]]:
        """Yield each upper bound, infinity last, with how many times are not above it."""
        total = 0
        for bound, count in zip((*BUCKETS_S, float("inf")), self.counts, strict=True):
            total += count
            yield bound, total


def histograms(
    receipts: Iterable[Iterable[Delivery]], *, live: bool, now: int
) -> dict[Series, Histogram]:
    """Return the histograms of signals' receipts (pure), also those in which nothing is counted.

    A hop before the delivery is counted once a signal, by its first receipt, as soon as no earlier
    one can be stored; `now` is wall time (ms). Times from a bar's close are those of live markets
    only, since a replay's clock differs from wall time.
    """
    found = {
        (COMMIT_TO_PUBLICATION, ""): Histogram(),
        **({(CLOSE_TO_COMMIT, ""): Histogram()} if live else {}),
        **{(hop, one): Histogram() for one in CHANNELS for hop in _DELIVERY},
    }
    for of_signal in receipts:
        done = [one for one in of_signal if _counts(one, live=live)]
        settled = [one for one in done if (one.sent_at or 0) <= now - SETTLED_MS]
        if settled:
            first = min(settled, key=lambda one: (one.sent_at or 0, one.channel))
            for series, ms in _of_signal(first, live=live):
                found[series].add(ms)
        for one in done:
            for series, ms in _of_delivery(one):
                found.setdefault(series, Histogram()).add(ms)
    return found


_DELIVERY: Final = (PUBLICATION_TO_DELIVERY, COMMIT_TO_DELIVERY)


def _counts(receipt: Delivery, *, live: bool) -> bool:
    """Return whether it was delivered as soon as it could be, and neither it nor its signal late.

    A message that was withheld for a digest was not. A receipt without a time from the commit
    counts nothing.
    """
    closed, committed = receipt.close_latency_ms, receipt.commit_latency_ms
    if receipt.status is not Status.DELIVERED or receipt.digest is not None:
        return False
    if committed is None or committed > AGAIN_MS:
        return False
    return not live or closed is None or closed - committed <= LATE_MS


def _of_signal(receipt: Delivery, *, live: bool) -> Iterator[tuple[Series, int]]:
    closed, committed = receipt.close_latency_ms, receipt.commit_latency_ms
    published = receipt.publish_latency_ms
    if live and closed is not None and committed is not None:
        yield (CLOSE_TO_COMMIT, ""), closed - committed
    if committed is not None and published is not None:
        yield (COMMIT_TO_PUBLICATION, ""), committed - published


def _of_delivery(receipt: Delivery) -> Iterator[tuple[Series, int]]:
    channel = receipt.channel.partition(":")[0]
    if receipt.publish_latency_ms is not None:
        yield (PUBLICATION_TO_DELIVERY, channel), receipt.publish_latency_ms
    if receipt.commit_latency_ms is not None:
        yield (COMMIT_TO_DELIVERY, channel), receipt.commit_latency_ms


@dataclass(slots=True)
class _Day:
    """What a process knows of a day's openings."""

    start: int
    read_to: int
    """Market time (ms) up to which the list was read."""
    changed: dict[str, int] = field(default_factory=dict)
    """Openings by the wall time (ms) of their last change when they were first seen."""
    receipts: dict[str, list[Delivery]] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)


class Latencies:
    """Reads the receipts of a day's openings. What is final is read once a process."""

    def __init__(
        self,
        openings: Read[StoredSignal],
        receipts: Callable[[str], list[Delivery]],
        pool: ThreadPoolExecutor,
        *,
        clock: Clock = wall_ms,
    ) -> None:
        """`openings` returns signals of a day, `receipts` the deliveries of an event."""
        self._openings = openings
        self._receipts = receipts
        self._pool = pool
        self._clock = clock
        self._day = _Day(-1, -1)

    def read(self, watermark: int, *, live: bool) -> Mapping[Series, Histogram]:
        """Return the histograms at a market time (ms); none of a day with too many openings."""
        counted_to = watermark - GRACE_MS
        start = counted_to - counted_to % DAY_MS
        if counted_to - start < EMPTY_MS:
            return histograms((), live=live, now=0)
        if self._day.start != start or watermark < self._day.read_to - LATE_MS:
            self._day = _Day(start, start)
        day = self._day
        since = day.read_to - LATE_MS - MINUTE_MS if live else start
        span = Span(max(start, since), start + DAY_MS)
        page = walk(self._openings, days(span), None, MOST)
        if page.after is not None or len(day.changed) > MOST:
            return {}
        for stored in page.rows:
            day.changed.setdefault(stored.signal.signal_id, stored.updated_at)
        day.read_to = min(watermark, start + DAY_MS)
        now = self._clock()
        self._renew(day, now)
        return histograms(day.receipts.values(), live=live, now=now)

    def _renew(self, day: _Day, now: int) -> None:
        """Read the receipts that may have changed. The last change of a signal is no earlier than
        its commit, so none that counts comes after what is final."""
        names = [one for one in day.changed if one not in day.final]
        found = self._pool.map(self._receipts, [f"{name}#opened" for name in names])
        for name, receipts in zip(names, found, strict=True):
            day.receipts[name] = receipts
            if now - day.changed[name] > AGAIN_MS + SETTLED_MS:
                day.final.add(name)
