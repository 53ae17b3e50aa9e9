"""Shared options: invalid ones are refused before anything starts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app


def _refusal(*arguments: str) -> str:
    """Return the output of wrong usage, whose exit code is 2."""
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert result.exit_code == 2
    return result.output


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
