"""The command line: refusals that name the fix, before anything is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from signalengine import __version__
from typer.testing import CliRunner

from infra.cli import main
from infra.cli.main import app
from infra.errors import CommandError

HEAVY = {
    "boto3", "requests", "websocket", "aiohttp", "numpy", "pandas", "aws_cdk", "rich", "ssl",
    "pynamodb",
}  # fmt: skip


def test_help_and_completion_import_nothing_heavy() -> None:
    """What a command needs is imported when it is called: help comes in a third of a second."""
    probe = "import sys, infra.cli.main; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(done.stdout.split())


def test_an_error_cannot_control_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """It may quote the end of a child's log."""
    with pytest.raises(SystemExit):
        main._fail("the end of aws.log:\n  a\x9b2J\x1b[2J\u202e[red]b[/]", "fix\x07")
    text = capsys.readouterr().err
    assert text.replace("\n", "").isprintable()
    assert r"a\u009b2J\u001b[2J\u202e[red]b[/]" in text


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["version"]).output.strip() == __version__


@pytest.mark.parametrize("command", [[], ["up"], ["replay"], ["audit"], ["audit", "parity"]])
def test_help_has_a_usage_line(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (CommandError("no [red]markup[/] of others"), "no [red]markup[/] of others"),
        (ModuleNotFoundError("gone", name="numba"), "make research"),
    ],
)
def test_an_error_is_printed_with_its_fix(
    raised: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(prog_name: str) -> None:
        raise raised

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    found = capsys.readouterr().err
    assert words in found
    assert "Traceback" not in found


def started(*words: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    """Run the command line in a process of its own."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-m", "infra.cli.main", *words]
    return subprocess.run(command, check=False, **options)  # type: ignore[call-overload, no-any-return]  # noqa: S603 - our own module


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_help_fits_a_narrow_terminal_of_any_encoding(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "20"}
    done = started("backtest", "--help", env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Usage" in done.stdout.decode(encoding)


def test_a_reader_that_has_gone_ends_the_command_silently() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = started("--help", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + 13, b"")


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = started("version", stdout=full)
    words = b"error: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, words)
