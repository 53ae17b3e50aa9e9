"""Delivery to Telegram: a queue, a rate-limited sender, and the bot."""

import json

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .chat import allow_chat, allow_reading
from .function import Function, Platform
from .mappings import drain_queue
from .settings import Settings
from .shared import Shared
from .storage import Storage

SENDER_TIMEOUT_S = 60
KINDS = ("signal.opened", "signal.closed")


class Telegram(Construct):
    """send_telegram behind a queue, and answer_telegram behind the bot's webhook.

    A message waits for its slot by its visibility time-out, so its receive count does not count
    failures: the maximum is as high as SQS allows, and the sender dead-letters what Telegram
    rejects.
    """

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        self.secret_arn = _secret_arn(self)
        self.dead_letters = self._queue("dead_letters", None)
        self.queue = self._queue("queue", self.dead_letters)
        shared.topic.add_subscription(
            subscriptions.SqsSubscription(
                self.queue,
                raw_message_delivery=True,
                filter_policy={"kind": sns.SubscriptionFilter.string_filter(allowlist=[*KINDS])},
            )
        )
        self.send_telegram = self._sender(shared.platform, shared.settings, shared.storage)
        self.answer_telegram = self._bot(shared.platform, shared.settings, shared.storage)

    def _queue(self, name: str, dead_letters: sqs.Queue | None) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            retention_period=Duration.days(14),
            visibility_timeout=Duration.seconds(6 * SENDER_TIMEOUT_S),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=1000, queue=dead_letters)
            if dead_letters
            else None,
        )

    def _sender(self, platform: Platform, settings: Settings, storage: Storage) -> Function:
        function = Function(
            self,
            "send_telegram",
            platform=platform,
            description="Sends and marks messages at Telegram's pace",
            timeout_s=SENDER_TIMEOUT_S,
        )
        self._reach(function, settings)
        function.set_environment(
            {
                "TELEGRAM_PACE": settings.telegram_pace,
                "TELEGRAM_QUEUE_URL": self.queue.queue_url,
                "TELEGRAM_DEAD_LETTER_URL": self.dead_letters.queue_url,
            }
        )
        function.uses(storage.deliveries, "GetItem", "PutItem", "UpdateItem")
        function.uses(storage.subscriptions, "GetItem", "PutItem", "Query")
        # its own queue: what is published becomes one message for each chat
        function.allow(["sqs:SendMessage"], [self.dead_letters.queue_arn, self.queue.queue_arn])
        drain_queue(function, self.queue, at_once=2)  # one sends, one waits for the next slot
        return function

    def _bot(self, platform: Platform, settings: Settings, storage: Storage) -> Function:
        function = Function(
            self,
            "answer_telegram",
            platform=platform,
            description="Answers what people write to the bot",
            timeout_s=45,  # a model may take 20 s; API Gateway does not wait for it
        )
        self._reach(function, settings)
        function.set_environment({"TELEGRAM_QUEUE_URL": self.queue.queue_url})
        allow_reading(function, storage)
        allow_chat(function, settings=settings, storage=storage)
        function.uses(storage.calls, "GetItem")  # which updates are answered
        function.uses(storage.subscriptions, "GetItem", "PutItem", "Query")
        function.uses(storage.deliveries, "GetItem", "PutItem", "Query")  # parked chats
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])  # an announcement
        return function

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
