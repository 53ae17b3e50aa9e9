"""`signalengine chaos` without `--model`: the deployed stack under a seeded plan of faults."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from signalengine.intervals import MINUTE_MS

from infra.cli.local.interrupts import interruptible
from infra.cli.local.replay import ReplayEndedError, play_to_end, running
from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import model_of_environment, policy_of
from infra.errors import INTERRUPTED, PROBLEM, CommandError
from infra.local.chaos.stack.call_faults import CallFaults
from infra.local.chaos.stack.conductor import Conductor, Injected
from infra.local.chaos.stack.evidence import Evidence, gather, tapped
from infra.local.chaos.stack.expected import expected, undisturbed
from infra.local.chaos.stack.plan import plan
from infra.local.chaos.stack.proxy import FaultProxy
from infra.local.chaos.stack.quiescence import DisturbedCollector
from infra.local.chaos.stack.reckoning import Reckoning, drift, reckon
from infra.local.replay.listener import Listener
from infra.local.replay.pacer import Pacer
from infra.local.replay.reading import UNREADABLE
from infra.local.stack.options import RunOptions
from ingest_task.following import SETTLED_MS
from machine.files import write

CLIENTS: Final = 3
LISTEN_S: Final = 60.0
"""The first answer includes a function's cold start."""
LEAD_MS: Final = SETTLED_MS - 2 * MINUTE_MS
"""How far the market may be ahead of the engine. What an ingest task has in memory when it is
killed is lost, and the next one sends the minutes of `SETTLED_MS` again: live those are ten minutes
of waiting for the stream, at full speed a few seconds."""
STOPPED: Final = "stopped by Ctrl-C"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is played, and how much is injected."""

    options: RunOptions
    seed: int
    injections: int


def run_trial(trial: Trial, report_file: Path | None, console: Console | None = None) -> int:
    """Play, inject, compare, report; returns 1 when a promise is broken."""
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
    if "injections" in report:
        out.print(injections_table(report))
        out.print(table(report))
    for finding in report["findings"]:
        out.print(f"[red]✗[/] {escape(finding)}", highlight=False, soft_wrap=True)
    if report["findings"] == [STOPPED]:
        return INTERRUPTED
    return PROBLEM if report["findings"] else 0


def _played(trial: Trial, out: Console) -> dict[str, Any]:
    """Play the market and the plan; return the report."""
    policy = policy_of(trial.options.policy)
    model = model_of_environment(policy)
    began, faults = time.monotonic(), CallFaults()
    with (
        FaultProxy(faults) as proxy,
        running(trial.options, out, proxy) as system,
        _clients(system.addresses.websocket, system.check) as clients,
    ):
        collector, tap = DisturbedCollector(system, clients), tapped(system)
        steps = plan(trial.seed, collector.start, collector.end, trial.injections)
        with (
            Pacer(system, collector, LEAD_MS) as pacer,
            Conductor(system, steps, faults, clients, pacer, trial.seed) as conductor,
        ):
            proxy.kill = conductor.kill_at
            ended = _ended(collector, out)
        evidence = gather(collector, tap, time.monotonic() - began)
        symbols = system.followed
    result = reckon(evidence, expected(evidence, policy, model))
    plain = undisturbed(trial.options, symbols, policy, model)
    result.findings[:0] = [text for text in (ended, conductor.problem) if text]
    return {
        **_described(trial, collector),
        **_injected(conductor),
        "calls": dict(sorted(proxy.calls.items())),
        **_compared(result, evidence),
        "from_undisturbed": {} if plain is None else drift(plain, evidence.seen.signals),
    }


def _ended(collector: DisturbedCollector, out: Console) -> str:
    """Play until nothing is left; return why it ended before, "" when it did not."""
    try:
        play_to_end(collector.system, collector, out)
    except ReplayEndedError as error:
        return str(error)
    except UNREADABLE as error:
        return f"a part does not answer: {error}"
    return ""


@contextmanager
def _clients(url: str, check: Any) -> Iterator[list[Listener]]:
    with ExitStack() as stack:
        clients = [Listener(url) for _ in range(CLIENTS)]
        for client in clients:
            stack.callback(client.stop)
            client.start(LISTEN_S, check)
        yield clients


def _described(trial: Trial, collector: DisturbedCollector) -> dict[str, Any]:
    return {
        "source": trial.options.source,
        "symbols": list(collector.system.followed),
        "start": collector.start,
        "end": collector.end,
    }


def _injected(conductor: Conductor) -> dict[str, Any]:
    done = conductor.done
    return {
        "injected": sum(one.met > 0 for one in done),
        "effects": sum(one.met for one in done),
        "not_met": sum(not one.met for one in done),
        "injections": by_kind(done),
        "killed": conductor.killed.counts,
        "slowest_s": {"fold": _slowest(done)},
    }


def _compared(result: Reckoning, evidence: Evidence) -> dict[str, Any]:
    return {
        "counts": result.counts,
        "lost": result.lost,
        "duplicated": result.duplicated,
        "on_purpose": result.on_purpose,
        "drift": result.drift,
        "slowest_message_s": result.slowest_s,
        "findings": result.findings,
        "denied_calls": len(evidence.denied),
        "dead_letters": len(evidence.letters),
        "wall_s": round(evidence.seen.wall_s, 1),
    }


def by_kind(done: list[Injected]) -> list[dict[str, Any]]:
    """Return the rows of the report: how often each kind of injection took effect."""
    names = sorted({one.injection.name for one in done})
    rows = []
    for name in names:
        ones = [one for one in done if one.injection.name == name]
        rows.append({
            "kind": name,
            "planned": len(ones),
            "injected": sum(one.met > 0 for one in ones),
            "effects": sum(one.met for one in ones),
            "slowest_recovery_s": _slowest(ones),
        })  # fmt: skip
    return rows


def _slowest(done: list[Injected]) -> float | None:
    times = [one.recovered_s for one in done if one.recovered_s is not None]
    return round(max(times), 1) if times else None


def injections_table(report: dict[str, Any]) -> Table:
    """Return what was injected, by kind."""
    out = Table(title="injections")
    for head in ("", "planned", "injected", "calls or sends", "slowest recovery"):
        out.add_column(head, justify="left" if not head else "right")
    for row in report["injections"]:
        out.add_row(
            row["kind"], str(row["planned"]), str(row["injected"]), str(row["effects"]),
            _time(row["slowest_recovery_s"]),
        )  # fmt: skip
    return out


def table(report: dict[str, Any]) -> Table:
    """Return what was expected and what came of it."""
    out = Table(title="the deployed stack under faults", show_header=False)
    out.add_column()
    out.add_column(justify="right")
    for name, counts in report["counts"].items():
        out.add_row(name, ", ".join(f"{n} {what}" for what, n in counts.items()))
    rows = {
        "injected": report["injected"],
        "lost": _counts(report["lost"]),
        "twice": _counts(report["duplicated"]),
        "again, on purpose": _counts(report["on_purpose"]),
        "statistics that differ from a recount": len(report["drift"]),
        "signals, against an undisturbed feed": _counts(report["from_undisturbed"]),
        "dead letters": report["dead_letters"],
        "calls that IAM denied": report["denied_calls"],
        "slowest recovery of the fold": _time(report["slowest_s"]["fold"]),
        "slowest message": _counts(
            {name: _time(s) for name, s in report["slowest_message_s"].items()}
        ),
        "wall time": f"{report['wall_s']} s",
    }
    for name, value in rows.items():
        out.add_row(name, str(value))
    return out


def _counts(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items() if n) or "0"


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds} s"
