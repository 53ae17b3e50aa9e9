"""The Telegram queue and its dead letters, on SQS."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..runtime.aws_errors import mapped

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_LONGEST_WAIT_S: Final = 12 * 3600
"""SQS hides a message 12 h at most."""
_AT_ONCE: Final = 8
_LONGEST_BODY: Final = 32_768


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """One record of the function's event."""

    message_id: str
    receipt: str
    body: str


class Forwarding(Protocol):
    """The port: who puts messages into the queue."""

    def forward(self, bodies: Sequence[str]) -> None:
        """Raises TransientError when not all of them are in it."""
        ...


class Queue(Forwarding, Protocol):
    """The port: what the notifier needs of the queue."""

    def hide(self, message: QueueMessage, seconds: int) -> None:
        """Keep the message, and give it to nobody for `seconds`."""
        ...

    def dead_letter(self, message: QueueMessage, reason: str) -> None:
        """Put the message to the dead letters with its reason."""
        ...


class SqsForwarding:
    """Puts messages into the real queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def forward(self, bodies: Sequence[str]) -> None:
        """Put each by a request of its own, several at once; the first that fails is raised.

        A batch would save requests where many chats are told, for a millionth of a cent each.
        """
        if not bodies:
            return
        with ThreadPoolExecutor(min(_AT_ONCE, len(bodies))) as pool, mapped("forward a message"):
            list(pool.map(self._put, bodies))

    def _put(self, body: str) -> None:
        self._client.send_message(QueueUrl=self._url, MessageBody=body)


class SqsQueue(SqsForwarding):
    """The real one."""

    def __init__(self, client: "SQSClient", url: str, dead_letter_url: str) -> None:
        super().__init__(client, url)
        self._dead_letter_url = dead_letter_url

    def hide(self, message: QueueMessage, seconds: int) -> None:
        wait = min(max(seconds, 0), _LONGEST_WAIT_S)
        with mapped("hide a Telegram message"):
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=wait
            )

    def dead_letter(self, message: QueueMessage, reason: str) -> None:
        letter = {
            "reason": reason,
            "function": "send_telegram",
            "message_id": message.message_id,
            "size": len(message.body),
            "body_head": message.body[:_LONGEST_BODY],
        }
        with mapped("bury a Telegram message"):
            self._client.send_message(
                QueueUrl=self._dead_letter_url, MessageBody=json.dumps(letter)
            )


def read_records(event: Mapping[str, Any]) -> list[QueueMessage]:
    """Return the messages of an SQS event, openings first, so that closings find them told."""
    messages = [
        QueueMessage(record["messageId"], record["receiptHandle"], record["body"])
        for record in event["Records"]
    ]
    return sorted(messages, key=lambda message: "#opened" not in message.body)
