"""Rows are merged: duplicates dropped, conflicts and impossible prices refused."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research.data.errors import DataError
from research.data.loader import load
from research.data.repairs import Repair
from tests.research.data.folders import MONTH, put
from tests.research.data.recordings import (
    HEADER,
    MINUTE,
    START,
    csv,
    lines,
    market,
    same,
    write_freqtrade,
)


def kinds(table) -> list[str]:
    return [repair.kind for repair in table.repairs]


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


def test_of_two_identical_rows_the_fuller_one_remains(tmp_path):
    table = market(30)
    write_freqtrade(tmp_path, table)
    put(tmp_path, f"{MONTH}.csv", csv(table))
    found = load(tmp_path, "BTCUSDT")
    assert same(found, table)
    assert kinds(found) == ["duplicate"]


def test_conflicting_duplicates_are_an_error_naming_both_files(tmp_path):
    put(tmp_path, "a/BTCUSDT-1m-2026-02.csv", csv(market(9)))
    put(tmp_path, "b/BTCUSDT-1m-2026-02-01.csv", csv(market(9, seed=2)))
    message = (
        "BTCUSDT-1m-2026-02.csv and BTCUSDT-1m-2026-02-01.csv: 2026-02-01 00:00 UTC is there twice"
    )
    with pytest.raises(DataError, match=message):
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
    """A contract may be redenominated during a gap: no price is compared across it."""
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


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (1, "NaN", "no number in column 'open'"),
        (2, "", "no number in column 'high'"),
        (3, "-9.5", "a price that is not above 0"),
        (4, "1e9", "its open or close outside low .. high"),
        (5, "-1", "a volume below 0"),
    ],
)
def test_a_bad_price_is_an_error_naming_the_row_of_the_file(
    tmp_path, header, column, value, message
):
    rows = [line.split(",") for line in lines(market(9))]
    rows[4][column] = value
    text = "\n".join(([HEADER] if header else []) + [",".join(row) for row in rows])
    put(tmp_path, f"{MONTH}.csv", text)
    with pytest.raises(DataError, match=f"{MONTH}.csv: row {6 if header else 5} .*{message}"):
        load(tmp_path, "BTCUSDT")
