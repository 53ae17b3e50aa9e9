"""The local system: its settings of the real Telegram, and what stops its start."""

import errno
import io
from pathlib import Path

import pytest
from rich.console import Console
from signalengine_aws.channels.telegram.client import API_BASE

from infra.cli.local.replay import running
from infra.errors import CommandError
from infra.local.stack import system as system_module
from infra.local.stack.options import RunOptions
from infra.local.stack.running import alone_in, remember
from infra.local.stack.system import LocalSystem, real_telegram, telegram_api
from tests.infra.local.stack.test_running import NOTE


def test_half_of_a_real_telegram_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_CHAT_ID", raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:secret")
    with pytest.raises(CommandError, match="set TELEGRAM_CHAT_ID too") as caught:
        real_telegram()
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")
    assert real_telegram() == ("1:secret", "42")


def test_a_replay_keeps_to_the_local_telegram(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:secret")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")
    options = RunOptions(state_dir=tmp_path)
    assert LocalSystem(options)._real_telegram() == ("1:secret", "42")
    system = running(options, Console(file=io.StringIO()))
    assert system._real_telegram() is None


def test_the_real_telegram_may_be_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_API_BASE", raising=False)
    assert telegram_api() == API_BASE
    monkeypatch.setenv("TELEGRAM_API_BASE", "http://localhost:8081/")
    assert telegram_api() == "http://localhost:8081"


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: LocalSystem) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/state/logs")

    monkeypatch.setattr(LocalSystem, "_start", full)
    with (
        pytest.raises(CommandError, match=r"the disk is full: .*/state/logs") as caught,
        LocalSystem(RunOptions(state_dir=tmp_path)),
    ):
        raise AssertionError("it has not started")
    assert caught.value.fix


def test_nothing_of_a_running_system_is_overwritten(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "aws.log").write_text("of the first\n")
    remember(tmp_path, NOTE)
    with (
        alone_in(tmp_path, print),
        pytest.raises(CommandError, match="another system runs in"),
        LocalSystem(RunOptions(state_dir=tmp_path)),
    ):
        raise AssertionError("it has not started")
    assert (logs / "aws.log").read_text() == "of the first\n"


class Task:
    """An ingest task, as far as the system uses it."""

    def __init__(self, name: str, log: str) -> None:
        self.name, self.log, self.ended = name, log, ""

    def kill(self) -> None:
        self.ended = "killed"

    def stop(self) -> None:
        self.ended = "stopped"


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_an_ingest_task_that_was_ended_on_purpose_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    system, first = LocalSystem(RunOptions(state_dir=tmp_path)), Task("ingest", "ingest")
    system.ingest = first  # type: ignore[assignment]
    system._children.append(first)  # type: ignore[arg-type]

    def start(name: str, *, log: str) -> Task:
        second = Task(name, log)
        system._children.append(second)  # type: ignore[arg-type]
        return second

    monkeypatch.setattr(system, "start_ingest", start)
    (system.kill_ingest if how == "killed" else system.stop_ingest)()
    assert (first.ended, system._children) == (how, [])
    for log in ("ingest-1", "ingest-2"):
        system.restart_ingest()
        assert (system.ingest.name, system.ingest.log) == ("ingest", log)


class Recorded:
    """An AWS, and a front server, as far as they are set up here."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.is_open = False

    def set_api_token(self, token: str) -> None:
        self.tokens.append(token)

    def open(self, *_site: object) -> None:
        self.is_open = True


@pytest.mark.parametrize(
    ("token", "endpoint", "tokens"),
    [
        ("", None, []),
        ("secret", None, ["secret"]),
        ("secret", "http://localhost:4566", ["secret"]),
        ("", "http://localhost:4566", [""]),
    ],
)
def test_the_token_of_an_earlier_run_does_not_stay(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    token: str,
    endpoint: str | None,
    tokens: list[str],
) -> None:
    system = LocalSystem(RunOptions(state_dir=tmp_path, token=token, endpoint=endpoint))
    both = Recorded()
    system.aws = system._front = both  # type: ignore[assignment]
    system.outputs = {"HttpUrl": "http://localhost/a", "WebSocketUrl": "ws://localhost/b"}
    monkeypatch.setattr(system_module, "Site", lambda *_arguments: None)
    system._open_front(tmp_path, None)
    assert (both.tokens, both.is_open) == (tokens, True)
