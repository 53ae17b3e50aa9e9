"""The ratio of latencies: `python -m infra.local.benchmarks.latency`, `make bench TABLES=latency`.

A bar is put into Kinesis and opens a signal, which arrives at a WebSocket client; then the same
record goes through functions that only pass on. Both are on one embedded AWS and take turns, so
that its own time and this machine's load are in both.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from signalengine.intervals import MINUTE_MS

from infra.assets import ROOT
from infra.local.benchmarks.burst.system import started
from infra.local.benchmarks.latency.empty import EmptyPipeline
from infra.local.benchmarks.latency.market import openings
from infra.local.benchmarks.latency.rounds import play, summary, warm
from machine.files import write
from machine.terminal import program

OUT: Final = ROOT / ".local" / "latency.json"
UNMEASURED: Final = 6


def main() -> int:
    """Measure, print, and write the report; returns 1 where the aim was missed."""
    parser = argparse.ArgumentParser(description="The latency beside that of an empty pipeline")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    found = measured(options.rounds)
    write(options.out, json.dumps(found, indent=1) + "\n")
    Console().print(printed(found))
    sys.stdout.write(f"Written to {options.out}\n")
    return 0 if found["met"] else 1


def measured(rounds: int) -> dict[str, Any]:
    """Run both pipelines; returns the report."""

    def say(text: str) -> None:
        sys.stderr.write(f"· {text}\n")

    minute = int(time.time()) * 1000 // MINUTE_MS * MINUTE_MS - MINUTE_MS
    chosen = openings(rounds + UNMEASURED, minute)
    state = ROOT / ".local" / "latency"
    with (
        started(state, say, pace="unlimited") as system,
        EmptyPipeline(system.aws) as empty,
    ):
        warm(system, chosen)
        return summary(play(system, empty, chosen, say), UNMEASURED)


def printed(found: dict[str, Any]) -> Table:
    """Return the table for the terminal."""
    table = Table(title=f"ms over {found['rounds']} rounds, load {found['load'][0]}")
    for head in ("", "p25", "p50", "p75", "p95"):
        table.add_column(head, justify="right" if head else "left")
    parts = {
        "ours, Kinesis to WebSocket": found["ours_ms"],
        "empty pipeline": found["empty_ms"],
        **found["receipts_ms"],
    }
    for name, row in parts.items():
        table.add_row(name, *(f"{value:,.0f}" for value in row.values()))
    table.caption = f"ratio of medians {found['ratio']:.2f}, aim ≤ {found['bound']:.0f}"
    return table


if __name__ == "__main__":
    program(main)
