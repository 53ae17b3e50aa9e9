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
from .tables import AIMS, TABLES, Aim, Table

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
    report(chosen, options.seed, options.out, Console(width=max(110, Console().width)))


def apart(name: str, *words: str) -> int:
    """Run a benchmark of the deployed parts: the ingest task, a Lambda's minute, a latency.

    It runs in another process, because research may not import what it measures.
    """
    command = [sys.executable, "-m", f"infra.local.benchmarks.{name}", *words]
    done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own modules, a number
    return done.returncode


def report(chosen: Mapping[str, Table], seed: int, out: Path, console: Console) -> None:
    """Measure, print and write."""
    missing: Missing = {}
    if any(one.peer for table in chosen.values() for one in table.contenders):
        missing = install(console.print)
    before = os.getloadavg()
    measured = _measured(chosen, seed, missing, console)
    machine = {**_machine(), "load_before": before, "load_after": os.getloadavg()}
    for name, table in chosen.items():
        console.print(printed(table, measured[name]))
        for row in measured[name]:
            if row.problem:
                console.print(f"{row.name}: {row.problem}")
    rows = {row.name: row for table in measured.values() for row in table}
    for line in aims(rows):
        console.print(line)
    console.print(_footnote(machine))
    write(out, json.dumps(_json(chosen, measured, machine, rows), indent=1) + "\n")
    console.print(f"Written to {out}")


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
                equal=table.equal, say=status.update,
            )  # fmt: skip
    return found


def printed(table: Table, rows: Sequence[Row]) -> Printed:
    """Return a table for the terminal; ratios are to the first row."""
    out = Printed(title=table.title, title_justify="left", box=SIMPLE)
    out.add_column("", no_wrap=True)
    for head in (f"µs a {table.unit}", "quartiles", "CPU µs", f"{table.unit}s a second", "×"):
        out.add_column(head, justify="right", no_wrap=True)
    first = rows[0].median
    for row in rows:
        if row.problem:
            out.add_row(row.name, "–", "–", "–", "–", "–")
            continue
        low, high = row.spread
        out.add_row(
            row.name, f"{row.median:,.3f}", f"{low:,.3f} – {high:,.3f}", f"{row.cpu_median:,.3f}",
            f"{1e6 / row.median:,.0f}", f"{row.median / first:,.2f}",
        )  # fmt: skip
    return out


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
    peers = any(one.peer for table in chosen.values() for one in table.contenders)
    return {
        "machine": machine,
        "versions": versions() if peers else {},
        "tables": {
            name: {
                "title": table.title,
                "unit": table.unit,
                "rows": [_row(row, measured[name][0]) for row in measured[name]],
            }
            for name, table in chosen.items()
        },
        "aims": [_aim(aim, rows) for aim in AIMS],
    }


def _aim(aim: Aim, rows: Mapping[str, Row]) -> dict[str, Any]:
    ratio, cpu_ratio = aim.ratios(rows) or (None, None)
    return {"text": aim.text, "ratio": ratio, "cpu_ratio": cpu_ratio, "most": aim.most}


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
        "mean_us": statistics.fmean(row.wall_us),
        "values": row.values,
    }


if __name__ == "__main__":
    program(lambda: main(sys.argv[1:]))
