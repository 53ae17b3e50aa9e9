"""The task: everything put together, started in order, stopped in order."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from signalengine.binance import Universe
from signalengine.errors import PermanentError
from signalengine.facts import Bar
from signalengine.intervals import MINUTE_MS
from signalengine_aws.config import ConfigError

from .config import Settings
from .feed import Feed
from .health import ALIVE_FILE
from .history import OpenInterestPoll, OpenInterestReplay, Repairs, warm_up
from .lease import Alone, KeptLease
from .logs import Log
from .recorder import Recorder
from .rest import RegionRefusedError, Rest, StoppedError, WeightBudget, patiently
from .sink import Sink, Stream
from .spool import Spool

FLUSH_S: Final = 20.0
"""Seconds for sending what is left; Fargate kills a task 30 s after SIGTERM by default."""
WARM_UP_THREADS: Final = 4
SINK_BOUND: Final = 256
SETTLED_MS: Final = 10 * MINUTE_MS
"""History ends so long ago, and what has closed since goes out as bars: a minute that another task
is about to tell must not be folded as history, which would swallow its evaluation."""

_LOOK_S: Final = 1.0
_STATUS_S: Final = 60.0
_REGIONS: Final = (
    "Binance refuses this location (HTTP 451). Run the task in a region Binance serves, such as "
    "ap-northeast-1 (Tokyo), ap-southeast-1 (Singapore) or eu-central-1 (Frankfurt); never in "
    "us-* or ca-*."
)
_LOG = Log("task")


class Part(Protocol):
    """Something with threads of its own."""

    @property
    def alive(self) -> bool:
        """Whether all of them still run."""


POLL_END_S = 1.0


class Task:
    """One run, from preflight to the last heartbeat."""

    def __init__(
        self,
        settings: Settings,
        stream: Stream,
        stop: threading.Event,
        lease: Alone | KeptLease | None = None,
    ) -> None:
        self._settings, self._stop = settings, stop
        self._lease = lease or Alone()
        self._rest = Rest(settings.rest_base, stop, WeightBudget())
        self._spool = Spool(settings.spool_dir)
        self._alive = settings.spool_dir / ALIVE_FILE
        self._stream = stream
        self._poll: Part | None = None

    def run(self, ready: Callable[[str], None]) -> bool:
        """Run until told to stop; returns False when a part of it died instead.

        `ready` gets one JSON line once the subscription is confirmed. Raises ConfigError when the
        exchange's answers make the settings useless.
        """
        try:
            symbols = self._preflight()
            start = patiently(self._rest.server_time, self._stop, "server time")
        except StoppedError:
            return True
        self._lease.start()
        sink = Sink(self._stream, self._spool, bound=max(SINK_BOUND, 4 * len(symbols)))
        repairs = Repairs(self._rest, self._stop)
        replayed = self._settings.market != "live"
        recorder = Recorder(
            symbols, self._settings.market, sink, repairs.ask, self._lease,
            task=self._settings.task_name, replayed=replayed,
        )  # fmt: skip
        recorder.start_at(start)
        feed = Feed(
            self._settings.ws_base, symbols, recorder, lambda wait: _room(sink, recorder, wait),
            self._stop,
        )  # fmt: skip
        sink.start()
        try:
            settled = start - (SETTLED_MS if not replayed or not self._lease.holds() else 0)
            self._warm_up(symbols, settled, sink, recorder)
            repairs.start(recorder.supply)
            poll = (
                OpenInterestReplay(self._rest, recorder, self._stop)
                if replayed
                else OpenInterestPoll(self._rest, symbols, recorder, self._stop)
            )
            poll.start()
            self._poll = poll
            feed.start()
            parts: dict[str, Part] = {
                "feed": feed, "sink": sink, "repairs": repairs, "poll": poll, "lease": self._lease,
            }  # fmt: skip
            return self._watch(feed, parts, recorder, ready)
        except StoppedError:
            return True
        finally:
            self._finish(feed, sink, recorder)

    def _preflight(self) -> tuple[str, ...]:
        """Return the symbols to follow: configured, known to the exchange, and trading."""
        try:
            universe = patiently(self._rest.universe, self._stop, "exchange info")
        except RegionRefusedError as error:
            raise ConfigError(_REGIONS) from error
        except PermanentError as error:
            raise ConfigError(f"BINANCE_REST_BASE does not answer as Binance: {error}") from error
        return _tradable(self._settings.symbols, universe)

    def _warm_up(self, symbols: tuple[str, ...], end: int, sink: Sink, recorder: Recorder) -> None:
        """Send every symbol's past, several symbols at a time, each in order."""

        def one(symbol: str) -> None:
            while not sink.wait_for_room(_LOOK_S):
                if self._stop.is_set():
                    raise StoppedError("stopping")
            minutes: list[Bar] = []
            for fact in patiently(
                lambda: list(warm_up(self._rest, symbol, end, self._settings.market)),
                self._stop,
                f"warm-up of {symbol}",
            ):
                sink.put(fact)
                minutes.extend(fact.bars if fact.interval == "1m" else ())
            recorder.seed(symbol, minutes)
            self._alive.touch()

        started = time.monotonic()
        with ThreadPoolExecutor(WARM_UP_THREADS, "warm-up") as pool:
            for _ in pool.map(one, symbols):
                pass  # only its errors are of interest
        _LOG.info("warmed_up", symbols=len(symbols), end=end, seconds=time.monotonic() - started)

    def _watch(
        self,
        feed: Feed,
        parts: Mapping[str, Part],
        recorder: Recorder,
        ready: Callable[[str], None],
    ) -> bool:
        """Look after the threads once a second until told to stop."""
        announced, status = False, time.monotonic() + _STATUS_S
        while not self._stop.is_set():
            if not announced and feed.subscribed.wait(_LOOK_S):
                announced = True
                ready(self._ready_line(recorder))
            dead = [name for name, part in parts.items() if not part.alive]
            if dead and not self._stop.is_set():
                _LOG.failure("thread_died", parts=dead)
                return False
            self._alive.touch()
            recorder.look()
            if time.monotonic() >= status:
                status += _STATUS_S
                _LOG.info("status", **recorder.status())
            self._stop.wait(_LOOK_S)
        return True

    def _ready_line(self, recorder: Recorder) -> str:
        settings = self._settings
        return json.dumps({
            "task": settings.task_name, "market": settings.market, "clock": recorder.clock,
            "symbols": list(recorder.symbols),
        })  # fmt: skip

    def _finish(self, feed: Feed, sink: Sink, recorder: Recorder) -> None:
        """Stop reading, say so, send what is left; what cannot be sent stays on disk."""
        self._stop.set()
        recorder.end()
        feed.end(3.0)
        give_up = time.monotonic() + POLL_END_S
        while self._poll is not None and self._poll.alive and time.monotonic() < give_up:
            time.sleep(0.01)  # its last answer may let a bar go, which comes before the last beat
        recorder.beat()
        flushed = sink.close(FLUSH_S)
        self._lease.end()  # after the last bar: whoever takes over has held it back until now
        _LOG.info("stopped", flushed=flushed, **recorder.status())


def _room(sink: Sink, recorder: Recorder, wait: float) -> bool:
    """Return whether the next message may be read, after waiting `wait` seconds at most."""
    if sink.full:
        return sink.wait_for_room(wait)
    return not recorder.crowded or recorder.wait_until_calm(wait)


def _tradable(wanted: tuple[str, ...], universe: Universe) -> tuple[str, ...]:
    unknown = [s for s in wanted if s not in universe.symbols and s not in universe.refused]
    if unknown:
        raise ConfigError(f"SYMBOLS: the exchange does not know {', '.join(unknown)}")
    for symbol in wanted:
        if symbol in universe.refused:
            _LOG.failure("symbol_left_out", symbol=symbol, reason=universe.refused[symbol])
    symbols = tuple(symbol for symbol in wanted if symbol in universe.symbols)
    if not symbols:
        raise ConfigError("SYMBOLS: none of them can be followed now")
    return symbols
