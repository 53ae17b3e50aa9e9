"""Dead letters: records that no fact can be read from, each with the reason, on an SQS queue.

Letters go out after everything good in the batch is committed. A batch that is handed over again
sends again only what this process does not remember to have sent.
"""

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..runtime.aws_errors import mapped
from .records import Record, claimed_kind

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HEAD_BYTES: Final = 32_768
"""How much of a refused record a letter carries."""
REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
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

    def send(self, letters: Sequence[DeadLetter]) -> int:
        """Send what this process has not sent; returns how many, raises TransientError.

        One call a letter: they are rare, and a role that may send a message may do just that.
        """
        fresh = [letter for letter in letters if letter.record.sequence_number not in self._sent]
        for letter in fresh:
            with mapped("send dead letters"):
                self._client.send_message(QueueUrl=self._url, MessageBody=self._body(letter))
            self._remember(letter)
        return len(fresh)

    def _body(self, letter: DeadLetter) -> str:
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

    def _remember(self, letter: DeadLetter) -> None:
        self._sent[letter.record.sequence_number] = None
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
