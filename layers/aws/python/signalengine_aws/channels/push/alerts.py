"""Price alerts of browsers: whoever has a subscription's id, which is a digest of its endpoint."""

from collections.abc import Mapping
from typing import Any, Final

from signalengine.facts.alerts import AlertError
from signalengine.text.symbol_reader import SymbolError

from ...delivery.price_alerts import (
    MOST_OF_ADDRESS,
    AlertRequests,
    NoPriceError,
    TooManyAlertsError,
)
from ...stores.alerts import StoredAlert
from ...stores.rate_limits import Limit
from ..preferences import PreferenceError
from .services import key_of
from .subscribing import Browsers, Limits

CHANGES: Final = Limit(times=60, seconds=3_600)
"""Of one caller: each reads all alerts, 31 read units at most."""
LISTS: Final = Limit(times=240, seconds=3_600)
GREATEST: Final = 1e15
"""Of a price; no contract is near it."""
_LONGEST: Final = 40


class UnknownBrowserError(LookupError):
    """No browser is subscribed with this id."""


class BrowserAlerts:
    """The alerts of subscribed browsers."""

    def __init__(self, *, browsers: Browsers, requests: AlertRequests, limits: Limits) -> None:
        self._browsers, self._requests, self._limits = browsers, requests, limits

    def list(self, caller: str, name: str) -> dict[str, Any]:
        """Return those that were not reached yet; raises UnknownBrowserError."""
        self._limits.take(f"push alerts:{caller}", LISTS)
        self._known(name)
        rows = [row(one) for one in self._requests.of(key_of(name))]
        return {"alerts": rows, "count": len(rows), "most": MOST_OF_ADDRESS}

    def add(self, caller: str, name: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Store an alert; raises PreferenceError for one that cannot be, UnknownBrowserError."""
        symbol, price = raw.get("symbol"), raw.get("price")
        if not isinstance(symbol, str) or not 0 < len(symbol) <= _LONGEST:
            raise PreferenceError("symbol: expected one like BTCUSDT")
        if isinstance(price, bool) or not isinstance(price, int | float) or abs(price) > GREATEST:
            raise PreferenceError("price: expected a number")
        self._limits.take(f"push alert:{caller}", CHANGES)
        self._known(name)
        try:
            found = self._requests.add(key_of(name), symbol, float(price))
        except (SymbolError, AlertError, NoPriceError, TooManyAlertsError) as error:
            raise PreferenceError(str(error)) from error
        return {**row(found.new), "last": found.last}

    def remove(self, caller: str, name: str, alert_id: str) -> dict[str, Any]:
        """End an alert; one that is over already is ended too."""
        self._limits.take(f"push alert:{caller}", CHANGES)
        self._requests.end(key_of(name), [alert_id])
        return {"id": alert_id}

    def _known(self, name: str) -> None:
        if self._browsers.get(name) is None:
            raise UnknownBrowserError("no browser is subscribed with this id")


def row(one: StoredAlert) -> dict[str, Any]:
    """Return an alert as faces show it."""
    alert = one.alert
    return {
        "id": one.alert_id,
        "symbol": alert.symbol,
        "price": alert.price,
        "direction": alert.direction,
        "since": alert.since,
        "tick_size": alert.tick_size,
    }
