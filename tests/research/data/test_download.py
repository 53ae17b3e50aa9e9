"""Spans and symbols are checked before any request."""

import pytest
from signalengine.intervals import DAY_MS

from research.data.errors import DataError
from research.data.loader import (
    bulk_download_klines,
)
from tests.research.data.archive_double import NOW, get, with_binance
from tests.research.data.binance_double import Binance, VirtualTime
from tests.research.data.recordings import MINUTE, START

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("symbol", ["../../etc", "BTC/USDT", "btcusdt", ""])
def test_an_invalid_symbol_is_refused_before_any_request(tmp_path, symbol):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        with pytest.raises(DataError, match="write it as Binance does, like BTCUSDT"):
            await get(tmp_path, symbol=symbol)(binance, clock)

    binance, _ = with_binance(use)
    assert not binance.requested


def test_a_span_needs_days_or_a_start_and_must_be_in_the_past(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        common = {"folder": tmp_path, "base_url": binance.base_url, "timing": clock.timing()}
        for wrong, message in (
            ({}, "Give either days=90 or start="),
            ({"days": 3, "start": START}, "Give either days=90 or start="),
            ({"days": 0}, "at least one"),
            ({"start": NOW + DAY_MS}, "empty or in the future"),
            ({"start": START, "end": START}, "empty or in the future"),
            ({"start": NOW - MINUTE}, "publishes a day after it is over"),
            ({"days": 3, "source": "ftp"}, "use 'archive' or 'rest'"),
        ):
            with pytest.raises(DataError, match=message):
                await bulk_download_klines("BTCUSDT", "1m", **wrong, **common)
        with pytest.raises(DataError, match="interval '3m': use one of"):
            await bulk_download_klines("BTCUSDT", "3m", days=3, **common)
        done = await bulk_download_klines("BTCUSDT", "1m", days=9, **common)
        assert (done.fetched, len(done.missing)) == (2, 7)

    with_binance(use)
