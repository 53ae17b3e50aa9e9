"""Dead letters: records that could not be read, each with the reason, on an SQS queue.

They are sent after the valid records of a batch are committed. When a batch is delivered again,
records that this process has sent before are not sent again.
"""

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from ..runtime.aws_errors import mapped
from .records import Change, Record, claimed_kind

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HEAD_BYTES: Final = 32_768
"""Bytes of an invalid record that a dead letter carries as they are, at most."""
PACKED_BYTES: Final = 184_320
"""Of a longer record, gzipped, in Base64: with its beginning the letter fits into 256 KB, which SQS
accepts. A fact of 256 KB, the longest, takes a third of that; only what is no JSON does not fit."""
REMEMBERED: Final = 10_000


class DeadLetter(NamedTuple):
    """An invalid record and the reason."""

    record: Record
    reason: str


def of_change(change: Change, key: str, reason: str) -> DeadLetter:
    """Return the dead letter of a table's change; `key` identifies its item."""
    data = json.dumps(change.after, separators=(",", ":"), default=str).encode()
    return DeadLetter(Record(data, partition_key=key, sequence_number=key), reason)


def packed(data: bytes) -> str | None:
    """Return a record gzipped and in Base64; None when it is still too long for a letter."""
    import gzip  # not needed for most letters, and slow to import

    whole = b64encode(gzip.compress(data, mtime=0)).decode()
    return whole if len(whole) <= PACKED_BYTES else None


class SqsDeadLetters:
    """The dead-letter queue, for one function."""

    def __init__(self, client: "SQSClient", queue_url: str, function: str) -> None:
        self._client = client
        self._url = queue_url
        self._function = function
        self._sent: OrderedDict[str, None] = OrderedDict()

    def send(self, rejected: Sequence[DeadLetter]) -> int:
        """Send what this process has not sent; returns how many, raises TransientError.

        One call each: they are rare, and `sqs:SendMessage` is all that the role permits.
        """
        fresh = [one for one in rejected if one.record.sequence_number not in self._sent]
        for one in fresh:
            with mapped("send dead letters"):
                self._client.send_message(QueueUrl=self._url, MessageBody=self._body(one))
            self._remember(one)
        return len(fresh)

    def _body(self, rejected: DeadLetter) -> str:
        record = rejected.record
        head = record.data[:HEAD_BYTES]
        body = {
            "reason": rejected.reason[:1000],
            "function": self._function,
            "partition_key": record.partition_key,
            "sequence_number": record.sequence_number,
            "kind": claimed_kind(record.data),
            "size": len(record.data),
            "data_base64_head": b64encode(head).decode(),
        }
        if len(record.data) > HEAD_BYTES and (whole := packed(record.data)) is not None:
            body["data_gzip_base64"] = whole
        return json.dumps(body, separators=(",", ":"))

    def _remember(self, rejected: DeadLetter) -> None:
        self._sent[rejected.record.sequence_number] = None
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
