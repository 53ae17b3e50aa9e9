"""The verdict of a long replay: what grew, what was lost, and which items are past their time."""

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from rich.console import Console
from typer.testing import CliRunner

from infra.cli.local.soak import SLOW_TTL_S, Tables, exit_code, processes
from infra.cli.main import app
from infra.errors import INCOMPLETE, PROBLEM, USAGE
from infra.local.benchmarks.sampling import Growth
from infra.local.stack.system import LocalSystem
from infra.names import REGION

FLAT = Growth("broadcast", 7, 47.0, 0.1, 6.0, 0.0, 3.0, 0.0)
GREW = Growth("ingest", 8, 77.0, 30.0, 9.0, 0.0, 6.0, 0.0)
CLEAN: dict[str, Any] = {
    "complete": True, "lost": 0, "duplicated": 0, "overdue": 0, "leaks": [], "expired_items": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"complete": False}, INCOMPLETE),
        ({"lost": 1}, PROBLEM),
        ({"duplicated": 1}, PROBLEM),
        ({"leaks": [GREW.row()]}, PROBLEM),
        ({"expired_items": {"CallsTable": 1}}, PROBLEM),
    ],
)
def test_a_week_passes_when_nothing_was_lost_and_nothing_grew(
    changed: dict[str, Any], code: int
) -> None:
    assert exit_code(CLEAN | changed) == code


def test_the_processes_that_grow_are_named() -> None:
    console = Console(record=True, width=120)
    console.print(processes([FLAT, GREW]))
    rows = console.export_text().splitlines()
    assert [("grows" in row) for row in rows if "broadcast" in row or "ingest" in row] == [
        False, True,
    ]  # fmt: skip


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("dynamodb", REGION)
        client.create_table(
            TableName="calls",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "caller", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "caller", "AttributeType": "S"}],
        )
        now = int(time.time())
        for name, ttl in {"new": now + 60, "just": now, "old": now - SLOW_TTL_S - 60}.items():
            client.put_item(TableName="calls", Item={"caller": {"S": name}, "ttl": {"N": str(ttl)}})
        system = SimpleNamespace(
            outputs={"CallsTable": "calls", "HttpUrl": "x"},
            aws=SimpleNamespace(client=lambda name: boto3.client(name, REGION)),
        )
        yield Tables(cast("LocalSystem", system))


def test_items_are_counted_and_those_past_their_time_found(tables: Tables) -> None:
    assert tables.items() == {"CallsTable": 3.0}
    assert tables.expired() == {"CallsTable": 1}


@pytest.mark.parametrize("arguments", [["--source", "live"], ["--source", "sim"], []])
def test_a_market_without_an_end_is_refused(arguments: list[str]) -> None:
    answer = CliRunner().invoke(app, ["soak", *arguments])
    assert answer.exit_code == USAGE
    assert "soak needs an end" in answer.output
