"""What the endpoints of Web Push use; the key is read from the secret every five minutes."""

from typing import TYPE_CHECKING

from ...channels.push.contacts import DynamoBrowsers
from ...channels.push.subscribing import Subscribing, read_own
from ...delivery.subscriptions import DynamoSubscriptions
from ...runtime.clock import wall_ms
from ...runtime.secrets import secret_text
from ...runtime.ttl_cache import TtlCache
from ...stores.rate_limits import DynamoLimits

if TYPE_CHECKING:
    from ...channels.push.alerts import BrowserAlerts


class PushQueries:
    """Our own key, and the subscriptions of browsers."""

    def __init__(
        self, secret_arn: str, subscriptions_table: str, calls_table: str, state_table: str
    ) -> None:
        self.own = TtlCache(lambda: read_own(secret_text(secret_arn)))
        self._subscriptions_table = subscriptions_table
        self._calls_table = calls_table
        self._state_table = state_table

    @property
    def subscribing(self) -> Subscribing:
        return Subscribing(
            browsers=DynamoBrowsers(self._subscriptions_table),
            subscriptions=DynamoSubscriptions(self._subscriptions_table),
            limits=DynamoLimits(self._calls_table),
            own=self.own(),
            clock=wall_ms,
        )

    @property
    def alerts(self) -> "BrowserAlerts":
        from signalengine.text.symbol_reader import find_symbol

        from ...channels.push.alerts import BrowserAlerts
        from ...delivery.price_alerts import AlertRequests, StoredMarket
        from ...stores.alerts import BROWSERS, DynamoAlerts
        from ...stores.state import DynamoFeed

        alerts = DynamoAlerts(self._subscriptions_table, buckets=(BROWSERS,))
        market = StoredMarket(DynamoFeed(self._state_table), wall_ms)
        return BrowserAlerts(
            browsers=DynamoBrowsers(self._subscriptions_table),
            requests=AlertRequests(alerts, market, market.now, find_symbol),
            limits=DynamoLimits(self._calls_table),
        )
