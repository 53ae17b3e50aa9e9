"""The rows that `only` demands are compared by value, in the type of their column."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from research.data.mapping.declared import BARS, Layout, TimeColumn
from research.data.mapping.demanded import demanded
from research.data.tables import Table


def rows(values, wanted, kind=None):
    table = Table("a.csv", pa.table({"x": pa.array(values, kind)}))
    layout = Layout("*", BARS, TimeColumn("t"), {}, only={"x": wanted})
    return demanded(table, layout).tolist()


@pytest.mark.parametrize("wanted", [1, 1.0, "1", "1.0", True])
@pytest.mark.parametrize("kind", [pa.int64(), pa.int8(), pa.float64(), pa.float32()])
def test_a_number_is_the_same_however_it_is_written(kind, wanted):
    assert rows([1, 0, 2, None], wanted, kind) == [True, False, False, False]


@pytest.mark.parametrize("wanted", [True, "true", "True", 1, 1.0])
def test_a_truth_is_the_same_however_it_is_written(wanted):
    assert rows([True, False, None], wanted) == [True, False, False]


@pytest.mark.parametrize(
    ("values", "wanted", "expected"),
    [
        (["binance", "Binance", None], "binance", [True, False, False]),
        (["60", "60.0", "x", None], 60, [True, True, False, False]),
        (["true", "False", "x", None], False, [False, True, False, False]),
        (["2026-02-01", "x"], date(2026, 2, 1), [True, False]),
        ([datetime(2026, 2, 1), datetime(2026, 2, 2)], date(2026, 2, 1), [True, False]),  # noqa: DTZ001 - a column without a zone
        ([1, 2], 1.5, [False, False]),
        ([1, 2], "x", [False, False]),
        ([1, 2], 10**30, [False, False]),
        ([True], 2, [False]),
        ([None, None], "x", [False, False]),
    ],
)
def test_other_values_are_compared_in_their_columns_type(values, wanted, expected):
    assert rows(values, wanted) == expected


def test_a_category_is_compared_by_its_name():
    assert rows(["a", "b"], "b", pa.dictionary(pa.int8(), pa.string())) == [False, True]


def test_a_number_of_32_bits_is_compared_in_32_bits():
    assert rows([0.1, 0.2], 0.1, pa.float32()) == [True, False]
