"""The task: its parts assembled, started in order, stopped in order."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from signalengine.errors import PermanentError
from signalengine.market_data import Universe
from signalengine_aws.runtime.config import ConfigError

from .backfill.open_interest import OpenInterestPoll, OpenInterestReplay
from .backfill.repairs import Repairs
from .backfill.rest import RegionRefusedError, RestClient, StoppedError, until_answered
from .config import Settings
from .connections.feed import Feed
from .following import SETTLED_MS, Following
from .health import ALIVE_FILE
from .lease import NoLease, RenewedLease
from .logs import Log
from .metrics import Endpoint, MinuteLine
from .output.sink import Sink, Stream
from .output.spool import Spool
from .recording.recorder import Recorder
from .startup import Startup, silent
from .universe import UniverseWatch, choose

FLUSH_S: Final = 20.0
"""Seconds for sending what is left; Fargate kills a task 30 s after SIGTERM by default."""
SINK_BOUND: Final = 256
POLL_END_S: Final = 1.0
UNHEALTHY_S: Final = 300.0
"""Seconds without any event of a live market after which the task is unhealthy."""

_LOOK_S: Final = 1.0
_STATUS_S: Final = 60.0
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
        lease: NoLease | RenewedLease | None = None,
        startup: Startup | None = None,
    ) -> None:
        self._settings, self._stop = settings, stop
        self._replayed = settings.market != "live"
        self._lease = lease or NoLease()
        self._exchange = settings.exchange
        self._startup = startup or silent()
        self._rest = RestClient(
            self._exchange.rest, settings.rest_base, stop, startup=self._startup
        )
        self._spool = Spool(settings.spool_dir)
        self._alive = settings.spool_dir / ALIVE_FILE
        self._stream = stream
        self._minute = MinuteLine(settings.metrics_namespace)
        self._poll: OpenInterestPoll | OpenInterestReplay | None = None

    def run(self, ready: Callable[[str], None]) -> bool:
        """Run until the stop event is set; returns False when a part has died instead.

        `ready` gets one JSON line once the subscription is confirmed. Raises ConfigError when the
        exchange's answers show that the settings are wrong.
        """
        self._startup.start()
        try:
            symbols, listed = self._preflight()
            start = until_answered(self._rest.server_time, self._stop, "server time", self._startup)
        except StoppedError:
            return True
        self._lease.start()
        sink = Sink(self._stream, self._spool, bound=max(SINK_BOUND, 4 * len(symbols)))
        repairs = Repairs(self._rest, self._stop)
        recorder = Recorder(
            self._exchange.streams, symbols, self._settings.market, sink, repairs.request,
            self._lease, task=self._settings.task_name, replayed=self._replayed,
        )  # fmt: skip
        recorder.start_at(start)
        recorder.on_tick_sizes(listed.tick_sizes)
        recorder.on_lot_sizes(listed.lot_sizes)
        feed = self._feed(symbols, recorder, sink)
        endpoint = self._endpoint(recorder)
        sink.start()
        try:
            following = Following(
                self._rest, sink, recorder, feed, self._settings.market, self._stop
            )
            refused = following.begin(symbols, self._settled(start), self._alive.touch)
            repairs.start(recorder.on_backfill)
            universe = self._keep_up(following, recorder, refused)
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

    def _preflight(self) -> tuple[tuple[str, ...], Universe]:
        """Return the symbols to follow (configured, listed, trading), and what is listed."""
        selection = self._settings.symbols
        try:
            universe = until_answered(
                self._rest.universe, self._stop, "exchange info", self._startup
            )
            volumes = (
                until_answered(self._rest.day_volumes, self._stop, "volumes", self._startup)
                if selection.ranked
                else {}
            )
        except RegionRefusedError as error:
            raise ConfigError(self._exchange.region_help) from error
        except PermanentError as error:
            base = self._exchange.rest_base.variable
            raise ConfigError(f"{base} does not answer as the exchange does: {error}") from error
        symbols = choose(selection, universe, volumes)
        if unknown := [symbol for symbol in symbols if symbol not in universe.tick_sizes]:
            _LOG.warning("tick_sizes_unknown", symbols=unknown)  # their levels are not rounded
        return symbols, universe

    def _feed(self, symbols: tuple[str, ...], recorder: Recorder, sink: Sink) -> Feed:
        """Return the feed; a replay has one connection, as several would change the order."""
        streams = self._exchange.streams
        feed = Feed(
            streams, self._settings.ws_base, symbols, recorder,
            lambda wait: _room(sink, recorder, wait), self._stop,
            per_connection=None if self._replayed else self._settings.per_connection,
            lifetime_s=self._settings.lifetime_s, startup=self._startup,
        )  # fmt: skip
        recorder.attach(feed, None if self._replayed else lambda: self._rest.skew_ms)
        return feed

    def _settled(self, start: int) -> int:
        """Return where history ends: for the first task of a replay at its start.

        A task that follows another one knows not what that one sent, in a replay either.
        """
        first = self._replayed and self._lease.first
        return start if first else start - SETTLED_MS

    def _keep_up(
        self, following: Following, recorder: Recorder, refused: Sequence[str]
    ) -> UniverseWatch:
        """Follow listings and halts from now on, and later what is refused at the start."""
        watch = UniverseWatch(self._rest, self._settings.symbols, following, self._stop)
        recorder.on_contract, recorder.on_unanswered = watch.on_contract, watch.suspect
        watch.start(refused)
        return watch

    def _open_interest(self, recorder: Recorder) -> OpenInterestPoll | OpenInterestReplay:
        kind = OpenInterestReplay if self._replayed else OpenInterestPoll
        return kind(self._rest, recorder, self._stop)

    def _endpoint(self, recorder: Recorder) -> Endpoint | None:
        """Serve metrics if METRICS_PORT is set."""
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
        """Check the threads once a second until the stop event is set."""
        announced, status = False, time.monotonic() + _STATUS_S
        while not self._stop.is_set():
            if not announced and feed.wait_subscribed(_LOOK_S):
                announced = True
                self._startup.end()
                ready(self._ready_line(recorder))
            dead = [name for name, part in parts.items() if not part.alive]
            if dead and not self._stop.is_set():
                _LOG.failure("thread_died", parts=dead)
                return False
            recorder.check()
            if recorder.silent_s < UNHEALTHY_S:
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
        """Stop reading, send a last heartbeat and all that is left; the rest stays on disk."""
        self._stop.set()
        recorder.end()
        feed.end(3.0)
        give_up = time.monotonic() + POLL_END_S
        while self._poll is not None and self._poll.alive and time.monotonic() < give_up:
            time.sleep(0.01)  # its last answer may complete a bar, to be sent before the heartbeat
        recorder.heartbeat()
        flushed = sink.close(FLUSH_S)
        self._lease.end()  # after the last bar: the next holder has held it back until now
        _LOG.info("stopped", flushed=flushed, **recorder.status())


def _room(sink: Sink, recorder: Recorder, wait: float) -> bool:
    """Return whether the next message may be read, after waiting `wait` seconds at most."""
    if sink.full:
        return sink.wait_for_room(wait)
    return not recorder.crowded or recorder.wait_for_room(wait)
