"""What `up` prints when the system is ready."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console
from signalengine.intervals import DAY_MS

from infra.cli.export.daily import DailyFiles
from infra.cli.local import up
from infra.cli.local.commands import daily_export_of
from infra.cli.local.up import command
from infra.local.stack.aws import EmbeddedAws
from infra.local.stack.options import RunOptions
from infra.local.stack.running import Addresses, remember
from infra.local.stack.startup.first_answers import await_answers
from infra.local.stack.system import LocalSystem
from tests.infra.cli.documents import RUNNING_HERE, SIGNALS, T0
from tests.infra.cli.stand_in import Stack


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command line in an environment that is not on the PATH."""
    path = tmp_path / ".venv" / "bin" / "signalengine"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "executable", str(path.with_name("python")))
    monkeypatch.setenv("PATH", "/nowhere")
    return path


def test_the_command_line_is_named_by_its_path_where_no_shell_finds_it(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command() == str(installed)
    monkeypatch.chdir(tmp_path)
    assert command() == ".venv/bin/signalengine"


def test_the_command_line_is_named_alone_where_a_shell_finds_this_one(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(installed.parent))
    assert command() == "signalengine"
    other = tmp_path / "signalengine"
    other.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{installed.parent}")
    assert command() == str(installed)


@pytest.mark.enable_socket
def test_a_service_manager_learns_of_each_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setattr(up, "POLL_S", 0.0)
        assert up._run_until_stopped(Interrupted(tmp_path), 1.0, Console(quiet=True)) == 0
        states = [manager.recv(100) for _ in range(3)]
    assert states == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


class Interrupted(LocalSystem):
    """A system that runs for one look, then gets Ctrl-C."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(RunOptions(source="live", state_dir=state_dir))
        (state_dir / "logs").mkdir()
        self.aws = EmbeddedAws()  # not started: nothing is due in one look
        self.addresses = Addresses("", "", "", None, None, "")
        self.looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.looks > 1:
            raise KeyboardInterrupt


@pytest.mark.enable_socket
def test_up_is_ready_when_the_first_requests_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(up, "await_answers", partial(await_answers, give_up_s=0.0))
    system, out = Interrupted(tmp_path), Console(width=200)
    with Stack() as stack:
        where = replace(RUNNING_HERE.addresses, api=stack.url, websocket=stack.websocket)
        system.addresses = where
        up._await_answers(system, up._Steps(out, None), out)
        system.addresses = replace(where, websocket="ws://127.0.0.1:9/live")
        up._await_answers(system, up._Steps(out, None), out)
    ready, again, missing = capsys.readouterr().out.splitlines()
    assert ready.startswith("✓ Waiting for the first answers")
    assert again.startswith("✓ Waiting for the first answers")
    assert missing.startswith("! the WebSocket has not answered: connect: ")


@pytest.mark.enable_socket
def test_ctrl_c_while_waiting_for_the_first_answers_stops_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    stopped = []
    system, out = Interrupted(tmp_path), Console(quiet=True)
    monkeypatch.setattr(up, "await_answers", interrupted)
    monkeypatch.setattr(system, "_stack", ExitStack())
    system._stack.callback(lambda: stopped.append(True))
    with pytest.raises(KeyboardInterrupt):
        up._await_answers(system, up._Steps(out, None), out)
    assert stopped == [True]


@pytest.mark.enable_socket
def test_a_days_signals_of_the_system_here_are_written_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def refreshed(files: DailyFiles, report: Callable[[str], object]) -> Iterator[None]:
        for file in files.refresh():
            report(f"written: {file.name}")
        yield

    monkeypatch.setattr(up, "refreshed", refreshed)
    options = RunOptions(state_dir=tmp_path / "state")
    with up._daily_files(options, Console()):
        pass
    with Stack() as stack:
        stack.documents["/health"] |= {"watermark": T0 + 2 * DAY_MS, "lag_ms": 0}
        at = replace(RUNNING_HERE.addresses, api=stack.url)
        remember(tmp_path / "state", replace(RUNNING_HERE, addresses=at))
        with up._daily_files(replace(options, daily_export=tmp_path), Console(width=99)):
            pass
    assert capsys.readouterr().out == "written: signals_2025-05-19.jsonl\n"
    lines = (tmp_path / "signals_2025-05-19.jsonl").read_text().splitlines()
    assert len(lines) == len(SIGNALS)


def test_the_folder_of_the_environment_is_used_where_none_is_given() -> None:
    assert daily_export_of({"DAILY_EXPORT_DIR": "days"}) == Path("days")
    assert daily_export_of({"DAILY_EXPORT_DIR": ""}) is None
