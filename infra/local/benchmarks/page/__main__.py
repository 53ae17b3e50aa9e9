"""Load and smoothness of the dashboard: `python -m infra.local.benchmarks.page`.

Chromium opens the built page with an empty cache, on a desktop's screen and as a slow phone (CPU
four times slower, 150 ms and 1.6 Mbit/s), and the figures are read from its own trace. Then a long
table gets prices four times a second, without and with scrolling, and its frames are timed. The
rows come from a server of this program; `--url` names a system that runs, whose pages are loaded.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from infra.assets import ROOT
from infra.build.dashboard import build_site
from infra.local.benchmarks.page.chromium import (
    SCREENS,
    browser,
    frame_times,
    loaded,
    long_table,
    opened,
)
from infra.local.benchmarks.page.rows import rows, served
from infra.local.benchmarks.page.trace import frames
from machine.files import write
from machine.terminal import program

OUT: Final = ROOT / ".local" / "page.json"
PAGES: Final = "/,/signals,/symbols,/performance"
STEP_PX: Final = 40
"""Scrolled at each frame: 2,400 px a second."""


def main() -> int:
    """Measure, print, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--url", help="load the pages of this system, not of one with signals only")
    parser.add_argument("--pages", default=PAGES, help="with --url: paths, separated by commas")
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each series of frames")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds after the last answer")
    parser.add_argument("--site", type=Path, help="a built page; default: this version's")
    parser.add_argument("--style", type=Path, help="a style sheet that is added to the long table")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    site = options.site or build_site(_say)
    with served(site, rows(options.rows)) as address, browser() as found:
        report = {
            "load": os.getloadavg()[0],
            "loads": _loads(found, options, address),
            "frames": _frames(found, options, address),
        }
    write(options.out, json.dumps(report, indent=1) + "\n")
    _print(report)
    sys.stdout.write(f"Written to {options.out}\n")
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"· {text}\n")


def _loads(found: Browser, options: argparse.Namespace, address: str) -> list[dict[str, Any]]:
    paths = options.pages.split(",") if options.url else ["/signals"]
    base = (options.url or address).rstrip("/")
    return [
        {
            "page": path,
            "screen": screen.name,
            **_flat(asdict(loaded(found, base + path, screen, options.settle))),
        }
        for path in paths
        for screen in SCREENS
        for _ in range(options.rounds)
    ]


def _flat(load: dict[str, Any]) -> dict[str, Any]:
    return {**load.pop("figures"), **load}


def _frames(found: Browser, options: argparse.Namespace, address: str) -> list[dict[str, Any]]:
    style = options.style.read_text(encoding="utf-8") if options.style else ""
    out = []
    for screen in SCREENS:
        for _ in range(options.rounds):
            with opened(found, screen, style) as (page, _session):
                nodes = long_table(page, address)
                for name, step in (("prices", 0), ("prices, scrolling", STEP_PX)):
                    times = frame_times(page, options.seconds, step=step)
                    series = {"screen": screen.name, "during": name, "nodes": nodes}
                    out.append(series | asdict(frames(times)))
    return out


def _print(report: dict[str, Any]) -> None:
    console = Console()
    for name in ("loads", "frames"):
        table = Table(title=f"{name} (ms, kB), load {report['load']:.1f}")
        for head in report[name][0]:
            table.add_column(head.replace("_", " "), justify="right")
        for row in report[name]:
            table.add_row(*(_text(value) for value in row.values()))
        console.print(table)


def _text(value: float | str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:.3f}" if 0 < value < 1 else f"{value:,.0f}"


if __name__ == "__main__":
    program(main)
