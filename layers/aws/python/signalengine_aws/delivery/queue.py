"""A channel's queue and its dead letters, on SQS."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..messaging.sns import traced_in
from ..runtime.aws_errors import mapped

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_LONGEST_WAIT_S: Final = 12 * 3600
"""SQS hides a message for 12 h at most."""
_AT_ONCE: Final = 8
_LONGEST_BODY: Final = 32_768


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """One record of the function's event."""

    message_id: str
    receipt: str
    body: str
    queued_at: int | None = None
    """When it came into the queue, wall-clock ms; None if that is not known."""
    received: int | None = None
    """How often it was received, this time included; None if that is not known."""


class SqsForwarding:
    """Puts messages into an SQS queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def forward(self, bodies: Sequence[str]) -> None:
        """Put each by a request of its own, several at once; the first failure is raised.

        A batch request would save a millionth of a cent for each address.
        """
        if not bodies:
            return
        with ThreadPoolExecutor(min(_AT_ONCE, len(bodies))) as pool, mapped("forward a message"):
            list(pool.map(self._put, bodies))

    def _put(self, body: str) -> None:
        self._client.send_message(QueueUrl=self._url, MessageBody=body)


class SqsQueue(SqsForwarding):
    """The queue of one function, `function`, with its dead letters."""

    def __init__(
        self, client: "SQSClient", url: str, dead_letter_url: str, *, function: str
    ) -> None:
        super().__init__(client, url)
        self._dead_letter_url = dead_letter_url
        self._function = function

    def hide(self, message: QueueMessage, seconds: int) -> None:
        wait = min(max(seconds, 0), _LONGEST_WAIT_S)
        with mapped("hide a queue message"):
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=wait
            )

    def dead_letter(self, message: QueueMessage, reason: str) -> None:
        body = {
            "reason": reason,
            "function": self._function,
            "message_id": message.message_id,
            "size": len(message.body),
            "body_head": message.body[:_LONGEST_BODY],
        }
        with mapped("dead-letter a queue message"):
            self._client.send_message(QueueUrl=self._dead_letter_url, MessageBody=json.dumps(body))


def read_records(event: Mapping[str, Any]) -> list[QueueMessage]:
    """Return the messages of an SQS event, openings before closings."""
    messages = [
        QueueMessage(
            record["messageId"],
            record["receiptHandle"],
            record["body"],
            _number(record, "SentTimestamp"),
            _number(record, "ApproximateReceiveCount"),
        )
        for record in event["Records"]
    ]
    return sorted(messages, key=lambda message: "#opened" not in message.body)


def _number(record: Mapping[str, Any], attribute: str) -> int | None:
    found = record.get("attributes", {}).get(attribute)
    return None if found is None else int(found)


def traced_messages(messages: Iterable[QueueMessage]) -> Iterator[tuple[str, int, str]]:
    """Yield what the log line names of each message: symbol, close time (ms) and id."""
    for message in messages:
        try:
            found = traced_in(json.loads(message.body))
        except (ValueError, RecursionError):
            continue  # it is dead-lettered with its reason
        if found is not None:
            yield found
