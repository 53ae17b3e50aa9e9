"""What the endpoints of Web Push use; the key is read from the secret every five minutes."""

from typing import TYPE_CHECKING, Self

from ...channels.push.contacts import DynamoBrowsers
from ...channels.push.subscribing import Own, Subscribing, read_own
from ...delivery.subscriptions import DynamoSubscriptions
from ...runtime.clock import wall_ms
from ...runtime.secrets import secret_text
from ...runtime.ttl_cache import TtlCache
from ...stores.rate_limits import DynamoLimits

if TYPE_CHECKING:
    from ..services import Services


class PushQueries:
    """Our own key, and the subscriptions of browsers."""

    def __init__(self, own: TtlCache[Own], subscriptions_table: str, calls_table: str) -> None:
        self.own = own
        self._subscriptions_table = subscriptions_table
        self._calls_table = calls_table

    @classmethod
    def of(cls, services: "Services") -> Self:
        env = services.env
        own = TtlCache(lambda: read_own(secret_text(env.api_secret_arn)))
        return cls(own, env.subscriptions_table, env.calls_table)

    @property
    def subscribing(self) -> Subscribing:
        return Subscribing(
            browsers=DynamoBrowsers(self._subscriptions_table),
            subscriptions=DynamoSubscriptions(self._subscriptions_table),
            limits=DynamoLimits(self._calls_table),
            own=self.own(),
            clock=wall_ms,
        )
