"""Recorded days of two symbols, and no tables left over from other tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from research.sweeps import tasks
from tests.research.data.recordings import market, write_freqtrade


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for seed, symbol in enumerate(("BTCUSDT", "ETHUSDT")):
        write_freqtrade(folder, market(5 * 1440, seed=seed, symbol=symbol))
    return folder


@pytest.fixture(autouse=True)
def forget_tables() -> Iterator[None]:
    tasks._table.cache_clear()
    yield
    tasks._table.cache_clear()
