"""`make bench`: measure, print the tables, write the numbers to `.local/bench.json`."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as Printed

from machine.files import write
from machine.terminal import program

from .environment import ROOT, Missing, install, versions
from .market import walk
from .measuring import Row, measure
from .tables import AIMS, LIMITS, TABLES, Aim, Limit, Table

LOAD: Final = "load"
MINUTE: Final = "minute"
LATENCY: Final = "latency"
OUT: Final = ROOT / ".local" / "bench.json"


def main(arguments: Sequence[str]) -> None:
    """Measure the chosen tables (all by default)."""
    parser = argparse.ArgumentParser(description="Measure the engine beside its peers")
    parser.add_argument(
        "tables",
        nargs="*",
        help=f"of {', '.join(TABLES)}; all by default; or {LOAD}, {MINUTE} or {LATENCY}, alone",
    )
    parser.add_argument("--rounds", type=int, help="repetitions, instead of each table's own")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--minutes", type=int, default=5, help=f"how long to watch under {LOAD}")
    options = parser.parse_args(arguments)
    if options.tables == [LOAD]:
        sys.exit(apart("load", "--minutes", str(options.minutes)))
    if options.tables == [MINUTE]:
        sys.exit(apart("minute", "--rounds", str(options.rounds or 5)))
    if options.tables == [LATENCY]:
        sys.exit(apart("latency", "--rounds", str(options.rounds or 40)))
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"there is no table {', '.join(sorted(unknown))}: use {', '.join(TABLES)}")
    chosen = {name: TABLES[name] for name in options.tables or TABLES}
    if options.rounds:
        chosen = {name: replace(table, rounds=options.rounds) for name, table in chosen.items()}
    report(chosen, options.seed, options.out, Console(width=max(130, Console().width)))


def apart(name: str, *words: str) -> int:
    """Run a benchmark of the deployed parts: the ingest task, a Lambda's minute, a latency.

    It runs in another process, because research may not import what it measures.
    """
    command = [sys.executable, "-m", f"infra.local.benchmarks.{name}", *words]
    done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own modules, a number
    return done.returncode


def report(chosen: Mapping[str, Table], seed: int, out: Path, console: Console) -> None:
    """Measure, print and write."""
    peers = peers_of(chosen)
    missing = install(console.print, peers) if peers else {}
    before = os.getloadavg()
    measured = _measured(chosen, seed, missing, console)
    machine = {**_machine(), "load_before": before, "load_after": os.getloadavg()}
    for name, table in chosen.items():
        console.print(printed(table, measured[name]))
        if table.notes:
            console.print(table.notes, soft_wrap=True)
        for row in measured[name]:
            if row.problem:
                console.print(f"{row.name}: {row.problem}")
    rows = {row.name: row for table in measured.values() for row in table}
    for line in [*aims(rows), *limits(rows)]:
        console.print(line)
    console.print(_footnote(machine))
    write(out, json.dumps(_json(chosen, measured, machine, rows), indent=1) + "\n")
    console.print(f"Written to {out}")


def peers_of(chosen: Mapping[str, Table]) -> set[str]:
    """Return the packages that the tables need in `.bench`."""
    return {one.peer for table in chosen.values() for one in table.contenders if one.peer}


def _measured(
    chosen: Mapping[str, Table], seed: int, missing: Missing, console: Console
) -> dict[str, list[Row]]:
    found = {}
    with TemporaryDirectory() as folder, console.status("making a market") as status:
        market = Path(folder) / "market.npy"
        np.save(market, walk(max(table.count for table in chosen.values()), seed))
        for name, table in chosen.items():
            found[name] = measure(
                table.contenders, market, table.count, table.rounds, missing=missing,
                equal=table.equal, warm=table.warm, say=status.update,
            )  # fmt: skip
    return found


def printed(table: Table, rows: Sequence[Row]) -> Printed:
    """Return a table for the terminal; ratios are to the first row."""
    out = Printed(title=table.title, title_justify="left", box=SIMPLE)
    out.add_column("", no_wrap=True)
    time, rate = table.time, f"{table.unit}s a second{' and core' if table.per_core else ''}"
    for head in (f"{time} a {table.unit}", "quartiles", f"CPU {time}", rate, "×", "MB"):
        out.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        out.add_row(row.name, *(_cells(table, row, rows[0]) if not row.problem else "–" * 6))
    return out


def _cells(table: Table, row: Row, first: Row) -> tuple[str, ...]:
    scale = {"µs": 1.0, "ms": 1e3}[table.time]
    median, low, high, cpu = (
        f"{value / scale:,.3f}" for value in (row.median, *row.spread, row.cpu_median)
    )
    taken, of_first = (
        (row.cpu_median, first.cpu_median) if table.per_core else (row.median, first.median)
    )
    rate = 1e6 / taken
    return (
        median, f"{low} – {high}", cpu, f"{rate:,.0f}" if rate >= 100.0 else f"{rate:.2g}",
        f"{taken / of_first:,.2f}", f"{row.peak_mb:,.0f}" if row.peak_mb else "–",
    )  # fmt: skip


def aims(rows: Mapping[str, Row]) -> list[str]:
    """Return one line for each aim that could be measured."""
    lines = []
    for aim in AIMS:
        ratios = aim.ratios(rows)
        if ratios is not None:
            verdict = "met" if ratios[0] <= aim.most else "MISSED"
            lines.append(
                f"{verdict}: {aim.text}: {ratios[0]:.3f} of its time (aim {aim.most:.3f}), "
                f"{ratios[1]:.3f} of its CPU time"
            )
    return lines


def limits(rows: Mapping[str, Row]) -> list[str]:
    """Return one line for each limit that could be measured."""
    lines = []
    for limit in LIMITS:
        seconds = limit.seconds(rows)
        if seconds is not None:
            verdict = "met" if seconds <= limit.most_s else "MISSED"
            lines.append(f"{verdict}: {limit.text}: {seconds:.1f} s (aim {limit.most_s:.0f} s)")
    return lines


def _machine() -> dict[str, Any]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _footnote(machine: Mapping[str, Any]) -> str:
    return (
        f"{machine['cores']} × {machine['cpu']}, Python {machine['python']}; load "
        f"{machine['load_before'][0]:.1f} before, {machine['load_after'][0]:.1f} after (over "
        f"{machine['cores']}, wall time includes waiting: read the CPU column). Medians of "
        "alternating rounds; one process for each row."
    )


def _json(
    chosen: Mapping[str, Table],
    measured: Mapping[str, Sequence[Row]],
    machine: Mapping[str, Any],
    rows: Mapping[str, Row],
) -> dict[str, Any]:
    return {
        "machine": machine,
        "versions": versions(peers_of(chosen)),
        "tables": {
            name: {
                "title": table.title,
                "unit": table.unit,
                "rows": [_row(row, measured[name][0]) for row in measured[name]],
            }
            for name, table in chosen.items()
        },
        "aims": [_aim(aim, rows) for aim in AIMS],
        "limits": [_limit(limit, rows) for limit in LIMITS],
    }


def _aim(aim: Aim, rows: Mapping[str, Row]) -> dict[str, Any]:
    ratio, cpu_ratio = aim.ratios(rows) or (None, None)
    return {"text": aim.text, "ratio": ratio, "cpu_ratio": cpu_ratio, "most": aim.most}


def _limit(limit: Limit, rows: Mapping[str, Row]) -> dict[str, Any]:
    return {"text": limit.text, "seconds": limit.seconds(rows), "most_s": limit.most_s}


def _row(row: Row, first: Row) -> dict[str, Any]:
    if row.problem:
        return {"name": row.name, "problem": row.problem}
    low, high = row.spread
    return {
        "name": row.name,
        "units": row.units,
        "median_us": row.median,
        "quartiles_us": [low, high],
        "fastest_us": min(row.wall_us),
        "cpu_median_us": row.cpu_median,
        "cpu_fastest_us": min(row.cpu_us),
        "ratio": row.median / first.median,
        "cpu_ratio": row.cpu_median / first.cpu_median,
        "rounds": len(row.wall_us),
        "peak_mb": row.peak_mb or None,
        "mean_us": statistics.fmean(row.wall_us),
        "values": row.values,
    }


if __name__ == "__main__":
    program(lambda: main(sys.argv[1:]))
