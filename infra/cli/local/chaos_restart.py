"""`signalengine chaos --local-restart`: the local system, killed and started on the same data."""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.cli.local.chaos_stack import LEAD_MS, STOPPED
from infra.cli.local.interrupts import interruptible
from infra.cli.local.replay import POLL_S, running
from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import model_of_environment, policy_of
from infra.errors import INTERRUPTED, PROBLEM, CommandError
from infra.local.chaos.stack.evidence import gather
from infra.local.chaos.stack.expected import expected, undisturbed
from infra.local.chaos.stack.quiescence import DisturbedCollector
from infra.local.chaos.stack.reckoning import drift, reckon
from infra.local.chaos.stack.restarts import Restarter, restarts, unfinished
from infra.local.replay.listener import Listener
from infra.local.replay.pacer import Pacer
from infra.local.replay.progress import StallDetector
from infra.local.replay.reading import UNREADABLE
from infra.local.stack.options import RunOptions
from infra.local.storage.folder import size_of
from machine.files import write


@dataclass(frozen=True, slots=True)
class RestartTrial:
    """What is played, and how often everything is killed."""

    options: RunOptions
    seed: int
    kills: int


def run_restarts(
    trial: RestartTrial, report_file: Path | None, console: Console | None = None
) -> int:
    """Play, kill, start again, compare, report; returns 1 when a promise is broken."""
    report_file = checked_output("--report", report_file)
    out = console or console_beside(report_file)
    report: dict[str, Any] = {"seed": trial.seed, "findings": ["it ended unexpectedly"]}
    try:
        with interruptible():
            report |= _played(trial, out)
    except KeyboardInterrupt:
        report["findings"] = [STOPPED]
    except UNREADABLE as error:
        report["findings"] = [f"a part does not answer: {error}"]
    except CommandError as error:
        report["findings"] = [str(error)]
        raise
    finally:
        if report_file is not None:
            write(report_file, json.dumps(report, indent=1) + "\n")
            out.print(f"report: {report_file}")
    if "restarts" in report:
        out.print(table(report))
    for finding in report["findings"]:
        out.print(f"[red]✗[/] {escape(finding)}", highlight=False, soft_wrap=True)
    if report["findings"] == [STOPPED]:
        return INTERRUPTED
    return PROBLEM if report["findings"] else 0


def _played(trial: RestartTrial, out: Console) -> dict[str, Any]:
    """Play the market while everything is killed; return the report."""
    with tempfile.TemporaryDirectory(prefix="signalengine-data-") as folder:
        options = replace(trial.options, data_dir=Path(folder) / trial.options.market)
        return _played_on(replace(trial, options=options), out)


def _played_on(trial: RestartTrial, out: Console) -> dict[str, Any]:
    policy = policy_of(trial.options.policy)
    model = model_of_environment(policy)
    began = time.monotonic()
    with running(trial.options, out) as system:
        collector = DisturbedCollector(system, [Listener(system.addresses.websocket)])
        collector.clients = ()  # a client's address is new after each start
        plan = restarts(trial.seed, collector.start, collector.end, trial.kills)
        with (
            Pacer(system, collector, LEAD_MS),
            Restarter(system, plan) as restarter,
        ):
            _play(collector, restarter, out)
        problem = unfinished(restarter)
        evidence = gather(collector, None, time.monotonic() - began)
        symbols = system.followed
    result = reckon(evidence, expected(evidence, policy, model))
    plain = undisturbed(trial.options, symbols, policy, model)
    return {
        "source": trial.options.source,
        "symbols": list(symbols),
        "kills": sum(one.kills for one in restarter.done),
        "restarts": [asdict(one) for one in restarter.done],
        "counts": result.counts,
        "lost": result.lost,
        "duplicated": result.duplicated,
        "on_purpose": result.on_purpose,
        "drift": result.drift,
        "from_undisturbed": {} if plain is None else drift(plain, evidence.seen.signals),
        "data_mb": round(_size(trial.options) / 1e6, 1),
        "wall_s": round(evidence.seen.wall_s, 1),
        "findings": [*([problem] if problem else []), *result.findings],
    }


def _play(collector: DisturbedCollector, restarter: Restarter, out: Console) -> None:
    """Wait until all kills have happened and no work is left; raises CommandError."""
    stall, shown = StallDetector(), 0
    while not restarter.problem:
        with restarter.running:
            collector.system.check()
            left = collector.remaining()
        for done in restarter.done[shown:]:
            out.print(f"[dim]· killed {done.kills} ×, ready again in {done.ready_s} s[/]")
        shown = len(restarter.done)
        if left.nothing and not restarter.left:
            return
        stall.observe(f"{left.market_time} {left.engine_time} {left.words}", collector.on_its_way)
        if stall.over:
            raise CommandError(f"no progress for {stall.quiet_s:.0f} s; remaining: {left.words}")
        time.sleep(POLL_S)


def _size(options: RunOptions) -> int:
    return size_of(options.data_dir) if options.data_dir else 0


def table(report: dict[str, Any]) -> Table:
    """Return what was expected and what came of it."""
    out = Table(title="the local system, killed and started again", show_header=False)
    out.add_column()
    out.add_column(justify="right")
    for name, counts in report["counts"].items():
        out.add_row(name, ", ".join(f"{n} {what}" for what, n in counts.items()))
    times = sorted(one["ready_s"] for one in report["restarts"])
    rows = {
        "kills": report["kills"],
        "ready again": f"{times[0]} to {times[-1]} s" if times else "–",
        "lost": _counts(report["lost"]),
        "twice": _counts(report["duplicated"]),
        "again, on purpose": _counts(report["on_purpose"]),
        "statistics that differ from a recount": len(report["drift"]),
        "signals, against an undisturbed feed": _counts(report["from_undisturbed"]),
        "data": f"{report['data_mb']} MB",
        "wall time": f"{report['wall_s']} s",
    }
    for name, value in rows.items():
        out.add_row(name, str(value))
    return out


def _counts(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items() if n) or "0"
