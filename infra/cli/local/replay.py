"""`signalengine replay`: the same system, headless, to the end of a recording, with a report."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.cli.local.interrupts import interruptible
from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import model_of_environment, policy_of
from infra.cli.strategies.alone import with_set
from infra.errors import INCOMPLETE, INTERRUPTED, PROBLEM, CommandError
from infra.local.replay.collector import Remaining, ReplayCollector
from infra.local.replay.listener import Listener
from infra.local.replay.pacer import Pacer
from infra.local.replay.progress import StallDetector
from infra.local.replay.reading import UNREADABLE
from infra.local.replay.report import build
from infra.local.stack.options import RunOptions
from infra.local.stack.routing import Proxy
from infra.local.stack.system import LocalSystem
from machine.files import write
from machine.folders import tool_caches

POLL_S = 1.0
LISTEN_S = 60.0
"""The first answer includes a function's cold start."""
STOPPED = "stopped by Ctrl-C"
ENDED = "it ended unexpectedly"


class ReplayEndedError(CommandError):
    """A replay ended before its market and all that follows from it."""


@contextmanager
def started(options: RunOptions, out: Console) -> Iterator[ReplayCollector]:
    """Start the system and a client of its WebSocket; they run inside the block."""
    with running(options, out) as system:
        listener = Listener(system.addresses.websocket)
        try:
            listener.start(LISTEN_S, system.check)
            yield ReplayCollector(system, listener)
        finally:
            listener.stop()


def running(options: RunOptions, out: Console, proxy: Proxy | None = None) -> LocalSystem:
    """Return the system, not yet started; it prints what it starts and what holds up a part."""
    os.environ.update(tool_caches())
    return LocalSystem(
        replace(options, local_telegram=True),  # a chat of people is no place for replays
        report=lambda text: out.print(f"[dim]· {text}[/]"),
        on_status=lambda text: out.print(
            f"[yellow]![/] {escape(text)}", highlight=False, soft_wrap=True
        ),
        proxy=proxy,
    )


@contextmanager
def played(options: RunOptions, out: Console) -> Iterator[ReplayCollector]:
    """Start the system, play to the end, settle and deliver; it still runs inside the block."""
    with started(options, out) as collector:
        play(options, collector, out)
        yield collector


def play(options: RunOptions, collector: ReplayCollector, out: Console) -> None:
    """Play to the end; raises ReplayEndedError when it does not get there."""
    system = collector.system
    with Pacer(system, collector) if options.speed == "max" else nullcontext():
        play_to_end(system, collector, out)


def run_replay(
    options: RunOptions,
    report_file: Path | None,
    console: Console | None = None,
    *,
    strategy: str | None = None,
) -> int:
    """Play to the end, settle, report; return the exit code.

    A replay that ends early is reported too, as far as its parts can still be read.
    """
    report_file = checked_output("--report", report_file)
    out = console or console_beside(report_file)
    options, _ = with_set(options, strategy)
    model_of_environment(policy_of(options.policy))
    began = time.monotonic()
    report: dict[str, Any] = {
        "options": described(options), "complete": False, "incomplete_because": ENDED
    }  # fmt: skip
    try:
        with interruptible(), started(options, out) as collector:
            reason = reason_to_end(options, collector, out)
            seen = collector.seen(time.monotonic() - began, partial=reason is not None)
            report |= build(seen, reason, collector.unread)
    except (CommandError, KeyboardInterrupt) as error:
        report["incomplete_because"] = str(error) or STOPPED
        if isinstance(error, CommandError):
            raise
    finally:
        if report_file is not None:
            write(report_file, json.dumps(report, indent=2) + "\n")
            out.print(f"report: {report_file}")
    return _result(report, out)


def _result(report: dict[str, Any], out: Console) -> int:
    """Print the summary; return the exit code."""
    if "lost" in report:
        out.print(summary(report))
    if not report["complete"]:
        reason = report["incomplete_because"]
        out.print(f"[bold red]incomplete:[/] {escape(reason)}", highlight=False, soft_wrap=True)
        return INTERRUPTED if reason == STOPPED else INCOMPLETE
    return 0 if report["lost"] == report["duplicated"] == report["overdue"] == 0 else PROBLEM


def reason_to_end(options: RunOptions, collector: ReplayCollector, out: Console) -> str | None:
    """Play; return why it ended before its end, None when it did not."""
    try:
        play(options, collector, out)
    except KeyboardInterrupt:
        return STOPPED
    except ReplayEndedError as error:
        return str(error)
    return None


def play_to_end(system: LocalSystem, collector: ReplayCollector, out: Console) -> None:
    """Show the progress of market and engine until no work is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), console=out) as shown:
        span = collector.end - collector.start
        market = shown.add_task("market", total=span, note="")
        engine = shown.add_task("engine", total=span, note="")
        stall = StallDetector()
        while True:
            left = _reading(system, collector)
            _show(shown, market, left.market_time - collector.start, left.market_state)
            _show(shown, engine, left.engine_time - collector.start, left.words)
            if left.nothing:
                return
            _observe(stall, left, collector)
            if stall.waits_for:
                _show(shown, engine, left.engine_time - collector.start, stall.waits_for)
            if stall.over:
                raise ReplayEndedError(
                    f"no progress for {stall.quiet_s:.0f} s; remaining: {left.words}; "
                    f"see {system.options.state_dir}/logs/"
                )
            time.sleep(POLL_S)


def _reading(system: LocalSystem, collector: ReplayCollector) -> Remaining:
    """Return the remaining work; raises ReplayEndedError when a part has ended."""
    try:
        system.check()
        return collector.remaining()
    except CommandError as error:
        raise ReplayEndedError(str(error)) from error
    except UNREADABLE as error:
        raise ReplayEndedError(f"a part does not answer: {error}") from error


def _observe(stall: StallDetector, left: Remaining, collector: ReplayCollector) -> None:
    try:
        mark = f"{left.market_time} {left.engine_time} {left.words}"
        stall.observe(mark, collector.on_its_way)
    except UNREADABLE as error:
        raise ReplayEndedError(f"a part does not answer: {error}") from error


def _show(progress: Progress, task: TaskID, done: int, note: str) -> None:
    progress.update(task, completed=max(0, done), note=note)


def described(options: RunOptions) -> dict[str, Any]:
    return {
        "source": options.source, "symbols": options.symbols, "from": options.start,
        "to": options.end, "speed": options.speed, "market": options.market,
    }  # fmt: skip


def summary(report: dict[str, Any]) -> Table:
    table = Table(title="replay", show_header=False)
    rows = {
        "bars": report["bars"],
        "ticks": report["ticks"],
        "events (closes with events)": report["events"],
        "decisions": _counts(report["decisions"]),
        "signals": report["signals"],
        "outcomes": _counts(report["outcomes"]),
        "open at end": report["open_at_end"],
        "Telegram opened / closed": f"{report['telegram_opened']} / {report['telegram_closed']}",
        "WebSocket messages": report["websocket_received"],
        "of them requested": report["websocket_requested"],
        "lost": _counts(report["lost_by"]) if report["lost"] else "0",
        "duplicated": _counts(report["duplicated_by"]) if report["duplicated"] else "0",
        "overdue, not settled": report["overdue"],
        "dead letters": report["dead_letters"],
        "exchange → WebSocket": _latency(report["latency_ms"]["websocket"]),
        "exchange → Telegram": _latency(report["latency_ms"]["telegram"]),
        "wall time": f"{report['wall_s']} s",
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items()) or "none"


def _latency(row: dict[str, Any]) -> str:
    if not row["n"]:
        return "no signals"
    return f"p50 {row['p50']:.0f} ms, p99 {row['p99']:.0f} ms (n = {row['n']})"
