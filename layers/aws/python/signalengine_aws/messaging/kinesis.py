"""Writing to the Kinesis stream: one PutRecords call, and the queues before it.

`PutRecords` is neither atomic nor ordered, so a key has at most one record in flight: a failed
record goes back to the front of its queue before a later one of its key is sent.

There are three kinds of failure: a throttled or failed *entry* (its index is returned), a stream
that is not available (`StreamAwayError`, transient), and an entry that the service refuses
(`EntryRefusedError`, permanent: the record itself is invalid).
"""

import random
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from signalengine.errors import PermanentError, TransientError

MAX_ENTRIES: Final = 500
MAX_BYTES: Final = 5_000_000
"""PutRecords takes 500 records and (by default) 5 MiB, keys included."""
LAZY_BYTES: Final = 262_144
"""Bytes that a record counts before it is encoded."""
MAX_PASSING: Final = 120
"""Transient records that may wait under one key; the oldest is dropped first."""

_REFUSED: Final = frozenset({"ValidationException", "InvalidArgumentException"})


class StreamAwayError(TransientError):
    """The stream cannot be written to now: network, service, throttling, permission, name."""


class EntryRefusedError(PermanentError):
    """A record that the service will never accept."""


class PutRecordsClient(Protocol):
    """The part of boto3's Kinesis client that is used."""

    def put_records(self, *, StreamName: str, Records: Any) -> Any:  # noqa: N803 - boto3's names
        """Write up to 500 records; `FailedRecordCount` of them were not written."""


def client(region: str) -> PutRecordsClient:
    """Return a Kinesis client that never retries by itself: the outbox keeps the order."""
    config = Config(
        connect_timeout=3, read_timeout=10, tcp_keepalive=True, retries={"total_max_attempts": 1}
    )
    made = get_session().create_client("kinesis", region_name=region, config=config)
    return cast("PutRecordsClient", made)


@dataclass(slots=True, eq=False)
class Entry:
    """One record on its way to the stream."""

    key: str
    kind: str
    payload: bytes | Callable[[], bytes]
    """The record, or a function that encodes it when it is sent (it may be superseded before)."""
    durable: bool = True
    """Never dropped. The others are transient: they wait behind earlier durable ones."""
    tag: Hashable = None
    """A transient record waiting under the same key with the same tag is superseded by this one."""
    origin: Hashable = None
    """Where it came from; the sender recognises its entries by it."""
    number: int = field(default=0, init=False)

    def data(self) -> bytes:
        """Return the record, made now if it was not."""
        if not isinstance(self.payload, bytes):
            self.payload = self.payload()
        return self.payload

    @property
    def size(self) -> int:
        """Bytes that it counts in a call."""
        body = len(self.payload) if isinstance(self.payload, bytes) else LAZY_BYTES
        return body + len(self.key.encode())


Codes: TypeAlias = Counter[str]


class KinesisStream:
    """One stream, written to with PutRecords; counts why entries failed."""

    def __init__(self, client: PutRecordsClient, name: str) -> None:
        self._client, self._name = client, name
        self.codes: Codes = Counter()

    def put(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Write entries once and return the indexes of those that failed."""
        records = [{"Data": entry.data(), "PartitionKey": entry.key} for entry in entries]
        try:
            response = self._client.put_records(StreamName=self._name, Records=records)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            self.codes[code] += 1
            if code in _REFUSED:
                raise EntryRefusedError(str(error)) from error
            raise StreamAwayError(str(error)) from error
        except BotoCoreError as error:
            self.codes[type(error).__name__] += 1
            raise StreamAwayError(str(error)) from error
        if not response["FailedRecordCount"]:
            return ()
        failed = [i for i, r in enumerate(response["Records"]) if r.get("ErrorCode")]
        self.codes.update(response["Records"][i]["ErrorCode"] for i in failed)
        return tuple(failed)


class Backoff:
    """Capped exponential delays with full jitter, in seconds."""

    def __init__(self, first: float = 0.05, cap: float = 5.0) -> None:
        self._first, self._cap, self._tries = first, cap, 0

    def next(self) -> float:
        """Return how long to wait after one more failure."""
        limit = self.limit
        self._tries += 1
        return random.uniform(limit / 2, limit)  # noqa: S311 - jitter is not a secret

    @property
    def limit(self) -> float:
        """The longest wait after the next failure."""
        return min(self._cap, self._first * float(2 ** min(self._tries, 30)))

    def reset(self) -> None:
        """Start over after a success."""
        self._tries = 0


class Outbox:
    """Waiting entries: first in, first out by key, at most one of a key in flight.

    Durable entries (bars, history) are never dropped. Transient ones (ticks, heartbeats) may be
    superseded or dropped, and are never sent before a durable entry that was offered earlier: a
    heartbeat reports the progress of the market, so its bars have to be on the stream first.
    Not thread-safe: its owner locks.
    """

    def __init__(self) -> None:
        self._queues: dict[str, deque[Entry]] = {}
        self._under_way: set[str] = set()
        self._unsent: dict[int, Entry] = {}
        self._numbers = 0
        self._waiting = 0
        self.superseded = 0
        self.dropped = 0

    @property
    def durable(self) -> int:
        """Durable entries not yet acknowledged."""
        return len(self._unsent)

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return self._waiting == 0 and not self._under_way

    def offer(self, entry: Entry) -> None:
        """Add an entry behind those of its key."""
        queue = self._queues.setdefault(entry.key, deque())
        self._numbers += 1
        entry.number = self._numbers
        if entry.durable:
            self._unsent[entry.number] = entry
        elif len(queue) > 1 and entry.tag is not None and queue[-1].tag == entry.tag:
            queue.pop()  # never the head: it would wait for ever behind newer bars
            self.superseded += 1
            self._waiting -= 1
        elif len(queue) >= MAX_PASSING:
            queue.popleft()
            self.dropped += 1
            self._waiting -= 1
        queue.append(entry)
        self._waiting += 1

    def take(self, *, replaceable: bool = True) -> list[Entry]:
        """Return a call's worth of entries, the longest waiting first; they are then in flight.

        `replaceable`: False when durable entries wait elsewhere, which no other may overtake.
        """
        barrier = next(iter(self._unsent), None) if replaceable else 0  # numbers begin at 1
        heads = [
            queue[0]
            for key, queue in self._queues.items()
            if queue and key not in self._under_way
        ]  # fmt: skip
        batch: list[Entry] = []
        room = MAX_BYTES
        for entry in sorted(heads, key=lambda head: head.number):
            ready = entry.durable or barrier is None or entry.number < barrier
            if not ready or (batch and entry.size > room) or len(batch) == MAX_ENTRIES:
                continue
            room -= entry.size
            batch.append(self._queues[entry.key].popleft())
            self._under_way.add(entry.key)
        self._waiting -= len(batch)
        return batch

    def done(self, entries: Sequence[Entry]) -> None:
        """Remove entries that arrived, or never will."""
        for entry in entries:
            self._under_way.discard(entry.key)
            self._unsent.pop(entry.number, None)
            if not self._queues[entry.key]:
                del self._queues[entry.key]

    def back(self, entries: Sequence[Entry]) -> None:
        """Return entries that failed to the front of their queues."""
        for entry in entries:
            self._under_way.discard(entry.key)
            self._queues[entry.key].appendleft(entry)
        self._waiting += len(entries)

    def unsent(self) -> list[Entry]:
        """Return the durable entries not acknowledged, in the order they were offered."""
        return list(self._unsent.values())
