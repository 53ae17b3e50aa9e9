"""The bar builders of all symbols: market data goes in, their outputs are applied."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from signalengine.bars.builder import BarBuilder, BarRequest, BuilderOutput
from signalengine.facts.stream import Bar, Market
from signalengine.market_data import Funding, Kline, Liquidation, MarkPrice, OpenInterest

from ..watching.watch import Watch
from .liquidations import Liquidations
from .market_clock import MarketClock
from .publisher import Publisher
from .verification_budget import VerificationBudget
from .waits import Waits

USUAL_FUNDING_HOURS: Final = 8


class BarAssembly:
    """Gathers market data, lets a builder decide, applies its output. Its owner locks."""

    def __init__(
        self,
        builders: dict[str, BarBuilder],
        symbols: Iterable[str],
        market: Market,
        clock: MarketClock,
        liquidations: Liquidations,
        publisher: Publisher,
        watch: Watch,
        waits: Waits,
        request: Callable[[BarRequest], None],
        *,
        replayed: bool,
    ) -> None:
        """`builders` is filled, and shared with the report. `request` never blocks; its answer is
        passed to `on_backfill`."""
        self.builders = builders
        self._market, self._live, self._replayed = market, market == "live", replayed
        self._clock, self._liquidations = clock, liquidations
        self._publisher, self._watch, self._waits, self._request = publisher, watch, waits, request
        self._budget = VerificationBudget()
        self._tick_sizes: Mapping[str, float] = {}
        for symbol in symbols:
            self._add(symbol)

    def seed(self, symbol: str, minutes: Iterable[Bar], begin: int | None) -> bool:
        """Start a symbol after these 1m bars; returns whether it is a new one."""
        fresh = symbol not in self.builders
        if fresh:
            self._add(symbol)
        self.builders[symbol].seed(minutes, begin)
        return fresh

    def _add(self, symbol: str) -> None:
        self.builders[symbol] = BarBuilder(
            symbol, self._market, self._liquidations.coverage, replayed=self._replayed
        )
        self.builders[symbol].tick_size = self._tick_sizes.get(symbol)

    def set_funding_hours(self, hours: Mapping[str, int]) -> None:
        """Take the hours between funding payments, where they are not the usual ones."""
        for symbol, builder in self.builders.items():
            builder.funding_hours = hours.get(symbol, USUAL_FUNDING_HOURS)

    def set_tick_sizes(self, sizes: Mapping[str, float]) -> None:
        """Take the smallest step of each symbol's price, for symbols of later, too."""
        self._tick_sizes = sizes
        for symbol, builder in self.builders.items():
            builder.tick_size = sizes.get(symbol)

    # --- market data: each returns why it is not used, None when it is ---

    def on_kline(self, kline: Kline) -> str | None:
        """Take a kline."""
        if kline.bar.interval != "1m":
            return "other_interval"
        builder, clock = self.builders[kline.symbol], self._clock.time
        if kline.event_time > builder.kline_time:  # an older one is a repeat
            self._watch.received(kline.symbol, clock)
        unseen = self._live and kline.closed and builder.is_unseen(kline.bar)
        trusted = not (unseen and self._budget.take(clock))
        output = builder.on_kline(kline, clock, self._clock.now(), trusted=trusted)
        if kline.closed or builder.skew_ms:
            self._watch.skewed(builder.skew_ms, clock)
        if output is not None:
            self._apply(kline.symbol, output)
        return None

    def on_marks(self, marks: Iterable[MarkPrice]) -> None:
        """Take mark prices."""
        for mark in marks:
            self.builders[mark.symbol].on_mark(mark)

    def on_liquidation(self, order: Liquidation) -> str | None:
        """Take a forced order."""
        if not self._liquidations.is_new(order):
            return "duplicate"
        if self.builders[order.symbol].on_liquidation(order):
            return None
        self._watch.late_liquidation(order, self._clock.time)
        return "late"

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take a polled open interest of a symbol that is followed."""
        self.builders[value.symbol].on_open_interest(value)

    def on_replayed_open_interest(
        self, values: Mapping[str, Sequence[OpenInterest]], until: int
    ) -> None:
        """Take, by symbol, all open interest up to and including `until`."""
        for symbol, builder in self.builders.items():
            output = builder.on_replayed_open_interest(
                values.get(symbol, ()), until, self._clock.time, self._clock.now()
            )
            self._apply(symbol, output)

    def on_backfill(
        self, request: BarRequest, bars: Sequence[Bar], fundings: Iterable[Funding]
    ) -> None:
        """Take the answer to a request of a symbol that is followed."""
        builder, now = self.builders[request.symbol], self._clock.now()
        for funding in fundings:
            builder.on_funding(funding)
        output = builder.on_backfill(request, bars, self._clock.time, now)
        self._watch.answered(builder, request, bars, now)
        self._apply(request.symbol, output)

    # --- time ---

    def sample(self, second: int) -> None:
        """Sample the forming minutes at exchange time `second`, and request late bars."""
        for builder in self.builders.values():
            builder.sample(second)
            self._send(builder.next_request(self._clock.now()))

    def request_late(self) -> None:
        """Request the bars that are late."""
        for builder in self.builders.values():
            self._send(builder.next_request(self._clock.now()))

    def _apply(self, symbol: str, output: BuilderOutput) -> None:
        """Send what is complete, record what differs, request what is missing."""
        for fact in output.facts:
            self._publisher.hold(fact)
        self._publisher.release(self._clock.time)
        for difference in output.differences:
            self._watch.differs(symbol, difference, self._clock.time)
        self._send(output.request)
        self._waits.note(symbol, output)

    def _send(self, request: BarRequest | None) -> None:
        if request is not None:
            self._watch.requested(request, self._clock.now())
            self._request(request)
