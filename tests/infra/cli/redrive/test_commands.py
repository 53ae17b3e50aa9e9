"""The command `redrive`: what it prints."""

import json
from typing import Any

import pytest

from infra.cli.deliveries import stack
from infra.cli.deliveries.stack import StackAccess
from infra.cli.redrive import run
from tests.infra.cli.conftest import Cli
from tests.telegram_samples import NOON

GROUPS = [
    {"reason": "evaluation: schema version 2", "function": "score_events", "source": "table",
     "count": 3, "oldest": NOON, "newest": NOON},
]  # fmt: skip
LEFT = {"reason": "x", "function": "score_events", "key": "BTCUSDT#1", "problem": "no item"}


class FakeRedrive:
    """Three letters of one reason."""

    asked: tuple[Any, ...] = ()

    def __init__(self, _stack: Any, _report: Any) -> None:
        pass

    def groups(self, selection: run.Selection) -> list[dict[str, Any]]:
        return [row for row in GROUPS if selection.has(str(row["reason"]), str(row["function"]))]

    def replay(self, selection: run.Selection, *, dry_run: bool) -> dict[str, Any]:
        FakeRedrive.asked = (selection, dry_run)
        problems = [] if dry_run else [LEFT]
        return {"replayed": 2, "left": 1, "dry_run": dry_run, "problems": problems}


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "access", lambda *_where: StackAccess({}, {}))
    monkeypatch.setattr(run, "Redrive", FakeRedrive)


def test_letters_are_listed_by_reason(cli: Cli) -> None:
    result = cli("redrive", "--list")
    assert result.code == 0
    assert "evaluation: schema version 2" in result.out
    assert json.loads(cli("redrive", "--list", "--json").out) == {"letters": GROUPS}
    assert "no dead letters" in cli("redrive", "--list", "--function", "track_signals").out


def test_what_was_replayed_and_what_is_left_is_printed(cli: Cli) -> None:
    result = cli("redrive", "--reason", "schema", "--function", "score_events", "--limit", "3")
    assert FakeRedrive.asked == (run.Selection("schema", "score_events", 3), False)
    assert result.code == 0
    assert "no item" in result.out
    assert "would be replayed" in cli("redrive", "--dry-run").out
    document = json.loads(cli("redrive", "--json").out)
    assert set(document) == {"replayed", "left", "dry_run", "problems"}
    assert cli("redrive", "--limit", "-1").code == 2
