"""The deliveries of one queue of a stack: its messages, paused addresses, and dead letters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from signalengine.digests import digest_from_json
from signalengine_aws.delivery.deliveries import PACE_KEY, SENDER
from signalengine_aws.runtime.channels import QUEUES, served_by, title

from infra.cli.deliveries.letters import DeadLetters
from infra.cli.deliveries.stack import StackAccess
from infra.errors import USAGE, CommandError

_DEPTHS: Final = {
    "waiting": "ApproximateNumberOfMessages",
    "hidden": "ApproximateNumberOfMessagesNotVisible",
}


@dataclass(frozen=True, slots=True)
class ChannelDeliveries:
    """The AWS clients and the outputs of one stack, for one queue."""

    dynamodb: Any
    sqs: Any
    outputs: Mapping[str, str]
    channel: str

    def pending(self) -> dict[str, Any]:
        """Return queued messages, dead letters, open digests and what is paused (times: ms)."""
        depths = self._depths("QueueUrl")
        dead_letters = sum(self._depths("DeadLetterQueueUrl").values())
        states = self.states()
        paused = [_paused(row) for row in states if "parked_until" in row]
        senders = [f"{name}:{SENDER}" for name in served_by(self.channel)]
        return {
            "channel": self.channel,
            **depths,
            "dead_letters": dead_letters,
            "sender": next((_of(row) for row in paused if row["address"] in senders), None),
            "digests": list(self._digests(states)),
            "parked": [row for row in paused if row["until"] and row["address"] not in senders],
        }

    def _digests(self, states: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield each address's newest digest, if it is not sent yet."""
        for state in states:
            if "digest" not in state:
                continue
            key = {"event_id": state["digest"], "channel": state["channel"]}
            found = self.dynamodb.get_item(TableName=self.outputs["DeliveriesTable"], Key=key)
            item = found.get("Item", {})
            if item.get("status", {}).get("S") == "waiting":
                yield _digest(item)

    def letters(self) -> DeadLetters:
        """Return the messages that were set aside."""
        return DeadLetters(
            self.sqs,
            self.dynamodb,
            self._output("DeadLetterQueueUrl"),
            self._output("QueueUrl"),
            self.outputs["DeliveriesTable"],
        )

    def states(self) -> list[Mapping[str, Any]]:
        """Return the items of this queue's addresses, and of their senders."""
        query = self.dynamodb.get_paginator("query").paginate
        values = [
            {":pace": {"S": PACE_KEY}, ":channel": {"S": f"{name}:"}}
            for name in served_by(self.channel)
        ]
        pages = (
            query(
                TableName=self.outputs["DeliveriesTable"],
                KeyConditionExpression="event_id = :pace AND begins_with(channel, :channel)",
                ExpressionAttributeValues=one,
            )
            for one in values
        )
        return [row for found in pages for page in found for row in page["Items"]]

    def _depths(self, output: str) -> dict[str, int]:
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self._output(output), AttributeNames=list(_DEPTHS.values())
        )["Attributes"]
        return {name: int(answer[attribute]) for name, attribute in _DEPTHS.items()}

    def _output(self, name: str) -> str:
        return self.outputs[title(self.channel) + name]


def deliveries_of(stack: StackAccess, channel: str) -> ChannelDeliveries:
    """Return the deliveries of a queue; raises CommandError if there is no such queue."""
    if channel not in QUEUES:
        raise CommandError(
            f"there is no channel {channel!r}", f"channels: {', '.join(QUEUES)}", USAGE
        )
    return ChannelDeliveries(stack.client("dynamodb"), stack.client("sqs"), stack.outputs, channel)


def _paused(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address": row["channel"]["S"],
        "until": int(row["parked_until"]["N"]),
        "reason": row.get("parked_reason", {}).get("S", ""),
    }


def _digest(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address": item["channel"]["S"],
        "event": item["event_id"]["S"],
        "signals": digest_from_json(item["summary"]["S"]).size,
        "since": int(item["first_seen_at"]["N"]),
        "collecting": "sealed_at" not in item,
    }


def _of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return when and why the sender itself is paused; None when it is not."""
    return {name: row[name] for name in ("until", "reason")} if row["until"] else None
