"""Checked values of a raw JSON object: each reader returns a sane value or raises
`MalformedFactError` naming the field.

The ranges are far wider than any market, and narrow enough that no arithmetic of the core can
overflow: what passes here can be divided, squared and stored.
"""

from collections.abc import Mapping
from typing import Any, Final

from ..errors import MalformedFactError
from ..intervals import MINUTE_MS
from .symbols import is_symbol

_PRICES: Final = (1e-12, 1e12)
_AMOUNTS: Final = (1e-18, 1e18)
_WHOLE: Final = 2**53
"""Whole numbers beyond it are not exact as floats, nor in a browser."""
_MAX_TIME: Final = 10**14
_SHOWN: Final = 60


def shown(value: Any) -> str:
    """Return a value for an error message: short whatever it is, and never recursive."""
    if isinstance(value, str):
        return repr(value[:_SHOWN])
    if value is None or isinstance(value, bool | int | float):
        return repr(value)[:_SHOWN]
    return f"a {type(value).__name__}"


def finite(value: Any, name: str) -> float:
    """Return a JSON number as a float; a bool is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedFactError(f"{name}: {shown(value)} is not a number")
    if not -1e300 < value < 1e300:  # NaN, too
        raise MalformedFactError(f"{name}: {shown(value)} is out of range")
    return float(value)


def price(value: Any, name: str) -> float:
    """Return a price, which is positive."""
    if value is None:
        raise MalformedFactError(f"{name}: missing")
    number = finite(value, name)
    if not _PRICES[0] <= number <= _PRICES[1]:
        raise MalformedFactError(f"{name}: {shown(number)} is not a price")
    return number


def amount(value: Any, name: str) -> float:
    """Return a volume, a size or a duration: zero or positive."""
    if value is None:
        raise MalformedFactError(f"{name}: missing")
    number = finite(value, name)
    if number != 0.0 and not _AMOUNTS[0] <= number <= _AMOUNTS[1]:
        raise MalformedFactError(f"{name}: {shown(number)} is not an amount")
    return number + 0.0  # −0.0 is 0.0


def maybe_amount(raw: Mapping[str, Any], name: str) -> float | None:
    """Return an amount, None when it is unknown."""
    value = raw.get(name)
    return None if value is None else amount(value, name)


def maybe_rate(raw: Mapping[str, Any], name: str) -> float | None:
    """Return a funding rate (a fraction, either sign), None when it is unknown."""
    value = raw.get(name)
    if value is None:
        return None
    rate = finite(value, name)
    if not -1.0 <= rate <= 1.0:
        raise MalformedFactError(f"{name}: {shown(rate)} is not a rate")
    return rate


def whole(value: Any, name: str) -> int:
    """Return an integer; a bool is not one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedFactError(f"{name}: {shown(value)} is not an integer")
    if not -_WHOLE <= value <= _WHOLE:
        raise MalformedFactError(f"{name}: {shown(value)} is out of range")
    return value


def maybe_whole(raw: Mapping[str, Any], name: str) -> int | None:
    """Return an integer, None when it is unknown."""
    value = raw.get(name)
    return None if value is None else whole(value, name)


def moment(value: Any, name: str) -> int:
    """Return a time in ms since the epoch."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MAX_TIME:
        raise MalformedFactError(f"{name}: {shown(value)} is not a time in ms")
    return value


def minute(value: Any, name: str) -> int:
    """Return a time in ms on which a minute begins."""
    start = moment(value, name)
    if start % MINUTE_MS:
        raise MalformedFactError(f"{name}: {start} is not on a minute")
    return start


def choice(raw: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> Any:
    """Return one of the allowed strings."""
    value = raw.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise MalformedFactError(f"{name}: {shown(value)} is not one of {', '.join(allowed)}")
    return value


def symbol(value: Any) -> str:
    """Return a symbol (facts.symbols)."""
    if not isinstance(value, str) or not is_symbol(value):
        raise MalformedFactError(f"symbol: {shown(value)} is not a symbol")
    return value


def label(value: Any, name: str) -> str:
    """Return a short text: the name of a task or a stream."""
    if not isinstance(value, str) or len(value) > _SHOWN:
        raise MalformedFactError(f"{name}: {shown(value)} is not a name")
    return value


def obj(value: Any, name: str) -> dict[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise MalformedFactError(f"{name}: {shown(value)} is not an object")
    return value


def array(value: Any, name: str) -> list[Any]:
    """Return a JSON array."""
    if not isinstance(value, list):
        raise MalformedFactError(f"{name}: {shown(value)} is not a list")
    return value
