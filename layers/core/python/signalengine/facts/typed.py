"""Reading JSON into dataclasses: each value has the type of its field, or it is refused.

A stored form may be another version's. Fields that this one does not know are passed over, those
that it needs and does not find are named by the error.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Check: TypeAlias = Callable[[Any], bool]


def typed(shape: type[T], raw: Mapping[str, Any], **read: Any) -> T:
    """Return a dataclass of the fields in `raw`, and of those in `read`, which are read already.

    Raises TypeError for a value of another type, and for a field that is missing.
    """
    values = dict(read)
    checks: Mapping[str, _Check] = _checks(shape)  # type: ignore[arg-type]  # a class is hashable
    for name, check in checks.items():
        if name in raw and name not in read:
            value = raw[name]
            if not check(value):
                raise TypeError(f"{shape.__name__}.{name}: {value!r:.60} is of another type")
            values[name] = tuple(value) if type(value) is list else value
    return shape(**values)


@cache
def _checks(shape: type) -> Mapping[str, _Check]:
    hints = get_type_hints(shape)
    return {one.name: _check(hints[one.name]) for one in fields(shape)}


def _check(hint: Any) -> _Check:
    """Return whether a value is of a type, for the types that stored fields have."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        checks = [_check(one) for one in arguments]
        return lambda value: any(check(value) for check in checks)
    if origin is Literal:
        return lambda value: isinstance(value, str) and value in arguments
    if origin is tuple:
        each = _check(arguments[0])
        return lambda value: isinstance(value, list | tuple) and all(map(each, value))
    if origin is not None and issubclass(origin, Mapping):
        each = _check(arguments[1])
        return lambda value: isinstance(value, dict) and all(map(each, value.values()))
    if hint is float:
        return _is_number
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: isinstance(value, hint)
    known = hint if hint in (int, str, bool, NoneType) else object
    return lambda value: type(value) is known or known is object


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and isfinite(value))
