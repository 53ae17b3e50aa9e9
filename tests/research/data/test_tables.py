"""Files that cannot be read are errors that name the file, the row and the fix."""

import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research.data import tables
from research.data.errors import ChecksumError, DataError
from research.data.loader import load
from tests.research.data.folders import MONTH, put
from tests.research.data.recordings import (
    HEADER,
    START,
    checksum,
    csv,
    lines,
    market,
    write_freqtrade,
    zipped,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty. Delete the file and download it again"),
        ("\n\n", "empty"),
        (HEADER + "\n", "a header and no rows"),
    ],
)
def test_an_empty_file_is_an_error(tmp_path, text, message):
    put(tmp_path, f"{MONTH}.csv", text)
    with pytest.raises(DataError, match=f"{MONTH}.csv: {message}"):
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
    with pytest.raises(ChecksumError, match=r"does not match .*CHECKSUM. Run the download again"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, f"{MONTH}.zip.CHECKSUM", "404 not found")
    with pytest.raises(ChecksumError, match="is not the checksum of"):
        load(tmp_path, "BTCUSDT")


def test_text_where_numbers_belong_is_an_error(tmp_path):
    rows = [line.split(",") for line in lines(market(3))]
    rows[1][4] = "<html>"
    put(tmp_path, f"{MONTH}.csv", "\n".join(",".join(row) for row in rows))
    with pytest.raises(DataError, match=f"{MONTH}.csv: row 2: column 'close' has '<html>'"):
        load(tmp_path, "BTCUSDT")


def test_a_cut_off_row_and_a_foreign_header_are_errors(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(market(9))[:-60])
    with pytest.raises(DataError, match=r"row 10 has 4 fields where 12 are expected \(.*cut off"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, f"{MONTH}.csv", "a,b\n1,2\n")
    with pytest.raises(DataError, match="no column 'open_time', only a, b"):
        load(tmp_path, "BTCUSDT")


def bomb(path, size, method=zipfile.ZIP_DEFLATED, named=None):
    """Write a zip whose file inflates to `size` zeros, and that names another size on request."""
    with zipfile.ZipFile(path, "w", method) as archive, archive.open(f"{MONTH}.csv", "w") as file:
        for _ in range(size // 2**20):
            file.write(bytes(2**20))
    if named is not None:
        sizes = struct.pack("<L", size), struct.pack("<L", named)
        path.write_bytes(path.read_bytes().replace(*sizes))


def peak_of_refusal(folder, match):
    """Return the most bytes in memory while the zip is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=match):
            load(folder, "BTCUSDT")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_zip_that_inflates_beyond_the_limit_is_not_inflated(tmp_path):
    bomb(tmp_path / f"{MONTH}.zip", 2**27 + 2**20)
    message = f"{MONTH}.zip: inflates to 135266304 bytes, and 134217728 is the limit"
    assert peak_of_refusal(tmp_path, message) < 2**23


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (zipfile.ZIP_DEFLATED, "a broken or cut-off zip"),
        (zipfile.ZIP_BZIP2, "compressed by method 12, not by deflate"),
        (zipfile.ZIP_LZMA, "compressed by method 14, not by deflate"),
    ],
)
def test_a_zip_that_names_a_smaller_size_is_refused_in_little_memory(tmp_path, method, message):
    bomb(tmp_path / f"{MONTH}.zip", 2**27, method, named=2**20)
    assert peak_of_refusal(tmp_path, f"{MONTH}.zip: {message}") < 2**24


def test_the_limit_leaves_room_for_ten_months_of_minutes():
    (line,) = lines(market(1))
    assert len(line) * 60 * 24 * 310 < tables.MAX_INFLATED_BYTES
