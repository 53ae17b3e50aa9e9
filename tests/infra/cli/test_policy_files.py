"""Policies and models: invalid ones are refused before anything starts."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.errors import CommandError


def default_text() -> str:
    return files("signalengine").joinpath("policy.json").read_text()


def gated_text() -> str:
    ai = {"mode": "gate", "model": "abcabcabcabc", "minimum": 0.5, "weight": 0.5}
    return json.dumps(json.loads(default_text()) | {"ai": ai})


def _error(*arguments: str) -> str:
    """Return the message of a command that fails: `run` prints it and ends with 1."""
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, CommandError)
    return str(result.exception)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("{}", "lacks field"),
        (default_text().replace('"threshold": 0.5', '"threshold": 5'), "must"),
        (gated_text(), "policy 'default' needs model abcabcabcabc and there is none"),
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
