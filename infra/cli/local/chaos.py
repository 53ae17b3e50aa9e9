"""`signalengine chaos`: seeded schedules of faults in a terminal."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.cli.outputs import checked_output, console_beside
from infra.local.chaos.model.mutations.hunt import Caught, hunt_all
from infra.local.chaos.model.mutations.progress import resumed
from infra.local.chaos.model.mutations.table import mutations
from infra.local.chaos.model.run import Totals, play_all, spread
from machine.files import write

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """Which seeds to play."""

    first: int
    seeds: int
    jobs: int | None


def run_chaos(plan: Plan, report_file: Path | None, console: Console | None = None) -> int:
    """Play the seeds, print what came of them; returns 1 when something was violated."""
    report_file = checked_output("--report", report_file)
    out, began = console or console_beside(report_file), time.monotonic()
    columns = (TextColumn("schedules"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        task = progress.add_task("", total=plan.seeds)

        def played(part: Totals) -> None:
            progress.update(task, advance=part.schedules)
            for failure in part.failures[:SHOWN]:
                progress.console.print(
                    f"[red]seed {failure.seed}[/]: {escape(failure.violations[0])}"
                )
                progress.console.print(escape(failure.test))

        totals = play_all(plan.first, plan.seeds, plan.jobs, played)
    out.print(table(totals, time.monotonic() - began))
    if report_file is not None:
        write(report_file, json.dumps(totals.report(), indent=1) + "\n")
        out.print(f"report: {report_file}")
    return 1 if totals.failures else 0


def run_mutations(plan: Plan, report_file: Path | None, console: Console | None = None) -> int:
    """Hunt for every mutation, a line each as it is decided; returns 1 when one survives.

    The report is written meanwhile: a hunt that was stopped goes on with what it lacks.
    """
    report_file = checked_output("--report", report_file)
    out = console or console_beside(report_file)
    hunted, known = mutations(), resumed(report_file)
    left = known.left(hunted)
    columns = (TextColumn("mutations"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        task = progress.add_task("", total=len(hunted), completed=len(hunted) - len(left))

        def decided(caught: Caught) -> None:
            known.add(caught)
            progress.update(task, advance=1)
            by = "[red]survived[/]" if caught.by is None else escape(caught.by)
            progress.console.print(f"{escape(caught.mutation)}: {by}, {caught.schedules} played")

        hunt_all(left, plan.seeds, plan.jobs or os.cpu_count() or 1, decided, plan.first)
    out.print(mutation_table(known.found))
    if report_file is not None:
        out.print(f"report: {report_file}")
    return int(any(one.by is None for one in known.found))


def mutation_table(found: Sequence[Caught]) -> Table:
    """Return which seed noticed each mutation, and by what."""
    out = Table(title="mutations")
    for head in ("what is taken away", "noticed by", "schedules", "as"):
        out.add_column(head)
    for one in found:
        by = "[red]survived[/]" if one.by is None else escape(one.by)
        out.add_row(escape(one.mutation), by, str(one.schedules), escape(one.violation[:60]))
    return out


def table(totals: Totals, wall_s: float) -> Table:
    """Return the totals as a table."""
    out = Table(title="schedules of faults", show_header=False)
    out.add_column()
    out.add_column(justify="right")
    rows = {
        "schedules": totals.schedules,
        "a minute": round(60 * totals.schedules / wall_s) if wall_s else 0,
        "invocations": totals.invocations,
        "calls to AWS and Telegram": totals.calls,
        "injected faults and disturbances": totals.injections,
        "of them faults that a call met": totals.faults,
        "signals": totals.signals,
        "Telegram messages twice, in the known window": totals.duplicates,
        "schedules with violations": len(totals.failures),
    }
    for name, value in rows.items():
        out.add_row(name, f"{value:,}")
    times = {
        "ms from a close to its stored outcome: p50, p95, most": totals.settled_ms,
        "ms from stored to published": totals.published_ms,
    }
    for name, taken in times.items():
        of = spread(taken)
        out.add_row(name, f"{of.p50:,}; {of.p95:,}; {of.most:,}")
    return out
