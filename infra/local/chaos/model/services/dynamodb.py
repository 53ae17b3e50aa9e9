"""DynamoDB in memory: tables, indexes, change streams and conditional writes.

Operations take and return what botocore's client does, and raise its ClientError. An item that is
stored is never changed in place, so a photograph of a table is a copy of its dictionaries.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from zlib import crc32

from botocore.exceptions import ClientError

from .expressions import Item, comparable, holds, name_of, projection, updated

Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]
Photograph: TypeAlias = dict[str, dict[Any, Item]]
STREAM_SHARDS: Final = 2
REMEMBERED: Final = 8
"""Writes that a read from an index, or one that is not consistent, may be behind at most."""
SETTLED_MS: Final = 200
"""After so long such a read has a write."""
_CONDITION: Final = "ConditionalCheckFailedException"
_CANCELLED: Final = "TransactionCanceledException"


def refusal(
    code: str, operation: str, status: int = 400, words: str = "", **more: Any
) -> ClientError:
    """Return the error that botocore raises for an error code of a service."""
    response: Any = {
        "Error": {"Code": code, "Message": words},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        **more,
    }
    return ClientError(response, operation)


@dataclass(frozen=True, slots=True)
class Index:
    """The attributes of an index by which it is queried."""

    hash_key: str
    range_key: str


@dataclass(slots=True)
class Table:
    """One table: its items by key, its newest writes, and its stream by shard."""

    hash_key: str
    range_key: str | None
    indexes: Mapping[str, Index] = field(default_factory=dict)
    streams: bool = False
    items: dict[Any, Item] = field(default_factory=dict)
    shards: list[list[Answer]] = field(default_factory=lambda: [[] for _ in range(STREAM_SHARDS)])
    journal: deque[tuple[Any, Item | None, int]] = field(
        default_factory=lambda: deque(maxlen=REMEMBERED)
    )
    """The newest writes, each with the item before it, and its time."""

    def key(self, item: Item) -> Any:
        """Return the key of an item, comparable."""
        first = comparable(item[self.hash_key])[1]
        return first if self.range_key is None else (first, comparable(item[self.range_key])[1])

    def names(self) -> list[str]:
        return [self.hash_key] if self.range_key is None else [self.hash_key, self.range_key]

    def before(self, writes: int, now: int) -> dict[Any, Item]:
        """Return the items as they were so many writes ago (`REMEMBERED` at most).

        But for writes that are `SETTLED_MS` old.
        """
        if not writes or not self.journal:
            return self.items
        items = dict(self.items)
        for key, old, at in list(self.journal)[::-1][:writes]:
            if now - at >= SETTLED_MS:
                break
            items.pop(key, None)
            if old is not None:
                items[key] = old
        return items

    def write(self, key: Any, after: Item | None, now: int) -> None:
        """Store or delete an item, and put the change on the stream."""
        before = self.items.get(key)
        if before == after:
            return  # not even a stream record
        self.journal.append((key, before, now))
        if after is None:
            del self.items[key]
        else:
            self.items[key] = after
        if self.streams:
            self._record(before, after)

    def _record(self, before: Item | None, after: Item | None) -> None:
        name = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
        images = {"OldImage": before, "NewImage": after}
        body = {name: image for name, image in images.items() if image is not None}
        some = after or before or {}
        number = crc32(repr(comparable(some[self.hash_key])[1]).encode()) % STREAM_SHARDS
        self.shards[number].append({"eventName": name, "dynamodb": body})


class DynamoDb:
    """The tables of one account."""

    def __init__(self, tables: Mapping[str, Table], clock: Callable[[], int] = lambda: 0) -> None:
        """`clock` returns ms."""
        self.tables = dict(tables)
        self.clock = clock
        self.written: Callable[[str, Item | None, Item | None], None] = lambda *_: None
        """Called before each write with the table, and the item before and after."""
        self._operations: dict[str, Callable[..., Answer]] = {
            "GetItem": self._get, "PutItem": self._put, "UpdateItem": self._update,
            "DeleteItem": self._delete, "Query": self._query, "BatchGetItem": self._batch_get,
            "TransactWriteItems": self._transact,
        }  # fmt: skip

    def call(self, operation: str, request: Request, behind: int = 0) -> Answer:
        """Run an operation; reads that may be stale are answered as of `behind` writes ago."""
        return self._operations[operation](request, behind)

    def photograph(self) -> Photograph:
        """Return what all tables contain, to go back to with `restore`."""
        return {name: dict(table.items) for name, table in self.tables.items()}

    def restore(self, photograph: Photograph) -> None:
        """Go back to a photograph; the streams are empty then."""
        for name, table in self.tables.items():
            table.items = dict(photograph[name])
            table.journal.clear()
            table.shards = [[] for _ in range(STREAM_SHARDS)]

    def _table(self, request: Request) -> Table:
        table = self.tables.get(request["TableName"])
        if table is None:
            raise refusal("ResourceNotFoundException", "DynamoDB")
        return table

    # --- reads -----------------------------------------------------------------------------------

    def _get(self, request: Request, behind: int) -> Answer:
        table = self._table(request)
        items = table.items if request.get("ConsistentRead") else table.before(behind, self.clock())
        item = items.get(table.key(request["Key"]))
        return {} if item is None else {"Item": _projected(item, request)}

    def _batch_get(self, request: Request, behind: int) -> Answer:
        found: dict[str, list[Item]] = {}
        for name, part in request["RequestItems"].items():
            answers = [
                self._get({"TableName": name, "Key": key, **part}, behind) for key in part["Keys"]
            ]
            found[name] = [answer["Item"] for answer in answers if answer]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _query(self, request: Request, behind: int) -> Answer:
        table = self._table(request)
        index = None if "IndexName" not in request else table.indexes[request["IndexName"]]
        fresh = index is None and request.get("ConsistentRead")
        items = table.items if fresh else table.before(behind, self.clock())
        found = _selected(items, request, table, index)
        limit = request.get("Limit")
        page = found if limit is None else found[:limit]
        names, values = _placeholders(request)
        only = request.get("FilterExpression")
        chosen = [item for item in page if holds(only, item, names, values)]
        answer: Answer = {"Count": len(chosen), "ScannedCount": len(page)}
        if request.get("Select") != "COUNT":
            answer["Items"] = [_projected(item, request) for item in chosen]
        if limit is not None and len(page) == limit and page:
            keys = {*table.names(), *((index.hash_key, index.range_key) if index else ())}
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in keys}
        return answer

    # --- writes ----------------------------------------------------------------------------------

    def _put(self, request: Request, _: int = 0) -> Answer:
        return self._write(request, "PutItem", dict(request["Item"]))

    def _delete(self, request: Request, _: int = 0) -> Answer:
        return self._write(request, "DeleteItem", None)

    def _update(self, request: Request, _: int = 0) -> Answer:
        table = self._table(request)
        before = table.items.get(table.key(request["Key"]))
        after = self._after_update(request, before)
        answer = self._write(request, "UpdateItem", after)
        match request.get("ReturnValues"):
            case "ALL_NEW":
                answer["Attributes"] = after
            case "UPDATED_NEW":
                changed = {n: v for n, v in after.items() if (before or {}).get(n) != v}
                answer["Attributes"] = changed
        return answer

    def _after_update(self, request: Request, before: Item | None) -> Item:
        names, values = _placeholders(request)
        item = request["Key"] if before is None else before
        return updated(request["UpdateExpression"], item, names, values)

    def _write(self, request: Request, operation: str, after: Item | None) -> Answer:
        before = self._unmet(request)
        if before is not None:
            wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before
            more: dict[str, Any] = {"Item": dict(before)} if wanted else {}
            raise refusal(_CONDITION, operation, words="The conditional request failed", **more)
        self._store(request, after)
        return {}

    def _unmet(self, request: Request) -> Item | None:
        """Return the item of which the request's condition does not hold; None when it holds."""
        table = self._table(request)
        item = table.items.get(table.key(request.get("Item") or request["Key"]), {})
        met = holds(request.get("ConditionExpression"), item, *_placeholders(request))
        return None if met else item

    def _store(self, request: Request, after: Item | None) -> None:
        table = self._table(request)
        key = table.key(request.get("Item") or request["Key"])
        self.written(request["TableName"], table.items.get(key), after)
        table.write(key, after, self.clock())

    def _transact(self, request: Request, _: int) -> Answer:
        actions = [next(iter(one.items())) for one in request["TransactItems"]]
        reasons = [_reason(action, self._unmet(action)) for _, action in actions]
        if any(reason["Code"] != "None" for reason in reasons):
            raise cancelled([reason["Code"] for reason in reasons], reasons)
        afters = [self._after(kind, action) for kind, action in actions]
        for (kind, action), after in zip(actions, afters, strict=True):
            if kind != "ConditionCheck":
                self._store(action, after)
        return {}

    def _after(self, kind: str, action: Request) -> Item | None:
        if kind == "Put":
            return dict(action["Item"])
        if kind == "Update":
            table = self._table(action)
            return self._after_update(action, table.items.get(table.key(action["Key"])))
        return None


def cancelled(codes: Sequence[str], reasons: Sequence[Mapping[str, Any]] = ()) -> ClientError:
    """Return the error of a transaction that was cancelled for these reasons, one an action."""
    words = f"Transaction cancelled, reasons [{', '.join(codes)}]"
    given = list(reasons) or [{"Code": code} for code in codes]
    return refusal(_CANCELLED, "TransactWriteItems", words=words, CancellationReasons=given)


def _reason(action: Request, unmet: Item | None) -> dict[str, Any]:
    if unmet is None:
        return {"Code": "None"}
    reason: dict[str, Any] = {
        "Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
    }  # fmt: skip
    if action.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and unmet:
        reason["Item"] = dict(unmet)
    return reason


def _placeholders(request: Request) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    names = request.get("ExpressionAttributeNames") or {}
    return names, request.get("ExpressionAttributeValues") or {}


def _projected(item: Item, request: Request) -> dict[str, Any]:
    wanted = request.get("ProjectionExpression")
    if wanted is None:
        return dict(item)
    names, _ = _placeholders(request)
    chosen = [name_of(token, names) for token in projection(wanted)]
    return {name: item[name] for name in chosen if name in item}


def _selected(
    items: Mapping[Any, Item], request: Request, table: Table, index: Index | None
) -> list[Item]:
    """Return the items that match the key condition, in the order asked for, after the start."""
    first = table.range_key if index is None else index.range_key
    needed = [table.hash_key] if index is None else [index.hash_key, index.range_key]
    names, values = _placeholders(request)
    matches = [
        item
        for item in items.values()
        if all(name in item for name in needed)
        and holds(request["KeyConditionExpression"], item, names, values)
    ]

    def order(item: Item) -> Any:
        own = table.key(item)
        return own if first is None else (comparable(item[first])[1], own)

    backwards = request.get("ScanIndexForward") is False
    matches.sort(key=order, reverse=backwards)
    start = request.get("ExclusiveStartKey")
    if not start:
        return matches
    begin = order(start)
    return [item for item in matches if (order(item) < begin if backwards else order(item) > begin)]
