"""JSON of callers, strictly: Python's own reader also takes numbers that JSON does not have."""

import json
from math import isfinite
from typing import Any


def read_json(text: str) -> Any:
    """Return the value of a text; raises ValueError, also for NaN, 1e999 and endless nesting."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
