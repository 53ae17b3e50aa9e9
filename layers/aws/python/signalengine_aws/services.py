"""What the HTTP API asks, made when it is first asked for: a cold start makes what it needs."""

from functools import cached_property

from signalengine.policy import default_policy

from . import clients
from .access import Access, access
from .bars import DynamoBars
from .chat_wiring import Desk, desk
from .config import ServeApi
from .connections import DynamoConnections
from .decisions import DynamoDecisionLog
from .deliveries import DynamoDeliveries
from .events import DynamoEventLog
from .gaps import DynamoGaps
from .performance import DynamoPerformance
from .queues import SqsDepths
from .reading import reading
from .serving import Serving
from .serving.journal import Journal
from .serving.operations import Operations, Sources
from .serving.standings import Standings
from .signals import DynamoSignals
from .state import DynamoFeed, DynamoStates


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
    def journal(self) -> Journal:
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
    def operations(self) -> Operations:
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
        )
        return Operations(sources, policy_digest=self._policy.digest)

    @cached_property
    def desk(self) -> Desk:
        return desk(reading())

    @cached_property
    def access(self) -> Access:
        return access(self.env.api_secret_arn)

    @cached_property
    def standings(self) -> Standings:
        states = DynamoStates(self.env.state_table)
        return Standings(feed=self.feed, states=states, policy=self._policy)
