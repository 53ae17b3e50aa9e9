"""What the operator's endpoints use, each part made on first use; the token is checked before."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..runtime.clock import Clock, wall_ms
from ..runtime.config import ChangeSettings
from ..runtime.operator_token import OperatorAuth, operator_of
from ..stores.rate_limits import DynamoLimits, Limit, network
from ..stores.registry import DynamoRegistry
from ..stores.state import DynamoFeed

if TYPE_CHECKING:
    from signalengine.strategy.loading import Loaded

    from ..delivery.deliveries import DynamoDeliveries
    from ..delivery.subscriptions import DynamoSubscriptions
    from .changed_sets import ChangedSets
    from .preview_folds import PreviewFolds

PER_CALLER: Final = Limit(times=60, seconds=60)
"""Requests of one caller, with whatever token."""


class OperatorServices:
    """The services of one process of change_settings."""

    budget: None = None
    """The rate limit bounds the costs: only the operator is answered."""

    def __init__(self, env: ChangeSettings, clock: Clock = wall_ms) -> None:
        self.env = env
        self.now = clock

    @cached_property
    def auth(self) -> OperatorAuth:
        return operator_of(self.env.operator_secret_arn)

    @cached_property
    def limits(self) -> DynamoLimits:
        return DynamoLimits(self.env.calls_table, self.now)

    def count(self, client: str) -> None:
        """Count a request; raises TooManyCallsError beyond the limit."""
        self.limits.take(f"operator:{network(client)}", PER_CALLER)

    @cached_property
    def registry(self) -> DynamoRegistry:
        return DynamoRegistry(self.env.strategies_table)

    @cached_property
    def feed(self) -> DynamoFeed:
        return DynamoFeed(self.env.state_table)

    @cached_property
    def preview_folds(self) -> "PreviewFolds":
        from signalengine.policy import default_policy

        from .preview_folds import PreviewFolds

        return PreviewFolds(
            bars_table=self.env.bars_table,
            state_table=self.env.state_table,
            signals_table=self.env.signals_table,
            policy=default_policy(),
        )

    @cached_property
    def subscriptions(self) -> "DynamoSubscriptions":
        from ..delivery.subscriptions import DynamoSubscriptions

        return DynamoSubscriptions(self.env.subscriptions_table, self.now)

    @cached_property
    def deliveries(self) -> "DynamoDeliveries":
        from ..delivery.deliveries import DynamoDeliveries

        return DynamoDeliveries(self.env.deliveries_table, self.now)

    def forget_contact(self, channel: str) -> None:
        """Remove the e-mail address or the browser of a channel key; others have none."""
        from ..channels.email.contacts import DynamoContacts
        from ..channels.push.contacts import DynamoBrowsers

        name, _, contact_id = channel.partition(":")
        if name == "email":
            DynamoContacts(self.env.subscriptions_table).remove(contact_id, self.now())
        elif name == "push":
            DynamoBrowsers(self.env.subscriptions_table).remove(contact_id)

    def sets(self, who: str) -> "ChangedSets":
        """Return the sets as somebody changes them, with the code that is deployed."""
        from .changed_sets import ChangedSets

        return ChangedSets(self.registry, who, _deployed)

    def alarms(self) -> Any:
        """Return the client of CloudWatch."""
        from ..runtime import clients

        return clients.cloudwatch()


def _deployed(name: str) -> "Loaded":
    from signalengine.strategy.loading import load_shipped

    return load_shipped(name)
