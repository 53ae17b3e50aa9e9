"""Delivery by all channels but Telegram: one queue, and the function that sends to destinations.

Browsers subscribe to Web Push by a function of its own.
"""

from typing import Final

from constructs import Construct

from .channel import BROWSER_ALERTS, Channel
from .function import Function
from .settings import Settings
from .shared import Shared

AT_ONCE = 5
"""Batches under way: a receiver that does not answer delays the others of its batch only."""
BROWSERS: Final = "browsers"
"""Partition of the table of preferences that has browsers' endpoints and keys."""
COUNTED: Final = "contact count"
"""That which has how many e-mail addresses there are."""
PREFERENCES: Final = "push"
"""That which has browsers' preferences, and no one else's."""
PRICES: Final = ("#heartbeat", "#contracts")
"""Items of the table of states that have the last prices and the tick sizes."""


class Channels(Channel):
    """send_channels behind a queue, whose destinations are in a secret; and answer_push."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id, name="channels", shared=shared)
        self.secret_arn = shared.secrets.channels
        self.send_channels = self.sender(
            "Sends messages to the destinations of all channels but Telegram",
            reach=lambda function: self._reach(function, shared.settings),
            at_once=AT_ONCE,
            when=shared.settings.serves_channels,
        )
        self.answer_push = self._subscriber(shared)

    def link(self, dashboard: str) -> None:
        """Set the address of the dashboard that messages link to."""
        self.send_channels.set_environment({"DASHBOARD_URL": dashboard})

    def _subscriber(self, shared: Shared) -> Function:
        """Make answer_push: it reads and writes what is of browsers alone."""
        function = Function(
            self,
            "answer_push",
            platform=shared.platform,
            description="Subscribes and ends browsers, at their own word",
            timeout_s=29,  # API Gateway waits no longer
        )
        function.limit(shared.settings.reserved_concurrency())
        subscriptions = shared.storage.subscriptions
        function.uses(subscriptions, "DeleteItem", "Query", keys=(BROWSERS, BROWSER_ALERTS))
        function.uses(subscriptions, "PutItem", keys=(BROWSERS, PREFERENCES, BROWSER_ALERTS))
        function.uses(subscriptions, "GetItem", keys=(BROWSERS, PREFERENCES))
        function.uses(shared.storage.state, "GetItem", keys=PRICES)  # for their alerts
        function.uses(shared.storage.calls, "UpdateItem")
        return function

    def _reach(self, function: Function, settings: Settings) -> None:
        function.set_environment(
            {
                "CHANNELS_SECRET_ARN": self.secret_arn,
                "CHANNELS_PACE": settings.telegram_pace,
                "CHANNELS_DIGEST_AFTER_S": settings.telegram_digest_after_s,
            }
        )
        function.reads_secret(self.secret_arn, settings.secrets_in)
        # what a report of SES, or a browser that has ended its subscription, removes
        function.uses(self._shared.storage.subscriptions, "DeleteItem")
        function.uses(self._shared.storage.subscriptions, "UpdateItem", keys=(COUNTED,))
