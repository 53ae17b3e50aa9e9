"""One replay: a local exchange, the real ingest task and the stream, until the span is over."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import requests
from signalengine.binance import parse_kline_rows
from signalengine.intervals import INTERVAL_MS, INTERVALS

from infra.local.errors import LocalRunError
from infra.local.faults.scenarios import LEAD_MIN, MINUTE_MS, Plan, Scenario
from infra.local.faults.seen import Clocks, Seen, read_words, take
from infra.local.faults.stream import LocalStream, StreamFault
from infra.local.processes import Child

READY_S: Final = 60.0
LOOK_S: Final = 0.1
QUIET_S: Final = 12.0
"""Seconds after the end of the play in which no bar has arrived: none will."""
SYMBOL_ROWS: Final = 1_500
BEFORE_MS: Final = 3_600_000
"""The task tells bars from before the play, too, that closed while it was starting."""
UPDATES: Final = 60
"""Klines a minute and symbol, at any speed: a clock that leaps is no clock to the task."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a run plays: `start` None is the source's own beginning."""

    start: int | None
    minutes: int
    speed: str


def play(
    plan: Plan, scenario: Scenario, span: Span, folder: Path, look: Callable[[float], None]
) -> Seen:
    """Run one scenario; `look` is told the share that is done, and may raise to end it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    with ExitStack() as stack:
        exchange = _exchange(plan, span, folder)
        stack.callback(exchange.stop)
        ready = exchange.ready(READY_S)
        base = f"http://127.0.0.1:{ready['port']}"
        start, symbols = int(ready["start"]), ready["symbols"]
        _post(f"{base}/_local/faults", scenario.rows(start, symbols))
        end = start + span.minutes * MINUTE_MS
        seen = Seen(start, end, symbols, Clocks(start))
        stream = LocalStream(lambda: seen.clocks.now, _stream_faults(scenario, start))
        stack.enter_context(stream)
        follow = scenario.follow or ",".join(symbols)
        market = plan.market if span.speed == "max" or scenario.full_speed else plan.believed
        tasks = Tasks(_environment(market, base, stream, follow, folder), folder)
        stack.callback(tasks.stop)
        if scenario.fatal:
            _wait_for_exit(tasks)
        else:
            tasks.ready()
            at = start + LEAD_MIN * MINUTE_MS if scenario.killed else None
            _watch(seen, base, stream, tasks, look, at)
            _ask_truth(seen, base)
        tasks.stop()
        seen.exit_code = tasks.exit_code
        take(seen, stream.taken)
        seen.words = [word for log in tasks.logs for word in read_words(log)]
        seen.struck = min((f.struck for f in stream.faults if f.struck), default=seen.struck)
    seen.wall_s = time.monotonic() - began
    return seen


class Tasks:
    """The ingest task, and the one after it."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self._env, self._folder = env, folder
        self.logs: list[Path] = []
        self._child = self._begun()

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._child.exit_code

    def ready(self) -> None:
        """Wait until it is subscribed."""
        self._child.ready(READY_S)

    def kill(self) -> None:
        """End it without a goodbye, and start another one."""
        self._child.kill()
        self._child.stop()
        self._child = self._begun()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._child.stop()

    def _begun(self) -> Child:
        name = f"ingest-{len(self.logs) + 1}"
        child = Child(name, ["ingest_task"], env=self._env, log_dir=self._folder)
        self.logs.append(child.log)
        return child


def moment(ms: int) -> str:
    """Return an event time as the exchange's command line takes it."""
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat()


def _exchange(plan: Plan, span: Span, folder: Path) -> Child:
    arguments = [
        "infra.local.exchange", "--source", plan.source, "--speed", span.speed, "--port", "0",
        "--seed", str(plan.seed), "--updates", str(UPDATES),
    ]  # fmt: skip
    if plan.symbols:
        arguments += ["--symbols", plan.symbols]
    if span.start is not None:
        arguments += ["--from", moment(span.start)]
        arguments += ["--to", moment(span.start + span.minutes * MINUTE_MS)]
    return Child("exchange", arguments, env=os.environ, log_dir=folder)


def _stream_faults(scenario: Scenario, start: int) -> list[StreamFault]:
    at = start + LEAD_MIN * MINUTE_MS
    return [StreamFault(fault.kind, at, fault.for_s, fault.delay_s) for fault in scenario.stream]


def _environment(
    market: str, base: str, stream: LocalStream, follow: str, folder: Path
) -> Mapping[str, str]:
    """The task's own: nothing of this machine's AWS account comes in."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return plain | {
        "AWS_ENDPOINT_URL": stream.endpoint, "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "ap-northeast-1",
        "AWS_EC2_METADATA_DISABLED": "true", "FEED_STREAM": "feed", "SYMBOLS": follow,
        "MARKET": market, "SPOOL_DIR": str(folder / "spool"), "TASK_NAME": "bench",
        "BINANCE_REST_BASE": base, "BINANCE_WS_BASE": base.replace("http://", "ws://"),
    }  # fmt: skip


def _watch(
    seen: Seen,
    base: str,
    stream: LocalStream,
    tasks: Tasks,
    look: Callable[[float], None],
    kill_at: int | None,
) -> None:
    """Follow the play to its end, and wait then for what is still on its way."""
    known, changed = 0, time.monotonic()
    with requests.Session() as session:
        while True:
            status = session.get(f"{base}/_local/status", timeout=10).json()
            now = min(int(status["now"]), seen.end)
            seen.clocks.note(time.time(), now)
            look((now - seen.start) / (seen.end - seen.start))
            if tasks.exit_code is not None:
                raise LocalRunError(f"the task ended with {tasks.exit_code}: {tasks.logs[-1]}")
            if kill_at is not None and now >= kill_at:
                tasks.kill()
                seen.struck, kill_at = now, None
            if stream.bars != known:
                known, changed = stream.bars, time.monotonic()
            over = status["state"] == "ended" or now >= seen.end
            if over and (_complete(seen, stream) or time.monotonic() - changed > QUIET_S):
                return
            time.sleep(LOOK_S)


def _complete(seen: Seen, stream: LocalStream) -> bool:
    """Return whether the last minute of every symbol is in the stream."""
    last = f'"close_time":{seen.end},'.encode()
    there = {one.key for one in stream.taken[-2_000:] if last in one.data}
    return there >= set(seen.symbols)


def _ask_truth(seen: Seen, base: str) -> None:
    """Ask the exchange, rid of its faults, for its own bars, and when the faults struck."""
    rows = requests.get(f"{base}/_local/faults", timeout=10).json()
    seen.fault_rows = rows
    seen.struck = min((row["first"] for row in rows if row["first"]), default=seen.struck)
    requests.delete(f"{base}/_local/faults", timeout=10).raise_for_status()
    for symbol in seen.symbols:
        for interval in INTERVALS:
            for bar in _klines(base, symbol, interval, seen.start - BEFORE_MS, seen.end):
                seen.truth[symbol, interval, bar.open_time] = bar


def _klines(base: str, symbol: str, interval: str, start: int, end: int) -> list[Any]:
    """Return the bars that closed after `start`, not after `end`."""
    span, out = INTERVAL_MS[interval], []
    since = start - span + 1
    while since < end:
        query: dict[str, Any] = {
            "symbol": symbol, "interval": interval, "limit": SYMBOL_ROWS, "startTime": since,
            "endTime": end - 1,
        }  # fmt: skip
        answer = requests.get(f"{base}/fapi/v1/klines", params=query, timeout=10)
        answer.raise_for_status()
        bars = parse_kline_rows(answer.json(), interval)
        out += [bar for bar in bars if start < bar.close_time <= end]
        if len(bars) < SYMBOL_ROWS:
            break
        since = bars[-1].open_time + 1
    return out


def _wait_for_exit(tasks: Tasks) -> None:
    give_up = time.monotonic() + READY_S
    while tasks.exit_code is None and time.monotonic() < give_up:
        time.sleep(LOOK_S)


def _post(url: str, body: Any) -> None:
    answer = requests.post(url, json=body, timeout=10)
    if answer.status_code != 200:
        raise LocalRunError(f"the exchange refused a fault: {answer.text}")
