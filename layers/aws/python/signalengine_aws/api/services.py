"""What the endpoints use: each part is made on first use, so a cold start makes what it needs.

Parts of a few endpoints alone are imported then, too.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from ..runtime.api_token import ApiTokenAuth, access
from ..runtime.config import ChannelQueues, ServeApi
from ..stores.signals import DynamoSignals
from ..stores.state import DynamoFeed

if TYPE_CHECKING:
    from signalengine.policy import Policy

    from ..chat.wiring import RateLimitedChat
    from ..stores.gaps import DynamoGaps
    from .budget import PublicBudget
    from .routing import Text
    from .shared_answers import SharedAnswers


class Query(Protocol):
    """A class of queries, which takes what it needs of the services."""

    @classmethod
    def of(cls, services: "Services") -> Self:
        """Return the queries on these services' tables."""
        ...


Q = TypeVar("Q", bound=Query)


class Services:
    """The services of one process. Shared stores are here; a query makes those it alone needs."""

    def __init__(self, env: ServeApi, queues: Mapping[str, ChannelQueues]) -> None:
        """`queues` are the channels' queues, by the channel's name."""
        self.env = env
        self.queues = queues
        self._queries: dict[type, Any] = {}

    def query(self, kind: type[Q]) -> Q:
        """Return the process's one instance of a class of queries."""
        if kind not in self._queries:
            self._queries[kind] = kind.of(self)
        return cast("Q", self._queries[kind])

    @cached_property
    def policy(self) -> "Policy":
        from signalengine.policy import default_policy

        return default_policy()

    @cached_property
    def feed(self) -> DynamoFeed:
        return DynamoFeed(self.env.state_table)

    @cached_property
    def signals(self) -> DynamoSignals:
        return DynamoSignals(self.env.signals_table)

    @cached_property
    def gaps(self) -> "DynamoGaps":
        from ..stores.gaps import DynamoGaps

        return DynamoGaps(self.env.gaps_table)

    @cached_property
    def rate_limited_chat(self) -> "RateLimitedChat":
        from ..chat.wiring import rate_limited_chat
        from .reading import reading

        return rate_limited_chat(reading())

    @cached_property
    def budget(self) -> "PublicBudget | None":
        if not self.env.public_usd_a_day:
            return None
        from ..stores.rate_limits import DynamoLimits
        from .budget import PublicBudget

        limits = DynamoLimits(self.env.calls_table)
        return PublicBudget(limits, float(self.env.public_usd_a_day))

    @cached_property
    def shared_answers(self) -> "SharedAnswers[Text]":
        from .shared_answers import SharedAnswers

        return SharedAnswers()

    @cached_property
    def auth(self) -> ApiTokenAuth:
        return access(self.env.api_secret_arn, self.env.public_api)
