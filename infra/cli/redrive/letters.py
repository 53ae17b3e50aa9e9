"""The letters of the queue of dead letters: records and changes, and Lambda's notices of batches.

A record or a change is in its letter. Lambda's notice of a batch that it gave up has only the place
of the batch in its stream.
"""

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

HIDDEN_S: Final = 600
"""How long letters are hidden from other readers while they are processed."""
MOST: Final = 10_000
WAIT_S: Final = 1
"""A request that waits asks all of the queue's servers; another one may find nothing on some."""
INFLATED_BYTES: Final = 16_777_216
_AT_ONCE: Final = 10


class Source(StrEnum):
    """Where a letter came from."""

    FEED = "feed"
    """A record of the stream of facts."""
    TABLE = "table"
    """A change of a table."""
    FEED_BATCH = "feed batch"
    """A notice: records of the stream of facts."""
    TABLE_BATCH = "table batch"
    """A notice: changes of a table."""
    OTHER = "other"
    """Not a record: an alarm that could not be sent, or a message of another program."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A place in a stream, from Lambda's notice."""

    stream: str
    """Its ARN."""
    shard: str
    first: str
    last: str
    size: int
    arrived: str
    """When its first record came, as Lambda writes it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of the queue."""

    receipt: str
    source: Source
    function: str
    """The function that gave it up, or its ARN."""
    reason: str
    at: int | None = None
    """When it was sent, wall-clock ms."""
    key: str = ""
    sequence: str = ""
    data: bytes | None = None
    """The record; None where the letter does not have all of it."""
    batch: Batch | None = None

    @property
    def whole(self) -> bool:
        """Whether it has, or names the place of, all that a replay needs."""
        return self.data is not None or self.batch is not None

    @property
    def name(self) -> str:
        """The function's name; in a notice with what a deployment adds."""
        return self.function.rpartition(":")[2] if "arn:" in self.function else self.function


class Queue:
    """The queue of dead letters."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url
        self._deleted: set[str] = set()

    @contextmanager
    def taken(self) -> Iterator[list[Letter]]:
        """Give all letters; those that are not deleted inside are visible again after it."""
        messages = list({one["MessageId"]: one for one in self._received()}.values())
        try:
            yield [letter_of(one) for one in messages]
        finally:
            for receipt in (str(one["ReceiptHandle"]) for one in messages):
                if receipt not in self._deleted:
                    self._sqs.change_message_visibility(
                        QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
                    )

    def delete(self, letter: Letter) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
        self._deleted.add(letter.receipt)

    def _received(self) -> Iterator[Mapping[str, Any]]:
        for _ in range(MOST // _AT_ONCE):
            got: Sequence[Mapping[str, Any]] = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=HIDDEN_S,
                WaitTimeSeconds=WAIT_S,
                AttributeNames=["SentTimestamp"],
            ).get("Messages", [])
            if not got:
                return
            yield from got


def letter_of(message: Mapping[str, Any]) -> Letter:
    """Read a message of the queue (pure)."""
    at = message.get("Attributes", {}).get("SentTimestamp")
    known: dict[str, Any] = {"receipt": str(message["ReceiptHandle"])}
    known["at"] = None if at is None else int(at)
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return Letter(source=Source.OTHER, function="", reason="not a letter", **known)
    if "requestContext" in body:
        return _notice(body, known)
    if "data_base64_head" not in body:
        return Letter(source=Source.OTHER, function="", reason="not a letter", **known)
    function = str(body.get("function", ""))
    return Letter(
        source=Source.TABLE if function == "score_events" else Source.FEED,
        function=function,
        reason=str(body.get("reason", "")),
        key=str(body.get("partition_key", "")),
        sequence=str(body.get("sequence_number", "")),
        data=_data(body),
        **known,
    )


def _notice(body: Mapping[str, Any], known: Mapping[str, Any]) -> Letter:
    request = body["requestContext"] if isinstance(body["requestContext"], dict) else {}
    function, reason = str(request.get("functionArn", "")), str(request.get("condition", ""))
    place: dict[str, Any] = {"function": function.removesuffix(":$LATEST"), "reason": reason}
    for name, source in (
        ("KinesisBatchInfo", Source.FEED_BATCH),
        ("DDBStreamBatchInfo", Source.TABLE_BATCH),
    ):
        batch = _batch(body.get(name))
        if batch is not None:
            return Letter(source=source, batch=batch, **place, **known)
    return Letter(source=Source.OTHER, **place, **known)


def _batch(info: Any) -> Batch | None:
    try:
        return Batch(
            stream=str(info["streamArn"]),
            shard=str(info["shardId"]),
            first=str(int(info["startSequenceNumber"])),
            last=str(int(info["endSequenceNumber"])),
            size=int(info.get("batchSize", 0)),
            arrived=str(info.get("approximateArrivalOfFirstRecord", "")),
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _data(body: Mapping[str, Any]) -> bytes | None:
    """Return the whole record of a letter; None when it has only its beginning."""
    try:
        if "data_gzip_base64" in body:
            inflated = zlib.decompressobj(wbits=31)
            data = inflated.decompress(b64decode(body["data_gzip_base64"]), INFLATED_BYTES)
        else:
            data = b64decode(body["data_base64_head"])
    except (ValueError, TypeError, zlib.error):
        return None
    return data if len(data) == body.get("size") else None
