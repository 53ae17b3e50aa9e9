"""Bars, steps and liquidations from other people's files: whatever the layout, the same data."""

import sqlite3
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, INTERVAL_MS

from research.data.errors import DataError
from research.data.loader import load, symbols
from research.data.recordings import scan
from research.data.rows import COLUMNS
from tests.research.data.folders import put
from tests.research.data.recordings import MINUTE, START, csv, market, same

NAMES = ("open", "high", "low", "close", "volume", "quote_volume")
OFFSETS = {"UTC": 0, "+07:00": 420, "-03:30": -210, "Asia/Tokyo": 540}
"""Minutes ahead of UTC."""


def stamps(table, unit, zone, at):
    """Return the times of bars as a file of that layout has them."""
    times = table.open_time + (table.interval_ms - 1 if at == "close" else 0)
    if unit == "text":
        local = (times + OFFSETS[zone] * MINUTE).astype("datetime64[ms]")
        return [str(time).replace("T", " ") for time in local]
    per_ms = {"s": 1e-3, "ms": 1, "us": 1_000, "ns": 1_000_000}[unit]
    if unit == "s":
        return [int(time) // 1_000 for time in times]
    return [int(time) * int(per_ms) for time in times]


def declaration(match, time, extra="", columns=NAMES):
    named = ", ".join(f'{name} = "{name[0]}_{name[-1]}"' for name in columns)
    return f'[[files]]\nmatch = "{match}"\nkind = "bars"\n{time}\ncolumns = {{ {named} }}\n{extra}'


def write(folder, ending, columns):
    """Write columns as a file of a format; returns its name."""
    file, table = folder / f"btc_1h{ending}", pa.table(columns)
    if ending == ".csv":
        rows = zip(*(map(str, values) for values in columns.values()), strict=True)
        file.write_text("\n".join([",".join(columns), *map(",".join, rows)]) + "\n")
    elif ending == ".feather":
        pyarrow.feather.write_feather(table, file)
    elif ending == ".parquet":
        pq.write_table(table, file)
    else:
        with closing(sqlite3.connect(file)) as opened, opened:
            opened.execute(f"CREATE TABLE bars ({', '.join(map(repr, columns))})")
            marks = ", ".join("?" * len(columns))
            rows = zip(*columns.values(), strict=True)
            opened.executemany(f"INSERT INTO bars VALUES ({marks})", rows)  # noqa: S608 - marks
    return file


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    ending=st.sampled_from([".csv", ".feather", ".parquet", ".db"]),
    unit=st.sampled_from(["s", "ms", "us", "ns", "text"]),
    zone=st.sampled_from(sorted(OFFSETS)),
    at=st.sampled_from(["open", "close"]),
)
def test_every_layout_gives_the_same_bars(tmp_path_factory, ending, unit, zone, at):
    folder, table = tmp_path_factory.mktemp("layout"), market(30, interval="1h")
    zone = zone if unit == "text" else "UTC"
    values = {f"{name[0]}_{name[-1]}": getattr(table, name).tolist() for name in NAMES}
    write(folder, ending, {"when": stamps(table, unit, zone, at)} | values)
    time = f'time = {{ column = "when", unit = "{unit}", zone = "{zone}", at = "{at}" }}'
    extra = 'table = "bars"' if ending == ".db" else ""
    put(folder, "mapping.toml", declaration("{symbol}_{interval}.*", time, extra))
    found = load(folder, "BTCUSDT", interval="1h")
    for name in ("open_time", *NAMES):
        assert np.array_equal(getattr(found, name), getattr(table, name))
    assert np.isnan(found.trades).all()
    assert found.repairs == ()


def test_a_file_of_many_symbols_is_split(tmp_path):
    one, two = market(20, interval="1h"), market(20, seed=2, interval="1h")
    lines = ["pair,tf,t,o_n,h_h,l_w,c_e,v_e"]
    for name, table in (("ETH/USDT", two), ("XBT", one)):
        for bar in table.bars():
            lines.append(
                f"{name},60,{bar.open_time},{bar.open},{bar.high},{bar.low},{bar.close},{bar.volume}"
            )
    lines.append(f"XBT,1,{START},1,1,1,1,1")
    put(tmp_path, "all.csv", "\n".join(lines) + "\n")
    extra = 'symbol = { column = "pair" }\ninterval = "1h"\nonly = { tf = 60 }\n'
    extra += 'symbols = { XBT = "BTCUSDT" }\n'
    time = 'time = { column = "t" }'
    put(tmp_path, "mapping.toml", declaration("*.csv", time, extra, NAMES[:5]))
    assert symbols(tmp_path, "1h") == ("BTCUSDT", "ETHUSDT")
    assert symbols(tmp_path) == ()
    for symbol, table in (("BTCUSDT", one), ("ETHUSDT", two)):
        found = load(tmp_path, symbol, interval="1h")
        assert np.array_equal(found.close, table.close)


def test_an_error_names_the_row_of_the_file_not_of_the_symbol(tmp_path):
    text = "s,t,o_n,h_h,l_w,c_e,v_e\n"
    text += f"ETH,{START},1,1,1,1,1\nBTC,{START},1,1,1,1,1\nBTC,{START + MINUTE},1,0.5,1,1,1\n"
    put(tmp_path, "all.csv", text)
    extra = 'symbol = { column = "s" }\ninterval = "1m"\n'
    time = 'time = { column = "t" }'
    put(tmp_path, "mapping.toml", declaration("all.csv", time, extra, NAMES[:5]))
    with pytest.raises(DataError, match=r"all.csv: row 4 \(2026-02-01 00:01 UTC\) has its open or"):
        load(tmp_path, "BTCUSDT")


def test_volume_in_quote_currency_alone_gives_an_estimate_and_says_so(tmp_path):
    table = market(10)
    values = {f"{name[0]}_{name[-1]}": getattr(table, name).tolist() for name in NAMES}
    write(tmp_path, ".csv", {"t": table.open_time.tolist()} | values)
    columns = (*NAMES[:4], "quote_volume")
    extra = 'symbol = "BTCUSDT"\ninterval = "1m"\n'
    put(
        tmp_path, "mapping.toml",
        declaration("*.csv", 'time = { column = "t" }', extra, columns),
    )  # fmt: skip
    found = load(tmp_path, "BTCUSDT")
    price = (table.high + table.low + table.close) / 3.0
    assert np.array_equal(found.volume, table.quote_volume / price)
    assert [str(repair).split(",")[0] for repair in found.repairs] == ["estimated: 10 of volume"]


def test_semicolons_decimal_commas_and_a_missing_header_are_declared(tmp_path):
    rows = [f"{START + n * MINUTE};1,5;2,5;0,5;1,25;10" for n in range(3)]
    put(tmp_path, "BTC.csv", "\n".join(rows) + "\n")
    extra = 'interval = "1m"\nseparator = ";"\ndecimal = ","\n'
    extra += 'header = ["t", "o_n", "h_h", "l_w", "c_e", "v_e"]\n'
    time = 'time = { column = "t" }'
    put(tmp_path, "mapping.toml", declaration("{symbol}.csv", time, extra, NAMES[:5]))
    assert load(tmp_path, "BTCUSDT").close.tolist() == [1.25] * 3


def test_what_is_beside_the_bars_is_known_when_the_mapping_says(tmp_path):
    table = market(20)
    put(tmp_path, "BTC_USDT-oi.csv", f"t,oi\n{START},7\n{START + 10 * MINUTE},0\n")
    put(tmp_path, "BTC_USDT-rate.csv", f"t,r\n{START + 5 * MINUTE},0.01\n")
    put(
        tmp_path,
        "mapping.toml",
        """
[[files]]
match = "{symbol}-oi.csv"
kind = "open_interest"
time = { column = "t" }
known_after = "5m"
columns = { value = "oi" }
[[files]]
match = "{symbol}-rate.csv"
kind = "funding"
scale = 0.01
time = { column = "t" }
columns = { value = "r" }
""",
    )
    put(tmp_path, "BTCUSDT-1m-2026-02.csv", csv(table))
    found = load(tmp_path, "BTCUSDT")
    assert found.open_interest is not None
    assert found.funding is not None
    assert found.open_interest.time.tolist() == [START + 5 * MINUTE]
    assert (found.funding.time.tolist(), found.funding.value.tolist()) == (
        [START + 5 * MINUTE],
        [0.0001],
    )
    assert "unknown: 1 of open_interest" in str(found.repairs[0])


ORDERS = """
[[files]]
match = "orders*.csv"
kind = "liquidations"
header = ["symbol", "side", "quantity", "price", "time"]
symbol = { column = "symbol" }
time = { column = "time" }
columns = { side = "side", quantity = "quantity", price = "price" }
"""


def orders(folder, extra=""):
    """Write a log of orders and bars around it; returns the bars' liquidations."""
    rows = [
        f"FLUX,SELL,2,3,{START + 5}", f"BTC,SELL,2,100,{START + MINUTE}",
        f"BTC,BUY,1,100,{START + MINUTE + 9}", f"BTC,SELL,1,100,{START + MINUTE + 59_999}",
        f"BTC,BUY,1,50,{START + 4 * MINUTE}", f"FLUX,BUY,1,1,{START + 6 * MINUTE}",
    ]  # fmt: skip
    put(folder, "orders.csv", "\n".join(rows) + "\n")
    put(folder, "mapping.toml", ORDERS + extra)
    put(folder, "BTCUSDT-1m-2026-02.csv", csv(market(10)))
    return load(folder, "BTCUSDT").liquidations


def test_a_log_of_liquidations_is_summed_by_minute(tmp_path):
    found = orders(tmp_path)
    assert ((found.time - START) // MINUTE).tolist() == [1, 4]
    assert found.long_usd.tolist() == [300.0, 0.0]
    assert found.short_usd.tolist() == [100.0, 50.0]


def test_an_unbroken_log_has_zeros_but_in_its_cut_minutes(tmp_path):
    found = orders(tmp_path, "unbroken = true\n")
    assert ((found.time - START) // MINUTE).tolist() == [1, 2, 3, 4, 5]
    assert found.long_usd.tolist() == [300.0, 0.0, 0.0, 0.0, 0.0]


def test_two_logs_of_one_minute_are_an_error(tmp_path):
    orders(tmp_path)
    put(tmp_path, "orders-2.csv", f"BTC,SELL,2,100,{START + MINUTE}\n")
    with pytest.raises(DataError, match=r"the minute 2026-02-01 00:01 UTC is in two files"):
        load(tmp_path, "BTCUSDT")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"BTC,UP,2,100,{START}", r"orders.csv: row 1: side 'UP': it is SELL or BUY"),
        (f"BTC,SELL,-2,100,{START}", r"row 1: -200.0 USD is no size of an order"),
        (f"!,SELL,2,100,{START}", r"orders.csv: row 1: .* is not a symbol.*symbols = "),
    ],
)
def test_an_order_that_cannot_be_read_is_an_error(tmp_path, row, message):
    orders(tmp_path)
    put(tmp_path, "orders.csv", row + "\n")
    with pytest.raises(DataError, match=message):
        load(tmp_path, "BTCUSDT")


def test_a_mapping_may_lie_elsewhere(tmp_path):
    table, elsewhere = market(5), tmp_path / "other" / "mine.toml"
    values = {f"{name[0]}_{name[-1]}": getattr(table, name).tolist() for name in NAMES}
    (tmp_path / "bars").mkdir()
    write(tmp_path / "bars", ".csv", {"t": table.open_time.tolist()} | values)
    put(
        tmp_path, "other/mine.toml",
        declaration("{symbol}_*.csv", 'time = { column = "t" }', 'interval = "1m"', NAMES),
    )  # fmt: skip
    assert symbols(scan(tmp_path / "bars", elsewhere)) == ("BTCUSDT",)


def test_a_file_of_a_mapping_is_read_by_its_own_name(tmp_path):
    table = market(5)
    values = {f"{name[0]}_{name[-1]}": getattr(table, name).tolist() for name in NAMES}
    file = write(tmp_path, ".csv", {"t": table.open_time.tolist()} | values)
    time = 'time = { column = "t" }'
    put(tmp_path, "mapping.toml", declaration("{symbol}_*.csv", time, 'interval = "1m"', NAMES))
    found = load(file, "BTCUSDT")
    assert len(found) == 5
    assert scan(file).interval_of("BTCUSDT") == "1m"


def test_longer_bars_declared_as_shorter_are_an_error(tmp_path):
    table = market(5, interval="1h")
    values = {f"{name[0]}_{name[-1]}": getattr(table, name).tolist() for name in NAMES}
    write(tmp_path, ".csv", {"t": table.open_time.tolist()} | values)
    time = 'time = { column = "t" }'
    put(tmp_path, "mapping.toml", declaration("{symbol}_*.csv", time, 'interval = "1m"', NAMES))
    with pytest.raises(DataError, match="3600 s apart, not 60"):
        load(tmp_path, "BTCUSDT")


def test_nothing_changes_without_a_mapping(tmp_path):
    table = market(int(DAY_MS / INTERVAL_MS["1h"]), interval="1h")
    put(tmp_path, "BTCUSDT-1h-2026-02.csv", csv(table))
    assert same(load(tmp_path, "BTCUSDT", interval="1h"), table)
    assert set(COLUMNS) > set(NAMES)


MARKET_DATA = """
[[files]]
match = "{symbol}-side.csv"
kind = "%s"
time = { column = "t", unit = "%s" }
known_after = "%dms"
columns = { value = "v" }
"""


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(["open_interest", "mark"]),
    unit=st.sampled_from(["ms", "us", "ns"]),
    lag=st.integers(0, 3 * MINUTE),
    after=st.lists(st.integers(0, 10**6), min_size=1, max_size=6, unique=True),
    part=st.integers(0, 999_999),
)
def test_nothing_is_known_before_its_time(tmp_path_factory, kind, unit, lag, after, part):
    """Whatever part of a minute, ms or µs a stamp has, its value is at no earlier close."""
    folder, table = tmp_path_factory.mktemp("known"), market(20)
    per_ms = {"ms": 1, "us": 1_000, "ns": 1_000_000}[unit]
    stamps = [(START + one) * per_ms + part * per_ms // 10**6 for one in after]
    values = {stamp: number + 1.0 for number, stamp in enumerate(stamps)}
    rows = "".join(f"{stamp},{value}\n" for stamp, value in values.items())
    put(folder, "BTC-side.csv", "t,v\n" + rows)
    put(folder, "mapping.toml", MARKET_DATA % (kind, unit, lag))
    put(folder, "BTCUSDT-1m-2026-02.csv", csv(table))
    found = load(folder, "BTCUSDT")
    name = "open_interest" if kind == "open_interest" else "mark_price"
    for close, value in zip(found.close_time.tolist(), found.beside()[name], strict=True):
        known = [stamp for stamp in stamps if stamp + lag * per_ms <= close * per_ms]
        assert np.isnan(value) or value == values[max(known)]


def test_dates_with_parts_of_a_ms_are_known_after_them(tmp_path):
    stamp = START * 1_000 + 1
    side = pa.table({"t": pa.array([stamp], pa.timestamp("us")), "v": [7.0]})
    pq.write_table(side, tmp_path / "BTC-side.parquet")
    put(tmp_path, "mapping.toml", (MARKET_DATA % ("mark", "ms", 0)).replace(".csv", ".parquet"))
    put(tmp_path, "BTCUSDT-1m-2026-02.csv", csv(market(5)))
    assert load(tmp_path, "BTCUSDT").mark.time.tolist() == [START + MINUTE]


def test_of_several_stamps_in_a_minute_the_last_is_known_at_its_end(tmp_path):
    put(tmp_path, "BTC-side.csv", f"t,v\n{START + 9},2\n{START + 1},1\n{START + 60_000},3\n")
    put(tmp_path, "mapping.toml", MARKET_DATA % ("mark", "ms", 0))
    put(tmp_path, "BTCUSDT-1m-2026-02.csv", csv(market(5)))
    found = load(tmp_path, "BTCUSDT").mark
    assert (found.time.tolist(), found.value.tolist()) == ([START + MINUTE], [3.0])


def test_a_payment_is_due_at_the_minute_that_it_is_stamped_after(tmp_path):
    put(tmp_path, "BTC-side.csv", f"t,v\n{START + 9},0.01\n")
    put(tmp_path, "mapping.toml", MARKET_DATA % ("funding", "ms", 0))
    put(tmp_path, "BTCUSDT-1m-2026-02.csv", csv(market(5)))
    assert load(tmp_path, "BTCUSDT").funding.time.tolist() == [START]


def test_an_unbroken_log_that_is_known_later_has_no_zeros_before_it_is_known(tmp_path):
    found = orders(tmp_path, 'unbroken = true\nknown_after = "2m"\n')
    assert ((found.time - START) // MINUTE).tolist() == [3, 4, 5, 6, 7]
    assert found.long_usd.tolist() == [300.0, 0.0, 0.0, 0.0, 0.0]


ALL = """
[[files]]
match = "all_*.csv"
kind = "bars"
interval = "1m"
symbol = { column = "s" }
time = { column = "t" }
columns = { open = "c", high = "c", low = "c", close = "c", volume = "c" }
"""


def of_all(folder, name, symbol, first, count=3):
    rows = [f"{symbol},{START + (first + n) * MINUTE},1" for n in range(count)]
    return put(folder, name, "\n".join(["s,t,c", *rows]) + "\n")


def test_an_unreadable_file_stops_the_symbols_that_may_be_in_it_only(tmp_path):
    put(tmp_path, "mapping.toml", ALL)
    put(tmp_path, "BTCUSDT-1m-2026-02.csv", csv(market(5)))
    of_all(tmp_path, "all_1.csv", "ETH", 0)
    put(tmp_path, "all_2.csv", "s,t\nETH,1\n")
    assert same(load(tmp_path, "BTCUSDT"), market(5))
    assert symbols(tmp_path) == ("BTCUSDT", "ETHUSDT")
    assert scan(tmp_path).passed_over() == "Passed over: 'all_2.csv'."
    for symbol in ("ETHUSDT", "SOLUSDT"):
        with pytest.raises(DataError, match=r"all_2.csv: no column 'c', only s, t"):
            load(tmp_path, symbol)
    with pytest.raises(DataError, match=r"all_2.csv: no column 'c'"):
        scan(tmp_path / "all_2.csv")


def test_nothing_but_unreadable_files_is_an_error(tmp_path):
    put(tmp_path, "mapping.toml", ALL)
    put(tmp_path, "all_2.csv", "s,t\nETH,1\n")
    with pytest.raises(DataError, match=r"all_2.csv: no column 'c'"):
        symbols(tmp_path)


@pytest.mark.parametrize("wanted", ["true", "1", "1.0"])
@pytest.mark.parametrize("ending", [".csv", ".feather", ".parquet", ".db"])
def test_only_compares_values_in_every_format(tmp_path, ending, wanted):
    table = market(6)
    values = {f"{name[0]}_{name[-1]}": getattr(table, name).tolist() for name in NAMES}
    ended = {"ok": [True, True, True, False, False, False]}
    write(tmp_path, ending, {"t": table.open_time.tolist()} | ended | values)
    extra = f'symbol = "BTCUSDT"\ninterval = "1m"\ntable = "bars"\nonly = {{ ok = {wanted} }}\n'
    put(tmp_path, "mapping.toml", declaration("btc*", 'time = { column = "t" }', extra))
    assert len(load(tmp_path, "BTCUSDT")) == 3
