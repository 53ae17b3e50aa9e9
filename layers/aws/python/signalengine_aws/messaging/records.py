"""The records of Lambda's events: Kinesis records, and changes of a DynamoDB table.

Two functions read the stream of facts, and each invalid record is dead-lettered by exactly one of
them: `bars` and `history` by compute_features, all other kinds by track_signals.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Event: TypeAlias = Mapping[str, Any]
FOLDED: Final = frozenset({"bars", "history"})
"""The kinds that compute_features processes."""


class Record(NamedTuple):
    """One Kinesis record as put; `arrived_at` is the wall time in ms at which Kinesis had it."""

    data: bytes
    partition_key: str
    sequence_number: str
    arrived_at: int | None = None

    def precedes(self, sequence_number: str) -> bool:
        """Return whether it came before another record of its key; False where that is unknown."""
        mine = self.sequence_number
        if not (mine.isdecimal() and sequence_number.isdecimal()):
            return False
        return int(mine) < int(sequence_number)


class Change(NamedTuple):
    """One change of an item; images are in DynamoDB's own form ({"name": {"S": "text"}})."""

    kind: Literal["INSERT", "MODIFY", "REMOVE"]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def kinesis_records(event: Event) -> list[Record]:
    """Return the batch in stream order."""
    return [_record(item["kinesis"]) for item in event["Records"]]


def changes(event: Event) -> Iterator[Change]:
    """Yield the changes in stream order."""
    for item in event["Records"]:
        images = item["dynamodb"]
        yield Change(item["eventName"], images.get("OldImage"), images.get("NewImage"))


def _record(raw: Mapping[str, Any]) -> Record:
    arrived = raw.get("approximateArrivalTimestamp")
    return Record(
        data=b64decode(raw["data"]),
        partition_key=str(raw.get("partitionKey", "")),
        sequence_number=str(raw.get("sequenceNumber", "")),
        arrived_at=None if arrived is None else int(float(arrived) * 1000),
    )


def claimed_kind(data: bytes) -> str | None:
    """Return the kind that a record claims in strict JSON, None when it claims none.

    Strict, because Lambda's event filters are: to them a record with NaN in it is not JSON, so it
    never reaches compute_features.
    """
    try:
        raw = json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    kind = raw.get("kind") if isinstance(raw, dict) else None
    return kind if isinstance(kind, str) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
