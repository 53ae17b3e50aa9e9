"""Delivery to Telegram: a channel, its secret, and the bot."""

import json

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from .channel import Channel
from .chat import allow_chat, allow_reading
from .function import Function, Platform
from .settings import Settings
from .shared import Shared
from .storage import Storage


class Telegram(Channel):
    """send_telegram behind a queue, and answer_telegram behind the bot's webhook."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared, page: str) -> None:
        """`page` is the dashboard's address."""
        super().__init__(scope, construct_id, name="telegram", shared=shared)
        self._page = page
        self.secret_arn = _secret_arn(self)
        self.send_telegram = self.sender(
            "Sends and marks messages at Telegram's pace",
            reach=lambda function: self._reach_at_pace(function, shared.settings),
        )
        self.answer_telegram = self._bot(shared.platform, shared.settings, shared.storage)

    def _bot(self, platform: Platform, settings: Settings, storage: Storage) -> Function:
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
        function.uses(storage.subscriptions, "GetItem", "PutItem", "Query")
        function.uses(storage.deliveries, "GetItem", "PutItem", "Query")  # parked chats
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])  # an announcement
        return function

    def _reach_at_pace(self, function: Function, settings: Settings) -> None:
        self._reach(function, settings)
        function.set_environment(
            {
                "TELEGRAM_PACE": settings.telegram_pace,
                "TELEGRAM_DIGEST_AFTER_S": settings.telegram_digest_after_s,
                "DASHBOARD_URL": self._page,
            }
        )

    def _reach(self, function: Function, settings: Settings) -> None:
        function.set_environment(
            {
                "TELEGRAM_API_BASE": settings.telegram_api_base,
                "TELEGRAM_SECRET_ARN": self.secret_arn,
            }
        )
        function.allow(["secretsmanager:GetSecretValue"], [self.secret_arn])


def _secret_arn(scope: Construct) -> str:
    """Token and chat are filled in by hand; AWS generates the webhook's secret."""
    secret = secrets.Secret(
        scope,
        "secret",
        description='Telegram: {"token", "chat_id", "webhook_secret", "admin_ids", "private"}',
        generate_secret_string=secrets.SecretStringGenerator(
            secret_string_template=json.dumps(
                {"token": "", "chat_id": "", "admin_ids": "", "private": "false"}
            ),
            generate_string_key="webhook_secret",
            exclude_punctuation=True,
        ),
        removal_policy=RemovalPolicy.DESTROY,
    )
    resource = secret.node.default_child
    assert isinstance(resource, secrets.CfnSecret)  # noqa: S101 - what a Secret is made of
    return resource.attr_id  # the ARN; so is its Ref on AWS, but not on every emulator
