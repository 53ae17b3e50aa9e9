"""The commands for a stack's bot: what they print, and their exit codes."""

import inspect
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from signalengine.errors import PermanentError

from infra.cli.deliveries import commands as deliveries
from infra.cli.telegram import commands
from tests.infra.cli.conftest import Cli
from tests.telegram_samples import MemoryBot


class Bot(MemoryBot):
    """A bot with a name."""

    def get_me(self) -> dict[str, Any]:
        return {"username": "test_bot"}


class FakeAdmin:
    """An admin in memory, whose bot Telegram refuses."""

    def __init__(self) -> None:
        self.memory = Bot()

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


@pytest.mark.parametrize("name", ["pending", "unsent", "release"])
def test_the_earlier_names_are_the_commands_of_the_deliveries(name: str) -> None:
    of_bot, of_deliveries = (
        typer.main.get_command(one).commands[name].callback  # type: ignore[attr-defined]  # a group
        for one in (commands.app, deliveries.app)
    )
    assert inspect.unwrap(of_bot) is inspect.unwrap(of_deliveries)


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
    result = cli("telegram", "commands", "--state-dir", str(tmp_path))
    assert result.code == 1
    assert "make up" in result.err
