"""`python -m infra.local.faults.fuzz`: 100,000 broken frames and answers, through the real client.

Frames go through a socket into the task's own feed and recorder, answers through HTTP into its REST
client. Each is counted once: received, malformed or a reply; read or refused. Any other error, a
lost connection, or ten seconds without progress is a failure that names the frame.
"""

import argparse
import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import WSMsgType, web
from rich.console import Console
from signalengine.bars.builder import BarRequest
from signalengine.errors import PermanentError, TransientError
from signalengine.exchanges.registry import DEFAULT, EXCHANGES
from signalengine.facts.stream import Fact

from infra.local.faults.mutation import AT, BODIES, FRAMES, broken, recorded_frames
from infra.local.operator_requests import new_token, only_this_machine
from ingest_task.backfill.rest import RestClient, WeightBudget
from ingest_task.connections.feed import Feed
from ingest_task.lease import NoLease
from ingest_task.logs import configure
from ingest_task.output.sink import SinkCounts
from ingest_task.recording.recorder import Recorder
from machine.terminal import program

HANG_S: Final = 10.0
FRAMES_SHARE: Final = 0.7
_EXCHANGE: Final = EXCHANGES[DEFAULT]
_BUDGET: Final = 10**9
_BODIES_A_CLIENT: Final = 500
"""Requests per client: its budget stores those of the last minute."""


class FuzzError(Exception):
    """The fuzz has failed; the message names the frame or answer."""


@dataclass(slots=True)
class Outcome:
    """Counts of frames and answers by outcome."""

    frames: Counter[str] = field(default_factory=Counter)
    bodies: Counter[str] = field(default_factory=Counter)
    longest_ms: float = 0.0
    """The slowest answer."""


class Exchange:
    """A server in its own thread that sends given frames and answers with a given body."""

    def __init__(self, frames: Sequence[bytes] = ()) -> None:
        self._frames = frames
        self.body = b""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="fuzz", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(HANG_S)
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._runner is not None  # noqa: S101 - entered
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(HANG_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_S)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(middlewares=[only_this_machine(new_token())])
        app.add_routes(
            [web.get("/market/stream", self._stream), web.get("/{path:.*}", self._answer)]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        """Confirm the subscription, send every frame and a valid last one; then wait."""
        ws = web.WebSocketResponse(compress=False, timeout=0.2)
        await ws.prepare(request)
        request = json.loads(await ws.receive_str())
        await ws.send_str(json.dumps({"result": None, "id": request["id"]}))
        for frame in (*self._frames, LAST):
            await ws.send_frame(frame, WSMsgType.TEXT)
        async for _ in ws:
            pass
        return ws

    async def _answer(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.body, content_type="application/json")


LAST: Final = json.dumps({"stream": "last", "data": {"e": "last"}}).encode()


class NullSink:
    """A sink that discards all facts."""

    def put(self, fact: Fact) -> None:
        """Discard it."""

    def counts(self) -> SinkCounts:
        """Nothing was sent."""
        return SinkCounts({}, *(0 for _ in range(len(SinkCounts.__slots__) - 1)))


class CountingRecorder(Recorder):
    """A recorder that counts its messages and records the first error."""

    def __init__(self, request_bars: Callable[[BarRequest], None]) -> None:
        super().__init__(
            _EXCHANGE.streams, ("BTCUSDT", "ETHUSDT"), "live", NullSink(), request_bars, NoLease(),
            task="fuzz",
        )  # fmt: skip
        self.tally: Counter[str] = Counter()
        self.over = threading.Event()
        self.problem = ""

    def on_message(self, data: Any, shard: int = 0) -> None:
        """Count the message and process it."""
        self.tally["received"] += 1
        if data == {"e": "last"}:
            self.over.set()
        try:
            super().on_message(data, shard)
        except Exception as error:  # any error is a finding
            self.problem = self.problem or f"{type(error).__name__}: {error} at {str(data)[:300]}"
            self.over.set()

    def on_malformed(self, reason: str) -> None:
        """Count; messages refused by `on_message` are counted there already."""
        if reason.startswith("frame"):
            self.tally["malformed"] += 1
        else:
            self.tally["refused"] += 1
        super().on_malformed(reason)

    def on_lost(self, shard: int = 0, reason: str = "") -> None:
        """Record that the connection was lost."""
        self.problem = self.problem or f"the connection was lost: {reason}"
        self.over.set()
        super().on_lost(shard, reason)


def fuzz_frames(frames: Sequence[bytes]) -> Counter[str]:
    """Send frames through a real connection; return the counts by outcome."""
    stop = threading.Event()
    recorder = CountingRecorder(lambda _want: None)
    recorder.start_at(AT)
    with Exchange(frames) as exchange:
        base = f"ws://127.0.0.1:{exchange.port}"
        feed = Feed(_EXCHANGE.streams, base, recorder.symbols, recorder, lambda _wait: True, stop)
        feed.start()
        try:
            _await(recorder)
        finally:
            stop.set()
            feed.end(2.0)
    if recorder.problem:
        raise FuzzError(recorder.problem)
    tally = recorder.tally
    tally["replies"] = sum(_is_reply(frame) for frame in frames)
    missing = len(frames) + 1 - tally["received"] - tally["malformed"] - tally["replies"]
    if missing:
        raise FuzzError(f"{missing} of {len(frames)} frames were not counted: {dict(tally)}")
    return tally


def _await(recorder: CountingRecorder) -> None:
    """Wait for the last frame; raises FuzzError after ten seconds without progress."""
    known = -1
    while not recorder.over.wait(HANG_S):
        count = recorder.tally.total()
        if count == known:
            raise FuzzError(f"hangs after {count} frames")
        known = count


def _is_reply(frame: bytes) -> bool:
    """Return whether a frame is an answer to a request, not a stream message."""
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and "stream" not in message


def fuzz_bodies(bodies: Iterable[tuple[str, bytes]]) -> tuple[Counter[str], float]:
    """Answer requests with broken bodies; return the counts by outcome, and the slowest in ms."""
    out: Counter[str] = Counter()
    longest, stop = 0.0, threading.Event()
    with Exchange() as exchange:
        rest = None
        for number, (path, body) in enumerate(bodies):
            if rest is None or number % _BODIES_A_CLIENT == 0:
                base = f"http://127.0.0.1:{exchange.port}"
                rest = RestClient(_EXCHANGE.rest, base, stop, WeightBudget(_BUDGET), tries=1)
            exchange.body = body
            began = time.monotonic()
            with _named(path, body):
                out[_requested(rest, path)] += 1
            longest = max(longest, time.monotonic() - began)
    return out, longest * 1_000.0


@contextmanager
def _named(path: str, body: bytes) -> Any:
    try:
        yield
    except Exception as error:
        raise FuzzError(f"{path}: {type(error).__name__}: {error} at {body[:300]!r}") from error


def _requested(rest: RestClient, path: str) -> str:
    """Make the request of a path; return "read" or "refused"."""
    calls: dict[str, Callable[[], object]] = {
        "/fapi/v1/time": rest.server_time,
        "/fapi/v1/klines": lambda: rest.bars_between("BTCUSDT", "1m", AT, AT + 120_000),
        "/fapi/v1/exchangeInfo": rest.universe,
        "/fapi/v1/openInterest": lambda: rest.open_interest("BTCUSDT"),
        "/fapi/v1/fundingRate": lambda: rest.funding_rates("BTCUSDT", AT, AT + 1),
        "/fapi/v1/fundingInfo": rest.funding_hours,
        "/fapi/v1/ticker/24hr": rest.day_volumes,
    }
    try:
        calls[path]()
    except (PermanentError, TransientError):
        return "refused"
    return "read"


def fuzz(count: int, seed: int, capture: Path | None = None) -> Outcome:
    """Fuzz frames (seven in ten) and answers; raises FuzzError."""
    shapes = [*FRAMES, *(recorded_frames(capture) if capture else ())]
    many = int(count * FRAMES_SHARE)
    frames = list(broken(shapes, many, seed))
    outcome = Outcome(frames=fuzz_frames(frames))
    outcome.bodies, outcome.longest_ms = fuzz_bodies(_bodies(count - many, seed))
    return outcome


def _bodies(count: int, seed: int) -> Iterable[tuple[str, bytes]]:
    paths = list(BODIES)
    made = {path: broken([BODIES[path]], -(-count // len(paths)), seed + n)
            for n, path in enumerate(paths)}  # fmt: skip
    return ((path, next(made[path])) for n in range(count) if (path := paths[n % len(paths)]))


def main() -> int:
    """Fuzz, and print the counts; return 1 on a failure."""
    parser = argparse.ArgumentParser(description="Broken frames and answers for the ingest task")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--capture", type=Path, help="a raw capture whose messages are mutated too")
    request = parser.parse_args()
    configure("CRITICAL")
    console, began = Console(), time.monotonic()
    try:
        outcome = fuzz(request.count, request.seed, request.capture)
    except FuzzError as error:
        console.print(f"[red]failed[/] {error}", highlight=False)
        return 1
    took = time.monotonic() - began
    console.print(f"frames: {dict(outcome.frames)}")
    console.print(f"answers: {dict(outcome.bodies)}, the slowest {outcome.longest_ms:.0f} ms")
    console.print(f"{request.count:,} in {took:.0f} s, seed {request.seed}")
    return 0


if __name__ == "__main__":
    program(main)
