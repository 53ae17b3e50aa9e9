"""What `up` prints when the system is ready."""

import socket
import sys
from pathlib import Path

import pytest
from rich.console import Console

from infra.cli.local import up
from infra.cli.local.up import command
from infra.local.stack.aws import EmbeddedAws
from infra.local.stack.options import RunOptions
from infra.local.stack.running import Addresses
from infra.local.stack.system import LocalSystem


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
