"""`python -m infra.local.benchmarks.load`: measure, print, write `.local/load.json`."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.local.benchmarks.load.measuring import measure
from machine.files import write
from machine.terminal import program

OUT = Path(__file__).parents[4] / ".local" / "load.json"


def main() -> int:
    """Measure; return 1 when a published bar is missing in the stream."""
    parser = argparse.ArgumentParser(description="The ingest task under a whole market's load")
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--minutes", type=int, default=5)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    console = Console()
    with console.status("starting") as status:
        found = measure(options.symbols, options.minutes, status.update)
    table = Table(title="ingest task under load", show_header=False)
    for name, value in found.items():
        table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    write(options.out, json.dumps(found, indent=1) + "\n")
    return 0 if found["bars"] >= found["bars_told"] else 1


if __name__ == "__main__":
    program(main)
