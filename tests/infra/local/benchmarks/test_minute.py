"""The benchmark of a minute: its minutes are what they are named, and each row is measured."""

import json
import subprocess
import sys

from infra.local.benchmarks import minute
from tests.paths import ROOT


def test_one_minute_has_events_and_one_has_none() -> None:
    calm, wild = minute.minutes()
    for row, events in ((calm, False), (wild, True)):
        warm = minute.advance(row.state, row.before, minute.POLICY).state
        assert (minute.advance(warm, row.fact, minute.POLICY).evaluation is not None) is events


SCRIPT = """
import json
from dataclasses import asdict
from infra.local.benchmarks import minute
found = minute.run(30, 1)
print(json.dumps([minute.printed(found, 30).row_count, {k: asdict(v) for k, v in found.items()}]))
"""


def test_every_row_is_measured_and_evaluations_come_before_the_bulk_of_bars() -> None:
    """In a process of its own: it replaces the client that all of a process share."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows, found = json.loads(done.stdout)
    assert rows == len(found)
    assert {name: row["evaluations"] for name, row in found.items()} == {
        "usual": 2, "usual, botocore alone": 2, "wild": 9, "wild, botocore alone": 9,
        "all with events": 30, "all with events, botocore alone": 30,
    }  # fmt: skip
    assert all(0 < row["evaluated"] < row["folded"] for row in found.values())
