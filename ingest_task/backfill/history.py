"""What REST is for: warm-up before the stream, missing bars during it, open interest beside it."""

import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeAlias

from signalengine.bars.as_of import OPEN_INTEREST_MAX_AGE_MS
from signalengine.bars.builder import BarRequest
from signalengine.errors import PermanentError, TransientError
from signalengine.exchanges.binance.messages import Funding, OpenInterest
from signalengine.facts.stream import Bar, HistoryFact, Market
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from ..logs import Log, Repeats
from .rest import RequestRefusedError, Rest, StoppedError

LONGER: Final = ("1h", "15m", "5m")
LONGER_BARS: Final = 499
MINUTE_BARS: Final = 1_500
"""A whole UTC session of 1m bars, so that what starts at 00:00 is known at once."""
FACT_BARS: Final = 500

REPAIR_THREADS: Final = 2
ABSENT_TRIES: Final = 6
"""Answers without the bar after which it is taken to exist nowhere."""
AWAY_TRIES: Final = 24
"""Tries without an answer worth reading: some five minutes, in which newer bars wait."""
LONGEST_PAUSE_S: Final = 15.0
MIN_ROUND_S: Final = 0.2
"""Wall seconds between two rounds of open interest, however fast the exchange's clock runs."""

LONGEST_REPLAY_MS: Final = 120 * MINUTE_MS
"""Open interest of a replay is asked for at most so far back: older bars have gone out."""

_LOOK_S: Final = 1.0  # how often an idle worker looks whether the task has stopped
Supply: TypeAlias = Callable[[BarRequest, Iterable[Bar], Iterable[Funding]], None]
_LOG = Log("history")


def warm_up(rest: Rest, symbol: str, end: int, market: Market) -> Iterator[HistoryFact]:
    """Yield a symbol's past up to `end`: 1h, 15m, 5m, then the 1m bars in three facts."""
    for interval in LONGER:
        bars = rest.closed_bars(symbol, interval, end, LONGER_BARS)
        yield HistoryFact(symbol, interval, bars, market)
    minutes = rest.closed_bars(symbol, "1m", end, MINUTE_BARS)
    for start in range(0, max(1, len(minutes)), FACT_BARS):
        yield HistoryFact(symbol, "1m", minutes[start : start + FACT_BARS], market)


class Repairs:
    """Fetches what tapes want, a few at a time; every want is answered, if with nothing."""

    def __init__(self, rest: Rest, stop: threading.Event) -> None:
        self._rest, self._stop = rest, stop
        self._wants: queue.SimpleQueue[BarRequest] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, supply: Supply) -> None:
        """Start the workers; answers go to `supply`."""
        self._threads = [
            threading.Thread(target=self._work, args=(supply,), name=f"repair-{n}", daemon=True)
            for n in range(REPAIR_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether every worker still runs."""
        return all(thread.is_alive() for thread in self._threads)

    def ask(self, want: BarRequest) -> None:
        """Queue a want; never blocks."""
        self._wants.put(want)

    def _work(self, supply: Supply) -> None:
        while not self._stop.is_set():
            try:
                want = self._wants.get(timeout=_LOOK_S)
                bars = self._fetch(want)
                fundings = self._fundings(want)
            except queue.Empty:
                continue
            except StoppedError:
                return
            _LOG.info(
                "repaired" if bars else "not_repaired", symbol=want.symbol,
                interval=want.interval, start=want.start, end=want.end, bars=len(bars),
            )  # fmt: skip
            supply(want, bars, fundings)

    def _fetch(self, want: BarRequest) -> tuple[Bar, ...]:
        """Return the wanted bars, as many as there are after trying for a while."""
        absent = away = 0
        bars: tuple[Bar, ...] = ()
        while absent < ABSENT_TRIES and away < AWAY_TRIES:
            try:
                bars = self._closed(want, last=absent + 1 == ABSENT_TRIES)
            except StoppedError:
                raise
            except (TransientError, PermanentError) as error:
                away += 1
                _LOG.warning("repair_failed", symbol=want.symbol, reason=str(error), tries=away)
            else:
                if bars and bars[0].open_time == want.start:
                    return bars  # what may lack at the end is asked for again
                absent += 1
            if self._stop.wait(min(LONGEST_PAUSE_S, 0.1 * 2 ** (absent + away))):
                raise StoppedError("stopping")
        return bars

    def _closed(self, want: BarRequest, *, last: bool) -> tuple[Bar, ...]:
        """Return the wanted bars that are over by the exchange's own clock.

        The stream's clock alone does not say: a row of a minute that still forms looks like a bar.
        The row behind it proves it closed; without one, on the last try, the exchange's clock.
        """
        span = INTERVAL_MS[want.interval]
        rows = self._rest.bars_between(want.symbol, want.interval, want.start, want.end + span)
        bars = tuple(bar for bar in rows if bar.open_time < want.end)
        if len(rows) > len(bars) or not bars:
            return bars
        closed = last and self._rest.has_passed(bars[-1].close_time)
        return bars if closed else bars[:-1]

    def _fundings(self, want: BarRequest) -> tuple[Funding, ...]:
        """Return what was paid inside a hole: the stream that tells of it was not heard."""
        hour = INTERVAL_MS["1h"]
        first, last = -(-(want.start + MINUTE_MS) // hour) * hour, want.end // hour * hour
        if want.interval != "1m" or first > last:
            return ()
        try:
            return self._rest.funding_rates(want.symbol, first, last + MINUTE_MS)
        except StoppedError:
            raise
        except (TransientError, PermanentError) as error:
            _LOG.warning("funding_unknown", symbol=want.symbol, reason=str(error))
            return ()


class Listener(Protocol):
    """Who is told the open interest, and whose minutes it is polled in."""

    @property
    def trading(self) -> tuple[str, ...]:
        """Return the symbols to ask about."""

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take a polled value."""

    def inform(self, values: Iterable[OpenInterest], until: int) -> None:
        """Take all the open interest there is up to and with `until`."""

    def wait_minute(self, after: int, timeout: float) -> int:
        """Return the exchange's minute once it is later than `after`, or after `timeout` s."""


class OpenInterestPoll:
    """Asks for each symbol's open interest once in an exchange minute."""

    def __init__(self, rest: Rest, to: Listener, stop: threading.Event) -> None:
        self._rest, self._to, self._stop = rest, to, stop
        self._failing = Repeats(60.0)
        self._skips: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._first = ""

        self._thread = threading.Thread(target=self._run, name="open-interest", daemon=True)

    def start(self) -> None:
        """Start polling."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the poll still runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        minute = 0
        while not self._stop.wait(MIN_ROUND_S):
            now = self._to.wait_minute(minute, timeout=1.0)
            if now != minute:
                minute = now
                self._round()

    def _round(self) -> None:
        """Ask for all symbols, beginning with the one an interrupted round had come to."""
        symbols = deque(self._to.trading)
        if self._first in symbols:
            symbols.rotate(-symbols.index(self._first))
        for symbol in symbols:
            self._first = symbol
            if self._skips[symbol] > 0:
                self._skips[symbol] -= 1
                continue
            try:
                self._to.on_open_interest(self._rest.open_interest(symbol))
                self._refusals[symbol] = 0
            except StoppedError:
                return
            except RequestRefusedError as error:
                self._refused(symbol, error)
            except (TransientError, PermanentError) as error:  # nonsense is no refusal
                if self._failing.due():
                    _LOG.warning("open_interest_away", symbol=symbol, reason=str(error))
                return
        self._first = ""

    def _refused(self, symbol: str, error: RequestRefusedError) -> None:
        """Ask a symbol that has none ever less often, up to once an hour."""
        self._refusals[symbol] += 1
        self._skips[symbol] = min(60, 2 ** self._refusals[symbol])
        if self._refusals[symbol] == 1:
            _LOG.warning("open_interest_refused", symbol=symbol, reason=str(error))


class OpenInterestReplay:
    """Asks a replayed market, at each minute's close, for the open interest as of that close.

    What the poll gets depends on when it asks; this does not, whatever the speed. One question a
    minute for all symbols; a minute without an answer stays without open interest.
    """

    def __init__(self, rest: Rest, to: Listener, stop: threading.Event) -> None:
        self._rest, self._to, self._stop = rest, to, stop
        self._failing = Repeats(60.0)
        self._thread = threading.Thread(target=self._run, name="open-interest", daemon=True)

    def start(self) -> None:
        """Start asking."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still asks."""
        return self._thread.is_alive()

    def _run(self) -> None:
        minute = 0
        while not self._stop.is_set():
            now = self._to.wait_minute(minute, timeout=_LOOK_S)
            if now == minute:
                continue
            end = now * MINUTE_MS
            start = max(minute * MINUTE_MS, end - LONGEST_REPLAY_MS)
            start = start if minute else end - OPEN_INTEREST_MAX_AGE_MS
            try:
                values = self._rest.replayed_open_interest(start, end)
            except StoppedError:
                return
            except (PermanentError, TransientError) as error:
                values = ()
                if self._failing.due():
                    _LOG.warning("open_interest_unknown", until=end, reason=str(error))
            self._to.inform(values, end)
            minute = now
