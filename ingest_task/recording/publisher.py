"""What is sent, as the lease allows: bars at once or held back, ticks, heartbeats."""

from collections.abc import Callable
from typing import Final, Protocol

from signalengine.facts.stream import BarsFact, Fact, Market, TicksFact
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from ..lease import Lease
from ..output.sink import SinkCounts
from ..report import Contracts, Report
from ..watching.ledger import Ledger
from ..watching.liveness import HEARTBEAT_MS, Stillness
from .standby import Standby

TICKS_MS: Final = (1_000, 2_000, 3_000, 5_000, 8_000)
"""After the beginning of a minute: while its bars are being stored, and settle open signals."""


class Outlet(Protocol):
    """What facts are written to (Sink)."""

    def put(self, fact: Fact) -> None:
        """Queue a fact; never blocks."""

    def counts(self) -> SinkCounts:
        """Return counts of all facts so far."""


class Publisher:
    """Sends facts. `clock`: exchange time, ms. Not thread-safe: its owner locks."""

    def __init__(
        self,
        outlet: Outlet,
        lease: Lease,
        ledger: Ledger,
        report: Report,
        market: Market,
        wall: Callable[[], float],
    ) -> None:
        self._outlet, self._lease, self._ledger, self._report = outlet, lease, ledger, report
        self._market, self._wall = market, wall
        self._standby, self._stillness = Standby(), Stillness()
        self._last_beat = 0
        self._last_tick = 0
        self._last_prices = 0
        self._last_hour = 0
        self._contracts: Contracts | None = None
        self._ending = False

    def hold(self, fact: BarsFact) -> None:
        """Take a complete bar; `release` sends it."""
        self._standby.hold(fact, self._wall())

    def release(self, clock: int) -> None:
        """Send the bars that are due: all of them, unless another task publishes."""
        holds = self._lease.holds()
        self._ledger.set_publishing(holds)
        publishes = holds or self._ending
        for fact in self._standby.release(self._wall(), clock, publishes=publishes):
            self._outlet.put(fact)

    def end(self, clock: int) -> None:
        """Hold nothing back any more."""
        self._ending = True
        self.release(clock)

    def tick_if_due(self, time: int) -> None:
        """Send a tick when one of `TICKS_MS` or half the time to a heartbeat has passed.

        Heartbeats have prices, and so have the ticks between them; by exchange time.
        """
        ticks = time // MINUTE_MS * len(TICKS_MS)
        ticks += sum(time % MINUTE_MS >= after for after in TICKS_MS)
        halves = (time + HEARTBEAT_MS // 2) // HEARTBEAT_MS
        priced = halves > self._last_prices
        if (ticks > self._last_tick or priced) and self._lease.holds():
            self._last_tick, self._last_prices = ticks, halves
            prices = self._report.prices() if priced else {}
            self._outlet.put(TicksFact(time, self._market, {}, prices))

    def heartbeat(self, clock: int) -> None:
        """Send a heartbeat now; once an hour, and when they have changed, with contracts' sizes."""
        self._stillness.sent(clock, self._wall())
        self._last_beat = clock // HEARTBEAT_MS
        if self._lease.holds():
            hour, contracts = clock // INTERVAL_MS["1h"], self._report.contracts()
            due = hour != self._last_hour or contracts != self._contracts
            self._last_hour, self._contracts = hour, contracts
            fact = self._report.heartbeat(clock, self._outlet.counts(), with_contracts=due)
            self._outlet.put(fact)

    def heartbeat_if_due(self, clock: int) -> None:
        """Send a heartbeat every ten seconds of exchange time."""
        if clock // HEARTBEAT_MS > self._last_beat:
            self.heartbeat(clock)

    def heartbeat_if_still(self, clock: int) -> None:
        """Send a heartbeat when the exchange's clock has stopped: every ten wall seconds."""
        if self._stillness.due(clock, self._wall()):
            self.heartbeat(clock)

    def counts(self) -> SinkCounts:
        """Return counts of all facts so far."""
        return self._outlet.counts()
