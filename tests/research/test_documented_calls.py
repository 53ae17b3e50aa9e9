"""The calls of docs/research.md run as they are printed, in order, in an empty folder."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from signalengine.models.model import load_model

from research.data.binance import downloads
from research.data.binance.budget import Timing
from research.data.times import time_ms
from tests.paths import ROOT
from tests.research.data.published import archive

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]
NOW = time_ms("2026-02-16 09:00")
BLOCKS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "research.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty folder; downloads come from an archive double, as on a day in February 2026."""
    with archive() as binance:
        monkeypatch.setenv("BINANCE_ARCHIVE_BASE", binance.base_url)
        monkeypatch.delenv("SIGNALENGINE_DATA", raising=False)
        monkeypatch.setattr(downloads, "_TIMING", Timing(wall_ms=lambda: NOW))
        monkeypatch.chdir(tmp_path)
        yield tmp_path


def test_the_documented_calls_run_as_printed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    download, features, backtest, sweep, search, table, lightgbm, xgboost = BLOCKS
    exec(download, names)  # noqa: S102 - of our own documentation
    assert len(list(here.rglob("*metrics*.zip"))) == 30
    assert not list(here.rglob("*-1m-*"))

    exec(features, names)  # noqa: S102
    frame = names["df"]
    assert (len(frame), frame.attrs["interval"]) == (31 * 288, "5m")
    assert frame[["rsi", "ema_9", "ema_21", "atr", "vwap_dist"]].notna().all().all()

    exec(backtest, names)  # noqa: S102
    told = capsys.readouterr()
    assert "it needs 1m bars. Downloading them from 2025-12-11" in told.err.replace("\n", " ")
    assert re.search(
        r"Total Signals: \d+\nWin Rate: .*%\nAvg Return: .*%\nSharpe Ratio: ", told.out
    )
    assert names["results"].run.start == time_ms("2026-01-01")

    exec(sweep, names)  # noqa: S102
    assert (len(names["done"].rows), len(names["done"].failed)) == (24, 0)
    exec(search, names)  # noqa: S102
    assert names["found"].done.rows["policy"].nunique() > 15
    assert names["found"].held_out == (time_ms("2026-01-19"), time_ms("2026-02-01"))
    assert len(re.findall(r"\d+ signals, [+-][\d.]+ bps", capsys.readouterr().out)) == 3

    exec(table, names)  # noqa: S102
    for block, engine in ((lightgbm, "model.json"), (xgboost, "xgboost.json")):
        exec(block, names)  # noqa: S102
        saved = load_model((here / "research" / "models" / engine).read_text())
        assert [one.name for one in saved.inputs] == [
            "rsi", "ema_9", "ema_21", "atr", "oi_delta", "vwap_dist",
        ]  # fmt: skip
        assert saved.predicts == "direction"
        assert names["metrics"]["held_out"]["n"] > 1000
