"""Replaying dead letters: each goes back to where it came from, and is deleted when it is there.

Everything behind the streams is idempotent: a record that was processed meanwhile changes nothing.
A fact is put into the stream again. A change of a table cannot be put into the table's stream, so
the function gets it in an event of the same form.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError
from signalengine_aws.messaging.records import FOLDED, claimed_kind

from infra.cli.redrive.letters import Batch, Letter, Source

REPLACED: Final = frozenset({"ticks", "heartbeat"})
"""Kinds of facts whose next one says everything; an older one is worth nothing."""
_GONE: Final = frozenset(
    {"ResourceNotFoundException", "TrimmedDataAccessException", "InvalidArgumentException"}
)
_PAGES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter; `done`: it was replayed, so it is deleted."""

    done: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """The AWS clients and outputs of one stack."""

    kinesis: Any
    streams: Any
    """The client of DynamoDB's streams."""
    functions: Any
    """The client of Lambda."""
    outputs: Mapping[str, str]
    names: dict[str, str | None] = field(default_factory=dict)
    """The names in AWS of this stack's functions, as far as they were looked up."""

    def send(self, letter: Letter) -> Outcome:
        """Replay a letter; raises ClientError."""
        match letter.source:
            case Source.FEED if letter.data is not None:
                self._put(letter.data, letter.key)
                return Outcome(True)
            case Source.TABLE if letter.data is not None:
                return self._change(letter)
            case Source.FEED_BATCH if letter.batch is not None:
                return self._feed_batch(letter, letter.batch)
            case Source.TABLE_BATCH if letter.batch is not None:
                return self._table_batch(letter.function, letter.batch)
            case Source.FEED | Source.TABLE:
                return Outcome(False, "the letter has only the beginning of the record")
            case _:
                return Outcome(False, "not a record: nothing to replay")

    def _put(self, data: bytes, key: str) -> None:
        stream = self.outputs["FeedStreamName"]
        self.kinesis.put_record(StreamName=stream, Data=data, PartitionKey=key or "redrive")

    def _change(self, letter: Letter) -> Outcome:
        image = json.loads(letter.data or b"null")
        if not isinstance(image, dict):
            return Outcome(False, "the letter has no item")
        name = self._function(letter.function)
        if name is None:
            return Outcome(False, f"the stack has no function {letter.function}")
        record = {"eventName": "INSERT", "dynamodb": {"NewImage": image}}
        return self._invoke(name, [record])

    def _function(self, service: str) -> str | None:
        """Return the name in AWS of this stack's function, which is looked up once."""
        if service not in self.names:
            self.names[service] = self._looked_up(service)
        return self.names[service]

    def _looked_up(self, service: str) -> str | None:
        letters = self.outputs["DeadLetterQueueUrl"]
        for page in self.functions.get_paginator("list_functions").paginate():
            for one in page["Functions"]:
                variables = one.get("Environment", {}).get("Variables", {})
                known = variables.get("POWERTOOLS_SERVICE_NAME"), variables.get("DEAD_LETTER_URL")
                if known == (service, letters):
                    return str(one["FunctionName"])
        return None

    def _invoke(self, function: str, records: Sequence[Mapping[str, Any]]) -> Outcome:
        """Let a function process changes; it names those that it cannot, and sends no letters."""
        payload = json.dumps({"redrive": True, "Records": records}, default=_plain)
        answer = self.functions.invoke(FunctionName=function, Payload=payload.encode())
        found = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            words = found.get("errorMessage", "") if isinstance(found, dict) else ""
            return Outcome(False, f"the function failed: {words}")
        refused = found.get("refused", []) if isinstance(found, dict) else []
        return Outcome(not refused, "; ".join(str(one) for one in refused))

    # --- batches that Lambda gave up ---------------------------------------------------------

    def _feed_batch(self, letter: Letter, batch: Batch) -> Outcome:
        found = list(self._feed_records(batch))
        if not found:
            return Outcome(False, f"no longer in the stream (24 h); {self._archived(batch)}")
        folds = "computefeatures" in letter.name.replace("_", "").lower()
        wanted = [
            row
            for row in found
            if ((kind := claimed_kind(row["Data"])) in FOLDED) == folds and kind not in REPLACED
        ]
        for row in wanted:
            self._put(row["Data"], row["PartitionKey"])
        if found[0]["SequenceNumber"] != batch.first:
            return Outcome(False, f"replayed but for its first records; {self._archived(batch)}")
        return Outcome(True, f"{len(wanted)} of {len(found)} records; others have newer ones")

    def _feed_records(self, batch: Batch) -> Iterator[Mapping[str, Any]]:
        """Yield the records of a batch that are still in the stream, in order."""
        name = batch.stream.rpartition("/")[2]
        yield from _between(
            self.kinesis,
            {"StreamName": name, "StartingSequenceNumber": batch.first},
            batch,
            lambda row: str(row["SequenceNumber"]),
        )

    def _table_batch(self, function: str, batch: Batch) -> Outcome:
        place = {"StreamArn": batch.stream, "SequenceNumber": batch.first}
        found = list(
            _between(self.streams, place, batch, lambda row: str(row["dynamodb"]["SequenceNumber"]))
        )
        if not found:
            return Outcome(False, "no longer in the table's stream (24 h)")
        outcome = self._invoke(function, found)
        if outcome.done and found[0]["dynamodb"]["SequenceNumber"] != batch.first:
            return Outcome(False, "the rest was replayed; its first changes are gone (24 h)")
        return outcome

    def _archived(self, batch: Batch) -> str:
        bucket = self.outputs.get("ArchiveBucketName", "")
        try:
            arrived = datetime.fromisoformat(batch.arrived)
        except ValueError:
            return f"the archive has it: s3://{bucket}/facts/"
        return f"the archive has its hour: s3://{bucket}/facts/{arrived:%Y/%m/%d/%H}/"


def _between(client: Any, place: Mapping[str, str], batch: Batch, number: Any) -> Iterator[Any]:
    """Yield a shard's records from a batch's first to its last, as far as they are retained."""
    try:
        at = client.get_shard_iterator(
            ShardId=batch.shard, ShardIteratorType="AT_SEQUENCE_NUMBER", **place
        )["ShardIterator"]
        for _ in range(_PAGES):
            page = client.get_records(ShardIterator=at, Limit=1_000)
            for row in page["Records"]:
                if int(number(row)) > int(batch.last):
                    return
                if int(number(row)) >= int(batch.first):
                    yield row
                if number(row) == batch.last:
                    return
            at = page.get("NextShardIterator")
            if at is None or (not page["Records"] and not page.get("MillisBehindLatest")):
                return
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _GONE:
            raise


def _plain(value: Any) -> Any:
    """Return what JSON has no form for as Lambda's events have it."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} in a record")
