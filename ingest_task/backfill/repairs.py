"""Repairs: missing bars, and the funding paid meanwhile, fetched by REST."""

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from signalengine.bars.builder import BarRequest
from signalengine.errors import PermanentError, TransientError
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS, MINUTE_MS
from signalengine.market_data import Funding

from ..logs import Log
from .rest import RestClient, StoppedError

REPAIR_THREADS: Final = 2
ABSENT_TRIES: Final = 6
"""Answers without the bar after which it is taken not to exist."""
AWAY_TRIES: Final = 24
"""Tries without a usable answer: some five minutes, in which newer bars wait."""
LONGEST_PAUSE_S: Final = 15.0

_LOOK_S: Final = 1.0  # how often an idle worker checks whether the task has stopped
OnBackfill: TypeAlias = Callable[[BarRequest, Iterable[Bar], Iterable[Funding]], None]
_LOG = Log("history")


class Repairs:
    """Fetches missing bars, a few requests at a time; each request gets an answer, maybe empty."""

    def __init__(self, rest: RestClient, stop: threading.Event) -> None:
        self._rest, self._stop = rest, stop
        self._queue: queue.SimpleQueue[BarRequest] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, on_backfill: OnBackfill) -> None:
        """Start the workers, which pass answers to `on_backfill`."""
        self._threads = [
            threading.Thread(
                target=self._work, args=(on_backfill,), name=f"repair-{n}", daemon=True
            )
            for n in range(REPAIR_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether every worker still runs."""
        return all(thread.is_alive() for thread in self._threads)

    def request(self, request: BarRequest) -> None:
        """Queue a request; never blocks."""
        self._queue.put(request)

    def _work(self, on_backfill: OnBackfill) -> None:
        while not self._stop.is_set():
            try:
                request = self._queue.get(timeout=_LOOK_S)
                bars = self._fetch(request)
                fundings = self._fundings(request)
            except queue.Empty:
                continue
            except StoppedError:
                return
            _LOG.info(
                "repaired" if bars else "not_repaired", symbol=request.symbol,
                interval=request.interval, start=request.start, end=request.end, bars=len(bars),
            )  # fmt: skip
            on_backfill(request, bars, fundings)

    def _fetch(self, request: BarRequest) -> tuple[Bar, ...]:
        """Return the requested bars, as many as exist after trying for a while."""
        absent = away = 0
        bars: tuple[Bar, ...] = ()
        while absent < ABSENT_TRIES and away < AWAY_TRIES:
            try:
                bars = self._closed(request, last=absent + 1 == ABSENT_TRIES)
            except StoppedError:
                raise
            except (TransientError, PermanentError) as error:
                away += 1
                _LOG.warning("repair_failed", symbol=request.symbol, reason=str(error), tries=away)
            else:
                if bars and bars[0].open_time == request.start:
                    return bars  # bars that lack at the end are requested again
                absent += 1
            if self._stop.wait(min(LONGEST_PAUSE_S, 0.1 * 2 ** (absent + away))):
                raise StoppedError("stopping")
        return bars

    def _closed(self, request: BarRequest, *, last: bool) -> tuple[Bar, ...]:
        """Return the requested bars that have closed by the exchange's own clock.

        A row of a minute that still forms looks like a bar. A later row proves that it has closed;
        without one, on the last try, the exchange's clock does.
        """
        span = INTERVAL_MS[request.interval]
        rows = self._rest.bars_between(
            request.symbol, request.interval, request.start, request.end + span
        )
        bars = tuple(bar for bar in rows if bar.open_time < request.end)
        if len(rows) > len(bars) or not bars:
            return bars
        closed = last and self._rest.has_passed(bars[-1].close_time)
        return bars if closed else bars[:-1]

    def _fundings(self, request: BarRequest) -> tuple[Funding, ...]:
        """Return the funding paid inside a hole, which the stream would have carried."""
        hour = INTERVAL_MS["1h"]
        first, last = -(-(request.start + MINUTE_MS) // hour) * hour, request.end // hour * hour
        if request.interval != "1m" or first > last:
            return ()
        try:
            return self._rest.funding_rates(request.symbol, first, last + MINUTE_MS)
        except StoppedError:
            raise
        except (TransientError, PermanentError) as error:
            _LOG.warning("funding_unknown", symbol=request.symbol, reason=str(error))
            return ()
