"""Delivery by all channels but Telegram: one queue, and the function that sends to destinations."""

from constructs import Construct

from .channel import Channel
from .function import Function
from .settings import Settings
from .shared import Shared

AT_ONCE = 5
"""Batches under way: a receiver that does not answer delays the others of its batch only."""


class Channels(Channel):
    """send_channels behind a queue; its destinations are in a secret."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id, name="channels", shared=shared)
        self.secret_arn = shared.secrets.channels
        self.send_channels = self.sender(
            "Sends messages to the destinations of all channels but Telegram",
            reach=lambda function: self._reach(function, shared.settings),
            at_once=AT_ONCE,
            when=shared.settings.serves_channels,
        )

    def link(self, dashboard: str) -> None:
        """Set the address of the dashboard that messages link to."""
        self.send_channels.set_environment({"DASHBOARD_URL": dashboard})

    def _reach(self, function: Function, settings: Settings) -> None:
        function.set_environment(
            {
                "CHANNELS_SECRET_ARN": self.secret_arn,
                "CHANNELS_PACE": settings.telegram_pace,
                "CHANNELS_DIGEST_AFTER_S": settings.telegram_digest_after_s,
            }
        )
        function.reads_secret(self.secret_arn, settings.secrets_in)
        # what a complaint, or a browser that has ended its subscription, removes
        function.uses(self._shared.storage.subscriptions, "DeleteItem")
