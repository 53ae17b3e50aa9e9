"""`signalengine soak`: a long replay, with samples of every process and table, and a verdict."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from infra.cli.local.interrupts import interruptible
from infra.cli.local.replay import described, reason_to_end, started, summary
from infra.cli.outputs import checked_output, console_beside
from infra.errors import INCOMPLETE, PROBLEM
from infra.local.benchmarks.sampling import Growth, Sampler, growth, leaks
from infra.local.benchmarks.timelines import memory_picture, tables_picture
from infra.local.chaos.stack.workers import FUNCTIONS
from infra.local.replay.reading import UNREADABLE
from infra.local.replay.report import build
from infra.local.stack.options import RunOptions
from infra.local.stack.system import LocalSystem
from machine.files import write

EVERY_S: Final = 10.0
SLOW_TTL_S: Final = 300
"""An item whose time to live ended so long ago should be gone; DynamoDB itself takes days."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a running system: how many items each has, and which should be gone."""

    system: LocalSystem

    @property
    def names(self) -> dict[str, str]:
        """The tables by their outputs' names."""
        outputs = self.system.outputs
        return {name: outputs[name] for name in sorted(outputs) if name.endswith("Table")}

    def items(self) -> dict[str, float]:
        """Return the number of items of each table; nothing when AWS does not answer."""
        client = self.system.aws.client("dynamodb")
        try:
            return {
                name: float(client.describe_table(TableName=table)["Table"]["ItemCount"])
                for name, table in self.names.items()
            }
        except UNREADABLE:
            return {}

    def expired(self) -> dict[str, int]:
        """Return how many items of each table are past their time to live (one scan each)."""
        client, limit = self.system.aws.client("dynamodb"), int(time.time()) - SLOW_TTL_S
        return {
            name: sum(
                page["Count"]
                for page in client.get_paginator("scan").paginate(
                    TableName=table,
                    Select="COUNT",
                    FilterExpression="#ttl < :limit",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues={":limit": {"N": str(limit)}},
                )
            )
            for name, table in self.names.items()
        }


def run_soak(options: RunOptions, report_file: Path | None, console: Console | None = None) -> int:
    """Play to the end while everything is sampled; return the exit code."""
    report_file = checked_output("--report", report_file)
    out, began = console or console_beside(report_file), time.monotonic()
    with interruptible(), started(options, out) as collector:
        tables = Tables(collector.system)
        with Sampler(FUNCTIONS, every_s=EVERY_S, gauges=tables.items) as sampler:
            reason = reason_to_end(options, collector, out)
        seen = collector.seen(time.monotonic() - began, partial=reason is not None)
        report = build(seen, reason, collector.unread)
        report["expired_items"] = tables.expired() if reason is None else {}
    found = growth(sampler.samples)
    report |= {
        "options": described(options),
        "processes": [one.row() for one in found],
        "leaks": [one.row() for one in leaks(found)],
        "items": dict(sampler.samples[-1].gauges),
    }
    out.print(summary(report), processes(found))
    if report_file is not None:
        text = json.dumps(report | {"samples": [_row(one) for one in sampler.samples]}, indent=1)
        write(report_file, text + "\n")
        for name, picture in (("memory", memory_picture), ("tables", tables_picture)):
            file = report_file.with_name(f"{report_file.stem}-{name}.svg")
            write(file, picture(sampler.samples))
            out.print(f"picture: {file}")
    return exit_code(report)


def _row(sample: Any) -> dict[str, Any]:
    usages = [
        [one.part, one.pid, one.memory_mb, one.files, one.connections] for one in sample.usages
    ]
    return {"at_s": sample.at_s, "usages": usages, "items": dict(sample.gauges)}


def exit_code(report: Mapping[str, Any]) -> int:
    """Return 0 when nothing was lost or sent twice and no process of ours grew."""
    if not report["complete"]:
        return INCOMPLETE
    clean = report["lost"] == report["duplicated"] == report["overdue"] == 0
    gone = not any(report["expired_items"].values())
    return 0 if clean and gone and not report["leaks"] else PROBLEM


def processes(found: Sequence[Growth]) -> Table:
    """Return what each process used in the second half, and how much it grew in that time."""
    table = Table(title="processes, second half")
    for head in ("part", "memory, MB", "grew by", "files", "grew by", "connections", "grew by", ""):
        table.add_column(head, justify="left" if head in ("part", "") else "right")
    for one in found:
        verdict = "" if one.flat else "[yellow]grows[/]"
        table.add_row(
            one.part, f"{one.memory_mb:.1f}", f"{one.memory_growth_mb:+.2f}",
            f"{one.files:.0f}", f"{one.files_growth:+.1f}",
            f"{one.connections:.0f}", f"{one.connections_growth:+.1f}", verdict,
        )  # fmt: skip
    return table
