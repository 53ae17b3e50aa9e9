"""The user of a service: refused as root; programs are found on PATH."""

import os
from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local.service.session import Session
from tests.infra.local.service.programs import Programs


def test_root_is_refused_and_a_user_is_not(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="this is root") as refused:
        Session(0, "root", tmp_path, "linux", {}).refuse_root()
    assert "adduser" in refused.value.fix
    Session(1000, "ana", tmp_path, "linux", {}).refuse_root()


def test_the_session_is_the_one_of_this_process() -> None:
    session = Session.current()
    assert session.uid == os.geteuid()
    assert session.home == Path.home()


def test_a_machine_without_systemd_is_told_what_else_there_is(tmp_path: Path) -> None:
    session = Session(1000, "ana", tmp_path, "linux", {"PATH": str(tmp_path)})
    with pytest.raises(CommandError, match="there is no systemctl on this machine") as refused:
        session.run(["systemctl", "--version"])
    assert "docker compose up" in refused.value.fix
    assert "WSL 2" in refused.value.fix


def test_a_program_is_run_with_the_language_of_programs(programs: Programs) -> None:
    answer = programs.session.run(["systemctl", "--version"])
    assert (answer.code, answer.out, answer.error) == (0, "systemd 252 (252.38)", "")


def test_a_program_is_shown_on_the_terminal(
    programs: Programs, capfd: pytest.CaptureFixture[str]
) -> None:
    assert programs.session.show(["journalctl"]) == 0
    assert capfd.readouterr().out == "the journal\n"


def test_folders_follow_the_convention(tmp_path: Path) -> None:
    def folder(value: str) -> Path:
        session = Session(1, "ana", tmp_path, "linux", {"XDG_DATA_HOME": value})
        return session.folder("XDG_DATA_HOME", ".local/share")

    assert folder("/data") == Path("/data")
    assert folder("data") == folder("") == tmp_path / ".local" / "share"
