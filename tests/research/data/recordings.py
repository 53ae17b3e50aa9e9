"""Generated recordings for the tests of research data, in every layout."""

import gzip
import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
from signalengine.facts.stream import Fact, encode
from signalengine.intervals import DAY_MS, INTERVAL_MS, MINUTE_MS

from research.data.bars import BarTable
from research.data.rows import COLUMNS

START = 1_769_904_000_000
"""2026-02-01 00:00 UTC."""
HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)


def market(
    count: int, *, seed: int = 1, start: int = START, interval: str = "1m", symbol: str = "BTCUSDT"
) -> BarTable:
    """Return a random walk with tick size 0.01, all columns known; a longer one begins the same."""
    chance = [np.random.default_rng([seed, column]) for column in range(5)]
    close = np.maximum(np.round(100.0 + chance[0].normal(0, 0.3, count).cumsum(), 2), 1.0)
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.round(np.maximum(opened, close) + chance[1].integers(0, 40, count) / 100, 2)
    low = np.round(np.minimum(opened, close) - chance[2].integers(0, 40, count) / 100, 2)
    volume = np.round(chance[3].gamma(2.0, 20.0, count), 3)
    return BarTable(
        symbol,
        start + np.arange(count) * INTERVAL_MS[interval],
        opened, high, low, close, volume, np.round(volume * close, 5),
        chance[4].integers(1, 900, count), np.round(volume * 0.4, 3),
        interval=interval,
    )  # fmt: skip


def contract(symbol: str, **fields: object) -> dict[str, object]:
    """Return a contract as exchangeInfo lists it."""
    return {
        "symbol": symbol, "pair": symbol, "contractType": "PERPETUAL", "status": "TRADING",
        "quoteAsset": "USDT", "underlyingType": "COIN", "onboardDate": START - 400 * DAY_MS,
        "deliveryDate": 4_133_404_800_000, "marginAsset": "USDT", "liquidationFee": "0.0125",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.05"},
        ],
    } | fields  # fmt: skip


def same(one: BarTable, two: BarTable) -> bool:
    """Whether two tables have the same bars, to the last bit."""
    return (one.symbol, one.interval) == (two.symbol, two.interval) and all(
        np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True)
        for name in ("open_time", *COLUMNS)
    )


def lines(table: BarTable, scale: int = 1) -> list[str]:
    """Return the rows as the archive writes them; `scale` 1000 gives times in µs."""
    rows = []
    for bar in table.bars():
        start, end = bar.open_time * scale, bar.close_time * scale - 1
        rows.append(
            f"{start},{bar.open!r},{bar.high!r},{bar.low!r},{bar.close!r},{bar.volume!r},{end},"
            f"{bar.quote_volume!r},{bar.trades},{bar.taker_buy_volume!r},0,0"
        )
    return rows


def csv(table: BarTable, *, header: bool = True, scale: int = 1) -> str:
    """Return the table as one of the archive's CSV files."""
    return "\n".join(([HEADER] if header else []) + lines(table, scale)) + "\n"


def zipped(name: str, text: str | bytes) -> bytes:
    """Return a zip with one CSV file, as the archive has them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def checksum(name: str, content: bytes) -> str:
    """Return the published checksum of a file."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def write_feather(path: Path, times: Sequence[int], columns: dict[str, Sequence[float]]) -> None:
    """Write a file in freqtrade's layout."""
    dates = pa.array([int(time) for time in times], type=pa.timestamp("ms", tz="UTC"))
    pyarrow.feather.write_feather(pa.table({"date": dates, **columns}), path)


def write_freqtrade(folder: Path, table: BarTable, interval: str = "1m") -> Path:
    """Write bars as freqtrade does; returns the file."""
    base = table.symbol.removesuffix("USDT")
    path = folder / f"{base}_USDT_USDT-{interval}-futures.feather"
    names = ("open", "high", "low", "close", "volume")
    write_feather(path, table.open_time, {name: getattr(table, name) for name in names})
    return path


def write_stream(path: Path, facts: Sequence[Fact], *, breaks: bool = True) -> None:
    """Write facts as Firehose does, with or without line breaks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seam = b"\n" if breaks else b""
    path.write_bytes(gzip.compress(b"".join(encode(fact) + seam for fact in facts)))


MINUTE = MINUTE_MS
