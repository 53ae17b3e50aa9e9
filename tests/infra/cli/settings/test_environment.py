"""Each command reads the settings that are meant for it, and says what it does with them."""

import os
from pathlib import Path

import pytest
from signalengine.policy import load_policy
from typer.testing import CliRunner

from infra.cli.main import app
from infra.cli.policy_files import policy_of
from infra.cli.settings.environment import (
    configure,
    policy_for,
    say_unread,
    symbols_of_environment,
)
from infra.errors import CommandError
from infra.local.settings.table import VARIABLES
from infra.local.stack.options import RunOptions


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_run_of_the_stack_takes_the_file_of_its_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    write(folder / ".env", "LOG_LEVEL=DEBUG\nSYMBOLS=BTCUSDT\nREDIS_URL=redis://x\n")
    configure("up")
    assert (os.environ["LOG_LEVEL"], symbols_of_environment()) == ("ERROR", "BTCUSDT")
    said = capsys.readouterr().err
    assert f"1 of 3 settings are from {folder / '.env'}" in said
    assert "REDIS_URL has no use" in said
    assert "chmod" not in said


FOREIGN = ("LD_PRELOAD", "PYTHONPATH", "NODE_OPTIONS", "HTTPS_PROXY", "AWS_ENDPOINT_URL", "PATH2")
OF_COMMAND = tuple(one.name for one in VARIABLES.values() if one.place == "command")


@pytest.mark.parametrize("named", [False, True])
def test_a_file_sets_nothing_but_settings_of_the_stack(
    folder: Path, named: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*FOREIGN, *OF_COMMAND):
        monkeypatch.delenv(name, raising=False)
    lines = [f"{name}=x" for name in (*FOREIGN, *OF_COMMAND)]
    file = write(folder / ".env", "\n".join([*lines, "REDIS_URL=x", "LOG_LEVEL=DEBUG\n"]))
    before = dict(os.environ)
    configure("up", file if named else None)
    assert dict(os.environ) == {**before, "LOG_LEVEL": "DEBUG"}
    said = capsys.readouterr().err
    for name in FOREIGN:
        assert f"{name} is no setting of SignalEngine" in said
    for name in OF_COMMAND:
        assert f"{name} is read from the environment only, not from a file" in said
    assert "REDIS_URL has no use" in said


def test_up_follows_what_the_file_says_unless_an_option_says_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[RunOptions] = []
    monkeypatch.setattr(
        "infra.cli.local.up.run_up", lambda options, fresh: seen.append(options) or 0
    )
    write(folder / ".env", "SYMBOLS=BTCUSDT\nSIGNAL_TTL_SECONDS=120\nTELEGRAM_RATE_LIMIT=0.5\n")
    state = ["--state-dir", str(folder / "state")]
    for more in ([], ["--symbols", "ETHUSDT"]):
        done = CliRunner().invoke(app, ["up", "--speed", "60", *state, *more])
        assert done.exit_code == 0, done.output
    first, second = seen
    assert (first.symbols, second.symbols) == ("BTCUSDT", "ETHUSDT")
    assert first.policy is not None
    assert load_policy(first.policy.read_text()).ttl_ms == 120_000
    assert not first.unpaced, "a rate was chosen"


def test_research_reads_a_file_that_is_named_and_no_other(folder: Path) -> None:
    named = write(folder / ".env", "SIGNAL_SCORE_THRESHOLD=0.7\n")
    usual = policy_of(None)
    configure("backtest", search=False)
    assert policy_of(None) is usual
    configure("backtest", named, search=False)
    assert policy_of(None).threshold == 0.7


def test_a_policy_file_wins_over_the_environment_and_that_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNAL_SCORE_THRESHOLD", "0.7")
    file = folder / "mine.json"
    configure("up", policy=file)
    assert f"SIGNAL_SCORE_THRESHOLD has no effect: --policy {file}" in capsys.readouterr().err
    assert policy_for(file, folder) == file


def test_the_functions_get_the_policy_of_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert policy_for(None, folder) is None
    monkeypatch.setenv("SIGNAL_TTL_SECONDS", "60")
    configure("up")
    file = policy_for(None, folder)
    assert file is not None
    policy = load_policy(file.read_text())
    assert policy == policy_of(None)
    assert f"the policy is {policy.digest} instead of" in capsys.readouterr().err


def test_a_sweep_says_that_it_has_its_own_policies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNAL_TTL_SECONDS", "60")
    configure("sweep", search=False)
    assert "SIGNAL_TTL_SECONDS has no effect: --set" in capsys.readouterr().err


def test_a_deployment_names_what_it_does_not_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say_unread()
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "17:x")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("SIGNAL_TTL_SECONDS", "60")
    say_unread()
    assert "and --policy, not LOG_LEVEL, SIGNAL_TTL_SECONDS\n" in capsys.readouterr().err


def test_a_file_that_others_may_read_is_mentioned(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / ".env", "LOG_LEVEL=INFO\n").chmod(0o644)
    configure("up")
    assert "other users may read" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["SIGNAL_TRESHOLD=1\n", "LOG_LEVEL=LOUD\n", "SYMBOLS\n"])
def test_a_file_with_a_mistake_ends_the_command(folder: Path, text: str) -> None:
    write(folder / ".env", text)
    with pytest.raises(CommandError):
        configure("up")
