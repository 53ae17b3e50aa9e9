"""What the calls of a world would be billed as: DynamoDB's units, from the items themselves.

moto consumes one unit for whatever is asked of it, so the units are reckoned here by DynamoDB's
own rules: writes by the larger of the item before and after, in KB, twice in a transaction, and
once more for every index of which a projected attribute changed; reads by 4 KB, half if they may
be stale.
"""

import base64
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any

from signalengine_aws.runtime import clients
from signalengine_aws.stores.tables import MODELS

from tests.aws.world import World, table_definition

Item = Mapping[str, Mapping[str, Any]]
TABLES = {variable.lower(): table_definition(variable, model) for variable, model in MODELS.items()}


class Capacity:
    """Counts while it listens: `writes` and `reads` in units by table, `calls` by name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._under_way = threading.local()
        self.writes: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count what the processes call inside."""
        session = clients.session()
        session.register("before-call.*.*", self._before)
        session.register("after-call.*.*", self._after)
        yield
        session.unregister("before-call.*.*", self._before)
        session.unregister("after-call.*.*", self._after)

    def take(self) -> tuple[float, float]:
        """Return the units written and read since the last time."""
        with self._lock:
            taken = float(sum(self.writes.values())), float(sum(self.reads.values()))
            self.writes.clear()
            self.reads.clear()
        return taken

    def _before(self, *, model: Any, params: Mapping[str, Any], **_: Any) -> None:
        with self._lock:
            self.calls[model.name] += 1
        if model.service_model.service_name != "dynamodb":
            return
        asked = json.loads(params["body"])
        written = list(_written(model.name, asked))
        found = [(table, key, self._item(table, key)) for table, key in written]
        self._under_way.asked, self._under_way.written = asked, found

    def _after(self, *, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        if model.service_model.service_name != "dynamodb":
            return
        asked, times = self._under_way.asked, 2 if model.name == "TransactWriteItems" else 1
        for table, key, before in self._under_way.written:
            units = write_units(table, before, self._item(table, key), times)
            with self._lock:
                self.writes[table] += units
        for table, units in _read(model.name, asked, parsed):
            with self._lock:
                self.reads[table] += units  # type: ignore[assignment]  # half units

    def _item(self, table: str, key: Item) -> Item:
        found = self._world.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        return found.get("Item", {})


def write_units(table: str, before: Item, after: Item, times: int = 1) -> int:
    """Return the units of one write: of the table, and of each index that it changes."""
    units = times * _units(max(size(before), size(after)), 1024)
    for index in TABLES[table].get("GlobalSecondaryIndexes", []):
        was, now = _projected(table, index, before), _projected(table, index, after)
        if was == now:
            continue
        keys = [part["AttributeName"] for part in index["KeySchema"]]
        moved = was and now and [was[k] for k in keys] != [now[k] for k in keys]
        if moved:
            units += _units(size(was), 1024) + _units(size(now), 1024)
        else:
            units += _units(max(size(was), size(now)), 1024)
    return units


def _projected(table: str, index: Mapping[str, Any], item: Item) -> Item:
    keys = [part["AttributeName"] for part in index["KeySchema"]]
    if any(key not in item for key in keys):
        return {}
    if index["Projection"]["ProjectionType"] == "ALL":
        return item
    own = [part["AttributeName"] for part in TABLES[table]["KeySchema"]]
    names = {*keys, *own, *index["Projection"].get("NonKeyAttributes", [])}
    return {name: value for name, value in item.items() if name in names}


def _written(name: str, asked: Mapping[str, Any]) -> Iterator[tuple[str, Item]]:
    match name:
        case "PutItem":
            yield asked["TableName"], _key(asked["TableName"], asked["Item"])
        case "UpdateItem" | "DeleteItem":
            yield asked["TableName"], _binary(asked["Key"])
        case "TransactWriteItems":
            for action in asked["TransactItems"]:
                ((kind, body),) = action.items()
                yield from _written({"Put": "PutItem", "Update": "UpdateItem"}[kind], body)


def _key(table: str, item: Item) -> Item:
    names = [part["AttributeName"] for part in TABLES[table]["KeySchema"]]
    return {name: item[name] for name in names}


def _binary(item: Item) -> Item:
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }


def _read(
    name: str, asked: Mapping[str, Any], parsed: Mapping[str, Any]
) -> Iterator[tuple[str, float]]:
    match name:
        case "GetItem":
            yield asked["TableName"], _read_units([parsed.get("Item", {})], asked)
        case "Query":
            yield asked["TableName"], _read_units(parsed.get("Items", []), asked)
        case "BatchGetItem":
            for table, items in parsed.get("Responses", {}).items():
                for item in items:
                    yield table, _read_units([item], asked["RequestItems"][table])


def _read_units(items: list[Item], asked: Mapping[str, Any]) -> float:
    units = _units(sum(size(item) for item in items), 4096)
    return units if asked.get("ConsistentRead") else units / 2


def _units(size_bytes: int, of: int) -> int:
    return max(1, ceil(size_bytes / of))


def size(item: Item) -> int:
    """Return an item's size in bytes as DynamoDB reckons it: names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.strip("-").replace(".", "")) + 1) // 2 + 1
        case "B":
            return len(content)
        case "SS":
            return sum(len(one.encode()) for one in content)
        case "L":
            return 3 + sum(1 + _size(one) for one in content)
        case "M":
            return 3 + size(content)
    return 1
