"""The task: everything put together, started in order, stopped in order."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from signalengine.errors import PermanentError
from signalengine_aws.runtime.config import ConfigError

from .backfill.history import OpenInterestPoll, OpenInterestReplay, Repairs
from .backfill.rest import RegionRefusedError, Rest, StoppedError, WeightBudget, patiently
from .config import Settings
from .connections.feed import MAX_STREAMS, Feed
from .following import SETTLED_MS, Following
from .health import ALIVE_FILE
from .lease import Alone, KeptLease
from .logs import Log
from .metrics import Endpoint, MinuteLine
from .output.sink import Sink, Stream
from .output.spool import Spool
from .recording.recorder import Recorder
from .universe import UniverseWatch, choose

FLUSH_S: Final = 20.0
"""Seconds for sending what is left; Fargate kills a task 30 s after SIGTERM by default."""
SINK_BOUND: Final = 256
POLL_END_S: Final = 1.0
BLIND_S: Final = 300.0
"""Seconds without any event of a live market after which the task calls itself unhealthy."""

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
        self._replayed = settings.market != "live"
        self._lease = lease or Alone()
        self._rest = Rest(settings.rest_base, stop, WeightBudget())
        self._spool = Spool(settings.spool_dir)
        self._alive = settings.spool_dir / ALIVE_FILE
        self._stream = stream
        self._minute = MinuteLine(settings.metrics_namespace)
        self._poll: OpenInterestPoll | OpenInterestReplay | None = None

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
        recorder = Recorder(
            symbols, self._settings.market, sink, repairs.ask, self._lease,
            task=self._settings.task_name, replayed=self._replayed,
        )  # fmt: skip
        recorder.start_at(start)
        feed = self._feed(symbols, recorder, sink)
        endpoint = self._endpoint(recorder)
        sink.start()
        try:
            following = Following(
                self._rest, sink, recorder, feed, self._settings.market, self._stop
            )
            following.begin(symbols, self._settled(start), self._alive.touch)
            repairs.start(recorder.supply)
            universe = self._keep_up(following, recorder)
            self._poll = self._open_interest(recorder)
            self._poll.start()
            feed.start()
            parts: dict[str, Part] = {
                "feed": feed, "sink": sink, "repairs": repairs, "poll": self._poll,
                "lease": self._lease, "universe": universe,
            }  # fmt: skip
            return self._watch(feed, parts, recorder, ready)
        except StoppedError:
            return True
        finally:
            self._finish(feed, sink, recorder)
            if endpoint is not None:
                endpoint.close()

    def _preflight(self) -> tuple[str, ...]:
        """Return the symbols to follow: configured, known to the exchange, and trading."""
        selection = self._settings.symbols
        try:
            universe = patiently(self._rest.universe, self._stop, "exchange info")
            volumes = (
                patiently(self._rest.day_volumes, self._stop, "volumes") if selection.ranked else {}
            )
        except RegionRefusedError as error:
            raise ConfigError(_REGIONS) from error
        except PermanentError as error:
            raise ConfigError(f"BINANCE_REST_BASE does not answer as Binance: {error}") from error
        return choose(selection, universe, volumes)

    def _feed(self, symbols: tuple[str, ...], recorder: Recorder, sink: Sink) -> Feed:
        """One connection for a replay: of several, luck would order the messages."""
        feed = Feed(
            self._settings.ws_base, symbols, recorder, lambda wait: _room(sink, recorder, wait),
            self._stop,
            per_connection=MAX_STREAMS if self._replayed else self._settings.per_connection,
            lifetime_s=self._settings.lifetime_s,
        )  # fmt: skip
        recorder.watch(feed, None if self._replayed else lambda: self._rest.skew_ms)
        return feed

    def _settled(self, start: int) -> int:
        """Return where history ends: for the only task of a replay right at its start."""
        only = self._replayed and self._lease.holds()
        return start if only else start - SETTLED_MS

    def _keep_up(self, following: Following, recorder: Recorder) -> UniverseWatch:
        """Follow listings and halts from now on."""
        watch = UniverseWatch(self._rest, self._settings.symbols, following, self._stop)
        recorder.on_contract, recorder.on_unanswered = watch.tell, watch.suspect
        watch.start()
        return watch

    def _open_interest(self, recorder: Recorder) -> OpenInterestPoll | OpenInterestReplay:
        kind = OpenInterestReplay if self._replayed else OpenInterestPoll
        return kind(self._rest, recorder, self._stop)

    def _endpoint(self, recorder: Recorder) -> Endpoint | None:
        """Serve metrics where that is asked for."""
        settings = self._settings
        if not settings.metrics_port:
            return None
        try:
            return Endpoint(recorder.status, settings.metrics_port, settings.metrics_bind)
        except OSError as error:
            raise ConfigError(f"METRICS_PORT: {settings.metrics_port}: {error}") from error

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
            if not announced and feed.wait_subscribed(_LOOK_S):
                announced = True
                ready(self._ready_line(recorder))
            dead = [name for name, part in parts.items() if not part.alive]
            if dead and not self._stop.is_set():
                _LOG.failure("thread_died", parts=dead)
                return False
            recorder.look()
            if recorder.silent_s < BLIND_S:
                self._alive.touch()
            if time.monotonic() >= status:
                status += _STATUS_S
                _LOG.info("status", **recorder.status())
                self._minute.write(recorder.status(), recorder.silent_s)
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
