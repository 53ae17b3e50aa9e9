"""Seeded operations on a topic with a queue behind it, the same from every implementation.

What the schedules rely on: the subscription's filter and its raw delivery, that a received message
is hidden until its visibility time-out, that hiding it for no time returns it at once, that a
deleted one never comes again, and that a receipt of a message which was deleted does no harm.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from infra.local.chaos.model.services.account import (
    DELIVERED,
    TELEGRAM_QUEUE,
    VISIBILITY_MS,
    Account,
    SnsClient,
    SqsClient,
)

KINDS: Final = ("signal.opened", "signal.closed", "status", "")
OPERATIONS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.sampled_from(KINDS)),
        st.tuples(st.just("receive"), st.none()),
        st.tuples(st.just("return"), st.integers(0, 5)),
        st.tuples(st.just("hide"), st.integers(0, 5)),
        st.tuples(st.just("delete"), st.integers(0, 5)),
    ),
    max_size=14,
)


def attributes(kind: str) -> dict[str, Any]:
    """The attributes of a message, as `SnsTopic` sends them."""
    return {"kind": {"DataType": "String", "StringValue": kind}} if kind else {}


@dataclass
class Modelled:
    """The account in memory."""

    account: Account = field(default_factory=lambda: Account(1_000_000))

    def publish(self, text: str, kind: str) -> None:
        SnsClient(self.account).publish(
            TopicArn="topic", Message=text, MessageAttributes=attributes(kind)
        )

    def receive(self) -> dict[str, str]:
        received = self.account.receive(TELEGRAM_QUEUE, 100)
        return {one.body: one.message_id for one in received}

    def hide(self, receipt: str, seconds: int) -> None:
        SqsClient(self.account).change_message_visibility(
            QueueUrl=TELEGRAM_QUEUE, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    def delete(self, receipt: str) -> None:
        self.account.delete(TELEGRAM_QUEUE, receipt)


class Called:
    """A topic and a queue that botocore's clients call."""

    def __init__(self, sns: Any, sqs: Any, name: str) -> None:
        self._sns, self._sqs = sns, sqs
        visibility = str(VISIBILITY_MS // 1000)
        made = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": visibility})
        self._queue = made["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        self._topic = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(
            TopicArn=self._topic,
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
            Attributes={
                "RawMessageDelivery": "true",
                "FilterPolicy": json.dumps({"kind": sorted(DELIVERED, reverse=True)}),
            },
        )

    def publish(self, text: str, kind: str) -> None:
        self._sns.publish(TopicArn=self._topic, Message=text, MessageAttributes=attributes(kind))

    def receive(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
            if not answer.get("Messages"):
                return found
            found |= {one["Body"]: one["ReceiptHandle"] for one in answer["Messages"]}

    def hide(self, receipt: str, seconds: int) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    def delete(self, receipt: str) -> None:
        self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=receipt)


def compare(other: Called, operations: list[tuple[str, Any]]) -> None:
    """Check that the model delivers the messages that another implementation does."""
    model, receipts = Modelled(), _Receipts()
    for number, (operation, argument) in enumerate(operations):
        match operation:
            case "publish":
                text = json.dumps({"kind": argument, "event_id": f"{number}"})
                model.publish(text, argument)
                other.publish(text, argument)
            case "receive":
                mine, theirs = model.receive(), other.receive()
                assert sorted(mine) == sorted(theirs), f"operation {number} of {operations}"
                receipts.add(mine, theirs)
            case "return":
                receipts.use(argument, lambda m, t: (model.hide(m, 0), other.hide(t, 0)))
            case "hide":
                receipts.use(argument, lambda m, t: (model.hide(m, 600), other.hide(t, 600)))
            case "delete":
                receipts.end(argument, lambda m, t: (model.delete(m), other.delete(t)))


class _Receipts:
    """The newest receipts of messages that were received and not deleted."""

    def __init__(self) -> None:
        self._both: dict[str, tuple[str, str]] = {}

    def add(self, mine: dict[str, str], theirs: dict[str, str]) -> None:
        self._both |= {body: (mine[body], theirs[body]) for body in mine}

    def use(self, number: int, act: Callable[[str, str], object]) -> None:
        if self._both:
            act(*self._both[self._nth(number)])

    def end(self, number: int, act: Callable[[str, str], object]) -> None:
        if self._both:
            act(*self._both.pop(self._nth(number)))

    def _nth(self, number: int) -> str:
        return sorted(self._both)[number % len(self._both)]
