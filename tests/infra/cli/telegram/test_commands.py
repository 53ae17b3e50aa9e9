"""The commands for a stack's bot: what they print, and their exit codes."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from signalengine.errors import PermanentError

from infra.cli.telegram import commands
from tests.infra.cli.conftest import Cli


class FakeAdmin:
    """An admin in memory, whose bot Telegram refuses."""

    def pending(self) -> dict[str, Any]:
        return {"waiting": 2, "dead_letters": 0, "parked": []}

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
