"""Plain Python and numba: the same source of every indicator, the same bits."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from research.compiled import LIBRARY, core
from research.conformance.library import CASES, folded, fresh

from .samples import all_periods, joined, random_bars, unknown

pytestmark = pytest.mark.slow  # numba compiles


def compiled(name: str) -> ModuleType:
    return core()[f"library.{name}"]


def bits(values: Any) -> bytes:
    return np.asarray(values, dtype=np.float64).tobytes()


def test_compiled_indicators_have_the_same_bits() -> None:
    bars = joined(random_bars(150, 8), unknown(), random_bars(50, 9))
    for case in CASES:
        for periods in all_periods(case):
            s, at = fresh(case)
            t = np.array(s)
            ours = folded(case, s, at, bars, periods)
            theirs = folded(case, t, at, bars, periods, compiled)
            assert np.array_equal(ours, theirs, equal_nan=True), case.name
            assert bits(s) == bits(t), case.name
    assert uncompiled() == []


def uncompiled() -> list[str]:
    """Functions that none of the indicators has called, and so none has compiled."""
    return [
        f"{name}.{function}"
        for name in LIBRARY
        for function, value in vars(core()[name]).items()
        if getattr(value, "__module__", "") == core()[name].__name__
        and not function.endswith("_slots")
        and not getattr(value, "signatures", None)
    ]
