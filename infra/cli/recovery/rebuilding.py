"""The archive, folded again by the deployed functions of a stage that has nothing else to do.

Its records go to the stage's stream in their order, as the ingest task sent them; the functions do
the rest. Ticks are left out: they settle nothing. Records are idempotent, so a rebuild that was
stopped may begin anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from signalengine.errors import MalformedFactError
from signalengine.facts.stream import BarsFact, GapFact, HistoryFact, decode
from signalengine.intervals import MINUTE_MS
from signalengine_aws.stores.items.state import PROGRESS_KEY
from signalengine_aws.stores.signals import OUTBOX

from infra.cli.cloud import AwsCloud
from infra.errors import CommandError
from infra.settings import ONLY, PRODUCTION, Stage
from research.data.stream_archive import records

TICKS: Final = b'{"v":1,"kind":"ticks"'
BATCH, BATCH_BYTES = 500, 4_000_000
"""What one PutRecords takes, with room to spare."""
AHEAD_MS: Final = 30 * MINUTE_MS
"""Exchange time by which the stream may be ahead of what is folded: lags stay far below the age
at which a mapping gives records up."""
TIME_OUT_S: Final = 900
POLL_S: Final = 1.0
FINISH_S: Final = 15.0
"""Between two counts of what is not done; each reads the keys of two tables."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A record, and the key under which the ingest task sent it."""

    key: str
    data: bytes
    close_time: int = 0
    """Of a bar (ms); 0 for everything else."""


@dataclass(slots=True)
class Rebuilt:
    """What was sent, and until when it is folded (ms)."""

    sent: int = 0
    left_out: int = 0
    malformed: int = 0
    until: int = 0


def archived(files: Sequence[Path], rebuilt: Rebuilt) -> Iterator[Archived]:
    """Yield the records of an archive in its order, without ticks; count what is passed over."""
    for file in files:
        for record in records(file):
            if record.startswith(TICKS):
                rebuilt.left_out += 1
                continue
            try:
                fact = decode(record)
            except MalformedFactError:
                rebuilt.malformed += 1
                continue
            match fact:
                case BarsFact():
                    yield Archived(fact.symbol, record, fact.close_time)
                case HistoryFact():
                    yield Archived(fact.symbol, record)
                case GapFact():
                    yield Archived("gaps", record)
                case _:
                    yield Archived("heartbeat", record)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Sends an archive to a stream, and waits for what is folded of it.

    `put` stores a batch in its order, `progress` returns the close time (ms) up to which bars are
    folded, `sleep` takes seconds, `undone` counts what waits behind the fold.
    """

    put: Callable[[Sequence[Archived]], None]
    progress: Callable[[], int]
    sleep: Callable[[float], None]
    ahead_ms: int = AHEAD_MS
    undone: Callable[[], int] = lambda: 0

    def run(self, archive: Iterable[Archived], rebuilt: Rebuilt) -> None:
        """Send everything; raises CommandError when the functions stand still."""
        batch: list[Archived] = []
        size = folded = 0
        for one in archive:
            ahead = one.close_time > folded + self.ahead_ms
            if ahead or len(batch) == BATCH or size + len(one.data) > BATCH_BYTES:
                self._send(batch, rebuilt)
                batch, size = [], 0
            if ahead:  # what is not in the archive is not waited for
                target = one.close_time - self.ahead_ms // 2
                folded = max(target, self._wait(min(rebuilt.until, target)))
            rebuilt.until = max(rebuilt.until, one.close_time)
            batch.append(one)
            size += len(one.data)
        self._send(batch, rebuilt)
        self._wait(rebuilt.until)
        self._finish()

    def _send(self, batch: Sequence[Archived], rebuilt: Rebuilt) -> None:
        if batch:
            self.put(batch)
        rebuilt.sent += len(batch)

    def _wait(self, close_time: int) -> int:
        """Wait until bars are folded up to a close; return up to which one they are."""
        seen, waited = self.progress(), 0.0
        while seen < close_time:
            if waited >= TIME_OUT_S:
                raise CommandError(
                    f"nothing was folded for {TIME_OUT_S // 60} minutes",
                    "look at the dead letters and the log of compute_features (docs/runbook.md)",
                )
            self.sleep(POLL_S)
            waited += POLL_S
            before, seen = seen, self.progress()
            waited = 0.0 if seen > before else waited
        return seen

    def _finish(self) -> None:
        """Wait until everything that was folded is decided and published."""
        left, waited = self.undone(), 0.0
        while left:
            if waited >= TIME_OUT_S:
                raise CommandError(
                    f"{left} closes or publications are not done, and nothing has changed for "
                    f"{TIME_OUT_S // 60} minutes",
                    "look at the dead letters and the log of score_events (docs/runbook.md)",
                )
            self.sleep(FINISH_S)
            waited += FINISH_S
            before, left = left, self.undone()
            waited = 0.0 if left < before else waited


def put_into(kinesis: Any, stream: str, sleep: Callable[[float], None]) -> Callable[..., None]:
    """Return what puts batches into a stream; what is refused is sent again with all after it.

    A record that comes twice changes nothing, one that overtakes another of its key may.
    """

    def put(batch: Sequence[Archived]) -> None:
        left = [{"Data": one.data, "PartitionKey": one.key} for one in batch]
        while left:
            answer = kinesis.put_records(StreamName=stream, Records=left)
            failed = [n for n, row in enumerate(answer["Records"]) if row.get("ErrorCode")]
            left = left[failed[0] :] if failed else []
            if left:
                sleep(POLL_S)

    return put


def progress_of(dynamodb: Any, table: str, key: str) -> Callable[[], int]:
    """Return what reads the close time (ms) up to which a stage has folded."""

    def progress() -> int:
        answer = dynamodb.get_item(TableName=table, Key={"symbol": {"S": key}}, ConsistentRead=True)
        return int(answer.get("Item", {}).get("last", {}).get("N", 0))

    return progress


def undone_of(dynamodb: Any, outputs: Mapping[str, str]) -> Callable[[], int]:
    """Return what counts a stage's closes without a decision, and what it has not published."""

    def counted(operation: str, output: str, **query: Any) -> int:
        pages = dynamodb.get_paginator(operation).paginate(
            TableName=outputs[output], Select="COUNT", **query
        )
        return sum(page["Count"] for page in pages)

    def undone() -> int:
        waiting = counted(
            "query",
            "SignalsTable",
            IndexName="by_outbox",
            KeyConditionExpression="outbox = :one",
            ExpressionAttributeValues={":one": {"S": OUTBOX}},
        )
        closes, decisions = (counted("scan", name) for name in ("EventsTable", "DecisionsTable"))
        return waiting + max(0, closes - decisions)

    return undone


def fresh_stage(cloud: AwsCloud, stack: str) -> Mapping[str, str]:
    """Return the outputs of a stage without a feed; raises CommandError for any other."""
    fix = "rebuild into a stage of its own: signalengine deploy --stage NAME -p IngestTasks=0"
    if stack in (ONLY.code, Stage(PRODUCTION).code):
        raise CommandError(f"{stack} is in use", fix)
    found = cloud.stack(stack)
    if found is None:
        raise CommandError(f"there is no stack {stack} in {cloud.region}", fix)
    if cloud.parameter(stack, "IngestTasks") != "0":
        raise CommandError(f"{stack} has a feed of its own", fix)
    return found.outputs


def stage_of(
    cloud: AwsCloud, outputs: Mapping[str, str], sleep: Callable[[float], None], ahead_ms: int
) -> Rebuild:
    """Return the rebuild of a stage by its outputs."""
    return Rebuild(
        put_into(cloud.client("kinesis"), outputs["FeedStreamName"], sleep),
        progress_of(cloud.client("dynamodb"), outputs["StateTable"], PROGRESS_KEY),
        sleep,
        ahead_ms,
        undone_of(cloud.client("dynamodb"), outputs),
    )
