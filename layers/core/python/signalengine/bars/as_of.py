"""Data that accompanies a bar, as of its close: marks, funding, open interest, coverage."""

from collections import deque
from typing import Final

from ..intervals import MINUTE_MS
from ..market_data import Funding, MarkPrice, OpenInterest

OPEN_INTEREST_MAX_AGE_MS: Final = 300_000
MARK_MAX_AGE_MS: Final = 2_000
"""The stream sends one a second; an older one is not the price at the close."""
REPLAYED_MARK_MAX_AGE_MS: Final = 1_000
"""A replayed market sends them at whole seconds: that of the close is there or missing."""
MEMORY: Final = 180
"""Minutes of marks, open interest and liquidations stored for late bars."""


class Marks:
    """Mark prices and funding rates as of each minute's close."""

    def __init__(self, max_age_ms: int = MARK_MAX_AGE_MS) -> None:
        self._max_age_ms = max_age_ms
        self._marks: deque[MarkPrice] = deque(maxlen=MEMORY)
        self._paid: dict[int, float] = {}
        self._expected: dict[int, float] = {}
        """By the time of a payment: the rate that the last mark price before it announced."""
        self._next = 0

    def push(self, mark: MarkPrice) -> None:
        """Take the newest mark price (an older one, reordered, changes nothing)."""
        last = self._marks[-1] if self._marks else None
        if last is not None and mark.event_time <= last.event_time:
            return
        if (
            last is not None
            and (last.event_time - 1) // MINUTE_MS == (mark.event_time - 1) // MINUTE_MS
        ):
            self._marks.pop()  # of one minute, up to and including its close, only the last is used
        self._marks.append(mark)
        self._expect(mark)

    def _expect(self, mark: MarkPrice) -> None:
        """Expect the payment that a mark announces, and not the one expected before it.

        An interval may become longer or shorter between two payments, or end.
        """
        time = mark.next_funding_time
        if mark.event_time < self._next != time:
            self._expected.pop(self._next, None)
            self._next = 0
        if mark.funding_rate is not None and mark.event_time <= time:
            _remember(self._expected, time, mark.funding_rate)
            self._next = time

    def settle(self, funding: Funding) -> None:
        """Take a rate that was paid."""
        _remember(self._paid, funding.time, funding.rate)

    def at(self, close_time: int) -> MarkPrice | None:
        """Return the latest mark price not after `close_time`, None when it is too old."""
        found = next((m for m in reversed(self._marks) if m.event_time <= close_time), None)
        if found is None or close_time - found.event_time >= self._max_age_ms:
            return None
        return found

    def paid(self, close_time: int) -> float | None:
        """Return the rate settled exactly at `close_time`; None when none was due."""
        return self._paid.get(close_time, self._expected.get(close_time))


def _remember(rates: dict[int, float], time: int, rate: float) -> None:
    rates[time] = rate
    while len(rates) > MEMORY:
        del rates[min(rates)]


class Contracts:
    """Open interest as of each minute's close."""

    def __init__(self) -> None:
        self._known: deque[OpenInterest] = deque(maxlen=MEMORY)

    def push(self, value: OpenInterest) -> None:
        """Take a newer open interest."""
        if not self._known or value.time > self._known[-1].time:
            self._known.append(value)

    def at(self, close_time: int) -> OpenInterest | None:
        """Return the latest value not after `close_time`, None when it is too old."""
        found = next((v for v in reversed(self._known) if v.time <= close_time), None)
        if found is None or close_time - found.time > OPEN_INTEREST_MAX_AGE_MS:
            return None
        return found


class Coverage:
    """When a stream was up, in exchange time. A stream that never sent anything was never up."""

    def __init__(self) -> None:
        self._spans: deque[list[int | None]] = deque(maxlen=MEMORY)
        self._received = False

    def received(self) -> None:
        """Note that the stream has delivered a message."""
        self._received = True

    def up(self, time: int) -> None:
        """Note that the stream is up from `time` on, unless it is up already."""
        if not self._spans or self._spans[-1][1] is not None:
            self._spans.append([time, None])

    def down(self, time: int) -> None:
        """Note that the stream went down after `time`."""
        if self._spans and self._spans[-1][1] is None:
            self._spans[-1][1] = time

    def covers(self, start: int, end: int) -> bool:
        """Return whether the stream was up from `start` to `end`."""
        return self._received and any(
            since is not None and since <= start and (until is None or until >= end)
            for since, until in self._spans
        )
