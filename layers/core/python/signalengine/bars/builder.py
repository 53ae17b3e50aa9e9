"""One symbol's bars facts, built from market data: each minute once, in order, as of its close.

A `BarBuilder` takes market data and returns, as one `BuilderOutput`, the facts that are complete,
the bars to request and the differences to record. It sends and requests nothing itself. Everything
on a fact is *as of its close* T: mark, funding and open interest are the latest with a source time
not after T. No clock: every time is an argument.

A replayed market has the open interest of every close: there a bar waits for it
(`on_replayed_open_interest`), so that two replays build the same facts at any speed. In a live
market no bar waits for open interest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..errors import MalformedFactError
from ..facts.stream import Bar, BarsFact, Market, Quality, Tick
from ..intervals import INTERVAL_MS, MINUTE_MS, closing_at
from ..market_data import Funding, Kline, Liquidation, MarkPrice, OpenInterest
from .aggregator import BarAggregator
from .as_of import MARK_MAX_AGE_MS, MEMORY, REPLAYED_MARK_MAX_AGE_MS, Contracts, Coverage, Marks
from .forming import FormingMinute
from .sequencer import LATE_MS, BarSequencer, Source

EARLY_MS: Final = 6_000
"""How much before its own time a kline may be sent: an exchange's clocks differ."""
MAX_BARS: Final = 999
"""Bars of one request, with one more that proves the last of them closed."""
FIRST_PAUSE_MS: Final = MINUTE_MS
LAST_PAUSE_MS: Final = 15 * MINUTE_MS
"""Between requests for a symbol without new data (a halt): longer and longer, up to this."""

TIMELY_MS: Final = (-1_000, 2_000)
"""When a closing kline is sent, after its close, by an exchange whose clocks agree."""
_SKEW_MEMORY_MS: Final = 10 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class BarRequest:
    """Missing bars of one interval: `start` <= open time < `end`."""

    symbol: str
    interval: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A bar received twice with different values."""

    used: Bar
    other: Bar


@dataclass(frozen=True, slots=True)
class BuilderOutput:
    """What follows from one input, to be applied in the order of the fields."""

    facts: tuple[BarsFact, ...]
    """To send, oldest first."""
    differences: tuple[Difference, ...]
    """To record."""
    request: BarRequest | None
    """To fetch, once; the answer is passed to `on_backfill`."""
    awaits_open_interest_of: int | None
    """Close time of the next bar, which waits for the open interest of it; None: no bar does."""
    held: int
    """Bars that wait for the one before them."""


def skew_of(kline: Kline) -> int:
    """Return by how many ms a kline's event time contradicts its own bar; 0 if it does not.

    A forming minute cannot be sent after its end, nor a closed one before it.
    """
    late = kline.event_time - kline.bar.close_time
    if kline.closed:
        return 0 if TIMELY_MS[0] <= late <= TIMELY_MS[1] else late
    return late if late > -TIMELY_MS[0] else 0


class BarBuilder:
    """Builds one symbol's bars. Not thread-safe: its owner locks.

    `clock` is exchange time, ms: the newest event's. `now` is the same, advanced by wall time while
    a live market sends nothing; None: `clock`.
    """

    def __init__(
        self, symbol: str, market: Market, liquidations: Coverage, *, replayed: bool = False
    ) -> None:
        """`liquidations`: when their stream was up. `replayed`: bars wait for open interest."""
        self.symbol = symbol
        self.kline_time = 0
        """Exchange time of the newest kline message."""
        self.skew_ms = 0
        """By how much the newest kline's event time contradicts its own bar."""
        self.differing = 0
        """Bars received twice with different values."""
        self.gaps = 0
        """Holes that could not be filled."""
        self.funding_hours: int | None = None
        """Hours between two funding payments."""
        self.tick_size: float | None = None
        """Smallest step of the price."""
        self.halted = False
        """The exchange does not trade it: no bar is expected."""
        self._market, self._liquidations = market, liquidations
        self._kline_open = -1
        self._sequence = BarSequencer()
        self._aggregator = BarAggregator()
        self._marks = Marks(REPLAYED_MARK_MAX_AGE_MS if replayed else MARK_MAX_AGE_MS)
        self._contracts = Contracts()
        self._open_interest_until = 0 if replayed else None
        self._flows: dict[int, list[float]] = {}
        self._streamed: dict[int, tuple[int, float, bool]] = {}
        """Of the klines of each minute: newest event time, volume so far, whether one formed."""
        self._missed = False
        self._forming = FormingMinute()
        self._unverified: dict[int, Bar] = {}
        self._skewed: set[int] = set()
        self._fetched: dict[str, Bar | None] = {}
        self._differences: list[Difference] = []
        self._requested = False
        self._request_after, self._pause_ms = 0, FIRST_PAUSE_MS

    @property
    def held(self) -> int:
        """Bars that wait for the one before them."""
        return len(self._sequence)

    @property
    def next_open(self) -> int | None:
        """Open time of the next bar to send; None until the first is known."""
        return self._sequence.next_open

    @property
    def last_price(self) -> float | None:
        """The last trade price known."""
        return self._forming.last

    def has_received(self, open_time: int) -> bool:
        """Return whether a kline of this minute or a later one has been received."""
        return self._kline_open >= open_time

    def is_unseen(self, bar: Bar) -> bool:
        """Return whether a closed bar to send has trades, and no forming kline was received."""
        return bar.open_time >= (self._sequence.next_open or 0) and self._forming.is_unseen(bar)

    def seed(self, minutes: Iterable[Bar], begin: int | None = None) -> None:
        """Start after these 1m bars (oldest first), which have been sent as history.

        Without any, its bars begin at `begin`; None: with the first one received.
        """
        self._sequence.next_open = begin
        for bar in minutes:
            self._aggregator.push(bar)
            self._forming.update(bar)
            self._sequence.next_open = bar.close_time

    # --- market data ---

    def on_kline(
        self, kline: Kline, clock: int, now: int | None = None, *, trusted: bool = True
    ) -> BuilderOutput | None:
        """Take a 1m kline; returns None for a forming one, which completes nothing.

        A closed one that contradicts its minute, or is not `trusted`, is verified by REST first.
        Raises MalformedFactError when it is from the future.
        """
        end = kline.bar.close_time if kline.closed else kline.bar.open_time
        if end > kline.event_time + EARLY_MS:
            raise MalformedFactError(f"kline: of {end}, sent at {kline.event_time} already")
        self._note_streamed(kline)
        awaited = kline.bar.open_time >= (self._sequence.next_open or 0)
        self._note_skew(kline, awaited)
        contradicts = not trusted or self._forming.contradicts(kline.bar)
        unverified = kline.closed and awaited and contradicts
        if kline.event_time >= self.kline_time:
            self.kline_time = kline.event_time
            if not unverified:
                self._forming.update(kline.bar)
        if not kline.closed:
            return None
        if unverified:
            self._unverified[kline.bar.open_time] = kline.bar
        else:
            self._offer(kline.bar, "ws")
        return self._output(clock, now)

    def on_mark(self, mark: MarkPrice) -> None:
        """Take a mark price."""
        self._marks.push(mark)

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take an open interest."""
        self._contracts.push(value)

    def on_replayed_open_interest(
        self, values: Iterable[OpenInterest], until: int, clock: int, now: int | None = None
    ) -> BuilderOutput:
        """Take all open interest up to and including `until`, oldest first."""
        for value in values:
            self._contracts.push(value)
        if self._open_interest_until is not None:
            self._open_interest_until = max(self._open_interest_until, until)
        return self._output(clock, now)

    def on_funding(self, funding: Funding) -> None:
        """Take a funding payment that has happened."""
        self._marks.settle(funding)

    def on_liquidation(self, order: Liquidation) -> bool:
        """Take a forced order; False when its minute has been sent, which is not corrected."""
        minute = order.event_time // MINUTE_MS * MINUTE_MS
        if minute < (self._sequence.next_open or 0):
            return False
        flow = self._flows.setdefault(minute, [0.0, 0.0])
        flow[0 if order.side == "long" else 1] += order.usd
        while len(self._flows) > MEMORY:
            del self._flows[min(self._flows)]
        return True

    def on_backfill(
        self, request: BarRequest, bars: Iterable[Bar], clock: int, now: int | None = None
    ) -> BuilderOutput:
        """Take the answer to a request; bars that it lacks do not exist and are given up."""
        self._requested = False
        if request.interval == "1m":
            self._fill(request, bars, clock if now is None else now)
        else:
            self._fetched[request.interval] = next(
                (bar for bar in bars if bar.open_time == request.start), None
            )
        return self._output(clock, now)

    # --- output ---

    def sample(self, time: int) -> Tick | None:
        """Return the forming minute at exchange time `time`; None when it has not traded yet."""
        return self._forming.sample(time)

    def next_request(self, now: int) -> BarRequest | None:
        """Return the bars to fetch at exchange time `now`; at most one request is open."""
        if self._requested:
            return None
        request = self._missing_longer() or self._missing_minutes(now)
        self._requested = request is not None
        return request

    def _output(self, clock: int, now: int | None) -> BuilderOutput:
        facts = []
        while (fact := self._next_fact(clock)) is not None:
            facts.append(fact)
        differences, self._differences = tuple(self._differences), []
        head = self._sequence.head()
        return BuilderOutput(
            facts=tuple(facts),
            differences=differences,
            request=self.next_request(clock if now is None else now),
            awaits_open_interest_of=(
                head[0].close_time if head is not None and self._lacks_open_interest(head[0])
                else None
            ),
            held=self.held,
        )  # fmt: skip

    def _next_fact(self, clock: int) -> BarsFact | None:
        """Return the next minute in sequence if it is complete, and move past it."""
        head = self._sequence.head()
        if head is None or self._lacks_open_interest(head[0]) or self._missing_longer() is not None:
            return None
        bar, source = head
        fact = self._fact(bar, source, clock)
        self._sequence.advance()
        self._aggregator.push(bar)
        self._fetched.clear()
        return fact

    def _lacks_open_interest(self, bar: Bar) -> bool:
        until = self._open_interest_until
        return until is not None and bar.close_time > until

    def _fact(self, bar: Bar, source: Source, clock: int) -> BarsFact:
        end = bar.close_time
        mark, contracts = self._marks.at(end), self._contracts.at(end)
        flow = self._flows.get(bar.open_time, [0.0, 0.0])
        skewed = bar.open_time in self._skewed
        mark, contracts = (None, None) if skewed else (mark, contracts)
        covered = self._liquidations.covers(bar.open_time, end)
        known = self._was_streamed(bar) and not skewed and covered
        sampled = source == "ws" or self._forming.is_sampled(bar.open_time)
        streamed = sampled and self._market != "recording" and not skewed
        return BarsFact(
            symbol=self.symbol,
            bars=(bar, *self._longer(bar)),
            market=self._market,
            source=source,
            sent_at=clock,
            quality=Quality(
                gap_s=self._sequence.gap_ms / 1000,
                stream_age_ms=max(0, clock - self.kline_time) if self.kline_time else None,
            ),
            open_interest=contracts.contracts if contracts else None,
            open_interest_time=contracts.time if contracts else None,
            funding_rate=mark.funding_rate if mark else None,
            funding_paid=self._marks.paid(end),
            mark_price=mark.price if mark else None,
            liq_long_usd=flow[0] if known else None,
            liq_short_usd=flow[1] if known else None,
            path=self._forming.path(bar) if streamed else None,
            funding_hours=self.funding_hours,
            tick_size=self.tick_size,
        )

    def _was_streamed(self, bar: Bar) -> bool:
        """Return whether klines of the next bar's minute came up to its end, or to its last trade.

        After a minute that was not, a closing kline alone does not tell that its own was.
        """
        at, volume, formed = self._streamed.get(bar.open_time, (0, 0.0, False))
        whole = bar.close_time - at <= LATE_MS or volume >= bar.volume
        self._missed = not whole or (self._missed and not formed)
        return not self._missed

    # --- bars received ---

    def _note_streamed(self, kline: Kline) -> None:
        minute = kline.bar.open_time
        self._kline_open = max(self._kline_open, minute)
        at, volume, formed = self._streamed.get(minute, (0, 0.0, False))
        self._streamed[minute] = (
            max(at, kline.event_time), max(volume, kline.bar.volume), formed or not kline.closed
        )  # fmt: skip
        if len(self._streamed) > MEMORY:
            del self._streamed[next(iter(self._streamed))]

    def _note_skew(self, kline: Kline, awaited: bool) -> None:
        """Data as of a skewed minute's close may belong to another minute: it is left out."""
        self.skew_ms = skew_of(kline) if awaited else 0  # a late repetition proves nothing
        if self.skew_ms:
            oldest = kline.bar.open_time - _SKEW_MEMORY_MS
            self._skewed = {t for t in self._skewed if t > oldest}
            self._skewed |= {kline.bar.open_time, kline.bar.close_time}

    def _fill(self, request: BarRequest, bars: Iterable[Bar], now: int) -> None:
        for bar in bars:
            if request.start <= bar.open_time < request.end:
                self._verify(bar)
                self._offer(bar, "rest")
        for open_time in [t for t in self._unverified if t < request.end]:
            self._offer(self._unverified.pop(open_time), "ws")  # REST does not contradict it
        if self._sequence.next_open != request.start or self._sequence.head() is not None:
            self._request_after, self._pause_ms = 0, FIRST_PAUSE_MS
        elif self._sequence.skip():
            self.gaps += 1
        else:
            self._request_after = now + self._pause_ms
            self._pause_ms = min(self._pause_ms * 2, LAST_PAUSE_MS)

    def _offer(self, bar: Bar, source: Source) -> None:
        known = self._sequence.offer(bar, source) or self._aggregator.find(bar.open_time)
        if known is not None and known != bar:
            self._differ(known, bar)

    def _verify(self, bar: Bar) -> None:
        """A fetched bar is used instead of the unverified one of its minute."""
        unverified = self._unverified.pop(bar.open_time, None)
        if unverified is not None and unverified != bar:
            self._differ(bar, unverified)

    def _differ(self, used: Bar, other: Bar) -> None:
        self.differing += 1
        self._differences.append(Difference(used, other))

    # --- bars missing ---

    def _longer(self, bar: Bar) -> list[Bar]:
        intervals = closing_at(bar.close_time)[1:]
        built = (self._aggregator.build(name, bar) or self._fetched.get(name) for name in intervals)
        return [longer for longer in built if longer is not None]

    def _missing_longer(self) -> BarRequest | None:
        head = self._sequence.head()
        if head is None:
            return None
        end = head[0].close_time
        for name in closing_at(end)[1:]:
            if name not in self._fetched and self._aggregator.build(name, head[0]) is None:
                return BarRequest(self.symbol, name, end - INTERVAL_MS[name], end)
        return None

    def _missing_minutes(self, now: int) -> BarRequest | None:
        hole = self._unverified_minutes() or self._sequence.hole(now)
        if hole is None or (not self.held and not self._unverified and not self._is_late(now)):
            return None
        start, end = hole
        return BarRequest(self.symbol, "1m", start, min(end, start + MAX_BARS * MINUTE_MS))

    def _unverified_minutes(self) -> tuple[int, int] | None:
        """Return the open times from the next bar up to the first unverified one."""
        start = self._sequence.next_open
        if self._sequence.head() is not None or not self._unverified:
            return None
        first = min(self._unverified)
        return first if start is None else start, first + MINUTE_MS

    def _is_late(self, now: int) -> bool:
        """Return whether the next bar is due although nothing newer has been received.

        While its minute is still streamed as forming, the exchange's clock is ahead of its bars.
        """
        start = self._sequence.next_open
        forming = start is not None and self._forming.is_of(start)
        fresh = forming and now - self.kline_time < LATE_MS
        return not self.halted and not fresh and now >= self._request_after
