"""The command line: refusals that name the fix, before anything is started."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from signalengine import __version__
from typer.testing import CliRunner

from infra.cli import main
from infra.cli.main import app
from infra.errors import CommandError
from infra.local.stack.options import RunOptions
from infra.local.stack.system import real_telegram


def default_text() -> str:
    return files("signalengine").joinpath("policy.json").read_text()


def gated_text() -> str:
    ai = {"mode": "gate", "model": "abcabcabcabc", "minimum": 0.5, "weight": 0.5}
    return json.dumps(json.loads(default_text()) | {"ai": ai})


HEAVY = {
    "boto3", "requests", "websocket", "aiohttp", "numpy", "pandas", "aws_cdk", "rich", "ssl",
    "pynamodb",
}  # fmt: skip


def _refusal(*arguments: str) -> str:
    """What a command says that cannot be run as it was given: 2 is the code of wrong usage."""
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert result.exit_code == 2
    return result.output


def _error(*arguments: str) -> str:
    """What a command says that cannot go on: `run` prints it and ends with 1."""
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, CommandError)
    return str(result.exception)


def test_help_and_completion_wait_for_nothing_heavy() -> None:
    """What a command needs is imported when it is called: help comes in a third of a second."""
    probe = "import sys, infra.cli.main; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(done.stdout.split())


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["version"]).output.strip() == __version__


@pytest.mark.parametrize("command", [[], ["up"], ["replay"], ["audit"], ["audit", "parity"]])
def test_help_teaches(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_a_source_that_is_not_there_is_named() -> None:
    assert "/no/such/place: no such file or folder" in _refusal("up", "--source", "/no/such/place")


def test_a_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(tmp_path / "bars") in _refusal("up", "--source", "~/bars")


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    assert "use a positive number, or max" in _refusal("up", "--speed", speed)


def test_live_goes_at_its_own_speed_and_has_no_end() -> None:
    assert "a live market has speed 1" in _refusal("up", "--source", "live", "--speed", "60")
    assert "needs an end" in _refusal("replay", "--source", "live")


def test_repaint_needs_a_recording() -> None:
    assert "reads a recording" in _refusal("audit", "repaint", "--source", "sim")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("{}", "lacks field"),
        (default_text().replace('"threshold": 0.5', '"threshold": 5'), "must"),
        (gated_text(), "policy 'default' asks for model abcabcabcabc and there is none"),
    ],
)
@pytest.mark.parametrize("command", ["up", "replay", "audit parity", "audit repaint"])
def test_a_policy_that_cannot_be_is_refused_before_anything_starts(
    command: str, text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AI_ENABLED", raising=False)
    (tmp_path / "policy.json").write_text(text)
    source = [] if command == "up" else ["--source", str(tmp_path)]
    assert words in _error(*command.split(), *source, "--policy", str(tmp_path / "policy.json"))


def test_a_model_that_is_not_there_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AI_ENABLED", "true")
    monkeypatch.setenv("AI_MODEL_PATH", "/no/such/model.json")
    assert "AI_MODEL_PATH: /no/such/model.json cannot be read" in _error("up")


def test_half_of_a_real_telegram_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_CHAT_ID", raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:secret")
    with pytest.raises(CommandError, match="set TELEGRAM_CHAT_ID too") as caught:
        real_telegram()
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")
    assert real_telegram() == ("1:secret", "42")


@pytest.mark.parametrize(
    ("source", "market"), [("sim", "simulated"), ("live", "live"), ("/data", "recording")]
)
def test_every_source_names_its_market(source: str, market: str) -> None:
    assert RunOptions(source=source).market == market


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (CommandError("no [red]markup[/] of others"), "no [red]markup[/] of others"),
        (ModuleNotFoundError("gone", name="numba"), "pip install -e '.[research,sweeps]'"),
    ],
)
def test_an_error_is_told_in_words_that_name_the_fix(
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
