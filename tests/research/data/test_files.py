"""Recorded files of every layout become the same rows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from research.data.errors import DataError
from research.data.loader import load
from research.data.repairs import Repair
from tests.research.data.folders import MONTH, put
from tests.research.data.recordings import (
    MINUTE,
    START,
    csv,
    lines,
    market,
    same,
    write_feather,
    write_freqtrade,
    zipped,
)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_the_archives_files_are_read_with_and_without_header_and_zip(tmp_path, header, packed):
    table = market(200)
    text = csv(table, header=header)
    if packed:
        put(tmp_path, f"{MONTH}.zip", zipped(f"{MONTH}.csv", text))
    else:
        put(tmp_path, f"{MONTH}.csv", text)
    found = load(tmp_path, "BTCUSDT")
    assert same(found, table)
    assert found.repairs == ()
    assert found.market == "recording"


def test_freqtrade_files_bring_funding_and_marks_beside(tmp_path):
    table = market(600)
    write_freqtrade(tmp_path, table)
    eight = START + 480 * MINUTE
    write_feather(
        tmp_path / "BTC_USDT_USDT-8h-funding_rate.feather",
        [START, eight + 5],
        {"open": [1e-4, -2e-4]},
    )
    write_feather(
        tmp_path / "BTC_USDT_USDT-8h-mark.feather", [START, eight], {"open": [100.5, 0.0]}
    )
    found = load(tmp_path, "BTCUSDT")
    assert np.array_equal(found.close, table.close)
    assert np.isnan(found.quote_volume).all()
    assert np.isnan(found.trades).all()
    assert found.funding is not None
    assert found.funding.time.tolist() == [START, eight]  # 5 ms late, but due at eight
    assert found.funding.value.tolist() == [1e-4, -2e-4]
    assert found.mark is not None
    assert found.mark.value.tolist() == [100.5]
    assert found.repairs == (Repair("unknown", "mark", 1, eight, eight),)


def test_a_span_is_cut_and_what_lacks_of_it_is_recorded(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(market(100)))
    found = load(tmp_path, "BTCUSDT", START - 5 * MINUTE, START + 110 * MINUTE)
    assert len(found) == 100
    assert found.repairs == (Repair("short", "bars", 15, START - 5 * MINUTE, START + 109 * MINUTE),)
    assert load(tmp_path, "BTCUSDT", START + MINUTE, START + 9 * MINUTE).repairs == ()
    after = load(tmp_path, "BTCUSDT", START, START + 101 * MINUTE)
    assert after.repairs == (
        Repair("short", "bars", 1, START + 100 * MINUTE, START + 100 * MINUTE),
    )
    before = load(tmp_path, "BTCUSDT", START - 2 * MINUTE)
    assert before.repairs == (Repair("short", "bars", 2, START - 2 * MINUTE, START - MINUTE),)
    with pytest.raises(DataError, match=r"no bars in that span; there are 2026-02-01 00:00 \.\. "):
        load(tmp_path, "BTCUSDT", "2026-03-01")


def test_a_gap_is_recorded_and_not_filled(tmp_path):
    rows = lines(market(20))
    put(tmp_path, f"{MONTH}.csv", "\n".join(rows[:5] + rows[8:15] + rows[16:]))
    found = load(tmp_path, "BTCUSDT")
    assert len(found) == 16
    assert found.repairs == (Repair("gap", "bars", 4, START + 5 * MINUTE, START + 15 * MINUTE),)
    assert str(found.repairs[0]) == "gap: 4 of bars, 2026-02-01 00:05 .. 2026-02-01 00:15 UTC"


def test_rows_of_two_symbols_in_one_file_are_an_error(tmp_path):
    rows = lines(market(9)) + lines(market(9, seed=2, symbol="ETHUSDT"))
    put(tmp_path, f"{MONTH}.csv", "\n".join(rows))
    with pytest.raises(DataError, match=r"twice and not the same .* Rows of two symbols"):
        load(tmp_path, "BTCUSDT")


def test_a_file_of_another_symbol_is_refused(tmp_path):
    path = put(tmp_path, f"{MONTH}.csv", csv(market(5)))
    with pytest.raises(DataError, match="holds no bars of ETHUSDT, only of: BTCUSDT"):
        load(path, "ETHUSDT")


def test_the_wrong_interval_inside_is_an_error_whatever_the_file_name(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(market(9, interval="5m")))
    with pytest.raises(
        DataError, match=r"row 2 \(2026-02-01 00:00 UTC\) is a bar of 300 s, not of 60"
    ):
        load(tmp_path, "BTCUSDT")
    write_freqtrade(tmp_path, market(9, symbol="ETHUSDT", interval="5m"), "1m")
    with pytest.raises(DataError, match="its bars are 300 s apart, not 60"):
        load(tmp_path, "ETHUSDT")
    write_freqtrade(tmp_path, market(9, symbol="SOLUSDT"), "5m")
    with pytest.raises(DataError, match="its bars are 60 s apart, not 300"):
        load(tmp_path, "SOLUSDT", interval="5m")


METRICS = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio"
)


def metric(stamp: str, value: str, symbol: str = "BTCUSDT") -> str:
    return f"2026-02-01 {stamp}:00,{symbol},{value},1,1,1,1,1"


def with_metrics(folder: Path, *rows: str, header: bool = True):
    put(folder, f"{MONTH}.csv", csv(market(30)))
    top = [METRICS] if header else []
    put(folder, "BTCUSDT-metrics-2026-02-01.csv", "\n".join([*top, *rows]))
    return load(folder, "BTCUSDT")


@pytest.mark.parametrize("header", [True, False])
def test_archived_open_interest_is_known_five_minutes_after_its_stamp(tmp_path, header):
    found = with_metrics(tmp_path, metric("00:00", "50.5"), metric("00:05", "51"), header=header)
    assert found.open_interest is not None
    assert found.open_interest.time.tolist() == [START + 5 * MINUTE, START + 10 * MINUTE]
    known = found.beside()["open_interest"]
    assert np.isnan(known[:4]).all()
    assert known[4:9].tolist() == [50.5] * 5  # closes 00:05 .. 00:09
    assert known[9] == 51.0


def test_metrics_are_put_in_order_and_what_is_unknown_is_dropped(tmp_path):
    found = with_metrics(
        tmp_path,
        metric("00:05", "51"), metric("00:00", "50"), metric("00:00", "50"), metric("00:10", ""),
        metric("00:15", "0"),
    )  # fmt: skip
    assert found.open_interest is not None
    assert found.open_interest.value.tolist() == [50.0, 51.0]
    lag = 5 * MINUTE
    assert found.repairs == (
        Repair("unsorted", "open_interest", 1, START + lag, START + lag),
        Repair("unknown", "open_interest", 2, START + 10 * MINUTE + lag, START + 15 * MINUTE + lag),
        Repair("duplicate", "open_interest", 1, START + lag, START + lag),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (metric("00:05", "52", "ETHUSDT"), "row 3 is of ETHUSDT, not of BTCUSDT"),
        (metric("00:05", "-1"), "row 3 .*-1.0 is no open_interest"),
        (metric("00:00", "52"), "row 3 .*open_interest 52.0 there, 50.0 in a row before"),
    ],
)
def test_metrics_that_cannot_be_are_an_error(tmp_path, row, message):
    with pytest.raises(DataError, match=f"BTCUSDT-metrics-2026-02-01.csv: {message}"):
        with_metrics(tmp_path, metric("00:00", "50"), row)


def test_archived_funding_is_due_at_the_minute_it_is_stamped_after(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(market(30)))
    put(
        tmp_path, "BTCUSDT-fundingRate-2026-02.csv",
        f"calc_time,funding_interval_hours,last_funding_rate\n{START + 6},8,0.00010000\n"
        f"{START + 480 * MINUTE},8,-0.0002\n",
    )  # fmt: skip
    found = load(tmp_path, "BTCUSDT")
    assert found.funding is not None
    assert found.funding.time.tolist() == [START, START + 480 * MINUTE]
    assert found.funding.value.tolist() == [0.0001, -0.0002]


def test_reading_does_not_wait_for_pandas(tmp_path):
    put(tmp_path, f"{MONTH}.zip", zipped(f"{MONTH}.csv", csv(market(5))))
    write_freqtrade(tmp_path, market(5, symbol="ETHUSDT"))
    code = (
        "import sys\n"
        "from research.data.loader import load\n"
        "load(sys.argv[1], 'BTCUSDT'), load(sys.argv[1], 'ETHUSDT')\n"
        "sys.exit('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], check=False)  # noqa: S603 - ours
    assert done.returncode == 0
