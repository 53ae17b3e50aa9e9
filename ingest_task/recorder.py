"""The recorder: what the exchange says becomes facts, in order, the moment they are complete.

Its clock is the newest event time seen, never the wall's. Whenever the clock enters a new second
it samples all running minutes (one `ticks` fact, and the paths of the bars), looks for bars that
are late, and every ten seconds sends a heartbeat. A closed bar goes out as soon as it arrives.

In a replay a closed bar waits for the open interest of its close, and the market's next second
waits for the bar: so what goes out, and in which order, does not depend on the speed.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any, Final, Protocol

from signalengine.bars import Coverage, Tape, Want
from signalengine.binance import (
    Funding,
    Kline,
    Liquidation,
    OpenInterest,
    StreamMessage,
    event_time_of,
    parse_stream,
)
from signalengine.errors import MalformedFactError
from signalengine.facts import Bar, Fact, HeartbeatFact, Market, Tick, TicksFact
from signalengine.intervals import MINUTE_MS

from .lease import Lease
from .liveness import BEAT_MS, Liveness, Stillness, Usage
from .logs import Log, Repeats
from .sink import SinkCounts
from .standby import Standby

HELD_BOUND: Final = 600
"""Bars of one symbol that may wait for a hole to be filled before reading stops."""
LEAP_MS: Final = 180_000
"""A clock further ahead than this is believed when a second message says so too."""

INFORMED_WITHIN_S: Final = 15.0
"""Wall seconds a replay waits for open interest, before bars go out without."""

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
        ask: Callable[[Want], None],
        lease: Lease,
        *,
        task: str,
        replayed: bool = False,
    ) -> None:
        """`replayed`: bars wait for the open interest that `inform` tells (OpenInterestReplay)."""
        self._tapes = {symbol: Tape(symbol, market, replayed=replayed) for symbol in symbols}
        self._market, self._outlet, self._ask, self._lease = market, outlet, ask, lease
        self._task = task
        self._clock = 0
        self._leap = 0  # an event time not believed yet
        self._beaten = 0
        self._liquidations = Coverage()
        self._coming_up = False
        self._crowded: set[str] = set()
        self._uninformed: set[str] = set()
        self._ending = False
        self._liveness, self._usage, self._stillness = Liveness(), Usage(), Stillness()
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
        return self._clock

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols followed."""
        return tuple(self._tapes)

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
            self._minute_over.wait_for(lambda: self._clock // MINUTE_MS > after, timeout)
            return self._clock // MINUTE_MS

    # --- what it is told ---

    def seed(self, symbol: str, minutes: Iterable[Bar]) -> None:
        """Start a symbol after these 1m bars, which went out as history."""
        with self._lock:
            self._tapes[symbol].seed(minutes)

    def start_at(self, server_time: int) -> None:
        """Set the clock before anything has been streamed."""
        with self._lock:
            self._clock = max(self._clock, server_time)

    def on_subscribed(self) -> None:
        """The streams are up from the next message on."""
        with self._lock:
            self._coming_up = True

    def on_lost(self) -> None:
        """The connection is gone, and with it what was said until the next one."""
        with self._lock:
            self._coming_up = False
            self._liquidations.down(self._clock)
            self._liveness.reconnects += 1

    def on_message(self, data: Any) -> None:
        """Take the payload of one stream message."""
        with self._lock:
            event_time = event_time_of(data)
            if event_time is not None:
                if not self._believable(event_time):
                    self.on_malformed(f"event time {event_time} is far ahead of {self._clock}")
                    return
                if self._uninformed and event_time // 1000 > self._clock // 1000:
                    self._wait_until_informed()
                self._advance(event_time)
            if self._liveness.heard(data, event_time) == "liquidation":
                self._liquidations.heard()
            try:
                self._note(parse_stream(data, self._tapes))
            except MalformedFactError as error:
                self.on_malformed(str(error))

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
                self._liveness.note("open_interest", value.time)
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

    def supply(self, want: Want, bars: Iterable[Bar], fundings: Iterable[Funding]) -> None:
        """Take what was fetched for a want."""
        with self._lock:
            tape = self._tapes[want.symbol]
            for funding in fundings:
                tape.on_funding(funding)
            tape.supply(want, bars, self._clock)
            self._drain(tape)

    # --- what it says ---

    def beat(self) -> None:
        """Send a heartbeat now."""
        with self._lock:
            self._stillness.spoke(self._clock, monotonic())
            self._beaten = self._clock // BEAT_MS
            if self._lease.holds():
                self._outlet.put(self._heartbeat())

    def look(self) -> None:
        """Do what is due by the wall: once a second, whether the exchange's clock moves or not."""
        with self._lock:
            self._let_go()
            if self._stillness.due(self._clock, monotonic()):
                self.beat()

    def status(self) -> dict[str, Any]:
        """Return counters for the log."""
        with self._lock:
            tapes = self._tapes.values()
            return {
                "clock": self._clock, "messages": self._liveness.messages,
                "malformed": self._liveness.malformed, "reconnects": self._liveness.reconnects,
                "gaps": sum(tape.gaps for tape in tapes),
                "differing": sum(tape.differing for tape in tapes),
                "sink": asdict(self._outlet.counts()),
            }  # fmt: skip

    def _note(self, message: StreamMessage | None) -> None:
        match message:
            case Kline():
                self._on_kline(message)
            case Liquidation():
                self._tapes[message.symbol].on_liquidation(message, self._clock)
            case tuple():
                for mark in message:
                    self._tapes[mark.symbol].on_mark(mark)
            case None:
                pass

    def _on_kline(self, kline: Kline) -> None:
        if kline.bar.interval != "1m":
            return
        tape = self._tapes[kline.symbol]
        tape.on_kline(kline)
        if kline.closed:
            self._drain(tape)

    def _drain(self, tape: Tape) -> None:
        """Send what is complete, ask for what is missing."""
        while (fact := tape.next_fact(self._clock, self._liquidations)) is not None:
            self._standby.hold(fact, monotonic())
        self._let_go()
        self._ask_for(tape)
        if tape.waits:
            self._uninformed.add(tape.symbol)
        elif tape.symbol in self._uninformed:
            self._uninformed.discard(tape.symbol)
            self._informed.notify_all()
        if tape.held > HELD_BOUND:
            self._crowded.add(tape.symbol)
        elif tape.symbol in self._crowded:
            self._crowded.discard(tape.symbol)
            self._calm.notify_all()

    def _let_go(self) -> None:
        """Send the bars that are due: all of them, unless another task speaks."""
        speaks = self._lease.holds() or self._ending
        for fact in self._standby.release(monotonic(), self._clock, speaks=speaks):
            self._outlet.put(fact)

    def _ask_for(self, tape: Tape) -> None:
        want = tape.want(self._clock)
        if want is not None:
            self._ask(want)

    def _wait_until_informed(self) -> None:
        """Wait, in a replay, until the bars that are here have gone out."""
        if not self._informed.wait_for(
            lambda: not self._uninformed or self._ending, INFORMED_WITHIN_S
        ):
            _LOG.warning("open_interest_late", symbols=sorted(self._uninformed))
            self.inform((), self._clock)

    def _believable(self, event_time: int) -> bool:
        """One broken frame must not carry the clock away; two that agree mean an outage."""
        if not self._clock or event_time <= self._clock + LEAP_MS:
            return True
        agreed = abs(event_time - self._leap) <= LEAP_MS
        self._leap = event_time
        return agreed

    def _advance(self, event_time: int) -> None:
        if event_time > self._clock:
            before, second = self._clock, event_time // 1000 * 1000
            if before and second > before:
                self._sample(second)
            self._clock = event_time
            if event_time // MINUTE_MS > before // MINUTE_MS:
                self._minute_over.notify_all()
        if self._coming_up:
            self._coming_up = False
            self._liquidations.up(self._clock)

    def _sample(self, second: int) -> None:
        """Look at everything as it was when `second` began (nothing later has been seen yet)."""
        self._clock = second
        self._let_go()
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

    def _heartbeat(self) -> HeartbeatFact:
        counts = self._outlet.counts()
        cpu_percent, rss_bytes = self._usage.sample()
        prices = {symbol: tape.last_price for symbol, tape in self._tapes.items()}
        return HeartbeatFact(
            time=self._clock,
            market=self._market,
            task=self._task,
            symbols=tuple(self._tapes),
            prices={symbol: price for symbol, price in prices.items() if price is not None},
            stream_ages_ms=self._liveness.ages_ms(self._clock),
            reconnects=self._liveness.reconnects,
            backlog=counts.backlog,
            gaps=sum(tape.gaps for tape in self._tapes.values()),
            sent=counts.sent,
            cpu_percent=cpu_percent,
            rss_bytes=rss_bytes,
            holder=self._lease.holder,
        )
