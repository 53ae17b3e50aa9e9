"""Price alerts of a stack's destinations, by the checks of the bot and of the page."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from signalengine.facts.alerts import AlertError
from signalengine.text.symbol_reader import SymbolError, find_symbol
from signalengine_aws.delivery.price_alerts import (
    AlertRequests,
    NoPriceError,
    StoredMarket,
    TooManyAlertsError,
)
from signalengine_aws.runtime.clock import Clock, wall_ms
from signalengine_aws.stores.alerts import DynamoAlerts, StoredAlert
from signalengine_aws.stores.state import DynamoFeed

from infra.cli.channels.destinations import Destinations
from infra.cli.channels.store import ChannelStore
from infra.errors import USAGE, CommandError

OWN: Final = ("telegram", "push")
"""Channels whose addresses set their alerts themselves, and whose ids are shown nowhere."""


@dataclass(frozen=True, slots=True)
class DestinationAlerts:
    """The alerts of one stack, for its operator."""

    store: ChannelStore
    clock: Clock = wall_ms

    def add(self, to: str, symbol: str, price: float) -> dict[str, Any]:
        """Store an alert; raises CommandError for one that cannot be."""
        key = Destinations(self.store).key_of(to)
        feed = DynamoFeed(self.store.outputs["StateTable"])
        market = StoredMarket(feed, self.clock)
        requests = AlertRequests(self._stored, market, market.now, find_symbol)
        try:
            found = requests.add(key, symbol, price)
        except (SymbolError, AlertError, NoPriceError, TooManyAlertsError) as error:
            raise CommandError(f"alert: {error}", code=USAGE) from error
        return {**_row(found.new), "last": found.last}

    def rows(self, to: str | None) -> dict[str, Any]:
        """Return the alerts of destinations, and how many others there are by channel."""
        only = None if to is None else Destinations(self.store).key_of(to)
        waiting = [one for one in self._stored.all() if one.closed_at is None]
        mine = [one for one in waiting if _channel(one) not in OWN]
        others = Counter(_channel(one) for one in waiting if _channel(one) in OWN)
        return {
            "alerts": [_row(one) for one in mine if only in (None, one.channel)],
            "others": dict(sorted(others.items())),
        }

    def remove(self, alert_id: str) -> dict[str, Any]:
        """End an alert of a destination; raises CommandError when there is none with this id."""
        stored = self._stored
        found = [
            one for one in stored.all() if one.alert_id == alert_id and _channel(one) not in OWN
        ]
        if not found:
            raise CommandError(
                f"no destination has an alert {alert_id}", "see `signalengine alert list`"
            )
        stored.remove(found)
        return {"removed": alert_id}

    @property
    def _stored(self) -> DynamoAlerts:
        return DynamoAlerts(self.store.outputs["SubscriptionsTable"], self.clock)


def _channel(one: StoredAlert) -> str:
    return one.channel.partition(":")[0]


def _row(one: StoredAlert) -> dict[str, Any]:
    alert = one.alert
    return {
        "alert": one.alert_id,
        "to": one.channel,
        "symbol": alert.symbol,
        "price": alert.price,
        "direction": alert.direction,
        "tick_size": alert.tick_size,
    }
