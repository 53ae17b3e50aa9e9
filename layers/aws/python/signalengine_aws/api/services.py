"""What the HTTP API asks, made when it is first asked for: a cold start makes what it needs.

The parts that only some endpoints need are imported there too: a quarter of the cold start.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from signalengine.policy import default_policy

from ..delivery.deliveries import DynamoDeliveries
from ..runtime import clients
from ..runtime.api_token import ApiTokenAuth, access
from ..runtime.config import ServeApi
from ..stores.connections import DynamoConnections
from ..stores.gaps import DynamoGaps
from ..stores.performance import DynamoPerformance
from ..stores.signals import DynamoSignals
from ..stores.state import DynamoFeed, DynamoStates
from .queries import Serving

if TYPE_CHECKING:
    from ..chat.wiring import RateLimitedChat
    from .queries.current_scores import Standings
    from .queries.history import Journal
    from .queries.operations import Operations


class Services:
    """The services of one process."""

    def __init__(self, env: ServeApi) -> None:
        self.env = env
        self._policy = default_policy()

    @cached_property
    def feed(self) -> DynamoFeed:
        return DynamoFeed(self.env.state_table)

    @cached_property
    def record(self) -> Serving:
        return Serving(
            feed=self.feed,
            signals=DynamoSignals(self.env.signals_table),
            performance=DynamoPerformance(self.env.performance_table),
            policy=self._policy,
            code_version=self.env.code_version,
            gaps=self.gaps,
        )

    @cached_property
    def journal(self) -> "Journal":
        from ..stores.bars import DynamoBars
        from ..stores.decisions import DynamoDecisionLog
        from ..stores.events import DynamoEventLog
        from .queries.history import Journal

        return Journal(
            signals=DynamoSignals(self.env.signals_table),
            decisions=DynamoDecisionLog(self.env.decisions_table),
            events=DynamoEventLog(self.env.events_table),
            bars=DynamoBars(self.env.bars_table),
            deliveries=DynamoDeliveries(self.env.deliveries_table),
            newest_time=self.record.newest_time,
        )

    @cached_property
    def gaps(self) -> DynamoGaps:
        return DynamoGaps(self.env.gaps_table)

    @cached_property
    def operations(self) -> "Operations":
        from ..messaging.sqs import SqsDepths
        from .queries.operations import Operations, Sources

        urls = {
            "telegram": self.env.telegram_queue_url,
            "telegram_dead": self.env.telegram_dead_letter_url,
            "dead_letters": self.env.dead_letter_url,
        }
        sources = Sources(
            feed=self.feed,
            record=self.record,
            signals=DynamoSignals(self.env.signals_table),
            deliveries=DynamoDeliveries(self.env.deliveries_table),
            connections=DynamoConnections(self.env.connections_table),
            gaps=self.gaps,
            queues=SqsDepths(clients.sqs(), urls),
            billed=not self.env.aws_endpoint_url,
        )
        return Operations(sources, policy_digest=self._policy.digest)

    @cached_property
    def rate_limited_chat(self) -> "RateLimitedChat":
        from ..chat.wiring import rate_limited_chat
        from .reading import reading

        return rate_limited_chat(reading())

    @cached_property
    def access(self) -> ApiTokenAuth:
        return access(self.env.api_secret_arn)

    @cached_property
    def standings(self) -> "Standings":
        from .queries.current_scores import Standings

        states = DynamoStates(self.env.state_table)
        return Standings(feed=self.feed, states=states, policy=self._policy)
