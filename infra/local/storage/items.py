"""The items of a table in the store, in the form in which the embedded DynamoDB uses a dict.

`items[hash][range]` is an item. A query that is read within `narrowed` gets the rows of its span
only, not the partition: the emulator then applies its own conditions to them.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from .store import Key, Span, Store

NO_RANGE: Final = "__no_sort__"
"""The emulator's range key of a table without one."""
PAGE: Final = 1_048_576 + 2 * 409_600
"""Bytes of items after which a query's page is full: 1 MB, and what its conditions may drop."""
_WHOLE: Final = Span()
_LARGEST: Final = 2**63
_OPERATORS: Final = r"(=|<=|>=|<|>)"


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a table: its attributes, and the types that order its range key."""

    name: str
    hash_name: str
    range_name: str
    numeric: bool


@dataclass(slots=True)
class Items:
    """What the emulator has as `table["items"]`."""

    store: Store
    table: str
    hash_name: str
    range_name: str | None
    numeric: bool
    """Whether the range key is a number."""
    indexes: Mapping[str, Index]
    size_of: Callable[[dict[str, Any]], int] = len
    """The bytes of an item as DynamoDB counts them."""
    expires_name: str | None = None
    """The attribute of the time to live."""
    span: Span = _WHOLE
    source: int = field(init=False)

    def __post_init__(self) -> None:
        self.source = self.store.source(f"table:{self.table}")

    def get(self, hash_key: str, _default: Any = None) -> "Bucket":
        return Bucket(self, hash_key)

    def __getitem__(self, hash_key: str) -> "Bucket":
        return Bucket(self, hash_key)

    def setdefault(self, hash_key: str, _default: Any = None) -> "Bucket":
        return Bucket(self, hash_key)

    def keys(self) -> list[str]:
        return self.store.partitions(self.source)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def values(self) -> Iterator["Bucket"]:
        return (Bucket(self, key) for key in self.keys())

    def items(self) -> Iterator[tuple[str, "Bucket"]]:
        return ((key, Bucket(self, key)) for key in self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def members(self) -> dict[str, "Members"]:
        """Return the indexes as the emulator reads them: name, hash value, keys of items."""
        return {name: Members(self, index) for name, index in self.indexes.items()}

    def put(self, hash_key: str, range_key: str, item: dict[str, Any]) -> dict[str, Any] | None:
        """Store an item and its index entries; return the item that it replaces."""
        key = (hash_key, self.typed(range_key))
        old = self.store.item(self.source, *key)
        self.store.put(self.source, key, item, self._expires(item))
        before, after = self._entries(old), self._entries(item)
        for index, entry in before.items():
            if after.get(index) != entry:
                self.store.delete_entry(index, entry, key)
        for index, entry in after.items():
            if before.get(index) != entry:
                self.store.put_entry(index, entry, key)
        return old

    def remove(self, hash_key: str, range_key: str) -> dict[str, Any] | None:
        """Remove an item and its index entries; return it."""
        key = (hash_key, self.typed(range_key))
        old = self.store.item(self.source, *key)
        if old is not None:
            self.store.delete(self.source, key)
            for index, entry in self._entries(old).items():
                self.store.delete_entry(index, entry, key)
        return old

    def index_anew(self) -> bool:
        """Write the entries of each index whose definition has changed; return if there was one.

        Without it, an index that a later version adds would lack all items of before.
        """
        fact = f"indexes:{self.table}"
        before: dict[str, list[Any]] = json.loads(self.store.fact(fact) or "{}")
        now = {
            one.name: [one.hash_name, one.range_name, one.numeric] for one in self.indexes.values()
        }
        changed = {
            self.index_source(name)
            for name in before.keys() | now.keys()
            if before.get(name) != now.get(name)
        }
        for index in changed:
            self.store.clear_entries(index)
        for key, item in self.store.all_items(self.source) if changed else ():
            for index, entry in self._entries(item).items():
                if index in changed:
                    self.store.put_entry(index, entry, key)
        if changed:
            self.store.set_fact(fact, json.dumps(now))
        return bool(changed)

    def typed(self, range_key: str) -> Key:
        """Return a range key as it is stored: whole numbers are ordered as numbers."""
        return typed(range_key, numeric=self.numeric)

    @contextmanager
    def narrowed(self, span: Span) -> Iterator[None]:
        """Give the rows of a span only, within the block."""
        self.span = span
        try:
            yield
        finally:
            self.span = _WHOLE

    def _expires(self, item: Mapping[str, Any]) -> int | None:
        value = item.get(self.expires_name or "", {})
        try:
            return int(float(value["N"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _entries(self, item: Mapping[str, Any] | None) -> dict[int, tuple[str, Key]]:
        """Return the entry of an item in each index that has it, by the index's source."""
        found: dict[int, tuple[str, Key]] = {}
        if item is None:
            return found
        for index in self.indexes.values():
            hash_key, range_key = item.get(index.hash_name), item.get(index.range_name)
            if hash_key and (range_key or not index.range_name):
                place = typed(_scalar(range_key), numeric=index.numeric) if range_key else ""
                found[self.index_source(index.name)] = (_scalar(hash_key), place)
        return found

    def index_source(self, name: str) -> int:
        return self.store.source(f"index:{self.table}/{name}")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One partition of a table: range key to item."""

    items_of: Items
    hash_key: str

    def get(self, range_key: str, default: Any = None) -> Any:
        one = self.items_of
        found = one.store.item(one.source, self.hash_key, one.typed(range_key))
        return default if found is None else found

    def __getitem__(self, range_key: str) -> dict[str, Any]:
        found = self.get(range_key)
        if found is None:
            raise KeyError(range_key)
        return dict(found)

    def __contains__(self, range_key: str) -> bool:
        return self.get(range_key) is not None

    def values(self) -> list[dict[str, Any]]:
        one = self.items_of
        found, size = [], 0
        for item in one.store.items(one.source, self.hash_key, one.span):
            found.append(item)
            size += one.size_of(item) if one.span.paged else 0
            if size > PAGE:
                break
        return found

    def keys(self) -> list[str]:
        one = self.items_of
        return [str(key) for key in one.store.range_keys(one.source, self.hash_key)]

    def items(self) -> list[tuple[str, dict[str, Any]]]:
        return list(zip(self.keys(), self.values(), strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())


@dataclass(frozen=True, slots=True)
class Members:
    """One index: hash value to the keys of its items, as pairs of strings."""

    items_of: Items
    index: Index

    def get(self, hash_key: str, _default: Any = ()) -> list[tuple[str, str]]:
        one = self.items_of
        source = one.index_source(self.index.name)
        return [
            (item_hash, str(item_range))
            for item_hash, item_range in one.store.entries(source, hash_key, one.span)
        ]


def typed(value: str, *, numeric: bool) -> Key:
    """Return a key as it is stored."""
    if numeric:
        try:
            number = int(value)
        except ValueError:
            return value
        if -_LARGEST <= number < _LARGEST and str(number) == value:
            return number
    return value


def span_of(request: Mapping[str, Any], items: Items) -> Span:
    """Return the rows that a Query can need: a span that has them all, or the whole partition."""
    index = items.indexes.get(str(request.get("IndexName")))
    name = index.range_name if index else items.range_name
    numeric = index.numeric if index else items.numeric
    if not name:
        return _WHOLE
    span, exact = _bounds(request, name, numeric=numeric)
    start = request.get("ExclusiveStartKey")
    if start:
        span = replace(span, after=_after(start, items, index))
    if exact and request.get("Limit"):  # one more than the page: the emulator looks no further
        span = replace(span, most=int(request["Limit"]) + 1)
    span = replace(span, paged=exact and index is None)
    return replace(span, descending=request.get("ScanIndexForward", True) is False)


def _bounds(request: Mapping[str, Any], name: str, *, numeric: bool) -> tuple[Span, bool]:
    """Return the bounds of the range key, and whether no other condition concerns it."""
    text = str(request.get("KeyConditionExpression") or "")
    values = request.get("ExpressionAttributeValues") or {}
    names = request.get("ExpressionAttributeNames") or {}
    marks = [mark for mark, real in names.items() if real == name] or [name]
    mark = r"(?<![\w#:])(?:" + "|".join(map(re.escape, marks)) + r")(?![\w])"
    if not text or request.get("KeyConditions"):
        return _WHOLE, False
    if not re.search(mark, text):
        return _WHOLE, True

    def value(reference: str) -> Key:
        return typed(_scalar(values[reference]), numeric=numeric)

    between = re.search(rf"{mark}\s+BETWEEN\s+(:\w+)\s+AND\s+(:\w+)", text, re.IGNORECASE)
    if between:
        return Span(value(between[1]), value(between[2])), True
    compared = re.search(rf"{mark}\s*{_OPERATORS}\s*(:\w+)", text)
    if compared is None:
        return _WHOLE, False
    operator, bound = compared[1], value(compared[2])
    low = bound if operator in ("=", ">=", ">") else None
    high = bound if operator in ("=", "<=", "<") else None
    return Span(low, high), True  # of < and >, the emulator drops the one row at the bound


def _after(start: Mapping[str, Any], items: Items, index: Index | None) -> tuple[Key, ...]:
    """Return the place of the row before the first, in the order of the rows."""
    own = _scalar(start[items.range_name]) if items.range_name else NO_RANGE
    if index is None:
        return (items.typed(own),)
    place = typed(_scalar(start.get(index.range_name, {})), numeric=index.numeric)
    return (place, _scalar(start[items.hash_name]), items.typed(own))


def _scalar(value: Any) -> str:
    """Return the text of a key attribute, as the emulator does."""
    if isinstance(value, Mapping):
        for kind in ("S", "N", "B"):
            if kind in value:
                return str(value[kind])
    return ""


def indexes_of(table: Mapping[str, Any]) -> dict[str, Index]:
    """Return the indexes of a table of the emulator; raises ValueError for keys of many parts."""
    found = {}
    for one in [*table.get("GlobalSecondaryIndexes", []), *table.get("LocalSecondaryIndexes", [])]:
        keys: dict[str, list[str]] = {"HASH": [], "RANGE": []}
        for part in one["KeySchema"]:
            keys[part["KeyType"]].append(part["AttributeName"])
        if len(keys["HASH"]) != 1 or len(keys["RANGE"]) > 1:
            raise ValueError(f"the index {one['IndexName']} has a key of several attributes")
        name = keys["RANGE"][0] if keys["RANGE"] else ""
        numeric = is_number(table.get("AttributeDefinitions", []), name)
        found[one["IndexName"]] = Index(one["IndexName"], keys["HASH"][0], name, numeric)
    return found


def is_number(definitions: Sequence[Mapping[str, str]], name: str | None) -> bool:
    """Return whether an attribute is defined as a number."""
    return any(one["AttributeName"] == name and one["AttributeType"] == "N" for one in definitions)
