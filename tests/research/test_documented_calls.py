"""The calls of docs/research.md run as they are printed, in order, in an empty folder."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from signalengine.models.model import load_model

from research.data import loader
from research.data.budget import Timing
from research.data.times import time_ms
from tests.paths import ROOT
from tests.research.data.binance_double import Binance
from tests.research.data.published import Published

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]
NOW = time_ms("2026-02-16 09:00")
BLOCKS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "research.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Binance]:
    """Serve an archive from a thread; downloads go there, on a fixed day, into an empty folder."""
    binance = Binance(NOW, files=Published())
    began, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with binance.running():
            began.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    began.wait()
    monkeypatch.setenv("BINANCE_ARCHIVE_BASE", binance.base_url)
    monkeypatch.delenv("SIGNALENGINE_DATA", raising=False)
    monkeypatch.setitem(loader._download.__kwdefaults__, "timing", Timing(wall_ms=lambda: NOW))
    monkeypatch.chdir(tmp_path)
    yield binance
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()


def test_the_documented_calls_run_as_printed(
    archive: Binance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    download, features, backtest, table, lightgbm, xgboost = BLOCKS
    exec(download, names)  # noqa: S102 - of our own documentation
    assert len(list(tmp_path.rglob("*metrics*.zip"))) == 30
    assert not list(tmp_path.rglob("*-1m-*"))

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

    exec(table, names)  # noqa: S102
    for block, engine in ((lightgbm, "model.json"), (xgboost, "xgboost.json")):
        exec(block, names)  # noqa: S102
        saved = load_model((tmp_path / "research" / "models" / engine).read_text())
        assert [one.name for one in saved.inputs] == [
            "rsi", "ema_9", "ema_21", "atr", "oi_delta", "vwap_dist",
        ]  # fmt: skip
        assert saved.predicts == "direction"
        assert names["metrics"]["held_out"]["n"] > 1000
