"""One replay: a local exchange, the real ingest task and the stream, until the span is over."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import requests
from signalengine.exchanges.binance.messages import parse_kline_rows
from signalengine.intervals import INTERVAL_MS, INTERVALS

from infra.errors import CommandError
from infra.local.faults.observations import Clocks, Observations, read_log, take
from infra.local.faults.scenarios import LEAD_MIN, MINUTE_MS, Plan, Scenario
from infra.local.faults.stream import LocalStream, StreamFault
from infra.local.faults.tasks import READY_S, Tasks, environment, leases
from infra.local.operator_requests import operator_session
from infra.local.stack.private import private_folder
from infra.local.stack.processes import Child

POLL_S: Final = 0.1
SLOW_POLL_S: Final = 0.5
SLOW: Final = 2.0
"""Speed up to which the exchange's clock is polled less often, since many scenarios run at once."""
STATUS_S: Final = 30.0
QUIET_S: Final = 12.0
"""Seconds without a bar after the end of the playback, after which none is expected."""
SYMBOL_ROWS: Final = 1_500
BEFORE_MS: Final = 3_600_000
"""The task also publishes bars that closed while it was starting."""
UPDATES: Final = 60
"""Klines per minute and symbol at any speed: the task needs a clock that advances smoothly."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a run plays: `start` None is the source's own beginning."""

    start: int | None
    minutes: int
    speed: str


def play(
    plan: Plan,
    scenario: Scenario,
    span: Span,
    folder: Path,
    on_progress: Callable[[float], None],
    starting: AbstractContextManager[object],
) -> Observations:
    """Run one scenario; `on_progress` gets the share that is done, 0..1, and may raise to end it.

    `starting` is entered while the exchange and the tasks start, which takes most of the CPU.
    """
    shutil.rmtree(folder, ignore_errors=True)
    private_folder(folder)
    began = time.monotonic()
    with ExitStack() as stack:
        with starting:
            seen, stage = _set_up(plan, scenario, span, folder, stack)
        if scenario.fatal:
            _wait_for_exit(stage.tasks)
        else:
            _watch(seen, stage, on_progress)
            _fetch_truth(seen, stage)
        stage.tasks.stop()
        seen.exit_code = stage.tasks.exit_code
        take(seen, stage.stream.taken)
        seen.log_lines = [line for log in stage.tasks.logs for line in read_log(log)]
        struck = (fault.struck for fault in stage.stream.faults if fault.struck)
        seen.struck = min(struck, default=seen.struck)
    seen.wall_s = time.monotonic() - began
    return seen


@dataclass(frozen=True, slots=True)
class Stage:
    """The parts that run."""

    base: str
    operator: requests.Session
    """For the exchange's `/_local/` endpoints; it sends their token."""
    stream: LocalStream
    tasks: Tasks
    poll_s: float


def _set_up(
    plan: Plan, scenario: Scenario, span: Span, folder: Path, stack: ExitStack
) -> tuple[Observations, Stage]:
    """Start the exchange, the stream and the tasks; all of them end with `stack`."""
    exchange = _exchange(plan, span, folder)
    stack.callback(exchange.stop)
    ready = exchange.ready(READY_S)
    base = f"http://127.0.0.1:{ready['port']}"
    start, symbols = int(ready["start"]), ready["symbols"]
    operator = stack.enter_context(operator_session(ready["control_token"]))
    _post(operator, f"{base}/_local/faults", scenario.rows(start, symbols))
    seen = Observations(start, start + span.minutes * MINUTE_MS, symbols, Clocks(start))
    stream = LocalStream(lambda: seen.clocks.now, _stream_faults(scenario, start))
    stack.enter_context(stream)
    follow = scenario.follow or ",".join(symbols)
    market = plan.market if span.speed == "max" or scenario.full_speed else plan.task_market
    env = environment(market, base, stream.endpoint, follow, folder)
    if scenario.tasks > 1:
        env |= stack.enter_context(leases(folder))
    tasks = Tasks(env, folder, scenario.ending, scenario.tasks)
    stack.callback(tasks.stop)
    if not scenario.fatal:
        tasks.ready()
    return seen, Stage(base, operator, stream, tasks, POLL_S if plan.speed > SLOW else SLOW_POLL_S)


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


def _watch(seen: Observations, stage: Stage, on_progress: Callable[[float], None]) -> None:
    """Follow the playback to its end, then wait for the last bars."""
    known, changed = 0, time.monotonic()
    while True:
        status = stage.operator.get(f"{stage.base}/_local/status", timeout=STATUS_S).json()
        now = min(int(status["now"]), seen.end)
        seen.clocks.note(time.time(), now)
        on_progress((now - seen.start) / (seen.end - seen.start))
        if stage.tasks.poll(lead_over=now >= seen.start + LEAD_MIN * MINUTE_MS):
            seen.struck = now
        if stage.stream.bars != known:
            known, changed = stage.stream.bars, time.monotonic()
        over = status["state"] == "ended" or now >= seen.end
        if over and (_complete(seen, stage.stream) or time.monotonic() - changed > QUIET_S):
            return
        time.sleep(stage.poll_s)


def _complete(seen: Observations, stream: LocalStream) -> bool:
    """Return whether the last minute of every symbol is in the stream."""
    last = f'"close_time":{seen.end},'.encode()
    there = {one.key for one in stream.taken[-2_000:] if last in one.data}
    return there >= set(seen.symbols)


def _fetch_truth(seen: Observations, stage: Stage) -> None:
    """Fetch the exchange's bars without its faults, and when the faults took effect."""
    faults, base = f"{stage.base}/_local/faults", stage.base
    rows = stage.operator.get(faults, timeout=10).json()
    seen.struck = min((row["first"] for row in rows if row["first"]), default=seen.struck)
    stage.operator.delete(faults, timeout=10).raise_for_status()
    for symbol in seen.symbols:
        for interval in INTERVALS:
            for bar in klines(base, symbol, interval, seen.start - BEFORE_MS, seen.end):
                seen.truth[symbol, interval, bar.open_time] = bar


def klines(base: str, symbol: str, interval: str, start: int, end: int) -> list[Any]:
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
        time.sleep(POLL_S)


def _post(operator: requests.Session, url: str, body: Any) -> None:
    answer = operator.post(url, json=body, timeout=10)
    if answer.status_code != 200:
        raise CommandError(f"the exchange refused a fault: {answer.text}")
