"""The commands for a stack's bot: what they print, and their exit codes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from signalengine.errors import PermanentError

from infra.cli.telegram import commands
from infra.cli.telegram.letters import Letter
from tests.infra.cli.conftest import Cli
from tests.telegram_samples import MemoryBot

LETTERS = [
    Letter("r", "{}", "400: new", True, "a#opened", "telegram:-1001"),
    Letter("r", "{}", "400: new", True, "a#opened", "telegram:-1001/17"),
    Letter("r", "{}", "400: new", True, "b#opened", "telegram:-1001"),
]


class FakeLetters:
    """Three messages that were set aside."""

    def rows(self) -> list[dict[str, Any]]:
        return [letter.row() for letter in LETTERS]

    def release(self, wanted: Callable[[Letter], bool]) -> dict[str, int]:
        return {"released": sum(map(wanted, LETTERS))}


class Bot(MemoryBot):
    """A bot with a name."""

    def get_me(self) -> dict[str, Any]:
        return {"username": "test_bot"}


class FakeAdmin:
    """An admin in memory, whose bot Telegram refuses."""

    def __init__(self) -> None:
        self.memory = Bot()

    def pending(self) -> dict[str, Any]:
        return {"waiting": 2, "dead_letters": 0, "parked": []}

    def letters(self) -> "FakeLetters":
        return FakeLetters()

    def home(self) -> str:
        return "telegram:-1001/17"

    def bot(self) -> MemoryBot:
        return self.memory

    def register(self) -> dict[str, Any]:
        raise PermanentError("401: Unauthorized")

    def states(self, events: list[str], channel: str) -> Counter[str]:
        return Counter({"delivered": len(events) - 1, "suppressed": 1})


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> FakeAdmin:
    made = FakeAdmin()
    monkeypatch.setattr(commands, "_admin", lambda *_where: made)
    return made


def test_the_queue_is_printed(cli: Cli, admin: FakeAdmin) -> None:
    result = cli("telegram", "pending")
    assert (result.code, result.err) == (0, "")
    assert "waiting  2" in result.out
    assert "parked  none" in result.out
    assert '"waiting": 2' in cli("telegram", "pending", "--json").out


def test_messages_that_were_set_aside_are_printed(cli: Cli, admin: FakeAdmin) -> None:
    result = cli("telegram", "unsent")
    assert (result.code, result.err) == (0, "")
    assert "event a#opened, chat telegram:-1001/17, reason 400: new" in result.out


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["a#opened"], 2), (["a#opened", "b#opened"], 3), (["--all"], 3), (["x#opened"], 0),
        (["--all", "--chat", "telegram:-1001"], 2), (["a#opened", "--chat=-1001/17"], 1),
    ],
)  # fmt: skip
def test_named_messages_are_released(
    cli: Cli, admin: FakeAdmin, words: list[str], count: int
) -> None:
    result = cli("telegram", "release", *words)
    assert (result.code, result.err) == (0, "")
    assert f"released  {count}" in result.out


@pytest.mark.parametrize("words", [[], ["a#opened", "--all"]])
def test_what_to_release_is_named(cli: Cli, admin: FakeAdmin, words: list[str]) -> None:
    result = cli("telegram", "release", *words)
    assert result.code == 1
    assert "--all" in result.err


def test_a_test_message_goes_to_the_configured_topic(cli: Cli, admin: FakeAdmin) -> None:
    result = cli("telegram", "test")
    assert (result.code, result.err) == (0, "")
    assert ([chat for chat, _, _ in admin.memory.sent], admin.memory.topics) == (["-1001"], [17])


def test_an_error_of_telegram_names_the_fix(cli: Cli, admin: FakeAdmin) -> None:
    result = cli("telegram", "commands")
    assert (result.code, result.out) == (1, "")
    assert "Telegram refuses: 401: Unauthorized" in result.err
    assert "check the token" in result.err


def test_a_sync_ends_when_every_message_has_a_receipt(admin: FakeAdmin) -> None:
    found = commands._watched(admin, ["a", "b", "c"], "telegram:1")  # type: ignore[arg-type]  # a fake
    assert found == {"delivered": 2, "suppressed": 1, "failed": 0, "waiting": 0}


def test_without_a_system_here_the_fix_is_named(cli: Cli, tmp_path: Path) -> None:
    result = cli("telegram", "pending", "--state-dir", str(tmp_path))
    assert result.code == 1
    assert "make up" in result.err
