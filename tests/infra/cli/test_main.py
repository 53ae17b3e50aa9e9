"""The command line: refusals that name the fix, before anything is started."""

import subprocess
import sys

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
