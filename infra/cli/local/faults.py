"""`signalengine faults`: the fault bench in a terminal."""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.cli.outputs import checked_output, console_beside
from infra.errors import CommandError
from infra.local.exchange.options import moment
from infra.local.faults.bench import Bench, report
from infra.local.faults.evaluation import Verdict
from infra.local.faults.scenarios import MINUTE_MS, SCENARIOS, Plan
from machine.files import write

SHOWN = 3
ROOM = 12
"""Progress bars that fit on a screen."""


def run_faults(
    plan: Plan, report_file: Path | None, folder: Path, console: Console | None = None
) -> int:
    """Run the bench, print its table; returns 1 when a row has failed."""
    report_file = checked_output("--report", report_file)
    out = console or console_beside(report_file)
    unknown = [name for name in plan.names if name not in SCENARIOS]
    if unknown:
        raise CommandError(f"no scenario {', '.join(unknown)}: choose from {', '.join(SCENARIOS)}")
    start = None if plan.start is None else moment(plan.start)
    minutes = None
    if plan.start is not None and plan.end is not None:
        minutes = (moment(plan.end) - moment(plan.start)) // MINUTE_MS
    bench = Bench(plan, folder, start, minutes)
    verdicts = _run(bench, out)
    found = report(bench, verdicts)
    out.print(table(found))
    out.print(_conditions(found), highlight=False)
    if report_file is not None:
        write(report_file, json.dumps(found, indent=1) + "\n")
        out.print(f"report: {report_file}")
    return 0 if found["passed"] else 1


def _run(bench: Bench, out: Console) -> list[Verdict]:
    columns = (TextColumn("{task.description:20}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        running = Running(progress)
        bench.undisturbed(running.update)
        count = len(bench.plan.scenarios())
        whole = progress.add_task("scenarios", total=count, note="")
        verdicts = []
        for verdict in bench.verdicts(running.update):
            verdicts.append(verdict)
            mark = "[green]passed[/]" if verdict.passed else "[red]failed[/]"
            progress.console.print(f"{mark} {verdict.name}", highlight=False)
            _print_problems(asdict(verdict), progress.console)
            progress.update(whole, advance=1, note=f"{len(verdicts)} of {count}")
            running.over(verdict.name)
    return verdicts


class Running:
    """A progress bar for each running scenario; those beyond `ROOM` share one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._others: dict[str, float] = {}
        self._shared: TaskID | None = None
        self._lock = threading.Lock()

    def update(self, name: str, share: float) -> None:
        """Show the share of a scenario that is done; may be called from any thread."""
        with self._lock:
            if name in self._tasks:
                self._progress.update(self._tasks[name], completed=share)
            elif name in self._others or len(self._tasks) >= ROOM:
                self._others[name] = share
                self._share()
            else:
                self._tasks[name] = self._progress.add_task(name, total=1.0, note="")

    def over(self, name: str) -> None:
        """Remove a scenario's bar."""
        with self._lock:
            if name in self._tasks:
                self._progress.remove_task(self._tasks.pop(name))
            elif name in self._others:
                self._others[name] = 1.0
                self._share()

    def _share(self) -> None:
        if self._shared is None:
            self._shared = self._progress.add_task("others", total=1.0, note="")
        shares = self._others.values()
        note = f"{len(shares)} more, the last at {100 * min(shares):.0f} %"
        mean = sum(shares) / len(shares)
        self._progress.update(self._shared, completed=mean, note=note)


def table(found: dict[str, Any]) -> Table:
    """Return the bench's table."""
    out = Table(title="fault bench")
    for head in ("", "fault", "detected", "latest bar", "lost", "wrong", "decisions", ""):
        right = head in ("detected", "latest bar", "lost", "wrong", "decisions")
        out.add_column(head, justify="right" if right else "left")
    for row in found["rows"]:
        out.add_row(*cells(row))
    return out


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return a row of the table as texts; docs/faults.md is written from the same."""
    mark = "[green]✓[/]" if row["passed"] else "[red]✗[/]"
    return (
        mark, escape(row["words"]), _seconds(row["noticed_s"]), _seconds(row["latest_s"]),
        str(len(row["lost"])), str(len(row["wrong"])), _decisions(row),
        escape(row["problem"].splitlines()[0] if row["problem"] else row["noticed_by"]),
    )  # fmt: skip


def _decisions(row: dict[str, Any]) -> str:
    if not row["decisions"]:
        return "–"
    if not row["differing"]:
        return f"{row['decisions']} equal"
    explained = "reported afterwards" if row["afterwards"] else "stamped"
    explained = "UNEXPLAINED" if row["unexplained"] else explained
    return f"{row['differing']} of {row['decisions']} differ, {explained}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _print_problems(row: dict[str, Any], out: Console) -> None:
    kinds: Sequence[str] = ("lost", "wrong", "altered", "unexplained")
    for kind in kinds:
        for item in row[kind][:SHOWN]:
            out.print(f"[red]{row['name']}[/] {kind}: {escape(str(item))}", highlight=False)
        if len(row[kind]) > SHOWN:
            out.print(f"{row['name']} {kind}: {len(row[kind]) - SHOWN} more")
    if row["problem"]:
        out.print(f"[red]{row['name']}[/] {escape(row['problem'])}", highlight=False)
    if row["disordered"]:
        out.print(f"[red]{row['name']}[/] {row['disordered']} facts out of order")


def _conditions(found: dict[str, Any]) -> str:
    start, end = (
        datetime.fromtimestamp(found[name] / 1_000, UTC).strftime("%Y-%m-%d %H:%M")
        for name in ("start", "end")
    )
    return (
        f"[dim]{found['source']}, {', '.join(found['symbols'])}, {start} .. {end} UTC at most; "
        f"speed {found['speed']:g}, {found['jobs']} at a time, {found['wall_s']:.0f} s of wall "
        "time. Seconds in the table are the exchange's.[/]"
    )
