"""Ctrl-C at any moment of the command's start: no traceback, no text."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.cli import start
from tests.paths import ROOT

SLOW = "import pathlib, time; pathlib.Path({note!r}).touch(); time.sleep(60)"
CODE = "from infra.cli.start import run; run()"


def test_an_interrupt_during_the_imports_ends_it_without_a_traceback(tmp_path: Path) -> None:
    note = tmp_path / "importing"
    (tmp_path / "typer.py").write_text(SLOW.format(note=str(note)))  # instead of the real one
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", CODE], cwd=ROOT, env=environ, stderr=subprocess.PIPE
    ) as process:
        while not note.exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (-signal.SIGINT, b"")


def test_an_interrupt_before_the_command_handles_it_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("infra.cli.main.run", interrupted)
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert ended.value.code == 130


def test_the_handler_is_put_back_before_the_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    before, found = signal.getsignal(signal.SIGINT), list[object]()
    monkeypatch.setattr("infra.cli.main.run", lambda: found.append(signal.getsignal(signal.SIGINT)))
    start.run()
    assert found == [before]
