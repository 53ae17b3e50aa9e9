"""Dead letters: records that no fact can be read from, each with the reason, on an SQS queue.

Letters go out after everything good in the batch is committed. A batch that is handed over again
sends again only what this process does not remember to have sent.
"""

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import TransientError

from .failures import mapped
from .records import Record, claimed_kind

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HEAD_BYTES: Final = 32_768
"""How much of a refused record a letter carries."""
MAX_BATCH: Final = 10
MAX_BATCH_BYTES: Final = 240_000
"""Below the 256 KiB that a queue of the old limit takes in one call."""
REMEMBERED: Final = 10_000
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """A refused record and why."""

    record: Record
    reason: str


class SqsDeadLetters:
    """The queue of letters, for one function."""

    def __init__(self, client: "SQSClient", queue_url: str, function: str) -> None:
        self._client = client
        self._url = queue_url
        self._function = function
        self._sent: OrderedDict[str, None] = OrderedDict()

    def send(self, letters: Sequence[Letter]) -> int:
        """Send what this process has not sent; returns how many, raises TransientError."""
        fresh = [letter for letter in letters if letter.record.sequence_number not in self._sent]
        for batch in _batches([(letter, self._body(letter)) for letter in fresh]):
            self._send_batch([body for _, body in batch])
            self._remember([letter for letter, _ in batch])
        return len(fresh)

    def _body(self, letter: Letter) -> str:
        record = letter.record
        head = record.data[:HEAD_BYTES]
        body = {
            "reason": letter.reason[:1000],
            "function": self._function,
            "partition_key": record.partition_key,
            "sequence_number": record.sequence_number,
            "kind": claimed_kind(record.data),
            "size": len(record.data),
            "data_base64_head": b64encode(head).decode(),
        }
        return json.dumps(body, separators=(",", ":"))

    def _send_batch(self, bodies: Sequence[str]) -> None:
        entries: list[Any] = [
            {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)
        ]
        for _ in range(TRIES):
            with mapped("send dead letters"):
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            failed = {item["Id"] for item in answer.get("Failed", [])}
            entries = [entry for entry in entries if entry["Id"] in failed]
            if not entries:
                return
        raise TransientError(f"send dead letters: {len(entries)} refused")

    def _remember(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            self._sent[letter.record.sequence_number] = None
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)


def _batches(items: Sequence[tuple[Letter, str]]) -> Iterator[list[tuple[Letter, str]]]:
    """Cut into batches that one SendMessageBatch takes."""
    batch: list[tuple[Letter, str]] = []
    size = 0
    for item in items:
        if batch and (len(batch) == MAX_BATCH or size + len(item[1]) > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item[1])
    if batch:
        yield batch
