"""Real recordings, where they lie beside the project: what is streamed is what was recorded."""

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from infra.local.exchange.market.bars import MINUTE_MS
from tests.infra.local.exchange.samples import MIDNIGHT, is_closing, read_until, recorded, served
from tests.paths import RECORDINGS

FOLDER = RECORDINGS
HOUR_MS = 60 * MINUTE_MS

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recorded bars are not beside the project (../shared/data)"
)


def test_an_hour_of_closing_klines_equals_the_recorded_rows() -> None:
    symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    end = MIDNIGHT + HOUR_MS
    with served(recorded(FOLDER, MIDNIGHT, end, ",".join(symbols))) as server:
        names = "/".join(f"{symbol.lower()}@kline_1m" for symbol in symbols)
        ws = server.connect(f"/market/ws/{names}")
        messages = read_until(ws, lambda m: is_closing(m, "SOLUSDT", end))
        ws.close()
    for symbol in symbols:
        file = FOLDER / f"{symbol.removesuffix('USDT')}_USDT_USDT-1m-futures.feather"
        table = pyarrow.feather.read_table(file)
        first = table["date"].cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64())[0].as_py()
        place = (MIDNIGHT - first) // MINUTE_MS
        prices = ("open", "high", "low", "close", "volume")
        columns = [table[name].slice(place, 60).to_pylist() for name in prices]
        rows = {
            MIDNIGHT + index * MINUTE_MS: list(row)
            for index, row in enumerate(zip(*columns, strict=True))
        }
        closed = {
            m["k"]["t"]: [float(m["k"][key]) for key in "ohlcv"]
            for m in messages
            if m["s"] == symbol and m["k"]["x"]
        }
        assert closed == rows
        assert len(closed) == 60


def test_a_month_of_bars_is_written_exactly() -> None:
    market = recorded(FOLDER, MIDNIGHT, None, "BTCUSDT,XRPUSDT")
    for symbol, coin in market.instruments.items():
        columns = np.array([row[1:6] for row in market.past(symbol).rows(0)])
        for price in np.unique(columns[:, :4])[::17].tolist():
            assert float(coin.price_text(price)) == price
        for volume in np.unique(columns[:, 4])[::17].tolist():
            assert float(coin.quantity_text(volume)) == volume
