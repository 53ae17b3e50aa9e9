"""The recorder: market data in, facts out, in order, as soon as they are complete.

Its clock is the newest event time received, never the wall's. When the clock enters a new second,
all forming minutes are sampled (one `ticks` fact, and the paths of the bars), late bars are
requested, and every ten seconds a heartbeat is sent. A closed bar is sent as soon as it arrives.

In a replay a closed bar waits for the open interest of its close, and the market's next second
waits for the bar: the facts and their order do not depend on the speed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

from signalengine.bars.builder import BarBuilder, BarRequest
from signalengine.exchanges.port import Streams
from signalengine.facts.lots import LotSize
from signalengine.facts.stream import Bar, Market
from signalengine.market_data import ContractInfo, Funding, OpenInterest

from ..lease import Lease
from ..logs import Log, Repeats
from ..report import Report
from ..watching.ledger import Ledger, Loss
from ..watching.liveness import Liveness
from ..watching.silence_threshold import LIQUIDATIONS, SIMULATED
from ..watching.watch import Reconnectable, Watch
from .assembly import BarAssembly
from .liquidations import Liquidations
from .market_clock import MarketClock
from .publisher import Outlet, Publisher
from .router import MessageRouter
from .sampler import Sampler
from .waits import Waits

_LOG = Log("recorder")


class Recorder:
    """The parts of recording under one lock. Thread-safe: feed, repairs and polls call it."""

    def __init__(
        self,
        protocol: Streams,
        symbols: Sequence[str],
        market: Market,
        outlet: Outlet,
        request: Callable[[BarRequest], None],
        lease: Lease,
        *,
        task: str,
        replayed: bool = False,
        wall: Callable[[], float] = monotonic,
    ) -> None:
        """`request` queues a request for bars, answered by `on_backfill`.

        `replayed`: bars wait for `on_replayed_open_interest` (OpenInterestReplay). `wall`: seconds,
        of which only differences count.
        """
        live = market == "live"
        self._lease = lease
        self._clock = MarketClock(live=live, wall=wall)
        self._waits = Waits(self._clock)
        self._lock = self._waits.lock
        self._ledger = Ledger(outlet.put, market, task)
        self._liveness = Liveness(LIQUIDATIONS if live else SIMULATED)
        self._watch = Watch(self._ledger, self._liveness, market)
        self._liquidations = Liquidations()
        self._builders: dict[str, BarBuilder] = {}
        self._report = Report(
            self._builders, market, task, lease, self._liveness, self._watch, self._ledger
        )
        self._publisher = Publisher(outlet, lease, self._ledger, self._report, market, wall)
        self._assembly = BarAssembly(
            self._builders, symbols, market, self._clock, self._liquidations, self._publisher,
            self._watch, self._waits, request, replayed=replayed,
        )  # fmt: skip
        self._sampler = Sampler(
            self._clock, self._assembly, self._liquidations, self._publisher, self._watch,
            self._waits,
        )  # fmt: skip
        self._router = MessageRouter(
            protocol, self._clock, self._sampler, self._assembly, self._liquidations,
            self._liveness, self._watch, self._waits,
            lambda info: self.on_contract(info), lambda reason: self.on_malformed(reason),
        )  # fmt: skip
        self.on_contract: Callable[[ContractInfo], None] = lambda _info: None
        """Called with each listing, halt and delisting."""
        self.on_unanswered: Callable[[], None] = lambda: None
        """Called when a symbol looks halted."""
        self._malformed_log = Repeats()

    @property
    def clock(self) -> int:
        """Exchange time: the newest event time received."""
        return self._clock.time

    @property
    def silent_s(self) -> float:
        """Wall seconds since a live market's last event; 0 for a replay, which may be over."""
        return self._clock.silent_s

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols followed."""
        return tuple(self._builders)

    @property
    def trading(self) -> tuple[str, ...]:
        """The symbols followed that the exchange trades now."""
        with self._lock:
            return tuple(symbol for symbol, bars in self._builders.items() if not bars.halted)

    @property
    def crowded(self) -> bool:
        """Whether too many bars wait for a hole to be filled."""
        return self._waits.crowded

    def now(self) -> int:
        """Return exchange time: the newest event's, advanced by the wall in a live market."""
        return self._clock.now()

    def wait_for_room(self, timeout: float) -> bool:
        """Wait until not crowded; False when it still is after `timeout` seconds."""
        return self._waits.wait_for_room(timeout)

    def wait_minute(self, after: int, timeout: float) -> int:
        """Return the exchange's minute once it is later than `after`, or after `timeout` s."""
        return self._waits.wait_minute(after, timeout)

    # --- symbols ---

    def follow(self, symbol: str, minutes: Iterable[Bar], *, begin: int | None = None) -> None:
        """Start a symbol after these 1m bars, which have been sent as history.

        `begin`: where its bars begin when it has no past.
        """
        with self._lock:
            fresh = self._assembly.seed(symbol, minutes, begin)
            self._watch.seeded(symbol)
            if fresh:
                now = self.now()
                self._ledger.noted(("universe", "followed", symbol), now, (now, now), Loss())

    def unfollow(self, symbol: str, why: str) -> None:
        """Drop a symbol with everything that waits for it."""
        with self._lock:
            if self._builders.pop(symbol, None) is not None:
                now = self.now()
                self._watch.drop(symbol)
                self._waits.drop(symbol)
                self._ledger.closed(("kline", "halted", symbol), now, Loss())
                self._ledger.noted(("universe", "dropped", symbol), now, (now, now), Loss(), why)

    def halt(self, symbol: str, why: str) -> None:
        """Expect no bars of a symbol until `resume`."""
        with self._lock:
            builder = self._builders.get(symbol)
            if builder is not None and not builder.halted:
                builder.halted = True
                self._ledger.opened(("kline", "halted", symbol), self.now(), self.now(), why)

    def resume(self, symbol: str) -> None:
        """Expect a symbol's bars again."""
        with self._lock:
            builder = self._builders.get(symbol)
            if builder is not None and builder.halted:
                builder.halted = False
                self._ledger.closed(("kline", "halted", symbol), self.now(), Loss())

    def on_funding_hours(self, hours: Mapping[str, int]) -> None:
        """Take the hours between funding payments, where they are not the usual ones."""
        with self._lock:
            self._assembly.set_funding_hours(hours)

    def on_tick_sizes(self, sizes: Mapping[str, float]) -> None:
        """Take the smallest step of each symbol's price."""
        with self._lock:
            self._assembly.set_tick_sizes(sizes)

    def on_lot_sizes(self, sizes: Mapping[str, LotSize]) -> None:
        """Take the quantities that can be ordered, of each symbol."""
        with self._lock:
            self._report.lot_sizes = sizes

    # --- connections and messages ---

    def start_at(self, server_time: int) -> None:
        """Set the clock before anything has been streamed, and begin the ledger."""
        with self._lock:
            self._clock.begin(server_time)
            self._ledger.set_publishing(self._lease.holds())
            now = self.clock
            self._ledger.noted(("task", "started", None), now, (now, now), Loss())

    def attach(
        self, streams: Reconnectable, skew_ms: Callable[[], int | None] | None = None
    ) -> None:
        """Replace silent streams from now on; `skew_ms` returns this machine's clock error."""
        with self._lock:
            self._watch.streams = streams
            self._report.skew_ms = skew_ms or self._report.skew_ms

    def on_up(self, shard: int = 0, why: str = "started") -> None:
        """Note that the streams of a connection are up from the next message on."""
        with self._lock:
            if shard == 0 and not self._watch.is_up(0):
                self._liquidations.subscribed()
            self._watch.up(shard, why, self.now())

    def on_lost(self, shard: int = 0, reason: str = "") -> None:
        """Note that a connection is lost, and its messages until the next one."""
        with self._lock:
            if shard == 0:
                self._liquidations.lost(self.clock)
            self._watch.lost(shard, reason, self.now())

    def on_message(self, data: Any, shard: int = 0) -> None:
        """Take the payload of one stream message."""
        with self._lock:
            self._router.route(data, shard)

    def on_malformed(self, reason: str) -> None:
        """Count a message that cannot be read."""
        with self._lock:
            self._liveness.malformed += 1
            if self._malformed_log.due():
                _LOG.warning("malformed", reason=reason, times=self._malformed_log.count)

    # --- answers ---

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take a polled open interest."""
        with self._lock:
            if value.symbol in self._builders:
                if self._liveness.note("open_interest", value.time):
                    self._watch.back("open_interest", 0, self.clock)
                self._assembly.on_open_interest(value)

    def on_replayed_open_interest(self, values: Iterable[OpenInterest], until: int) -> None:
        """Take all open interest that a replayed market had up to and including `until`."""
        of_symbol: dict[str, list[OpenInterest]] = {}
        for value in values:
            of_symbol.setdefault(value.symbol, []).append(value)
        with self._lock:
            for symbol in self._builders:
                if symbol in of_symbol:
                    self._liveness.note("open_interest", of_symbol[symbol][-1].time)
            self._assembly.on_replayed_open_interest(of_symbol, until)

    def on_backfill(
        self, request: BarRequest, bars: Iterable[Bar], fundings: Iterable[Funding]
    ) -> None:
        """Take the answer to a request for bars."""
        found = tuple(bars)
        with self._lock:
            if request.symbol not in self._builders:
                return  # dropped meanwhile
            self._assembly.on_backfill(request, found, fundings)
            if request.interval == "1m" and not found:
                self.on_unanswered()

    # --- time ---

    def check(self) -> None:
        """Do what is due by the wall: call it once a second."""
        with self._lock:
            self._sampler.check()

    def heartbeat(self) -> None:
        """Send a heartbeat now."""
        with self._lock:
            self._publisher.heartbeat(self.clock)

    def end(self) -> None:
        """Wait for no answers any more, and hold no bar back."""
        with self._lock:
            self._waits.end()
            self._publisher.end(self.clock)

    def status(self) -> dict[str, Any]:
        """Return counters for the log and for metrics."""
        with self._lock:
            return self._report.status(self.clock, self._publisher.counts())
