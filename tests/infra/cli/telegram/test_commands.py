"""The commands for a stack's bot: what they print, and their exit codes."""

import inspect
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from signalengine.errors import PermanentError

from infra.cli.deliveries import commands as deliveries
from infra.cli.telegram import commands
from tests.infra.cli.conftest import Cli
from tests.infra.cli.stand_in import Stack
from tests.telegram_samples import MemoryBot


class Bot(MemoryBot):
    """A bot with a name."""

    def get_me(self) -> dict[str, Any]:
        return {"username": "test_bot"}


class FakeAdmin:
    """An admin in memory, whose bot Telegram refuses."""

    def __init__(self) -> None:
        self.memory = Bot()
        self.accepted: list[tuple[str, ...]] = []
        self.paused = False

    def home(self) -> str:
        return self.homes()[-1]

    def homes(self) -> tuple[str, ...]:
        return "telegram:-9", "telegram:-1001/17"

    def bot(self) -> MemoryBot:
        return self.memory

    def register(self) -> dict[str, Any]:
        raise PermanentError("401: Unauthorized")

    def accept(self, *chats: str) -> bool:
        self.accepted.append(chats)
        return self.paused

    def delivered(self, ids: list[str], *channels: str) -> frozenset[str]:
        assert channels == self.homes(), "what the chat received before it was replaced counts"
        return frozenset({f"{ids[0]}#opened"})

    def resend(self, ids: list[str], channel: str, without: frozenset[str]) -> list[str]:
        return [f"{one}#opened" for one in ids if f"{one}#opened" not in without]

    def repeat(self, ids: list[str], channel: str) -> list[str]:
        return [f"{one}#opened#again:1" for one in ids]

    def unsent(self, signals: list[dict[str, Any]], now: int) -> list[dict[str, Any]]:
        return []

    def states(self, events: list[str], channel: str) -> Counter[str]:
        return Counter({"delivered": len(events) - 1, "suppressed": 1})


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> FakeAdmin:
    made = FakeAdmin()
    monkeypatch.setattr(commands, "_admin", lambda *_where: made)
    return made


@pytest.mark.parametrize("name", ["pending", "release"])
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


def test_a_test_message_that_arrives_ends_the_pause_of_bot_and_chat(
    cli: Cli, admin: FakeAdmin
) -> None:
    admin.paused = True
    assert "resumed" in cli("telegram", "test").out
    assert admin.accepted == [(admin.home(),)]


@pytest.mark.enable_socket
def test_a_sync_counts_apart_what_was_sent_before(
    cli: Cli, admin: FakeAdmin, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALENGINE_URL", stack.url)
    found = json.loads(cli("telegram", "sync", "3", "--json").out)
    n = found["signals"]
    assert n >= 2
    assert found == {
        "signals": n, "messages": n - 1, "sent_now": n - 2, "sent_before": 1, "suppressed": 1,
        "failed": 0, "waiting": 0,
    }  # fmt: skip


@pytest.mark.enable_socket
def test_send_sends_each_again(
    cli: Cli, admin: FakeAdmin, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALENGINE_URL", stack.url)
    found = json.loads(cli("telegram", "send", "3", "--json").out)
    assert found["messages"] == found["signals"] == found["sent_now"] + 1
    assert "sent_before" not in found


@pytest.mark.enable_socket
def test_unsent_says_when_nothing_is(
    cli: Cli, admin: FakeAdmin, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALENGINE_URL", stack.url)
    assert "were all sent" in cli("telegram", "unsent").out
    assert json.loads(cli("telegram", "unsent", "--json").out)["unsent"] == []


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
