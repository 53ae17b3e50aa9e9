"""`config` and `init` as a person runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.errors import CommandError
from tests.infra.cli.conftest import Cli


def test_config_prints_every_setting_and_its_source(folder: Path, cli: Cli) -> None:
    (folder / ".env").write_text("LOG_LEVEL=DEBUG\nSQLITE_DB_NAME=x.db\n")
    shown = cli("config", width=100)
    assert shown.code == 0
    assert f"file: {folder / '.env'}" in shown.out
    assert "SQLITE_DB_NAME has no use" in shown.out
    document = json.loads(cli("config", "--json").out)
    assert document["file"] == str(folder / ".env")


def test_config_ends_with_2_on_a_misspelt_name(folder: Path, cli: Cli) -> None:
    (folder / ".env").write_text("SIGNAL_SCORE_TRESHOLD=0.6\n")
    shown = cli("config")
    assert shown.code == 2
    assert "did you mean SIGNAL_SCORE_THRESHOLD?" in shown.err


@pytest.mark.parametrize("command", ["status", "config", "version"])
def test_every_command_refuses_an_unknown_name_of_ours(
    command: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALENGINE_REGON", "x")
    shown = cli(command)
    assert shown.code == 2
    assert "did you mean SIGNALENGINE_REGION?" in shown.err


def test_init_asks_and_writes(folder: Path) -> None:
    done = CliRunner().invoke(app, ["init"], input="17:token\n42\ntop:20\n\n\n")
    assert done.exit_code == 0, done.output
    text = (folder / ".env").read_text()
    assert "\nTELEGRAM_BOT_TOKEN=17:token\n" in text
    assert "\nTELEGRAM_CHAT_ID=42\n" in text
    assert "\nSYMBOLS=top:20\n" in text
    assert "17:token" not in done.output


def test_init_with_defaults_asks_nothing(folder: Path) -> None:
    done = CliRunner().invoke(app, ["init", "--defaults", "--env", "my.env"])
    assert done.exit_code == 0
    assert "written: my.env" in done.output
    again = CliRunner().invoke(app, ["init", "--defaults", "--env", "my.env"])
    assert isinstance(again.exception, CommandError)
    forced = CliRunner().invoke(app, ["init", "--defaults", "--env", "my.env", "--force"])
    assert forced.exit_code == 0
