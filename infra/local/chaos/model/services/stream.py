"""The Kinesis stream: shards of records; those of one key are in one shard, in their order."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from .account import Account

SHARDS: Final = 2


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the stream."""

    kind: str
    key: str
    data: bytes
    number: int
    arrived_at: int

    @property
    def sequence_number(self) -> str:
        return f"{self.number:056d}"

    def event(self) -> dict[str, Any]:
        """Return it as Lambda gets it."""
        return {
            "kinesis": {
                "data": b64encode(self.data).decode(),
                "partitionKey": self.key,
                "sequenceNumber": self.sequence_number,
                "approximateArrivalTimestamp": self.arrived_at / 1000,
            }
        }


class Stream:
    """All records of a run."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.shards: list[list[Record]] = [[] for _ in range(SHARDS)]

    def put(self, kind: str, key: str, data: bytes) -> Record:
        """Put a record; returns it."""
        record = Record(kind, key, data, self._account.number(), self._account.now)
        self.shards[crc32(key.encode()) % SHARDS].append(record)
        return record
