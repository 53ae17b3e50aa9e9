"""A Kinesis stream on loopback: stores the records of PutRecords in order, and fails on command.

PutRecords is the only operation, since the ingest task uses no other. Faults begin at an event time
and last for wall seconds, as an outage of AWS would:

| kind | effect |
|---|---|
| throttled | every record fails: ProvisionedThroughputExceededException |
| partial | every second record fails |
| error | HTTP 500, InternalFailure |
| slow | an answer after `delay_s` |
| away | the connection is cut without an answer |
"""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

from aiohttp import web

from infra.local.operator_requests import new_token, only_this_machine

HOST: Final = "127.0.0.1"
Kind: TypeAlias = Literal["throttled", "partial", "error", "slow", "away"]
_TARGET: Final = "Kinesis_20131202.PutRecords"
_THROTTLED: Final = {
    "ErrorCode": "ProvisionedThroughputExceededException",
    "ErrorMessage": "Rate exceeded for shard shardId-000000000000 in stream feed.",
}
_START_S: Final = 5.0


@dataclass(slots=True)
class StreamFault:
    """One fault; `began` and `struck` are wall time (s) and event time (ms) of its first effect."""

    kind: Kind
    at: int
    for_s: float
    delay_s: float = 0.0
    began: float | None = None
    struck: int | None = None

    def on(self, now: int, wall: float) -> bool:
        """Return whether it is active; the first call after `at` starts it."""
        if now < self.at:
            return False
        if self.began is None:
            self.began, self.struck = wall, now
        return wall < self.began + self.for_s


@dataclass(frozen=True, slots=True)
class Taken:
    """An accepted record with its arrival, `wall` in s and `now` in ms of event time."""

    key: str
    data: bytes
    wall: float
    now: int


@dataclass(slots=True)
class Counts:
    """Counts of calls, and of records refused by a fault."""

    calls: int = 0
    refused_records: int = 0


class LocalStream:
    """A context manager: a server in its own thread."""

    def __init__(self, now: Callable[[], int], faults: list[StreamFault] | None = None) -> None:
        """`now` returns the event time, ms."""
        self._now = now
        self.faults = faults or []
        self.taken: list[Taken] = []
        self.bars = 0
        """Number of records with bars."""
        self.counts = Counts()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="stream", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_START_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None  # noqa: S101 - entered
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(_START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def _start(self) -> None:
        guard = only_this_machine(new_token())
        app = web.Application(middlewares=[guard], client_max_size=8 * 1024 * 1024)
        app.add_routes([web.post("/", self._answer)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.port = self._runner.addresses[0][1]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.counts.calls += 1
        if request.headers.get("X-Amz-Target") != _TARGET:
            return _error(400, "UnknownOperationException", "this stream has PutRecords only")
        records = json.loads(await request.read())["Records"]
        wall = time.time()
        kinds = {fault.kind: fault for fault in self.faults if fault.on(self._now(), wall)}
        if "slow" in kinds:
            await asyncio.sleep(kinds["slow"].delay_s)
        if "away" in kinds:
            assert request.transport is not None  # noqa: S101 - the request has just come
            request.transport.abort()
            return web.Response()
        if "error" in kinds:
            return _error(500, "InternalFailure", "The request processing has failed.")
        refused = [n for n in range(len(records)) if "throttled" in kinds or (
            "partial" in kinds and n % 2)]  # fmt: skip
        return _written(self._take(records, set(refused)))

    def _take(self, records: list[dict[str, Any]], refused: set[int]) -> list[dict[str, str]]:
        """Store the records that are not refused; return an answer for each."""
        answers = []
        wall, now = time.time(), self._now()
        for number, record in enumerate(records):
            if number in refused:
                self.counts.refused_records += 1
                answers.append(_THROTTLED)
                continue
            data = base64.b64decode(record["Data"])
            self.bars += b'"kind":"bars"' in data[:40]
            self.taken.append(Taken(record["PartitionKey"], data, wall, now))
            answers.append({
                "SequenceNumber": f"{len(self.taken):056d}", "ShardId": "shardId-000000000000",
            })  # fmt: skip
        return answers


def _written(answers: list[dict[str, str]]) -> web.Response:
    failed = sum("ErrorCode" in answer for answer in answers)
    return _json(200, {"FailedRecordCount": failed, "Records": answers})


def _error(status: int, code: str, words: str) -> web.Response:
    return _json(status, {"__type": code, "message": words})


def _json(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(
        text=json.dumps(body), status=status, content_type="application/x-amz-json-1.1"
    )
