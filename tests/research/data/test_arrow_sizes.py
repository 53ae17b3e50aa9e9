"""Arrow and Parquet files that inflate beyond the limit are refused before they are inflated."""

import contextlib

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.data import arrow_sizes
from research.data.arrow_sizes import MAGIC, MAX_INFLATED_BYTES, check_arrow, check_parquet
from research.data.errors import DataError
from research.data.tables import feather
from research.training.trainer import train_lightgbm

ROWS = 2**23


def content_of(path):
    found = path.read_bytes()
    assert found.startswith(MAGIC)
    return found[len(MAGIC) :]


@pytest.fixture(scope="module")
def bombs(tmp_path_factory):
    """Files of some KB with 576 MB of zeros, and with nulls, which have no buffers at all."""
    folder = tmp_path_factory.mktemp("bombs")
    zeros = pa.array(np.zeros(ROWS // 4))
    column = pa.chunked_array([zeros] * 12)
    packed = pa.table(dict.fromkeys(("date", "open", "high"), column))
    for kind in ("lz4", "zstd"):
        pa.feather.write_feather(packed.select(["open"] * 1 + ["high", "date"]),
                                 folder / f"{kind}.feather", compression=kind)  # fmt: skip
    nulls = pa.table({"open": pa.nulls(2**28)})
    pa.feather.write_feather(nulls, folder / "nulls.feather", chunksize=2**28)
    pq.write_table(packed, folder / "zeros.parquet")
    return folder


@pytest.mark.parametrize("name", ["lz4", "zstd", "nulls"])
def test_a_feather_file_that_inflates_beyond_the_limit_is_not_inflated(bombs, name):
    file = bombs / f"{name}.feather"
    assert file.stat().st_size < MAX_INFLATED_BYTES / 100
    before = pa.default_memory_pool().max_memory()
    with pytest.raises(DataError, match=rf"{name}.feather: inflates to \d+ bytes, and {2**29} is"):
        feather(file)
    assert pa.default_memory_pool().max_memory() - before < 2**24


def test_a_parquet_file_of_features_is_refused_too(bombs):
    with pytest.raises(DataError, match="inflates to 603979776 bytes, and 536870912 is the limit"):
        train_lightgbm(bombs / "zeros.parquet", ["open"], "high")
    with pytest.raises(DataError, match="not a readable Parquet file"):
        check_parquet(bombs / "lz4.feather")


TABLES = st.lists(st.floats(allow_nan=False), max_size=50).flatmap(
    lambda values: st.fixed_dictionaries(
        {"open": st.just(values), "name": st.just([str(value) for value in values])}
    )
)


@settings(max_examples=25)
@given(TABLES, st.sampled_from(["lz4", "zstd", "uncompressed"]), st.integers(1, 9))
def test_a_file_within_the_limit_is_read_as_pyarrow_reads_it(tmp_path_factory, columns, how, chunk):
    file = tmp_path_factory.mktemp("files") / "a.feather"
    table = pa.table({**columns, "kind": pa.array(columns["name"]).dictionary_encode()})
    pa.feather.write_feather(table, file, compression=how, chunksize=chunk)
    assert feather(file).data == pa.feather.read_table(file)


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path):
    """Also after a whole message, where a stream may end."""
    file = tmp_path / "a.feather"
    pa.feather.write_feather(pa.table({"x": np.zeros(40)}), file, chunksize=10)
    content = file.read_bytes()
    assert len(feather(file)) == 40
    for size in range(1, len(content)):
        file.write_bytes(content[:size])
        with pytest.raises(DataError, match=r"a\.feather"):
            feather(file)


def test_the_size_is_that_of_the_inflated_buffers(tmp_path, monkeypatch):
    """Of numbers, of text, and of a dictionary."""
    text = pa.array(["a text of some length"] * 1_000)
    table = pa.table({"x": np.zeros(1_000), "y": text, "z": text.dictionary_encode()})
    pa.feather.write_feather(table, tmp_path / "a.feather", compression="zstd")
    content = content_of(tmp_path / "a.feather")
    read = pa.ipc.open_stream(content).read_all()
    found = read.get_total_buffer_size()
    monkeypatch.setattr(arrow_sizes, "MAX_INFLATED_BYTES", found - found // 20)
    with pytest.raises(DataError, match="inflates to"):
        check_arrow("a", content)
    monkeypatch.setattr(arrow_sizes, "MAX_INFLATED_BYTES", found + found // 20)
    check_arrow("a", content)


@settings(max_examples=100)
@given(st.data())
def test_no_damage_makes_the_check_fail_otherwise(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("files") / "a.feather"
    pa.feather.write_feather(pa.table({"x": np.zeros(300)}), file, compression="zstd")
    content = bytearray(file.read_bytes())
    for at in data.draw(st.lists(st.integers(8, len(content) - 1), max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    file.write_bytes(content[: data.draw(st.integers(9, len(content)))])
    with contextlib.suppress(DataError):
        feather(file)
