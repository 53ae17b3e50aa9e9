"""The command of the load benchmark: its report and exit code."""

import json
import sys
from pathlib import Path

import pytest

from infra.local.benchmarks.load import __main__ as module


@pytest.mark.parametrize(("bars", "code"), [(10, 0), (9, 1)])
def test_a_missing_bar_ends_with_1(
    bars: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "load.json"
    found = {"symbols": 2, "bars": bars, "bars_told": 10}
    monkeypatch.setattr(module, "measure", lambda *_arguments: found)
    monkeypatch.setattr(sys, "argv", ["load", "--symbols", "2", "--out", str(out)])
    assert module.main() == code
    assert json.loads(out.read_text()) == found
