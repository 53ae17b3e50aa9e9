"""Reading stored JSON that another version of this code may have written."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar

from signalengine.errors import MalformedFactError

from .observability import unreadable

T = TypeVar("T")
UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, MalformedFactError)
"""What reading an item raises that another version has stored in another form."""


def read_item(what: str, key: str, read: Callable[[], T]) -> T | None:
    """Return what `read` returns; None, with a warning, when this version cannot read the item."""
    try:
        return read()
    except UNREADABLE as error:
        unreadable(what, key, error)
        return None


def read_fields(shape: type[T], raw: Any) -> T | None:
    """Return a dataclass of the fields that it knows; None when a field that it needs is absent."""
    if not isinstance(raw, Mapping):
        return None
    known = {one.name for one in fields(shape)}  # type: ignore[arg-type]  # every shape is a dataclass
    try:
        return shape(**{name: value for name, value in raw.items() if name in known})
    except TypeError:
        return None
