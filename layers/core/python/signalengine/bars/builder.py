"""Bars in strict sequence, longer bars from 1m bars, and what is known of a minute at its close.

One `BarBuilder` a symbol takes what the exchange says and hands out `BarsFact`s: each minute once,
each right after the one before, with everything *as of its close* T: mark, funding and open
interest are the latest with a source time not after T. What it lacks it asks for (`want`), and
somebody supplies (`supply`). No clock: every time comes in with a message.

A market that is replayed can be asked what its open interest was: there a bar waits until that
is known (`inform`), so that two replays say the same at any speed. Live, nothing waits.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ..errors import MalformedFactError
from ..exchanges.binance.messages import Funding, Kline, Liquidation, MarkPrice, OpenInterest
from ..facts.stream import Bar, BarsFact, Market, Quality, Tick
from ..intervals import INTERVAL_MS, MINUTE_MS, closing_at
from .as_of import MARK_MAX_AGE_MS, MEMORY, REPLAYED_MARK_MAX_AGE_MS, Contracts, Coverage, Marks
from .forming import Running

LATE_MS: Final = 3_000
"""Exchange ms after its close at which a bar that has not been streamed is asked for."""
EARLY_MS: Final = 6_000
"""How much before its time a kline may be told: two clocks of an exchange are not one."""
MAX_WANT: Final = 999
"""Bars asked for at once, with one more that proves the last of them closed."""
FIRST_PAUSE_MS: Final = MINUTE_MS
LAST_PAUSE_MS: Final = 15 * MINUTE_MS
"""A symbol nothing is known of (a halt) is asked about ever less often, up to this."""

TIMELY_MS: Final = (-1_000, 2_000)
"""When a closing kline is told, after its close, by an exchange whose clocks agree."""
_OFF_KEPT_MS: Final = 10 * MINUTE_MS

Source: TypeAlias = Literal["ws", "rest"]


@dataclass(frozen=True, slots=True)
class BarRequest:
    """Bars of one interval a symbol cannot go on without: `start` <= open time < `end`."""

    symbol: str
    interval: str
    start: int
    end: int


def skew_of(kline: Kline) -> int:
    """Return by how many ms a kline's event time contradicts its own bar; 0 if it does not.

    A minute that still forms cannot be told after its end, nor a closed one before it.
    """
    late = kline.event_time - kline.bar.close_time
    if kline.closed:
        return 0 if TIMELY_MS[0] <= late <= TIMELY_MS[1] else late
    return late if late > -TIMELY_MS[0] else 0


def aggregate(interval: str, minutes: Sequence[Bar]) -> Bar:
    """Return the longer bar made of all its 1m bars, oldest first.

    Sums are taken in that order; what one minute does not know, the longer bar does not either.
    Raises ValueError unless every minute is there.
    """
    start, span = minutes[0].open_time if minutes else 0, INTERVAL_MS[interval]
    wanted = range(start, start + span, MINUTE_MS)
    if start % span or [bar.open_time for bar in minutes] != list(wanted):
        raise ValueError(f"these are not the 1m bars of one {interval} bar")
    high, low, volume = minutes[0].high, minutes[0].low, 0.0
    quote: float | None = 0.0
    trades: int | None = 0
    taker: float | None = 0.0
    for bar in minutes:
        high = bar.high if bar.high > high else high
        low = bar.low if bar.low < low else low
        volume += bar.volume
        quote = None if quote is None or bar.quote_volume is None else quote + bar.quote_volume
        trades = None if trades is None or bar.trades is None else trades + bar.trades
        taker = (
            None if taker is None or bar.taker_buy_volume is None else taker + bar.taker_buy_volume
        )
    return Bar(
        interval, start, minutes[0].open, high, low, minutes[-1].close, volume,
        quote_volume=quote, trades=trades, taker_buy_volume=taker,
    )  # fmt: skip


class BarAggregator:
    """The last hour of 1m bars, from which the longer ones are built."""

    def __init__(self) -> None:
        self._minutes: deque[Bar] = deque(maxlen=INTERVAL_MS["1h"] // MINUTE_MS)

    def push(self, bar: Bar) -> None:
        """Add the next 1m bar, newer than all before it."""
        self._minutes.append(bar)

    def build(self, interval: str, last: Bar) -> Bar | None:
        """Return the bar of `interval` that ends with the 1m bar `last`, None if parts lack."""
        count = INTERVAL_MS[interval] // MINUTE_MS
        minutes = [*self._minutes, last][-count:]
        whole = (
            len(minutes) == count and minutes[0].open_time == last.close_time - count * MINUTE_MS
        )
        return aggregate(interval, minutes) if whole else None

    def find(self, open_time: int) -> Bar | None:
        """Return the 1m bar of the last hour that opened then."""
        return next((bar for bar in self._minutes if bar.open_time == open_time), None)


class BarSequencer:
    """Closed 1m bars in, in strict sequence out: a bar leaves only after the one before it."""

    def __init__(self) -> None:
        self.next_open: int | None = None
        """Open time of the next bar to leave; None until the first bar is known."""
        self.gap_ms = 0
        """Market lost for good right before the next bar."""
        self._held: dict[int, tuple[Bar, Source]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def offer(self, bar: Bar, source: Source) -> Bar | None:
        """Take a closed bar; returns the bar that was there before it, if any (first wins)."""
        if self.next_open is None:
            self.next_open = bar.open_time
        if bar.open_time < self.next_open:
            return None
        known = self._held.setdefault(bar.open_time, (bar, source))[0]
        return None if known is bar else known

    def head(self) -> tuple[Bar, Source] | None:
        """Return the next bar of the sequence if it is here."""
        return None if self.next_open is None else self._held.get(self.next_open)

    def advance(self) -> None:
        """Drop the head: it has left."""
        assert self.next_open is not None  # noqa: S101 - there is a head
        del self._held[self.next_open]
        self.next_open += MINUTE_MS
        self.gap_ms = 0

    def hole(self, clock: int) -> tuple[int, int] | None:
        """Return the open times [start, end) that are missing at exchange time `clock`."""
        start = self.next_open
        if start is None or start in self._held:
            return None
        if self._held:
            return start, min(self._held)
        end = (clock - LATE_MS) // MINUTE_MS * MINUTE_MS
        return (start, end) if end > start else None

    def skip(self) -> bool:
        """Give up what is missing before the bars held; False when none are held."""
        if not self._held or self.next_open is None:
            return False
        first = min(self._held)
        self.gap_ms += first - self.next_open
        self.next_open = first
        return True


class BarBuilder:
    """One symbol: messages in, one `BarsFact` a minute out."""

    def __init__(self, symbol: str, market: Market, *, replayed: bool = False) -> None:
        """`replayed`: each bar waits until `inform` has told the open interest of its close."""
        self.symbol = symbol
        self.kline_time = 0
        """Exchange time of the newest kline message."""
        self.skew_ms = 0
        """By how much the newest kline's event time contradicts its own bar."""
        self.differing = 0
        """Bars that came twice and not the same (the first was kept)."""
        self.gaps = 0
        """Holes that nobody could fill."""
        self.funding_hours: int | None = None
        """Hours between two funding payments."""
        self.halted = False
        """The exchange does not trade it: nothing is missing while nothing comes."""
        self.differences: list[tuple[Bar, Bar]] = []
        """Bars told twice and not the same: the one kept, the other. For whoever takes them."""
        self._market = market
        self._kline_open = -1
        self._line = BarSequencer()
        self._ladder = BarAggregator()
        self._marks = Marks(REPLAYED_MARK_MAX_AGE_MS if replayed else MARK_MAX_AGE_MS)
        self._contracts = Contracts()
        self._informed_until = 0 if replayed else None
        self._flows: dict[int, list[float]] = {}
        self._running = Running()
        self._doubted: dict[int, Bar] = {}
        self._off: set[int] = set()
        self._fetched: dict[str, Bar | None] = {}
        self._asked = False
        self._ask_after, self._pause_ms = 0, FIRST_PAUSE_MS

    @property
    def held(self) -> int:
        """Bars that wait for the one before them."""
        return len(self._line)

    @property
    def waits(self) -> bool:
        """Whether the next bar is here, but not the open interest of its close."""
        head = self._line.head()
        until = self._informed_until
        return head is not None and until is not None and head[0].close_time > until

    @property
    def next_open(self) -> int | None:
        """Open time of the next bar to leave; None until the first is known."""
        return self._line.next_open

    def heard_of(self, open_time: int) -> bool:
        """Whether a kline of this minute or a later one has been told."""
        return self._kline_open >= open_time

    @property
    def last_price(self) -> float | None:
        """The last trade price known."""
        return self._running.last

    def seed(self, minutes: Iterable[Bar], begin: int | None = None) -> None:
        """Start after these 1m bars (oldest first), which have been sent as history.

        Without any, its bars begin at `begin`; None: with the first that is told.
        """
        self._line.next_open = begin
        for bar in minutes:
            self._ladder.push(bar)
            self._running.update(bar)
            self._line.next_open = bar.close_time

    def surprised_by(self, bar: Bar) -> bool:
        """Return whether a closed bar that is awaited tells of a minute never heard forming."""
        return bar.open_time >= (self._line.next_open or 0) and self._running.surprised_by(bar)

    def on_kline(self, kline: Kline, *, believed: bool = True) -> None:
        """Take a 1m kline, forming or closed; MalformedFactError when it is from the future.

        A closed one that contradicts its minute, or is not `believed`, waits for what REST says.
        """
        end = kline.bar.close_time if kline.closed else kline.bar.open_time
        if end > kline.event_time + EARLY_MS:
            raise MalformedFactError(f"kline: of {end}, told at {kline.event_time} already")
        self._kline_open = max(self._kline_open, kline.bar.open_time)
        awaited = kline.bar.open_time >= (self._line.next_open or 0)
        self.skew_ms = skew_of(kline) if awaited else 0  # a late repetition says nothing
        if self.skew_ms:
            # what is told beside these minutes is not of them
            self._off = {t for t in self._off if t > kline.bar.open_time - _OFF_KEPT_MS}
            self._off |= {kline.bar.open_time, kline.bar.close_time}
        contradicts = not believed or self._running.contradicts(kline.bar)
        doubtful = kline.closed and awaited and contradicts
        if kline.event_time >= self.kline_time:
            self.kline_time = kline.event_time
            if not doubtful:
                self._running.update(kline.bar)
        if doubtful:
            self._doubted[kline.bar.open_time] = kline.bar
        elif kline.closed:
            self._offer(kline.bar, "ws")

    def on_mark(self, mark: MarkPrice) -> None:
        """Take a mark price."""
        self._marks.push(mark)

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take an open interest."""
        self._contracts.push(value)

    def inform(self, values: Iterable[OpenInterest], until: int) -> None:
        """Take all open interest there is up to and with `until`, oldest first."""
        for value in values:
            self._contracts.push(value)
        if self._informed_until is not None:
            self._informed_until = max(self._informed_until, until)

    def on_funding(self, funding: Funding) -> None:
        """Take a funding payment that has happened."""
        self._marks.settle(funding)

    def on_liquidation(self, order: Liquidation, clock: int) -> None:
        """Take a forced order: it belongs to the minute that is open at `clock`, its arrival."""
        flow = self._flows.setdefault(clock // MINUTE_MS * MINUTE_MS, [0.0, 0.0])
        flow[0 if order.side == "long" else 1] += order.usd
        while len(self._flows) > MEMORY:
            del self._flows[min(self._flows)]

    def sample(self, time: int) -> Tick | None:
        """Return the forming minute at exchange time `time`; None when it has not traded yet."""
        return self._running.sample(time)

    def want(self, clock: int) -> BarRequest | None:
        """Return what must be fetched now, once: the next `want` comes after `supply`."""
        if self._asked:
            return None
        want = self._wanted_longer() or self._wanted_minutes(clock)
        self._asked = want is not None
        return want

    def supply(self, want: BarRequest, bars: Iterable[Bar], clock: int) -> None:
        """Answer a want; what the answer lacks will never come, and is given up."""
        self._asked = False
        if want.interval != "1m":
            self._fetched[want.interval] = next(
                (bar for bar in bars if bar.open_time == want.start), None
            )
            return
        for bar in bars:
            if want.start <= bar.open_time < want.end:
                self._settle_doubt(bar)
                self._offer(bar, "rest")
        for open_time in [t for t in self._doubted if t < want.end]:
            self._offer(self._doubted.pop(open_time), "ws")  # nobody says otherwise
        if self._line.next_open != want.start or self._line.head() is not None:
            self._ask_after, self._pause_ms = 0, FIRST_PAUSE_MS
        elif self._line.skip():
            self.gaps += 1
        else:
            self._ask_after = clock + self._pause_ms
            self._pause_ms = min(self._pause_ms * 2, LAST_PAUSE_MS)

    def next_fact(self, clock: int, liquidations: Coverage) -> BarsFact | None:
        """Return the next minute in sequence if it is complete, and move past it."""
        head = self._line.head()
        if head is None or self.waits or self._wanted_longer() is not None:
            return None
        bar, source = head
        fact = self._fact(bar, source, clock, liquidations)
        self._line.advance()
        self._ladder.push(bar)
        self._fetched.clear()
        return fact

    def _fact(self, bar: Bar, source: Source, clock: int, liquidations: Coverage) -> BarsFact:
        end = bar.close_time
        mark, contracts = self._marks.at(end), self._contracts.at(end)
        flow = self._flows.get(bar.open_time, [0.0, 0.0])
        off = bar.open_time in self._off
        mark, contracts = (None, None) if off else (mark, contracts)
        known = not off and liquidations.covers(bar.open_time, end)
        streamed = source == "ws" and self._market != "recording" and not off
        return BarsFact(
            symbol=self.symbol,
            bars=(bar, *self._longer(bar)),
            market=self._market,
            source=source,
            sent_at=clock,
            quality=Quality(
                gap_s=self._line.gap_ms / 1000,
                stream_age_ms=max(0, clock - self.kline_time) if self.kline_time else None,
            ),
            open_interest=contracts.contracts if contracts else None,
            open_interest_time=contracts.time if contracts else None,
            funding_rate=mark.funding_rate if mark else None,
            funding_paid=self._marks.paid(end),
            mark_price=mark.price if mark else None,
            liq_long_usd=flow[0] if known else None,
            liq_short_usd=flow[1] if known else None,
            path=self._running.path(bar) if streamed else None,
            funding_hours=self.funding_hours,
        )

    def _offer(self, bar: Bar, source: Source) -> None:
        known = self._line.offer(bar, source) or self._ladder.find(bar.open_time)
        if known is not None and known != bar:
            self._differ(known, bar)

    def _settle_doubt(self, bar: Bar) -> None:
        """What was fetched wins over a streamed bar that contradicted its own minute."""
        doubted = self._doubted.pop(bar.open_time, None)
        if doubted is not None and doubted != bar:
            self._differ(bar, doubted)

    def _differ(self, kept: Bar, other: Bar) -> None:
        self.differing += 1
        self.differences.append((kept, other))

    def _longer(self, bar: Bar) -> list[Bar]:
        intervals = closing_at(bar.close_time)[1:]
        built = (self._ladder.build(name, bar) or self._fetched.get(name) for name in intervals)
        return [longer for longer in built if longer is not None]

    def _wanted_longer(self) -> BarRequest | None:
        head = self._line.head()
        if head is None:
            return None
        end = head[0].close_time
        for name in closing_at(end)[1:]:
            if name not in self._fetched and self._ladder.build(name, head[0]) is None:
                return BarRequest(self.symbol, name, end - INTERVAL_MS[name], end)
        return None

    def _doubtful(self) -> tuple[int, int] | None:
        """Return the open times from the next bar on up to one that contradicted its minute."""
        start = self._line.next_open
        if self._line.head() is not None or not self._doubted:
            return None
        doubted = min(self._doubted)
        return doubted if start is None else start, doubted + MINUTE_MS

    def _is_late(self, clock: int) -> bool:
        """Whether it is time to ask for the next bar, of which nothing newer is known.

        While its minute is still told as forming, the exchange's clock is ahead of its bars.
        """
        start = self._line.next_open
        forming = start is not None and self._running.is_of(start)
        fresh = forming and clock - self.kline_time < LATE_MS
        return not self.halted and not fresh and clock >= self._ask_after

    def _wanted_minutes(self, clock: int) -> BarRequest | None:
        hole = self._doubtful() or self._line.hole(clock)
        if hole is None or (not self.held and not self._doubted and not self._is_late(clock)):
            return None
        start, end = hole
        return BarRequest(self.symbol, "1m", start, min(end, start + MAX_WANT * MINUTE_MS))
