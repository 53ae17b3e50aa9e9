"""Reading stored JSON that another version of this code may have written."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def read_fields(shape: type[T], raw: Any) -> T | None:
    """Return a dataclass of the fields that it knows; None when a field that it needs is absent."""
    if not isinstance(raw, Mapping):
        return None
    known = {one.name for one in fields(shape)}  # type: ignore[arg-type]  # every shape is a dataclass
    try:
        return shape(**{name: value for name, value in raw.items() if name in known})
    except TypeError:
        return None
