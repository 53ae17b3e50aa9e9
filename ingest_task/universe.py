"""Which symbols are followed: chosen at the start, and kept up with while the task runs.

`!contractInfo` tells of listings, halts and delistings at once; `exchangeInfo` is asked every hour,
and when something else looks like a halt, as nothing else tells of what the stream missed.
"""

import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from signalengine.errors import PermanentError, TransientError
from signalengine.exchanges.binance.contracts import TRADING, ContractInfo, Universe, largest
from signalengine_aws.runtime.config import ConfigError

from .backfill.rest import Rest, StoppedError
from .logs import Log

REFRESH_S: Final = 3_600.0
SUSPECT_S: Final = 60.0
"""At most so often is the exchange asked about what looks like a halt."""
LISTING_S: Final = 5.0
"""At most so often about listings: `!contractInfo` tells of all whose brackets change."""
COMPARE_S: Final = 300.0
"""How often this machine's clock is compared with the exchange's."""
GONE: Final = frozenset({"CLOSE", "SETTLED", "DELIVERED"})
_LOOK_S: Final = 1.0

_LOG = Log("universe")


@dataclass(frozen=True, slots=True)
class Selection:
    """What SYMBOLS says: a list of names, the largest `top`, or (neither) all."""

    names: tuple[str, ...] = ()
    top: int | None = None

    @property
    def ranked(self) -> bool:
        """Whether volumes have to be known to choose."""
        return not self.names


def choose(
    selection: Selection, universe: Universe, volumes: Mapping[str, float]
) -> tuple[str, ...]:
    """Return the symbols to follow; raises ConfigError when there are none or one is unknown."""
    if selection.ranked:
        chosen = largest(universe, volumes, selection.top or len(universe.symbols))
    else:
        names = selection.names
        known = universe.symbols | universe.refused.keys()
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ConfigError(f"SYMBOLS: the exchange does not know {', '.join(unknown)}")
        for name in names:
            if name in universe.refused:
                _LOG.failure("symbol_left_out", symbol=name, reason=universe.refused[name])
        chosen = tuple(name for name in names if name in universe.symbols)
    if not chosen:
        raise ConfigError("SYMBOLS: none of them can be followed now")
    return chosen


class Followed(Protocol):
    """Who follows symbols (Task)."""

    def followed(self) -> tuple[str, ...]:
        """Return what is followed now."""

    def follow(self, symbol: str) -> None:
        """Warm a symbol up and subscribe to it."""

    def halt(self, symbol: str, status: str) -> None:
        """Expect nothing of a symbol for now."""

    def resume(self, symbol: str) -> None:
        """Expect a symbol's bars again."""

    def drop(self, symbol: str, status: str) -> None:
        """Follow a symbol no more."""

    def fund(self, hours: Mapping[str, int]) -> None:
        """Take the hours between funding payments where they are not the usual 8."""


class UniverseWatch:
    """Keeps what is followed in step with what is listed."""

    def __init__(
        self, rest: Rest, selection: Selection, to: Followed, stop: threading.Event
    ) -> None:
        self._rest, self._selection, self._to, self._stop = rest, selection, to, stop
        self._news: queue.SimpleQueue[ContractInfo | None] = queue.SimpleQueue()
        self._asked = self._compared = time.monotonic()
        self._listing = False
        """Whether the stream has told of a contract since the exchange was asked."""
        self._thread = threading.Thread(target=self._run, name="universe", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still watches."""
        return self._thread.is_alive()

    def tell(self, info: ContractInfo) -> None:
        """Take what the stream says; never blocks."""
        self._news.put(info)

    def suspect(self) -> None:
        """Have the exchange asked: a symbol looks halted. Never blocks."""
        self._news.put(None)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except StoppedError:
                return
            except (TransientError, PermanentError) as error:
                _LOG.warning("universe_unknown", reason=str(error))

    def _look(self) -> None:
        """Take one piece of news, or ask when it is time."""
        age = time.monotonic() - self._asked
        if self._listing and age >= LISTING_S:
            self._refresh()
            return
        try:
            info = self._news.get(timeout=_LOOK_S)
        except queue.Empty:
            if age >= REFRESH_S:
                self._refresh()
            elif time.monotonic() - self._compared >= COMPARE_S:
                self._compared = time.monotonic()
                self._rest.server_time()  # it learns how far this machine's clock is off
            return
        if info is not None:
            self._apply(info)
        elif age >= SUSPECT_S:
            self._refresh()

    def _apply(self, info: ContractInfo) -> None:
        """Act on what the stream said of one contract."""
        if info.symbol in self._to.followed():
            if info.status == TRADING:
                self._to.resume(info.symbol)
            elif info.status in GONE:
                self._to.drop(info.symbol, info.status)
                self._refresh()
            else:
                self._to.halt(info.symbol, info.status)
        elif info.status == TRADING:
            self._listing = True  # whether it is one for us, exchangeInfo says

    def _refresh(self) -> None:
        """Compare what is followed with what is listed."""
        self._asked, self._listing = time.monotonic(), False
        universe = self._rest.universe()
        for symbol in self._to.followed():
            if symbol in universe.symbols:
                self._to.resume(symbol)
            elif symbol in universe.halted:
                self._to.halt(symbol, universe.refused[symbol])
            else:
                self._to.drop(symbol, universe.refused.get(symbol, "not listed any more"))
        for symbol in self._wanted(universe):
            if symbol not in self._to.followed() and not self._stop.is_set():
                self._to.follow(symbol)
        self._to.fund(self._rest.funding_hours())

    def _wanted(self, universe: Universe) -> tuple[str, ...]:
        """Return what should be followed: of a ranking, so many that its number is full."""
        if not self._selection.ranked:
            return tuple(name for name in self._selection.names if name in universe.symbols)
        if self._selection.top is None:
            return tuple(sorted(universe.symbols))
        lacking = self._selection.top - len(self._to.followed())
        if lacking <= 0:
            return ()
        ranked = largest(universe, self._rest.day_volumes(), len(universe.symbols))
        fresh = [symbol for symbol in ranked if symbol not in self._to.followed()]
        return tuple(fresh[:lacking])
