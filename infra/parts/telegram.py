"""Delivery to Telegram: a channel, its secret, and the bot."""

from constructs import Construct

from .channel import ALERTS, Channel
from .chat import allow_chat, allow_reading
from .data.storage import Tables
from .function import Function, Platform
from .settings import Settings
from .shared import Shared


class Telegram(Channel):
    """send_telegram behind a queue, and answer_telegram behind the bot's webhook.

    alert_telegram sends alarms without the queue: it may only read the bot's secret.
    """

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id, name="telegram", shared=shared)
        self.secret_arn = shared.secrets.telegram
        self.send_telegram = self.sender(
            "Sends and marks messages at Telegram's pace",
            reach=lambda function: self._reach_at_pace(function, shared.settings),
            at_once=2,  # one sends, one waits for the next slot
        )
        # the price alerts of a chat that blocks the bot
        self.send_telegram.uses(shared.storage.subscriptions, "DeleteItem", keys=(ALERTS,))
        self.answer_telegram = self._bot(shared.platform, shared.settings, shared.storage)
        self.alert_telegram = Function(
            self,
            "alert_telegram",
            platform=shared.platform,
            description="Sends alarms to the operators' private chats",
            timeout_s=60,
            memory_mb=256,
        )
        self._reach(self.alert_telegram, shared.settings)

    def link(self, dashboard: str) -> None:
        """Set the address of the dashboard that digests link to."""
        self.send_telegram.set_environment({"DASHBOARD_URL": dashboard})

    def _bot(self, platform: Platform, settings: Settings, storage: Tables) -> Function:
        function = Function(
            self,
            "answer_telegram",
            platform=platform,
            description="Answers what people write to the bot",
            timeout_s=45,  # a model may take 20 s; API Gateway does not wait for it
        )
        function.limit(settings.reserved_concurrency())
        self._reach(function, settings)
        function.set_environment({"TELEGRAM_QUEUE_URL": self.queue.queue_url})
        allow_reading(function, storage)
        allow_chat(function, settings=settings, storage=storage)
        function.uses(storage.calls, "GetItem")  # which updates are answered
        function.uses(storage.strategies, "GetItem")  # the set that /stats names
        function.uses(storage.subscriptions, "DeleteItem", "GetItem", "PutItem", "Query")
        # parked chats, and what is stored about those that are to be forgotten
        function.uses(storage.deliveries, "DeleteItem", "GetItem", "PutItem", "Query")
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])  # an announcement
        return function

    def _reach_at_pace(self, function: Function, settings: Settings) -> None:
        self._reach(function, settings)
        function.set_environment(
            {
                "TELEGRAM_PACE": settings.telegram_pace,
                "TELEGRAM_RATE_LIMIT": settings.telegram_rate_limit,
                "TELEGRAM_DIGEST_AFTER_S": settings.telegram_digest_after_s,
            }
        )

    def _reach(self, function: Function, settings: Settings) -> None:
        function.set_environment(
            {
                "TELEGRAM_API_BASE": settings.telegram_api_base,
                "TELEGRAM_SECRET_ARN": self.secret_arn,
            }
        )
        function.reads_secret(self.secret_arn, settings.secrets_in)
