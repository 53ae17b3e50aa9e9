"""Messages that were set aside: the dead letters of a channel's queue, and their release.

A released message goes back into the queue, to the address that its letter names. Its delivery
waits again first, so that it is not taken for done; a delivered one is left alone.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

_HIDDEN_S: Final = 30
"""How long a letter is hidden from others while it is read."""
_MOST: Final = 1_000
_AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """One message with the reason why it was set aside."""

    receipt: str
    body: str
    reason: str
    whole: bool
    """Whether the body is complete: a long one is stored in part."""
    event: str
    address: str | None
    """The channel key that it is for; None before its audience was determined."""
    at: int | None = None
    """When it was set aside, wall-clock ms."""

    def row(self) -> dict[str, Any]:
        """Return what is shown of it."""
        return {
            "event": self.event, "address": self.address, "reason": self.reason, "at": self.at,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The letters of one stack: its AWS clients, queues and table of deliveries."""

    sqs: Any
    dynamodb: Any
    letters_url: str
    queue_url: str
    table: str

    def rows(self) -> list[dict[str, Any]]:
        """Return all letters, as shown; they stay where they are."""
        found = list(self._read())
        for letter in found:
            self._hide(letter, 0)
        return sorted((one.row() for one in found), key=lambda row: (row["event"], str(row)))

    def release(self, wanted: Callable[[Letter], bool]) -> dict[str, int]:
        """Queue the wanted messages again; return how many were released, done and left."""
        counts = {"released": 0, "already_delivered": 0, "left": 0}
        for letter in list(self._read()):
            if not (wanted(letter) and letter.whole and letter.event):
                self._hide(letter, 0)
                counts["left"] += 1
                continue
            waits = letter.address is None or self._wait_again(letter.event, letter.address)
            if waits:
                self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=letter.body)
            self.sqs.delete_message(QueueUrl=self.letters_url, ReceiptHandle=letter.receipt)
            counts["released" if waits else "already_delivered"] += 1
        return counts

    def _read(self) -> Iterator[Letter]:
        for _ in range(_MOST // _AT_ONCE):
            got = self.sqs.receive_message(
                QueueUrl=self.letters_url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=_HIDDEN_S,
                AttributeNames=["SentTimestamp"],
            ).get("Messages", [])
            if not got:
                return
            yield from (_letter(one) for one in got)

    def _hide(self, letter: Letter, seconds: int) -> None:
        self.sqs.change_message_visibility(
            QueueUrl=self.letters_url, ReceiptHandle=letter.receipt, VisibilityTimeout=seconds
        )

    def _wait_again(self, event: str, address: str) -> bool:
        """Let a failed delivery wait again; False when it was delivered or suppressed since."""
        key = {"event_id": {"S": event}, "channel": {"S": address}}
        found = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        status = found.get("Item", {}).get("status", {}).get("S", "waiting")
        if status != "failed":
            return bool(status == "waiting")
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression="SET #s = :waiting, version = version + :one "
                "REMOVE reason, slot_at, lease_until, digest",
                ConditionExpression="#s = :failed",
                ExpressionAttributeNames={"#s": "status"},
                ExpressionAttributeValues={
                    ":waiting": {"S": "waiting"},
                    ":failed": {"S": "failed"},
                    ":one": {"N": "1"},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _letter(message: Mapping[str, Any]) -> Letter:
    """Read a letter; what the queue itself moved there is the message as it was."""
    text, at = message["Body"], message.get("Attributes", {}).get("SentTimestamp")
    outer = _json(text)
    body = outer.get("body_head") if "reason" in outer else text
    body = body if isinstance(body, str) else ""
    inner = _json(body)
    address = inner.get("to")
    return Letter(
        receipt=message["ReceiptHandle"],
        body=body,
        reason=str(outer.get("reason") or "received too often"),
        whole=int(outer.get("size") or len(body)) == len(body),
        event=str(inner.get("event_id") or ""),
        address=None if address is None else str(address),
        at=None if at is None else int(at),
    )


def _json(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
