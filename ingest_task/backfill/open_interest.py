"""Open interest: polled by REST in a live market, requested as of each close in a replay."""

import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import Final, Protocol

from signalengine.bars.as_of import OPEN_INTEREST_MAX_AGE_MS
from signalengine.errors import PermanentError, TransientError
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import OpenInterest

from ..logs import Log, Repeats
from .rest import RequestRefusedError, RestClient, StoppedError

MIN_ROUND_S: Final = 0.2
"""Wall seconds between two rounds, however fast the exchange's clock runs."""
LONGEST_REPLAY_MS: Final = 120 * MINUTE_MS
"""How far back a replay requests open interest: older bars have been sent."""

_LOOK_S: Final = 1.0  # how often an idle worker checks whether the task has stopped
_LOG = Log("history")


class Listener(Protocol):
    """What receives the open interest and provides the exchange's minutes (Recorder)."""

    @property
    def trading(self) -> tuple[str, ...]:
        """Return the symbols to request."""

    def on_open_interest(self, value: OpenInterest) -> None:
        """Take a polled value."""

    def on_replayed_open_interest(self, values: Iterable[OpenInterest], until: int) -> None:
        """Take all open interest up to and including `until`."""

    def wait_minute(self, after: int, timeout: float) -> int:
        """Return the exchange's minute once it is later than `after`, or after `timeout` s."""


class OpenInterestPoll:
    """Requests each symbol's open interest once in an exchange minute."""

    def __init__(self, rest: RestClient, to: Listener, stop: threading.Event) -> None:
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
        """Request all symbols, beginning where an interrupted round stopped."""
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
            except (TransientError, PermanentError) as error:  # an unusable answer is no refusal
                if self._failing.due():
                    _LOG.warning("open_interest_away", symbol=symbol, reason=str(error))
                return
        self._first = ""

    def _refused(self, symbol: str, error: RequestRefusedError) -> None:
        """Request a symbol that has none less and less often, down to once an hour."""
        self._refusals[symbol] += 1
        self._skips[symbol] = min(60, 2 ** self._refusals[symbol])
        if self._refusals[symbol] == 1:
            _LOG.warning("open_interest_refused", symbol=symbol, reason=str(error))


class OpenInterestReplay:
    """Requests, at each minute's close of a replayed market, the open interest as of that close.

    What a poll returns depends on when it is sent; this does not, at any speed. One request a
    minute for all symbols; a minute without an answer stays without open interest.
    """

    def __init__(self, rest: RestClient, to: Listener, stop: threading.Event) -> None:
        self._rest, self._to, self._stop = rest, to, stop
        self._failing = Repeats(60.0)
        self._thread = threading.Thread(target=self._run, name="open-interest", daemon=True)

    def start(self) -> None:
        """Start requesting."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
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
            self._to.on_replayed_open_interest(values, end)
            minute = now
