"""Fields of Binance's payloads, read strictly: MalformedFactError names the unusable field."""

import math
import sys
from collections.abc import Mapping
from typing import Any, Final

from ...errors import MalformedFactError
from ...intervals import INTERVAL_MS

COIN_MARGINED: Final = 2
"""`st` of a contract that is not USD-M."""
MAX_TIME: Final = 10**14


def object_of(data: Any, name: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise MalformedFactError(f"{name}: not an object but {type(data).__name__}")
    return data


def objects_of(data: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(data, list):
        raise MalformedFactError(f"{name}: not a list but {type(data).__name__}")
    return [object_of(item, name) for item in data]


def symbol_of(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 2 <= len(value) <= 30:
        raise MalformedFactError(f"{name}: {value!r} is not a symbol")
    return value


def interval_of(value: Any) -> str:
    if not isinstance(value, str) or value not in INTERVAL_MS:
        raise MalformedFactError(f"k.i: {value!r} is not one of {', '.join(INTERVAL_MS)}")
    return value


def time_of(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name)
    if type(value) is not int or not 0 <= value < MAX_TIME:  # a boolean is no time
        raise MalformedFactError(f"{name}: {value!r} is not a time in ms")
    return value


def decimal_of(value: Any, name: str, low: float = -sys.float_info.max) -> float:
    """Read a decimal string (a plain number is tolerated), finite and not below `low`."""
    if type(value) is not str and type(value) not in (int, float):
        raise MalformedFactError(f"{name}: {value!r} is not a decimal")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise MalformedFactError(f"{name}: {value!r} is not a decimal") from error
    if not low <= number < math.inf:  # NaN compares false
        raise MalformedFactError(f"{name}: {number} is not a finite number from {low} up")
    return number
