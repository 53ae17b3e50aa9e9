"""What the HTTP API asks, made when it is first asked for: a cold start makes what it needs."""

from functools import cached_property

from signalengine.policy import default_policy

from .bars import DynamoBars
from .config import ServeApi
from .decisions import DynamoDecisionLog
from .deliveries import DynamoDeliveries
from .events import DynamoEventLog
from .performance import DynamoPerformance
from .serving import Serving
from .serving.journal import Journal
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
    def standings(self) -> Standings:
        states = DynamoStates(self.env.state_table)
        return Standings(feed=self.feed, states=states, policy=self._policy)
