"""Which symbols are followed: chosen at the start, and updated while the task runs.

A stream reports listings, halts and delistings at once. The list of contracts is requested every
hour and when a symbol looks halted, for changes that the stream missed.
"""

import queue
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from signalengine.errors import PermanentError, TransientError
from signalengine.facts.lots import LotSize
from signalengine.market_data import ContractInfo, Universe, largest
from signalengine.text.symbol_reader import SymbolError, find_symbol, nearest
from signalengine_aws.runtime.config import ConfigError

from .backfill.rest import RegionRefusedError, RestClient, StoppedError
from .logs import Log

REFRESH_S: Final = 3_600.0
SUSPECT_S: Final = 60.0
"""The list of contracts is requested at most so often for what looks like a halt …"""
LISTING_S: Final = 5.0
"""… and at most so often for listings: the stream may report all contracts at once."""
REFUSED_S: Final = 60.0
"""A symbol whose past was refused is tried again after this time, then after twice as long."""
COMPARE_S: Final = 300.0
"""How often this machine's clock is compared with the exchange's."""
_LOOK_S: Final = 1.0

_LOG = Log("universe")


@dataclass(frozen=True, slots=True)
class Selection:
    """The value of SYMBOLS: a list of names, the largest `top`, or (neither) all."""

    names: tuple[str, ...] = ()
    top: int | None = None

    @property
    def ranked(self) -> bool:
        """Whether volumes are needed to choose."""
        return not self.names


def choose(
    selection: Selection, universe: Universe, volumes: Mapping[str, float]
) -> tuple[str, ...]:
    """Return the symbols to follow; raises ConfigError when there are none or one is unknown."""
    if selection.ranked:
        chosen = largest(universe, volumes, selection.top or len(universe.symbols))
    else:
        names, unknown = _listed(selection.names, universe)
        if unknown:
            raise ConfigError(f"SYMBOLS: the exchange has no {', '.join(unknown)}")
        refused = {name: universe.refused[name] for name in names if name in universe.refused}
        for name, reason in refused.items():
            _LOG.failure("symbol_left_out", symbol=name, reason=reason)
        if len(refused) == len(names):
            reasons = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
            raise ConfigError(f"SYMBOLS: none of them can be followed now: {reasons}")
        chosen = tuple(name for name in names if name in universe.symbols)
    if not chosen:
        raise ConfigError("SYMBOLS: none of them can be followed now")
    return chosen


def _listed(names: tuple[str, ...], universe: Universe) -> tuple[list[str], list[str]]:
    """Return the contracts of the exchange that names mean, each once, and the unknown names.

    PEPEUSDT is 1000PEPEUSDT where the exchange has only that. What is unknown comes with the
    symbols that resemble it.
    """
    listed = universe.symbols | universe.refused.keys()
    found, unknown = dict[str, None](), list[str]()
    for name in names:
        try:
            found[find_symbol(name, listed).symbol] = None
        except SymbolError:
            like = " or ".join(nearest(name, universe.symbols))
            unknown.append(f"{name} (did you mean {like}?)" if like else name)
    return list(found), unknown


@dataclass(frozen=True, slots=True)
class Refused:
    """A symbol whose past the exchange refused, or answered with what cannot be used."""

    wait_s: float
    due: float
    """When (monotonic s) it is tried again."""


class Followed(Protocol):
    """What follows symbols (Following)."""

    def followed(self) -> tuple[str, ...]:
        """Return what is followed now."""

    def follow(self, symbol: str) -> None:
        """Warm a symbol up and subscribe to it."""

    def halt(self, symbol: str, status: str) -> None:
        """Expect no bars of a symbol until `resume`."""

    def resume(self, symbol: str) -> None:
        """Expect a symbol's bars again."""

    def drop(self, symbol: str, status: str) -> None:
        """Drop a symbol."""

    def set_funding_hours(self, hours: Mapping[str, int]) -> None:
        """Take the hours between funding payments where they are not the usual 8."""

    def set_tick_sizes(self, sizes: Mapping[str, float]) -> None:
        """Take the smallest step of each symbol's price."""

    def set_lot_sizes(self, sizes: Mapping[str, LotSize]) -> None:
        """Take the quantities that can be ordered, of each symbol."""


class UniverseWatch:
    """Updates the followed symbols when contracts change."""

    def __init__(
        self, rest: RestClient, selection: Selection, to: Followed, stop: threading.Event
    ) -> None:
        self._rest, self._selection, self._to, self._stop = rest, selection, to, stop
        self._news: queue.SimpleQueue[ContractInfo | None] = queue.SimpleQueue()
        self._refreshed = self._compared = time.monotonic()
        self._listing = False
        """Whether the stream has reported a new contract since the last refresh."""
        self.refused: dict[str, Refused] = {}
        """Symbols that could not be followed, and when they are tried again."""
        self._thread = threading.Thread(target=self._run, name="universe", daemon=True)

    def start(self, refused: Iterable[str] = ()) -> None:
        """Start watching; `refused`: symbols that could not be followed at the start."""
        for symbol in refused:
            self._refuse(symbol)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread.is_alive()

    def on_contract(self, info: ContractInfo) -> None:
        """Take a message of the stream; never blocks."""
        self._news.put(info)

    def suspect(self) -> None:
        """Request a refresh: a symbol looks halted. Never blocks."""
        self._news.put(None)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._step()
            except StoppedError:
                return
            except (TransientError, PermanentError) as error:
                _LOG.warning("universe_unknown", reason=str(error))

    def _step(self) -> None:
        """Handle one message, or refresh when it is time."""
        age = time.monotonic() - self._refreshed
        if self._listing and age >= LISTING_S:
            self._refresh()
            return
        try:
            info = self._news.get(timeout=_LOOK_S)
        except queue.Empty:
            now = time.monotonic()
            if age >= REFRESH_S or any(one.due <= now for one in self.refused.values()):
                self._refresh()
            elif time.monotonic() - self._compared >= COMPARE_S:
                self._compared = time.monotonic()
                self._rest.server_time()  # which measures this machine's clock error
            return
        if info is not None:
            self._apply(info)
        elif age >= SUSPECT_S:
            self._refresh()

    def _apply(self, info: ContractInfo) -> None:
        """Act on a change of one contract."""
        if info.symbol in self._to.followed():
            if info.state == "trading":
                self._to.resume(info.symbol)
            elif info.state == "delisted":
                self._to.drop(info.symbol, info.status)
                self._refresh()
            else:
                self._to.halt(info.symbol, info.status)
        elif info.state == "trading":
            self._listing = True  # whether it can be followed, the list of contracts decides

    def _refresh(self) -> None:
        """Compare the followed symbols with the list of contracts."""
        self._refreshed, self._listing = time.monotonic(), False
        universe = self._rest.universe()
        self._to.set_tick_sizes(universe.tick_sizes)
        self._to.set_lot_sizes(universe.lot_sizes)
        for symbol in self.refused.keys() - universe.symbols:
            del self.refused[symbol]
        for symbol in self._to.followed():
            if symbol in universe.symbols:
                self._to.resume(symbol)
            elif symbol in universe.halted:
                self._to.halt(symbol, universe.refused[symbol])
            else:
                self._to.drop(symbol, universe.refused.get(symbol, "not listed any more"))
        for symbol in self._selected(universe):
            if symbol not in self._to.followed() and not self._stop.is_set():
                self._follow(symbol)
        self._to.set_funding_hours(self._rest.funding_hours())

    def _follow(self, symbol: str) -> None:
        """Follow a symbol; one whose past is refused is tried again, later each time."""
        try:
            self._to.follow(symbol)
        except RegionRefusedError:
            raise  # all of them are
        except PermanentError as error:
            self._refuse(symbol)
            _LOG.failure("symbol_left_out", symbol=symbol, reason=str(error))
        else:
            self.refused.pop(symbol, None)

    def _refuse(self, symbol: str) -> None:
        wait = REFUSED_S if symbol not in self.refused else 2 * self.refused[symbol].wait_s
        wait = min(wait, REFRESH_S)
        self.refused[symbol] = Refused(wait, time.monotonic() + wait)

    def _selected(self, universe: Universe) -> tuple[str, ...]:
        """Return the symbols to follow; of a ranking, as many new ones as places are free."""
        now = time.monotonic()
        refused = {name for name, one in self.refused.items() if now < one.due}
        if not self._selection.ranked:
            names, _ = _listed(self._selection.names, universe)
            return tuple(name for name in names if name in universe.symbols - refused)
        if self._selection.top is None:
            return tuple(sorted(universe.symbols - refused))
        lacking = self._selection.top - len(self._to.followed())
        if lacking <= 0:
            return ()
        ranked = largest(universe, self._rest.day_volumes(), len(universe.symbols))
        left_out = refused | set(self._to.followed())
        fresh = [symbol for symbol in ranked if symbol not in left_out]
        return tuple(fresh[:lacking])
