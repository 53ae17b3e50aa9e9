"""Price alerts as addresses ask for them: by the bot, by the page, and by the operator.

All check the same: the symbol, the distance of the price, and how many there are. The limits are
checked before the write: two requests at the same moment may exceed them by one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from signalengine.facts.alerts import alert_for

from ..runtime.clock import Clock
from ..stores.alerts import StoredAlert

MOST_OF_ADDRESS: Final = 20
MOST: Final = 1_000
"""Of a bucket, such as that of browsers: one Query reads them, in a quarter of a MB."""


class Market(Protocol):
    """The port: the followed symbols, with their last prices and tick sizes."""

    def symbols(self) -> dict[str, Any]: ...


class Alerts(Protocol):
    """The port: the stored alerts."""

    def all(self) -> list[StoredAlert]: ...

    def put(self, one: StoredAlert, /) -> None: ...

    def remove(self, ones: Sequence[StoredAlert], /) -> None: ...


class Feed(Protocol):
    """The port: the feed's newest heartbeat, and the sizes of contracts."""

    def heartbeat(self) -> Mapping[str, Any] | None: ...

    def contracts(self) -> Any: ...


class Named(Protocol):
    """A symbol that was found."""

    @property
    def symbol(self) -> str: ...


Find: TypeAlias = Callable[[str, Sequence[str]], Named]


class NoPriceError(ValueError):
    """A symbol without a price yet."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"there is no price of {symbol} yet")
        self.symbol = symbol


class TooManyAlertsError(ValueError):
    """There are as many as there may be; `own`: of this address."""

    def __init__(self, text: str, *, own: bool) -> None:
        super().__init__(text)
        self.own = own


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alert that may be stored, and the price now."""

    new: StoredAlert
    last: float


class AlertRequests:
    """The alerts of addresses."""

    def __init__(self, alerts: Alerts, market: Market, now: Callable[[], int], find: Find) -> None:
        """`now` is exchange time, ms; `find` reads the name of a symbol (`text.symbol_reader`)."""
        self._alerts, self._market, self._now, self._find = alerts, market, now, find

    def of(self, channel: str) -> list[StoredAlert]:
        """Return those of an address that were not reached yet, by symbol."""
        return [
            one for one in self._alerts.all() if one.channel == channel and one.closed_at is None
        ]

    def add(self, channel: str, words: str, price: float) -> Wanted:
        """Store an alert for a symbol as a person writes it.

        Raises SymbolError, AlertError, NoPriceError and TooManyAlertsError.
        """
        market = self._market.symbols()
        symbol = self._find(words, market["symbols"]).symbol
        last = market["prices"].get(symbol)
        if last is None:
            raise NoPriceError(symbol)
        tick = market["tick_sizes"].get(symbol)
        new = StoredAlert(alert_for(symbol, price, last, tick, self._now()), channel)
        self._check(new)
        self._alerts.put(new)
        return Wanted(new, last)

    def _check(self, new: StoredAlert) -> None:
        bucket = [one for one in self._alerts.all() if one.bucket == new.bucket]
        others = [one for one in bucket if one.key != new.key]
        if sum(one.channel == new.channel for one in others) >= MOST_OF_ADDRESS:
            raise TooManyAlertsError(f"there are {MOST_OF_ADDRESS} price alerts already", own=True)
        if len(others) >= MOST:
            raise TooManyAlertsError("there are too many price alerts already", own=False)

    def end(self, channel: str, alert_ids: Sequence[str]) -> list[StoredAlert]:
        """Remove alerts of an address; returns them. Those that are over already are no error."""
        mine = [one for one in self.of(channel) if one.alert_id in alert_ids]
        self._alerts.remove(mine)
        return mine


class StoredMarket:
    """The market as the feed's newest heartbeat has it."""

    def __init__(self, feed: Feed, clock: Clock) -> None:
        self._feed, self._clock = feed, clock

    def symbols(self) -> dict[str, Any]:
        """Return the followed symbols, with their last prices and tick sizes."""
        beat = self._feed.heartbeat() or {"symbols": [], "prices": {}}
        return {
            "symbols": beat["symbols"],
            "prices": beat["prices"],
            "tick_sizes": self._feed.contracts().tick_sizes,
        }

    def now(self) -> int:
        """Return the exchange's time now (ms), which a replay has of its own."""
        return exchange_now(self._feed.heartbeat(), self._clock)


def exchange_now(beat: Mapping[str, Any] | None, clock: Clock) -> int:
    """Return the exchange's time now (ms) by its newest heartbeat."""
    if beat is None:
        return clock()
    return int(beat["time"]) + max(0, clock() - int(beat["received_at"]))
