"""Stored JSON: its version, and reading what another version of this code may have written.

A version is raised when a form changes so that older readers must not use it. A field more or less
does not raise it: readers pass over what they do not know, and take what is missing as unknown.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from signalengine.errors import MalformedFactError, PermanentError
from signalengine.facts.typed import typed

from .observability import unreadable

T = TypeVar("T")
VERSION: Final = 1
"""Of every stored body; one without a version is of the first."""


class UnreadableError(PermanentError):
    """A stored item was written by another version of this code."""


UNREADABLE: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MalformedFactError,
    UnreadableError,
)
"""What reading an item raises that another version has stored in another form."""


def versioned(text: str) -> str:
    """Return the JSON of an object with the version of its form, as its last field."""
    return f'{text[:-1]},"v":{VERSION}}}'


def read_body(text: str) -> dict[str, Any]:
    """Return the fields of a stored body.

    Raises ValueError or TypeError for another text, UnreadableError for a newer form.
    """
    raw = json.loads(text)
    if not isinstance(raw, dict):
        raise TypeError(f"a body is an object, not {type(raw).__name__}")
    version = raw.pop("v", VERSION)
    if type(version) is not int or version > VERSION:
        raise UnreadableError(f"schema version {version!r:.20}")
    return raw


def read_item(what: str, key: str, read: Callable[[], T]) -> T | None:
    """Return what `read` returns; None, with a warning, when this version cannot read the item."""
    try:
        return read()
    except UNREADABLE as error:
        unreadable(what, key, error)
        return None


def needed(what: str, read: Callable[[], T]) -> T:
    """Return what `read` returns; raises UnreadableError when this version cannot read it."""
    try:
        return read()
    except UNREADABLE as error:
        raise UnreadableError(f"{what}: {type(error).__name__}: {error}") from error


def read_fields(shape: type[T], raw: Any) -> T | None:
    """Return a dataclass of the fields that it knows.

    None when one that it needs is absent, or one is of another type.
    """
    if not isinstance(raw, Mapping):
        return None
    try:
        return typed(shape, raw)
    except TypeError:
        return None
