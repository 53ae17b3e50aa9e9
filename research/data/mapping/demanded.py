"""Which rows of a mapped file its layout's `only` demands, compared by the columns' types."""

from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from research.data.tables import Table

from .declared import Layout

Value: TypeAlias = str | bool | float | date
"""A value of `only`."""
_TRUTHS: Final = {"true": True, "false": False, "1": True, "0": False}


def demanded(table: Table, layout: Layout) -> NDArray[np.bool_]:
    """Return which rows have the values of `only`; an empty value is none of them."""
    rows = np.ones(len(table), dtype=bool)
    for name, value in (layout.only or {}).items():
        rows &= _equal(table.column(name), value)
    return rows


def _equal(column: Any, value: Value) -> NDArray[np.bool_]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not _is_text(column.type):
        wanted = _of_type(value, column.type)
        same = pc.equal(column, wanted) if wanted is not None else None
    elif isinstance(value, str):
        same = pc.equal(column, pa.scalar(value, column.type))
    else:
        return np.array([_is_written(text, value) for text in column.to_pylist()], dtype=bool)
    if same is None:
        return np.zeros(len(column), dtype=bool)
    return np.array([one is True for one in same.to_pylist()], dtype=bool)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _of_type(value: Value, kind: Any) -> Any:
    """Return a value as one of a column's type; None if the type has none like it."""
    try:
        if pa.types.is_boolean(kind):
            return _truth(value)
        if isinstance(value, str) and not pa.types.is_temporal(kind):
            value = float(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool):
            value = int(value)
        return pa.scalar(value).cast(kind)
    except (pa.ArrowException, ValueError, OverflowError):
        return None


def _truth(value: Value) -> bool | None:
    return _TRUTHS.get(format(value, "g") if isinstance(value, float) else str(value).lower())


def _is_written(text: str | None, value: bool | float | date) -> bool:
    """Return whether a text is a number, a truth or a date as it is written."""
    if text is None:
        return False
    if isinstance(value, date):
        return text in (str(value), value.isoformat())
    if isinstance(value, bool):
        return _TRUTHS.get(text.strip().lower()) is value
    try:
        return float(text) == value
    except ValueError:
        return False
