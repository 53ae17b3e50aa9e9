"""Every setting has a value and a source; secrets are not shown."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from signalengine.policy import default_policy

from infra.cli.settings.listing import MASK, settings
from infra.errors import CommandError
from infra.local.settings.table import VARIABLES


def rows(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["value"], row["source"]) for row in document["settings"]}


def test_without_anything_all_are_defaults() -> None:
    found = settings(None, "", None, {})
    assert rows(found) == {name: (one.default, "default") for name, one in VARIABLES.items()}
    assert (found["file"], found["unused"], found["notices"]) == (None, [], [])
    assert found["policy_digest"] == default_policy().digest


def test_an_option_wins_over_the_environment_and_that_over_the_file(folder: Path) -> None:
    file = folder / ".env"
    file.write_text("SYMBOLS=A\nLOG_LEVEL=DEBUG\nMONITOR_INTERVAL=5\nREDIS_URL=x\n")
    found = settings(None, "BTCUSDT", None, {"SYMBOLS": "B", "LOG_LEVEL": "ERROR"})
    shown = rows(found)
    assert shown["SYMBOLS"] == ("BTCUSDT", "option")
    assert shown["LOG_LEVEL"] == ("ERROR", "environment")
    assert shown["MONITOR_INTERVAL"] == ("5", str(file))
    assert [one["name"] for one in found["unused"]] == ["REDIS_URL"]
    assert found["file"] == str(file)


def test_no_secret_is_shown(folder: Path) -> None:
    (folder / ".env").write_text("TELEGRAM_BOT_TOKEN=17:hush\nTELEGRAM_CHAT_ID=42\n")
    found = settings(None, "", None, {"SIGNALENGINE_TOKEN": "hush"})
    assert "hush" not in json.dumps(found)
    assert rows(found)["TELEGRAM_BOT_TOKEN"][0] == rows(found)["SIGNALENGINE_TOKEN"][0] == MASK


def test_a_policy_file_shows_its_own_numbers(folder: Path) -> None:
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    file = folder / "policy.json"
    file.write_text(json.dumps(raw | {"threshold": 0.7, "ttl_s": 120}))
    found = settings(None, "", file, {"SIGNAL_SCORE_THRESHOLD": "0.9"})
    assert rows(found)["SIGNAL_SCORE_THRESHOLD"] == ("0.7", "option")
    assert rows(found)["SIGNAL_TTL_SECONDS"] == ("120", "option")


def test_what_cannot_be_is_an_error_as_at_the_start() -> None:
    with pytest.raises(CommandError, match="SIGNAL_TTL_SECONDS=61 must be whole minutes"):
        settings(None, "", None, {"SIGNAL_TTL_SECONDS": "61"})


def test_variables_of_the_command_line_are_not_taken_from_the_file(folder: Path) -> None:
    (folder / ".env").write_text("SIGNALENGINE_STACK=x\n")
    assert rows(settings(None, "", None, {}))["SIGNALENGINE_STACK"] == ("", "default")
