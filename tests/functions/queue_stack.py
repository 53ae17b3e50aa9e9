"""A function that is fed from a queue, on an AWS in memory: its queue, dead letters and secret."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
from signalengine.signals import Signal
from signalengine_aws.delivery.deliveries import DeliveryRecord
from signalengine_aws.stores.tables import SubscriptionItem

from tests.aws.world import REGION, World
from tests.telegram_samples import body

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class QueueStack:
    """What such a function is deployed with, and the service that feeds it; `remove` ends it."""

    def __init__(self, world: World, name: str, handler: Handler, secret: str) -> None:
        self.world = world
        self._handler = handler
        self._hidden: list[str] = []
        self._received: list[str] = []
        self._came: dict[str, int] = {}
        self.queue_url = world.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.letters_url = world.sqs.create_queue(QueueName=f"{name}-letters")["QueueUrl"]
        self.secrets = boto3.client("secretsmanager", REGION)
        self.arn = self.secrets.create_secret(Name=name, SecretString=secret)["ARN"]

    def remove(self) -> None:
        for url in (self.queue_url, self.letters_url):
            self.world.sqs.delete_queue(QueueUrl=url)
        self.secrets.delete_secret(SecretId=self.arn, ForceDeleteWithoutRecovery=True)

    def put(self, *sent: Signal | str, to: str | None = None, came: int | None = None) -> None:
        """Put messages; `came` is when they came into the queue (wall ms): now, if not given."""
        for item in sent:
            committed_at = self.world.now if came is None else came
            text = item if isinstance(item, str) else body(item, committed_at=committed_at, to=to)
            put = self.world.sqs.send_message(QueueUrl=self.queue_url, MessageBody=text)
            if came is not None:
                self._came[put["MessageId"]] = came

    def drain(self, came: int | None = None) -> tuple[int, int]:
        """Invoke with what is visible in the queue, as Lambda does; return (taken, retained).

        `came`: when all of it came into the queue (wall ms), if not as `put` has it.
        """
        got = self.world.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=360
        ).get("Messages", [])
        self._received = [m["ReceiptHandle"] for m in got]
        records = [self._record(m, came) for m in got]
        if not records:
            return 0, 0
        answer = self._handler({"Records": records}, context())
        retained = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for m in got:
            if m["MessageId"] not in retained:
                self.world.sqs.delete_message(
                    QueueUrl=self.queue_url, ReceiptHandle=m["ReceiptHandle"]
                )
        self._hidden += [m["ReceiptHandle"] for m in got if m["MessageId"] in retained]
        return len(records), len(retained)

    def _record(self, message: dict[str, Any], came: int | None) -> dict[str, Any]:
        """Return a message as the function gets it; moto's queue has the real clock."""
        known = self._came.get(message["MessageId"], self.world.now)
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {"SentTimestamp": str(came or known)},
        }

    def pass_s(self, seconds: int) -> None:
        """Let time pass, and with it that for which retained messages are hidden."""
        self.world.now += seconds * 1_000
        hidden, self._hidden = self._hidden, []
        for receipt in hidden:
            self.world.sqs.change_message_visibility(
                QueueUrl=self.queue_url, ReceiptHandle=receipt, VisibilityTimeout=0
            )

    def show_unconfirmed(self) -> None:
        """Let the time pass after which what a killed function had is received again."""
        self._hidden += self._received

    @property
    def letters(self) -> list[dict[str, Any]]:
        """Up to ten dead letters, each once."""
        got = self.world.sqs.receive_message(QueueUrl=self.letters_url, MaxNumberOfMessages=10)
        return [json.loads(m["Body"]) for m in got.get("Messages", [])]


def context() -> Any:
    return SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 60_000)


def forget_processes_of(*cached: Any) -> None:
    """Start a new process of a function that has these caches."""
    for one in cached:
        one.cache_clear()
    for model in (SubscriptionItem, DeliveryRecord):
        model.Meta.table_name = ""
        model._connection = None
