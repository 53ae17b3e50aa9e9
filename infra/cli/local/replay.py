"""`signalengine replay`: the same system, headless, to the end of a recording, with a report."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import model_of_environment, policy_of
from infra.errors import CommandError
from infra.local.replay.collector import ReplayCollector
from infra.local.replay.listener import Listener
from infra.local.replay.pacer import Pacer
from infra.local.replay.report import build
from infra.local.stack.options import RunOptions
from infra.local.stack.system import LocalSystem
from machine.files import write
from machine.folders import tool_caches

POLL_S = 1.0
STALL_S = 180.0
LISTEN_S = 60.0
"""The first answer includes a function's cold start."""


@contextmanager
def played(options: RunOptions, out: Console) -> Iterator[ReplayCollector]:
    """Start the system, play to the end, settle and deliver; it still runs inside the block."""
    os.environ.update(tool_caches())
    with LocalSystem(options, report=lambda text: out.print(f"[dim]· {text}[/]")) as system:
        listener = Listener(system.addresses.websocket)
        listener.start(LISTEN_S)
        try:
            collector = ReplayCollector(system, listener)
            with Pacer(system, collector) if options.speed == "max" else nullcontext():
                play_to_end(system, collector, out)
            yield collector
        finally:
            listener.stop()


def run_replay(
    options: RunOptions, report_file: Path | None, console: Console | None = None
) -> int:
    """Play to the end, settle, report; return the exit code."""
    report_file = checked_output("--report", report_file)
    out = console or console_beside(report_file)
    model_of_environment(policy_of(options.policy))
    began = time.monotonic()
    with played(options, out) as collector:
        seen = collector.seen(wall_s=time.monotonic() - began)
    report = {"options": _described(options), **build(seen)}
    if report_file is not None:
        write(report_file, json.dumps(report, indent=2) + "\n")
        out.print(f"report: {report_file}")
    out.print(_summary(report))
    return 0 if report["lost"] == report["duplicated"] == report["overdue"] == 0 else 1


def play_to_end(system: LocalSystem, collector: ReplayCollector, out: Console) -> None:
    """Show the progress of market and engine until no work is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        span = collector.end - collector.start
        market = progress.add_task("market", total=span, note="")
        engine = progress.add_task("engine", total=span, note="")
        last_change, before = time.monotonic(), ""
        while True:
            system.check()
            left = collector.remaining()
            _show(progress, market, left.market_time - collector.start, left.market_state)
            _show(progress, engine, left.engine_time - collector.start, left.words)
            if left.nothing:
                return
            mark = f"{left.market_time} {left.engine_time} {left.words}"
            if mark != before:
                last_change, before = time.monotonic(), mark
            if time.monotonic() - last_change > STALL_S:
                raise CommandError(
                    f"no progress for {STALL_S:.0f} s; remaining: {left.words}; "
                    f"see {system.options.state_dir}/logs/"
                )
            time.sleep(POLL_S)


def _show(progress: Progress, task: TaskID, done: int, note: str) -> None:
    progress.update(task, completed=max(0, done), note=note)


def _described(options: RunOptions) -> dict[str, Any]:
    return {
        "source": options.source, "symbols": options.symbols, "from": options.start,
        "to": options.end, "speed": options.speed, "market": options.market,
    }  # fmt: skip


def _summary(report: dict[str, Any]) -> Table:
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
