"""Recorded markets outside the repository; skipped where they are not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.feather
import pytest
from signalengine.bars.aggregator import aggregate
from signalengine.intervals import DAY_MS, MINUTE_MS

from research.data.errors import DataError
from research.data.loader import load, symbols
from research.data.rows import COLUMNS
from research.data.series import Steps
from research.data.times import time_ms
from tests.paths import SHARED

SYMBOLS = ("BTC", "ETH", "SOL", "XRP", "BNB", "LTC", "ADA")
FREQTRADE = tuple(
    f"klines_1m/typhonun/{base}_USDT_USDT-{kind}.feather"
    for base in SYMBOLS
    for kind in ("1m-futures", "8h-funding_rate", "8h-mark")
)
VISION = "vision/LINKUSDT-1m-2026-02.csv"
INTEREST = SHARED / "oi" / "market_data.db"
FILES = (*FREQTRADE, VISION)

pytestmark = pytest.mark.skipif(
    not all((SHARED / name).is_file() for name in FILES) or not INTEREST.is_file(),
    reason=f"needs recorded markets in {SHARED}, which are not part of the project",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with these files alone, whatever else lies beside the recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    for name in FILES:
        link = folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(SHARED / name)
    return folder


@pytest.mark.parametrize("base", SYMBOLS)
def test_every_recorded_symbol_is_read_as_it_was_written(recorded, base):
    table = load(recorded, f"{base}USDT")
    raw = pyarrow.feather.read_table(
        recorded / f"klines_1m/typhonun/{base}_USDT_USDT-1m-futures.feather"
    )
    assert table.repairs == ()
    assert table.gaps() == []
    assert len(table) == raw.num_rows
    for name in COLUMNS[:5]:
        assert np.array_equal(getattr(table, name), raw[name].to_numpy())
    assert (np.diff(table.open_time) == MINUTE_MS).all()


def test_recorded_funding_is_paid_every_eight_hours_and_known_when_paid(recorded):
    table = load(recorded, "BTCUSDT", "2025-05-19", "2025-05-21")
    beside = table.beside()
    paid = np.flatnonzero(~np.isnan(beside["funding_paid"]))
    assert [int(time) % (DAY_MS // 3) for time in table.close_time[paid]] == [0] * 6
    assert not np.isnan(beside["funding_rate"]).any()
    changes = np.flatnonzero(np.diff(beside["funding_rate"]) != 0.0) + 1
    assert set(changes) <= set(paid)


def test_longer_bars_of_real_days_are_the_engines_to_the_last_bit(recorded):
    table = load(recorded, "LINKUSDT", "2026-02-03", "2026-02-05")
    minutes = list(table.bars())
    for interval, count in (("5m", 5), ("15m", 15), ("1h", 60)):
        expected = [
            aggregate(interval, minutes[i : i + count]) for i in range(0, len(minutes), count)
        ]
        assert list(table.resample(interval).bars()) == expected


def test_the_archives_own_layout_is_read_whole(recorded):
    table = load(recorded / VISION, "LINKUSDT")
    assert len(table) == 28 * 1440
    assert table.repairs == ()
    assert not np.isnan(table.quote_volume).any()
    assert (table.taker_buy_volume <= table.volume).all()
    vwap = table.quote_volume[table.volume > 0] / table.volume[table.volume > 0]
    assert (vwap >= table.low[table.volume > 0] * 0.999999).all()
    assert (vwap <= table.high[table.volume > 0] * 1.000001).all()


def test_a_folder_of_everything_still_finds_each_symbol(recorded):
    table = load(recorded, "LINKUSDT", "2026-02-01", "2026-02-02")
    assert len(table) == 1440
    assert symbols(recorded) == tuple(sorted(f"{base}USDT" for base in (*SYMBOLS, "LINK")))
    with pytest.raises(DataError, match="holds no bars of DOGEUSDT, only of: ADAUSDT, BNBUSDT"):
        load(recorded, "DOGEUSDT")


def interest(symbol: str) -> Iterator[tuple[int, float]]:
    """Yield (ms, contracts) of the recorded open interest; the last row has another time zone."""
    with closing(sqlite3.connect(f"file:{INTEREST}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "select timestamp, open_interest from open_interest where symbol = ? order by id",
            (symbol,),
        ).fetchall()
    yield from ((time_ms(stamp), value) for stamp, value in rows[:-1])


def test_open_interest_of_any_origin_goes_beside_the_bars(recorded):
    steps = Steps.of(interest("BTCUSDT"))
    table = replace(load(recorded, "BTCUSDT", "2025-05-20", "2025-05-21"), open_interest=steps)
    known = table.beside()["open_interest"]
    seen = np.flatnonzero(~np.isnan(known))
    assert 120 < len(seen) < 150  # hourly, and each good for five minutes
    minutes = {int(time) // MINUTE_MS % 60 for time in table.close_time[seen]}
    assert minutes == {0, 1, 2, 3, 4, 5}


MAPPING = """
[[files]]
match = "market_data.db"
table = "klines"
kind = "bars"
symbol = { column = "symbol" }
interval = { column = "timeframe" }
time = { column = "open_time", unit = "text" }
columns = { open = "open", high = "high", low = "low", close = "close", volume = "volume" }
[[files]]
match = "market_data.db"
table = "open_interest"
kind = "open_interest"
symbol = { column = "symbol" }
time = { column = "timestamp", unit = "text" }
columns = { value = "open_interest" }
[[files]]
match = "force_orders*.csv"
kind = "liquidations"
header = ["symbol", "side", "type", "tif", "q", "p", "ap", "status", "l", "z", "time", "usd"]
symbol = { column = "symbol" }
time = { column = "time" }
columns = { side = "side", usd = "usd" }
unbroken = true
"""


def test_a_database_and_a_log_of_somebody_else_are_read_by_a_mapping(tmp_path):
    for file in (INTEREST, *(SHARED / "liquidations").glob("*.csv")):
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    assert symbols(tmp_path, "1h") == ("BNBUSDT", "BTCUSDT", "DOGEUSDT", "ETHUSDT", "SOLUSDT")
    table = load(tmp_path, "BTCUSDT", interval="4h", end="2025-05-25")
    whole = load(tmp_path, "BTCUSDT", interval="1h", end="2025-05-25").resample("4h")
    assert np.array_equal(table.close, whole.close)
    assert table.open_interest is not None
    assert table.liquidations is not None
    assert len(table.liquidations) == 0  # they are of another month
    late = load(tmp_path, "BTCUSDT", interval="1h").liquidations
    assert late is not None
    assert np.diff(late.time).tolist() == [MINUTE_MS] * 32  # of 35 minutes the outer two are cut
