"""The commands for a channel's deliveries: what they print, and their exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.cli.deliveries import commands
from infra.cli.deliveries.letters import Letter
from tests.infra.cli.conftest import Cli
from tests.telegram_samples import NOON

LETTERS = [
    Letter("r", "{}", "400: new", True, "a#opened", "telegram:-1001", NOON),
    Letter("r", "{}", "400: new", True, "a#opened", "telegram:-1001/17"),
    Letter("r", "{}", "400: new", True, "b#opened", "telegram:-1001"),
]
PENDING = {
    "channel": "telegram", "waiting": 2, "hidden": 1, "dead_letters": 3,
    "sender": {"until": 0, "reason": "401: Unauthorized"}, "digests": [],
    "parked": [{"address": "telegram:7", "until": 4_102_444_800_000, "reason": "403: blocked"}],
}  # fmt: skip


class FakeDeliveries:
    """Three messages that were set aside, one paused address."""

    def pending(self) -> dict[str, Any]:
        return PENDING

    def letters(self) -> "FakeDeliveries":
        return self

    def rows(self) -> list[dict[str, Any]]:
        return [letter.row() for letter in LETTERS]

    def release(self, wanted: Callable[[Letter], bool]) -> dict[str, int]:
        released = sum(map(wanted, LETTERS))
        return {"released": released, "already_delivered": 0, "left": len(LETTERS) - released}


@pytest.fixture(params=["deliveries", "telegram"])
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the group of commands; `telegram` has them too."""
    monkeypatch.setattr(commands, "_deliveries", lambda *_where: FakeDeliveries())
    return str(request.param)


def test_the_queue_is_printed_with_times_in_utc(cli: Cli, name: str) -> None:
    result = cli(name, "pending")
    assert (result.code, result.err) == (0, "")
    assert "telegram:7      2100-01-01 00:00:00 UTC, in " in result.out
    assert "4102444800" not in result.out
    assert json.loads(cli(name, "pending", "--json").out) == PENDING


@pytest.mark.parametrize("name", ["deliveries"], indirect=True)
def test_messages_that_were_set_aside_are_printed(cli: Cli, name: str) -> None:
    result = cli(name, "unsent")
    assert (result.code, result.err) == (0, "")
    assert "a#opened  telegram:-1001     2025-05-19 12:00:00 UTC  400: new" in result.out
    found = json.loads(cli(name, "unsent", "--channel", "telegram", "--json").out)
    assert [row["at"] for row in found["unsent"]] == [NOON, None, None]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["a#opened"], 2), (["a#opened", "b#opened"], 3), (["--all"], 3), (["x#opened"], 0),
        (["--all", "--chat", "telegram:-1001"], 2), (["a#opened", "--address=-1001/17"], 1),
    ],
)  # fmt: skip
def test_named_messages_are_released(cli: Cli, name: str, words: list[str], count: int) -> None:
    result = cli(name, "release", *words)
    assert (result.code, result.err) == (0, "")
    assert f"released           {count}" in result.out


@pytest.mark.parametrize("words", [[], ["a#opened", "--all"]])
def test_what_to_release_is_named(cli: Cli, name: str, words: list[str]) -> None:
    result = cli(name, "release", *words)
    assert result.code == 1
    assert "--all" in result.err


def test_without_a_system_here_the_fix_is_named(cli: Cli, tmp_path: Path) -> None:
    result = cli("deliveries", "pending", "--state-dir", str(tmp_path))
    assert result.code == 1
    assert "make up" in result.err


@pytest.mark.parametrize("command", ["pending", "unsent", "release"])
def test_help_has_examples(cli: Cli, command: str) -> None:
    assert f"signalengine deliveries {command}" in cli("deliveries", command, "--help").out
