"""The benchmark of the dashboard runs, and measures both screens."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.assets import ROOT
from infra.local.benchmarks.page.chromium import SCREENS
from tests.browser.conftest import chromium

ROWS = 70
"""More than are drawn whole."""


@pytest.mark.browser
@pytest.mark.flaky(reruns=1)
def test_loads_and_frames_are_measured_on_both_screens(tmp_path: Path) -> None:
    folder, out = Path(chromium()).parent, tmp_path / "page.json"
    options = f"--rows {ROWS} --rounds 1 --seconds 0.3 --settle 0.2 --out {out}".split()
    run = subprocess.run(  # noqa: S603 - this version's own program
        [sys.executable, "-m", "infra.local.benchmarks.page", *options],
        cwd=ROOT, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    report = json.loads(out.read_text(encoding="utf-8"))
    assert [one["screen"] for one in report["loads"]] == [one.name for one in SCREENS]
    for load in report["loads"]:
        assert 0 < load["first_paint_ms"] <= load["largest_paint_ms"]
        assert load["shifts"] < 0.1
        assert load["kilobytes"] > 50
    during = ["prices", "prices, scrolling"]
    assert [one["during"] for one in report["frames"]] == during * 2
    assert all(one["count"] > 1 for one in report["frames"])
