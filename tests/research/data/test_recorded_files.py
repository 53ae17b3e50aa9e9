"""Every layout of recordings, and every way one may be broken."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research.data.errors import ChecksumError, DataError
from research.data.loader import load
from research.data.repairs import Repair
from tests.research.data.recordings import (
    HEADER,
    MINUTE,
    START,
    checksum,
    csv,
    lines,
    market,
    same,
    write_feather,
    write_freqtrade,
    zipped,
)

DAY = 1440 * MINUTE
MONTH = "BTCUSDT-1m-2026-02"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def kinds(table) -> list[str]:
    return [repair.kind for repair in table.repairs]


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


def test_a_file_may_be_named_and_then_called_anything(tmp_path):
    path = put(tmp_path, "my download.csv", csv(market(5)))
    assert same(load(path, "BTCUSDT"), market(5))
    with pytest.raises(DataError, match="not known by its name"):
        load(put(tmp_path, "bars.txt", csv(market(5))), "BTCUSDT")


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


# --- repairs -------------------------------------------------------------------------------------


def test_a_gap_is_recorded_and_not_filled(tmp_path):
    rows = lines(market(20))
    put(tmp_path, f"{MONTH}.csv", "\n".join(rows[:5] + rows[8:15] + rows[16:]))
    found = load(tmp_path, "BTCUSDT")
    assert len(found) == 16
    assert found.repairs == (Repair("gap", "bars", 4, START + 5 * MINUTE, START + 15 * MINUTE),)
    assert str(found.repairs[0]) == "gap: 4 of bars, 2026-02-01 00:05 .. 2026-02-01 00:15 UTC"


def test_identical_duplicates_are_dropped_within_a_file_and_between_files(tmp_path):
    table = market(30)
    rows = lines(table)
    put(tmp_path, "monthly/BTCUSDT-1m-2026-02.csv", "\n".join(rows[:20] + rows[18:20]))
    put(tmp_path, "daily/BTCUSDT-1m-2026-02-01.csv", "\n".join(rows[15:]))
    found = load(tmp_path, "BTCUSDT")
    assert same(found, table)
    assert found.repairs == (
        Repair("unsorted", "bars", 1, START + 18 * MINUTE, START + 18 * MINUTE),
        Repair("duplicate", "bars", 7, START + 15 * MINUTE, START + 19 * MINUTE),
    )


def test_of_two_identical_rows_the_one_that_knows_more_is_kept(tmp_path):
    table = market(30)
    write_freqtrade(tmp_path, table)
    put(tmp_path, f"{MONTH}.csv", csv(table))
    found = load(tmp_path, "BTCUSDT")
    assert same(found, table)
    assert kinds(found) == ["duplicate"]


def test_conflicting_duplicates_are_an_error_naming_both_files(tmp_path):
    put(tmp_path, "a/BTCUSDT-1m-2026-02.csv", csv(market(9)))
    put(tmp_path, "b/BTCUSDT-1m-2026-02-01.csv", csv(market(9, seed=2)))
    said = (
        "BTCUSDT-1m-2026-02.csv and BTCUSDT-1m-2026-02-01.csv: 2026-02-01 00:00 UTC is there twice"
    )
    with pytest.raises(DataError, match=said):
        load(tmp_path, "BTCUSDT")


def test_rows_of_two_symbols_in_one_file_are_an_error(tmp_path):
    rows = lines(market(9)) + lines(market(9, seed=2, symbol="ETHUSDT"))
    put(tmp_path, f"{MONTH}.csv", "\n".join(rows))
    with pytest.raises(DataError, match=r"twice and not the same .* Rows of two symbols"):
        load(tmp_path, "BTCUSDT")


def test_rows_of_two_symbols_one_after_the_other_are_an_error(tmp_path):
    dear = scaled(market(20), 9.0)
    put(tmp_path, f"{MONTH}.csv", "\n".join([*lines(market(20))[:9], *lines(dear)[9:]]))
    with pytest.raises(DataError, match=r"bar of 2026-02-01 00:09 UTC opens at 9.* Rows of two"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, f"{MONTH}.csv", "\n".join(lines(market(20))[:9]))
    put(tmp_path, "daily/BTCUSDT-1m-2026-02-01.csv", "\n".join(lines(dear)[9:]))
    with pytest.raises(DataError, match=rf"{MONTH}.csv and BTCUSDT-1m-2026-02-01.csv: the bar of"):
        load(tmp_path, "BTCUSDT")


def test_a_price_may_be_another_after_a_gap(tmp_path):
    """A contract that was away may come back redenominated: nothing is said of the minutes away."""
    dear = scaled(market(20), 9.0)
    put(tmp_path, f"{MONTH}.csv", "\n".join([*lines(market(20))[:9], *lines(dear)[10:]]))
    assert kinds(load(tmp_path, "BTCUSDT")) == ["gap"]


def scaled(table, factor):
    prices = {name: getattr(table, name) * factor for name in ("open", "high", "low", "close")}
    return replace(table, **prices)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    order=st.permutations(range(12)),
    again=st.lists(st.integers(0, 11), max_size=4),
    split=st.integers(1, 11),
    header=st.booleans(),
    scale=st.sampled_from([1, 1000]),
)
def test_any_order_split_and_repetition_of_the_same_rows_is_the_same_table(
    tmp_path, order, again, split, header, scale
):
    table = market(12)
    rows = lines(table, scale)
    mixed = [rows[i] for i in [*order, *again]]
    top = [HEADER] if header else []
    put(tmp_path, "BTCUSDT-1m-2026-02-01.csv", "\n".join(top + mixed[:split]))
    put(tmp_path, "BTCUSDT-1m-2026-02-02.csv", "\n".join(top + mixed[split:]))
    found = load(tmp_path, "BTCUSDT")
    assert same(found, table)
    counts = {repair.kind: repair.count for repair in found.repairs}
    assert counts.get("duplicate", 0) == len(again)
    assert counts.get("microseconds", 0) == (len(mixed) if scale == 1000 else 0)
    late = sum(b < a for part in (mixed[:split], mixed[split:]) for a, b in pairwise(part))
    assert counts.get("unsorted", 0) == late


# --- errors --------------------------------------------------------------------------------------


def test_a_folder_says_what_it_has_instead_of_what_was_asked_for(tmp_path):
    with pytest.raises(DataError, match="nowhere does not exist"):
        load(tmp_path / "nowhere", "BTCUSDT")
    with pytest.raises(DataError, match=r"holds no recorded bars. Known are"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, "BTCUSDT-5m-2026-02.csv", csv(market(9, interval="5m")))
    with pytest.raises(DataError, match="holds no bars of ETHUSDT, only of: BTCUSDT"):
        load(tmp_path, "ETHUSDT")
    with pytest.raises(DataError, match=r"holds BTCUSDT as 5m, not as 1m. Download 1m bars"):
        load(tmp_path, "BTCUSDT")
    assert len(load(tmp_path, "BTCUSDT", interval="5m")) == 9
    with pytest.raises(DataError, match="interval '3m': use one of 1m, 5m, 15m, 1h"):
        load(tmp_path, "BTCUSDT", interval="3m")


def test_a_file_of_another_symbol_is_refused(tmp_path):
    path = put(tmp_path, f"{MONTH}.csv", csv(market(5)))
    with pytest.raises(DataError, match="holds no bars of ETHUSDT, only of: BTCUSDT"):
        load(path, "ETHUSDT")


def test_the_wrong_interval_inside_is_an_error_whatever_the_name_says(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(market(9, interval="5m")))
    with pytest.raises(
        DataError, match=r"row 2 \(2026-02-01 00:00 UTC\) is a bar of 300 s, not of 60"
    ):
        load(tmp_path, "BTCUSDT")
    write_freqtrade(tmp_path, market(9, symbol="ETHUSDT", interval="5m"), "1m")
    with pytest.raises(DataError, match="its bars are 300 s apart, not 60"):
        load(tmp_path, "ETHUSDT")
    write_freqtrade(tmp_path, market(9, symbol="SOLUSDT"), "5m")
    with pytest.raises(DataError, match=r"row 2 \(2026-02-01 00:01 UTC\) does not open where"):
        load(tmp_path, "SOLUSDT", interval="5m")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty. Delete the file and download it again"),
        ("\n\n", "empty"),
        (HEADER + "\n", "a header and no rows"),
    ],
)
def test_an_empty_file_is_an_error(tmp_path, text, said):
    put(tmp_path, f"{MONTH}.csv", text)
    with pytest.raises(DataError, match=f"{MONTH}.csv: {said}"):
        load(tmp_path, "BTCUSDT")


def test_an_empty_feather_or_zip_is_an_error(tmp_path):
    put(tmp_path, "ETH_USDT_USDT-1m-futures.feather", b"")
    with pytest.raises(DataError, match=r"ETH_USDT_USDT-1m-futures.feather: empty"):
        load(tmp_path, "ETHUSDT")
    write_freqtrade(tmp_path, market(5, symbol="SOLUSDT").between(end=START))
    with pytest.raises(DataError, match=r"SOL_USDT_USDT-1m-futures.feather: no rows"):
        load(tmp_path, "SOLUSDT")
    put(tmp_path, f"{MONTH}.zip", zipped(f"{MONTH}.csv", ""))
    with pytest.raises(DataError, match=f"{MONTH}.zip: empty"):
        load(tmp_path, "BTCUSDT")


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(share=st.floats(0.01, 0.999))
def test_a_zip_cut_off_anywhere_is_an_error(tmp_path, share):
    whole = zipped(f"{MONTH}.csv", csv(market(50)))
    put(tmp_path, f"{MONTH}.zip", whole[: max(1, int(len(whole) * share))])
    with pytest.raises(
        DataError, match=f"{MONTH}.zip: a broken or cut-off zip .* download it again"
    ):
        load(tmp_path, "BTCUSDT")


def test_a_damaged_zip_is_an_error(tmp_path):
    whole = bytearray(zipped(f"{MONTH}.csv", csv(market(50))))
    whole[len(whole) // 3] ^= 0xFF
    put(tmp_path, f"{MONTH}.zip", bytes(whole))
    with pytest.raises(DataError, match="a broken or cut-off zip"):
        load(tmp_path, "BTCUSDT")


def test_a_zip_of_something_else_is_an_error(tmp_path):
    put(tmp_path, f"{MONTH}.zip", zipped("ETHUSDT-1m-2026-02.csv", csv(market(5))))
    with pytest.raises(DataError, match=r"holds ETHUSDT-1m-2026-02.csv, which is something else"):
        load(tmp_path, "BTCUSDT")


def test_a_file_unlike_the_checksum_beside_it_is_an_error(tmp_path):
    content = zipped(f"{MONTH}.csv", csv(market(5)))
    put(tmp_path, f"{MONTH}.zip", content)
    put(tmp_path, f"{MONTH}.zip.CHECKSUM", checksum(f"{MONTH}.zip", content))
    assert len(load(tmp_path, "BTCUSDT")) == 5
    put(tmp_path, f"{MONTH}.zip.CHECKSUM", checksum(f"{MONTH}.zip", content + b"x"))
    with pytest.raises(ChecksumError, match=r"is not what .*CHECKSUM says. Run the download again"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, f"{MONTH}.zip.CHECKSUM", "404 not found")
    with pytest.raises(ChecksumError, match="is not the checksum of"):
        load(tmp_path, "BTCUSDT")


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (1, "NaN", "no number in column 'open'"),
        (2, "", "no number in column 'high'"),
        (3, "-9.5", "a price that is not above 0"),
        (4, "1e9", "its open or close outside low .. high"),
        (5, "-1", "a volume below 0"),
    ],
)
def test_a_bad_price_is_an_error_naming_the_row_of_the_file(tmp_path, header, column, value, said):
    rows = [line.split(",") for line in lines(market(9))]
    rows[4][column] = value
    text = "\n".join(([HEADER] if header else []) + [",".join(row) for row in rows])
    put(tmp_path, f"{MONTH}.csv", text)
    with pytest.raises(DataError, match=f"{MONTH}.csv: row {6 if header else 5} .*{said}"):
        load(tmp_path, "BTCUSDT")


def test_words_where_numbers_belong_are_an_error(tmp_path):
    rows = [line.split(",") for line in lines(market(3))]
    rows[1][4] = "<html>"
    put(tmp_path, f"{MONTH}.csv", "\n".join(",".join(row) for row in rows))
    with pytest.raises(DataError, match=f"{MONTH}.csv: column 'close' is not numbers"):
        load(tmp_path, "BTCUSDT")


def test_a_cut_off_row_and_a_foreign_header_are_errors(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(market(9))[:-60])
    with pytest.raises(DataError, match="not readable, cut off perhaps"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, f"{MONTH}.csv", "a,b\n1,2\n")
    with pytest.raises(DataError, match="no column 'open_time', only a, b"):
        load(tmp_path, "BTCUSDT")


def test_other_prices_of_the_archive_are_not_taken_for_bars(tmp_path):
    put(tmp_path, f"futures/um/monthly/klines/{MONTH}.csv", csv(market(9)))
    put(tmp_path, f"futures/um/monthly/markPriceKlines/{MONTH}.csv", csv(market(9, seed=2)))
    put(tmp_path, f"spot/monthly/klines/{MONTH}.csv", csv(market(9, seed=3)))
    assert same(load(tmp_path, "BTCUSDT"), market(9))


# --- beside --------------------------------------------------------------------------------------

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
    ("row", "said"),
    [
        (metric("00:05", "52", "ETHUSDT"), "row 3 is of ETHUSDT, not of BTCUSDT"),
        (metric("00:05", "-1"), "row 3 .*-1.0 is no open_interest"),
        (metric("00:00", "52"), "row 3 .*open_interest 52.0 there, 50.0 in a row before"),
    ],
)
def test_metrics_that_cannot_be_are_an_error(tmp_path, row, said):
    with pytest.raises(DataError, match=f"BTCUSDT-metrics-2026-02-01.csv: {said}"):
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
