"""Following a symbol: its past goes to the sink, its builder to the recorder, then its stream."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from signalengine.errors import PermanentError
from signalengine.facts.lots import LotSize
from signalengine.facts.stream import Bar, Market
from signalengine.intervals import MINUTE_MS

from .backfill.rest import RegionRefusedError, RestClient, StoppedError, until_answered
from .backfill.warm_up import warm_up
from .connections.feed import Feed
from .logs import Log
from .output.sink import Sink
from .recording.recorder import Recorder

WARM_UP_THREADS: Final = 4
SETTLED_MS: Final = 10 * MINUTE_MS
"""History ends so long ago, and bars closed since then are sent as bars: a minute that another task
is about to send must not be folded as history, as its evaluation would be missing."""

_LOOK_S: Final = 1.0
_LOG = Log("following")


class Following:
    """Follows and drops symbols (universe.Followed)."""

    def __init__(
        self,
        rest: RestClient,
        sink: Sink,
        recorder: Recorder,
        feed: Feed,
        market: Market,
        stop: threading.Event,
    ) -> None:
        self._rest, self._sink, self._recorder, self._feed = rest, sink, recorder, feed
        self._market, self._stop = market, stop

    def begin(
        self, symbols: Sequence[str], end: int, progress: Callable[[], None]
    ) -> tuple[str, ...]:
        """Send every symbol's past up to `end`, several symbols at a time, each in order.

        Returns the symbols whose past the exchange refuses; raises PermanentError when it does of
        all.
        """
        started = time.monotonic()

        def one(symbol: str) -> PermanentError | None:
            refusal = self._warm_up_unless_refused(symbol, end)
            progress()
            return refusal

        with ThreadPoolExecutor(WARM_UP_THREADS, "warm-up") as pool:
            results = dict(zip(symbols, pool.map(one, symbols), strict=True))
        refusals = {symbol: error for symbol, error in results.items() if error is not None}
        if refusals and len(refusals) == len(symbols):
            raise next(iter(refusals.values()))
        try:
            hours = until_answered(self._rest.funding_hours, self._stop, "funding intervals")
            self.set_funding_hours(hours)
        except PermanentError as error:
            _LOG.warning("funding_intervals_unknown", reason=str(error))  # null on the bars
        _LOG.info(
            "warmed_up", symbols=len(self.followed()), end=end, seconds=time.monotonic() - started
        )
        return tuple(refusals)

    def followed(self) -> tuple[str, ...]:
        """Return what is followed now."""
        return self._recorder.symbols

    def follow(self, symbol: str) -> None:
        """Warm a symbol up and subscribe to it."""
        self._warm_up(symbol, self._recorder.now() - SETTLED_MS)
        shard = self._feed.follow(symbol)
        _LOG.info("symbol_followed", symbol=symbol, shard=shard)

    def halt(self, symbol: str, status: str) -> None:
        """Expect no bars of a symbol until `resume`."""
        self._recorder.halt(symbol, status)

    def resume(self, symbol: str) -> None:
        """Expect a symbol's bars again."""
        self._recorder.resume(symbol)

    def drop(self, symbol: str, status: str) -> None:
        """Unsubscribe from a symbol and drop it."""
        self._feed.unfollow(symbol)
        self._recorder.unfollow(symbol, status)
        _LOG.warning("symbol_dropped", symbol=symbol, status=status)

    def set_funding_hours(self, hours: Mapping[str, int]) -> None:
        """Take the hours between funding payments where they are not the usual 8."""
        self._recorder.on_funding_hours(hours)

    def set_tick_sizes(self, sizes: Mapping[str, float]) -> None:
        """Take the smallest step of each symbol's price."""
        self._recorder.on_tick_sizes(sizes)

    def set_lot_sizes(self, sizes: Mapping[str, LotSize]) -> None:
        """Take the quantities that can be ordered, of each symbol."""
        self._recorder.on_lot_sizes(sizes)

    def _warm_up_unless_refused(self, symbol: str, end: int) -> PermanentError | None:
        """Warm a symbol up; drop one whose past the exchange refuses, and return why."""
        try:
            self._warm_up(symbol, end)
        except RegionRefusedError:
            raise  # all of them are
        except PermanentError as error:
            self.drop(symbol, f"its past is refused: {error}")
            return error
        return None

    def _warm_up(self, symbol: str, end: int) -> None:
        """Send a symbol's past up to `end`, after which its bars begin."""
        while not self._sink.wait_for_room(_LOOK_S):
            if self._stop.is_set():
                raise StoppedError("stopping")
        minutes: list[Bar] = []
        facts = until_answered(
            lambda: list(warm_up(self._rest, symbol, end, self._market)),
            self._stop,
            f"warm-up of {symbol}",
            self._rest.startup,
        )
        for fact in facts:
            self._sink.put(fact)
            minutes.extend(fact.bars if fact.interval == "1m" else ())
        begin = None if minutes else self._first_minute(symbol, end)
        self._recorder.follow(symbol, minutes, begin=begin)

    def _first_minute(self, symbol: str, after: int) -> int | None:
        """Return when the bars of a listing of the last minutes begin; None: not yet."""
        start = after // MINUTE_MS * MINUTE_MS
        bars = until_answered(
            lambda: self._rest.bars_between(symbol, "1m", start, start + SETTLED_MS),
            self._stop,
            f"first bars of {symbol}",
        )
        return bars[0].open_time if bars else None
