"""The recorder: what the exchange says becomes facts, in order, the moment they are complete.

Its clock is the newest event time seen, never the wall's. Whenever the clock enters a new second
it samples all running minutes (one `ticks` fact, and the paths of the bars), looks for bars that
are late, and every ten seconds sends a heartbeat. A closed bar goes out as soon as it arrives.

In a replay a closed bar waits for the open interest of its close, and the market's next second
waits for the bar: so what goes out, and in which order, does not depend on the speed.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Protocol

from signalengine.bars.builder import BarBuilder, BarRequest
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance.contracts import ContractInfo
from signalengine.exchanges.binance.messages import (
    Funding,
    Kline,
    Liquidation,
    OpenInterest,
    StreamMessage,
    event_time_of,
    parse_stream,
)
from signalengine.facts.stream import Bar, Fact, Market, Tick, TicksFact
from signalengine.intervals import MINUTE_MS

from ..lease import Lease
from ..logs import Log, Repeats
from ..output.sink import SinkCounts
from ..report import Report
from ..watching.ledger import Ledger, Loss
from ..watching.liveness import BEAT_MS, Liveness, Stillness, why_passed
from ..watching.silence_threshold import LIQUIDATIONS, SIMULATED
from ..watching.watch import Streams, Watch
from .liquidations import Liquidations
from .market_clock import MarketClock
from .standby import Standby
from .verification_budget import VerificationBudget

HELD_BOUND: Final = 600
"""Bars of one symbol that may wait for a hole to be filled before reading stops."""
INFORMED_WITHIN_S: Final = 15.0
"""Wall seconds a replay waits for open interest, before bars go out without."""
USUAL_FUNDING_HOURS: Final = 8

_LOG = Log("recorder")


class Outlet(Protocol):
    """Where facts go (Sink)."""

    def put(self, fact: Fact) -> None:
        """Queue a fact; never blocks."""

    def counts(self) -> SinkCounts:
        """Return what became of everything so far."""


class Recorder:
    """All tapes, one clock. Thread-safe: the feed, repairs and polls all talk to it."""

    def __init__(
        self,
        symbols: Sequence[str],
        market: Market,
        outlet: Outlet,
        ask: Callable[[BarRequest], None],
        lease: Lease,
        *,
        task: str,
        replayed: bool = False,
        wall: Callable[[], float] = monotonic,
    ) -> None:
        """`replayed`: bars wait for the open interest that `inform` tells (OpenInterestReplay).

        `wall`: seconds, of which only differences count.
        """
        self._tapes = {symbol: BarBuilder(symbol, market, replayed=replayed) for symbol in symbols}
        self._market, self._outlet, self._ask, self._lease = market, outlet, ask, lease
        self._task, self._wall = task, wall
        self._live = market == "live"
        self._ledger = Ledger(outlet.put, market, task)
        self._clock = MarketClock(live=self._live, wall=wall)
        self._beaten = 0
        self._liquidations = Liquidations()
        self._crowded: set[str] = set()
        self._uninformed: dict[str, int] = {}
        self._ending = False
        self._liveness = Liveness(LIQUIDATIONS if self._live else SIMULATED)
        self._stillness, self._doubts = Stillness(), VerificationBudget()
        self._watch = Watch(self._ledger, self._liveness, market)
        self._report = Report(
            self._tapes, market, task, lease, self._liveness, self._watch, self._ledger
        )
        self._replayed = replayed
        self.on_contract: Callable[[ContractInfo], None] = lambda _info: None
        """Who is told of listings and halts."""
        self.on_unanswered: Callable[[], None] = lambda: None
        """Who is told that a symbol looks halted."""
        self._malformed_log = Repeats()
        self._standby = Standby()
        lock = threading.RLock()
        self._minute_over = threading.Condition(lock)
        self._calm = threading.Condition(lock)
        self._informed = threading.Condition(lock)
        self._lock = lock

    @property
    def clock(self) -> int:
        """Exchange time: the newest event time seen."""
        return self._clock.time

    @property
    def silent_s(self) -> float:
        """Wall seconds since a live market's last event; 0 for a replay, which may be over."""
        return self._clock.silent_s

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols followed."""
        return tuple(self._tapes)

    @property
    def trading(self) -> tuple[str, ...]:
        """The symbols followed that the exchange trades now."""
        with self._lock:
            return tuple(symbol for symbol, tape in self._tapes.items() if not tape.halted)

    @property
    def crowded(self) -> bool:
        """Whether too many bars wait for a hole to be filled."""
        return bool(self._crowded)

    def wait_until_calm(self, timeout: float) -> bool:
        """Wait until not crowded; False when it still is after `timeout` seconds."""
        with self._calm:
            return self._calm.wait_for(lambda: not self._crowded, timeout)

    def wait_minute(self, after: int, timeout: float) -> int:
        """Return the exchange's minute once it is later than `after`, or after `timeout` s."""
        with self._minute_over:
            self._minute_over.wait_for(lambda: self.clock // MINUTE_MS > after, timeout)
            return self.clock // MINUTE_MS

    # --- what it is told ---

    def follow(self, symbol: str, minutes: Iterable[Bar], *, begin: int | None = None) -> None:
        """Start a symbol after these 1m bars, which went out as history.

        `begin`: where its bars begin when it has no past.
        """
        with self._lock:
            fresh = symbol not in self._tapes
            tape = self._tapes.setdefault(
                symbol, BarBuilder(symbol, self._market, replayed=self._replayed)
            )
            tape.seed(minutes, begin)
            self._watch.seeded(symbol)
            if fresh:
                now = self.now()
                self._ledger.noted(("universe", "followed", symbol), now, (now, now), Loss())

    def on_funding_hours(self, hours: Mapping[str, int]) -> None:
        """Take the hours between funding payments, where they are not the usual ones."""
        with self._lock:
            for symbol, tape in self._tapes.items():
                tape.funding_hours = hours.get(symbol, USUAL_FUNDING_HOURS)

    def forget(self, symbol: str, why: str) -> None:
        """Follow a symbol no more."""
        with self._lock:
            if self._tapes.pop(symbol, None) is not None:
                now = self.now()
                self._watch.forget(symbol)
                self._crowded.discard(symbol)
                self._uninformed.pop(symbol, None)
                self._calm.notify_all()
                self._informed.notify_all()
                self._ledger.closed(("kline", "halted", symbol), now, Loss())
                self._ledger.noted(("universe", "dropped", symbol), now, (now, now), Loss(), why)

    def halt(self, symbol: str, why: str) -> None:
        """Expect nothing of a symbol until `resume`."""
        with self._lock:
            tape = self._tapes.get(symbol)
            if tape is not None and not tape.halted:
                tape.halted = True
                self._ledger.opened(("kline", "halted", symbol), self.now(), self.now(), why)

    def resume(self, symbol: str) -> None:
        """Expect a symbol's bars again."""
        with self._lock:
            tape = self._tapes.get(symbol)
            if tape is not None and tape.halted:
                tape.halted = False
                self._ledger.closed(("kline", "halted", symbol), self.now(), Loss())

    def start_at(self, server_time: int) -> None:
        """Set the clock before anything has been streamed, and begin the ledger."""
        with self._lock:
            self._clock.begin(server_time)
            self._ledger.speak(self._lease.holds())
            now = self.clock
            self._ledger.noted(("task", "started", None), now, (now, now), Loss())

    def watch(self, streams: Streams, skew_ms: Callable[[], int | None] | None = None) -> None:
        """Have silent streams replaced; `skew_ms` tells how far this machine's clock is off."""
        with self._lock:
            self._watch.streams = streams
            self._report.skew_ms = skew_ms or self._report.skew_ms

    def on_up(self, shard: int = 0, why: str = "started") -> None:
        """The streams of a connection are up from the next message on."""
        with self._lock:
            if shard == 0 and not self._watch.is_up(0):
                self._liquidations.subscribed()
            self._watch.up(shard, why, self.now())

    def on_lost(self, shard: int = 0, reason: str = "") -> None:
        """A connection is gone, and with it what was said until the next one."""
        with self._lock:
            if shard == 0:
                self._liquidations.lost(self.clock)
            self._watch.lost(shard, reason, self.now())

    def on_message(self, data: Any, shard: int = 0) -> None:
        """Take the payload of one stream message."""
        with self._lock:
            event_time = event_time_of(data)
            if event_time is not None:
                if not self._clock.believes(event_time):
                    self._liveness.messages += 1
                    self._liveness.passed["malformed"] += 1
                    self.on_malformed(f"event time {event_time} is far ahead of {self.clock}")
                    return
                if self._uninformed and event_time // 1000 > self.clock // 1000:
                    self._wait_until_informed()
                self._advance(event_time)
            stream, was_silent = self._liveness.heard(data, event_time, shard)
            if was_silent and stream is not None:
                self._watch.back(stream, shard, self.clock)
            if stream == "liquidation":
                self._liquidations.heard(self.clock, was_silent=was_silent)
            try:
                reason = self._note(parse_stream(data, self._tapes))
            except MalformedFactError as error:
                self._liveness.passed["malformed"] += 1
                self.on_malformed(str(error))
                return
            if reason is None and stream is not None:
                self._liveness.used[stream] += 1
            else:
                self._liveness.passed[reason or why_passed(data)] += 1

    def on_malformed(self, reason: str) -> None:
        """Count a message that cannot be read."""
        with self._lock:
            self._liveness.malformed += 1
            if self._malformed_log.due():
                _LOG.warning("malformed", reason=reason, times=self._malformed_log.count)

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take a polled open interest."""
        with self._lock:
            tape = self._tapes.get(value.symbol)
            if tape is not None:
                if self._liveness.note("open_interest", value.time):
                    self._watch.back("open_interest", 0, self.clock)
                tape.on_open_interest(value)

    def inform(self, values: Iterable[OpenInterest], until: int) -> None:
        """Take all open interest that a replayed market had up to and with `until`."""
        of_symbol: dict[str, list[OpenInterest]] = {}
        for value in values:
            of_symbol.setdefault(value.symbol, []).append(value)
        with self._lock:
            for symbol, tape in self._tapes.items():
                known = of_symbol.get(symbol, ())
                if known:
                    self._liveness.note("open_interest", known[-1].time)
                tape.inform(known, until)
                self._drain(tape)

    def end(self) -> None:
        """Wait for nothing any more: nobody will answer."""
        with self._lock:
            self._ending = True
            self._informed.notify_all()
            self._let_go()

    def supply(self, want: BarRequest, bars: Iterable[Bar], fundings: Iterable[Funding]) -> None:
        """Take what was fetched for a want."""
        found = tuple(bars)
        with self._lock:
            tape = self._tapes.get(want.symbol)
            if tape is None:
                return  # dropped meanwhile
            for funding in fundings:
                tape.on_funding(funding)
            tape.supply(want, found, self.now())
            self._watch.answered(tape, want, found, self.now())
            if want.interval == "1m" and not found:
                self.on_unanswered()
            self._drain(tape)

    # --- what it says ---

    def beat(self) -> None:
        """Send a heartbeat now."""
        with self._lock:
            self._stillness.spoke(self.clock, self._wall())
            self._beaten = self.clock // BEAT_MS
            if self._lease.holds():
                self._outlet.put(self._report.heartbeat(self.clock, self._outlet.counts()))

    def look(self) -> None:
        """Do what is due by the wall: once a second, whether the exchange's clock moves or not.

        A live market goes on although nothing is heard of it: bars are late then, too.
        """
        with self._lock:
            self._let_go()
            if self._live and self.now() > self.clock:
                self._look_for_silence(self.now())
                for tape in self._tapes.values():
                    self._ask_for(tape)
            if self._stillness.due(self.clock, self._wall()):
                self.beat()

    def status(self) -> dict[str, Any]:
        """Return counters for the log and for metrics."""
        with self._lock:
            return self._report.status(self.clock, self._outlet.counts())

    def _note(self, message: StreamMessage | None) -> str | None:
        """Take what a message says; returns why it was of no use, "" when that is its payload's."""
        match message:
            case Kline():
                return self._on_kline(message)
            case Liquidation():
                return self._on_liquidation(message)
            case ContractInfo():
                self.on_contract(message)
                return None
            case None | ():
                return ""
        for mark in message:
            self._tapes[mark.symbol].on_mark(mark)
        return None

    def _on_liquidation(self, order: Liquidation) -> str | None:
        if not self._liquidations.is_new(order):
            return "told_twice"
        self._tapes[order.symbol].on_liquidation(order, self.clock)
        return None

    def _on_kline(self, kline: Kline) -> str | None:
        if kline.bar.interval != "1m":
            return "other_interval"
        tape = self._tapes[kline.symbol]
        self._watch.heard(kline.symbol, self.clock)
        surprising = self._live and kline.closed and tape.surprised_by(kline.bar)
        tape.on_kline(kline, believed=not (surprising and self._doubts.take(self.clock)))
        if kline.closed or tape.skew_ms:
            self._watch.skewed(tape.skew_ms, self.clock)
        if kline.closed:
            self._drain(tape)
        return None

    def _drain(self, tape: BarBuilder) -> None:
        """Send what is complete, ask for what is missing."""
        covered = self._liquidations.coverage
        while (fact := tape.next_fact(self.clock, covered)) is not None:
            self._standby.hold(fact, self._wall())
        self._let_go()
        self._watch.differences(tape, self.clock)
        self._ask_for(tape)
        if tape.waits:
            self._uninformed[tape.symbol] = (tape.next_open or 0) + MINUTE_MS
        elif self._uninformed.pop(tape.symbol, None) is not None:
            self._informed.notify_all()
        if tape.held > HELD_BOUND:
            self._crowded.add(tape.symbol)
        elif tape.symbol in self._crowded:
            self._crowded.discard(tape.symbol)
            self._calm.notify_all()

    def _let_go(self) -> None:
        """Send the bars that are due: all of them, unless another task speaks."""
        speaks = self._lease.holds()
        self._ledger.speak(speaks)
        for fact in self._standby.release(self._wall(), self.clock, speaks=speaks or self._ending):
            self._outlet.put(fact)

    def now(self) -> int:
        """Return exchange time: the newest event's, reckoned on by the wall in a live market."""
        return self._clock.now()

    def _ask_for(self, tape: BarBuilder) -> None:
        want = tape.want(self.now())
        if want is not None:
            self._watch.asked(want, self.now())
            self._ask(want)

    def _wait_until_informed(self) -> None:
        """Wait, in a replay, until the bars of minutes that are over have gone out."""
        if not self._informed.wait_for(
            lambda: self._ending or all(end > self.clock for end in self._uninformed.values()),
            INFORMED_WITHIN_S,
        ):
            _LOG.warning("open_interest_late", symbols=sorted(self._uninformed))
            self.inform((), self.clock)

    def _advance(self, event_time: int) -> None:
        if event_time > self.clock:
            before, second = self.clock, event_time // 1000 * 1000
            if before and second > before:
                self._sample(second)
            self._clock.reach(event_time)
            if event_time // MINUTE_MS > before // MINUTE_MS:
                self._minute_over.notify_all()
        self._liquidations.reached(self.clock)

    def _sample(self, second: int) -> None:
        """Look at everything as it was when `second` began (nothing later has been seen yet)."""
        self._clock.reach(second)
        self._let_go()
        self._look_for_silence(second)
        ticks: dict[str, Tick] = {}
        for symbol, tape in self._tapes.items():
            tick = tape.sample(second)
            if tick is not None:
                ticks[symbol] = tick
            self._ask_for(tape)
        if ticks and self._lease.holds():
            self._outlet.put(TicksFact(second, self._market, ticks))
        if second // BEAT_MS > self._beaten:
            self.beat()

    def _look_for_silence(self, now: int) -> None:
        """Liquidations that have fallen silent are unknown from then on, not none."""
        for silence in self._watch.look(now):
            if silence.stream == "liquidation":
                self._liquidations.silent(silence.since)
