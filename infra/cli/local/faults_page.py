"""Writes measured fault tables: `python -m infra.cli.local.faults_page docs/faults.md REPORT…`.

The tables of reports (`signalengine faults --report`) go between the page's markers, each under the
conditions it was measured in. Reports of the same market at the same speed share one table: a row
of a later report replaces the earlier row of the same scenario.
"""

import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from infra.cli.local.faults import cells
from machine.files import write
from machine.terminal import program

BEGIN: Final = "<!-- measured -->"
END: Final = "<!-- end -->"
_HEAD: Final = (
    "| | fault | detected | latest bar | lost | wrong | decisions | first sign |\n"
    "|---|---|---|---|---|---|---|---|"
)


def published(page: str, reports: Sequence[tuple[dict[str, Any], str]]) -> str:
    """Return the page with the tables of reports, each with the day it was measured on.

    Raises ValueError when the page has no place for them.
    """
    if BEGIN not in page or END not in page:
        raise ValueError(f"no {BEGIN} … {END} on the page")
    text = "\n\n".join(
        f"{conditions(found, day)}\n\n{table(found)}" for found, day in merged(reports)
    )
    inside = f"{BEGIN}\n\n{text}\n\n{END}"
    return re.sub(f"{BEGIN}.*?{END}", lambda _: inside, page, flags=re.DOTALL)


def merged(reports: Sequence[tuple[dict[str, Any], str]]) -> list[tuple[dict[str, Any], str]]:
    """Return one report per market and speed, dated by its last one."""
    out: dict[tuple[Any, ...], tuple[dict[str, Any], str]] = {}
    for found, day in reports:
        key = found["source"], found["start"], found["speed"], tuple(found["symbols"])
        nothing: dict[str, Any] = {"rows": [], "wall_s": 0.0, "jobs": 0}
        before = out[key][0] if key in out else nothing
        rows = {row["name"]: row for row in (*before["rows"], *found["rows"])}
        together = {
            "rows": list(rows.values()), "wall_s": before["wall_s"] + found["wall_s"],
            "jobs": max(before["jobs"], found["jobs"]),
        }  # fmt: skip
        out[key] = found | together, day
    return list(out.values())


def conditions(found: dict[str, Any], day: str) -> str:
    """Return the conditions of a report as a sentence."""
    start = datetime.fromtimestamp(found["start"] / 1_000, UTC)
    what = "The simulated market" if found["source"] == "sim" else "A recorded day"
    rows, at_once = len(found["rows"]), min(found["jobs"], len(found["rows"]))
    return (
        f"{what}, {start:%Y-%m-%d from %H:%M} UTC, {', '.join(found['symbols'])}, at "
        f"{found['speed']:g} second{'s' if found['speed'] > 1 else ''} a second: {rows} scenarios, "
        f"{at_once} at a time on {os.cpu_count()} cores, {found['wall_s'] / 60:.0f} minutes in "
        f"all, on {day}."
    )


def table(found: dict[str, Any]) -> str:
    """Return a report's rows as a table of Markdown."""
    return "\n".join([_HEAD, *(_row(row) for row in found["rows"])])


def _row(row: dict[str, Any]) -> str:
    _, *texts, sign = cells(row)
    name = f"`{row['name']}`" if row["passed"] else f"`{row['name']}` ✗"
    shown = (Text.from_markup(text).plain.replace("|", "\\|") for text in (*texts, sign))
    return f"| {name} | {' | '.join(shown)} |"


def main(arguments: Sequence[str]) -> int:
    """Write the page; the date of a report is that of its file."""
    page, *files = [Path(name) for name in arguments]
    reports = [
        (
            json.loads(file.read_text(encoding="utf-8")),
            f"{datetime.fromtimestamp(file.stat().st_mtime, UTC):%F}",
        )
        for file in files
    ]
    write(page, published(page.read_text(encoding="utf-8"), reports))
    return 0


if __name__ == "__main__":
    program(lambda: main(sys.argv[1:]))
