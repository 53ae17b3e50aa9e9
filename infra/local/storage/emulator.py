"""Lets the embedded AWS keep its state in a store: tables, streams, queues and places of readers.

Runs in MiniStack's process. The resources are made anew by the deployment at each start, with the
same names; each finds its content here when it is made, before any function runs. What a deployment
takes back deletes nothing here; DeleteTable does.

MiniStack has no seam for this, so its functions are replaced from outside: the version is pinned,
and tests/infra/local/storage starts it and compares what a restart finds.
"""

import asyncio
import atexit
import functools
import importlib
import json
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from .commits import Commits
from .errors import StorageError
from .folder import SAYS
from .items import Items, indexes_of, is_number, span_of
from .opening import opened
from .queues import Queues
from .records import Places, Records, too_old

_MODULES: Final = (
    "dynamodb", "kinesis", "sqs", "sns", "lambda_svc", "cloudformation.provisioners",
)  # fmt: skip
TICK_S: Final = 1.0
REAP_S: Final = 60.0
TRIM_S: Final = 10.0
REAPED: Final = 500
"""Expired items that are removed at a time."""


class OnCreation(dict[Any, Any]):
    """A dict of the emulator's resources that completes each new one."""

    def __init__(self, complete: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__()
        self._complete = complete

    def __setitem__(self, key: Any, resource: Any) -> None:
        self._complete(str(key[-1]), resource)
        super().__setitem__(key, resource)


class StoredState:
    """The emulator's modules, connected with a store."""

    def __init__(self, commits: Commits, services: Any) -> None:
        """`services` is `ministack.services` with the modules imported."""
        self.commits = commits
        self.places = Places(commits)
        self._dynamodb, self._kinesis = services.dynamodb, services.kinesis
        self._sqs, self._sns, self._lambda = services.sqs, services.sns, services.lambda_svc
        self._provisioners = services.cloudformation.provisioners
        self._mapped: set[str] = set()
        self._trim_lock = threading.Lock()
        self._trimmed_at = self._reaped_at = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sqs._queues._data = OnCreation(lambda _key, queue: self.queues.load(queue))  # noqa: SLF001
        self.queues = Queues(commits, self._sqs._queues._data)  # noqa: SLF001

    def connect(self) -> None:
        """Replace what has to be replaced."""
        self._connect_tables()
        self._connect_shards()
        self._connect_queues()
        self._connect_mappings()
        self.commits.savers += [self.queues.save, self._save_places]
        for module in (self._dynamodb, self._kinesis, self._sqs, self._sns):
            module.handle_request = self._acknowledging(module.handle_request, module.__name__)

    # Calls

    def _acknowledging(
        self, handle: Callable[..., Awaitable[tuple[Any, ...]]], name: str
    ) -> Callable[..., Awaitable[tuple[Any, ...]]]:
        """Return a handler that answers when what it did is durable, or refuses the call."""
        refused = _refusal_of_query if name.endswith((".sqs", ".sns")) else _refusal_of_json

        @functools.wraps(handle)
        async def handle_request(*arguments: Any) -> tuple[Any, ...]:
            if self._loop is None:
                self._start_ticking(asyncio.get_running_loop())
            try:
                answer = await handle(*arguments)
            except Exception as error:
                self.commits.refuse(error)  # the call may have written half of what it does
                if not (isinstance(error, StorageError) or _is_of_disk(error)):
                    raise
                return refused(str(error))
            try:
                await self.commits.durable()
            except StorageError as error:
                return refused(str(error))
            return answer

        return handle_request

    def _start_ticking(self, loop: asyncio.AbstractEventLoop) -> None:
        """Commit what other threads have changed, each second, on the loop."""
        self._loop = loop

        def tick() -> None:
            loop.call_later(TICK_S, tick)
            try:
                if time.monotonic() - self._reaped_at > REAP_S:
                    self._reaped_at = time.monotonic()
                    self._reap()
                self.commits.commit()
            except Exception as error:
                self.commits.refuse(error)

        loop.call_later(TICK_S, tick)

    # Tables

    def _connect_tables(self) -> None:
        dynamodb = self._dynamodb
        set_item, remove_item = dynamodb._set_item, dynamodb._remove_item  # noqa: SLF001
        index_members, query = dynamodb._index_members, dynamodb._query  # noqa: SLF001

        def put(table: dict[str, Any], hash_key: str, range_key: str, item: Any) -> Any:
            items = table["items"]
            if not isinstance(items, Items):
                return set_item(table, hash_key, range_key, item)
            old = items.put(hash_key, range_key, item)
            self._counted(table, int(old is None))
            return old

        def remove(table: dict[str, Any], hash_key: str, range_key: str) -> Any:
            items = table["items"]
            if not isinstance(items, Items):
                return remove_item(table, hash_key, range_key)
            old = items.remove(hash_key, range_key)
            self._counted(table, -int(old is not None))
            return old

        def members(table: dict[str, Any]) -> Any:
            items = table["items"]
            return items.members() if isinstance(items, Items) else index_members(table)

        def narrowed(request: dict[str, Any]) -> Any:
            table = dynamodb._tables.get(request.get("TableName"))  # noqa: SLF001
            items = table["items"] if table else None
            if not isinstance(items, Items):
                return query(request)
            with items.narrowed(span_of(request, items)):
                return query(request)

        dynamodb._set_item, dynamodb._remove_item = put, remove  # noqa: SLF001
        dynamodb._index_members, dynamodb._query = members, narrowed  # noqa: SLF001
        dynamodb._delete_table = self._deleting(dynamodb._delete_table)  # noqa: SLF001
        dynamodb._txn_token_store = self._token_store(dynamodb._txn_token_store)  # noqa: SLF001
        dynamodb._items_replaced = _refuse_replacing  # noqa: SLF001
        dynamodb._trim_stream_records = lambda *_place, **_scope: None  # noqa: SLF001 - see _trim
        dynamodb._ttl_settings = _reaped_here(dynamodb, self._set_expiry)  # noqa: SLF001
        dynamodb._tables._data = OnCreation(self._complete_table)  # noqa: SLF001
        table = self._provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]  # noqa: SLF001
        table["create"] = self._with_expiry(table["create"])

    def _counted(self, table: dict[str, Any], change: int) -> None:
        """Count an item that was added or removed, until its commit is refused."""
        if change:
            _count(table, change)
            self.commits.hold(lambda: None, lambda: _count(table, -change))

    def _complete_table(self, name: str, table: dict[str, Any]) -> None:
        if isinstance(table["items"], Items):
            return
        items = Items(
            self.commits.store,
            name,
            table["pk_name"],
            table["sk_name"],
            is_number(table["AttributeDefinitions"], table["sk_name"]),
            indexes_of(table),
            self._dynamodb._item_size_bytes,  # noqa: SLF001
        )
        self._index(items)
        table["items"] = items
        table["ItemCount"] = 0
        _count(table, self.commits.store.count(items.source))
        if (table.get("StreamSpecification") or {}).get("StreamEnabled"):
            records = self._records(f"stream:{name}")
            self._dynamodb._stream_records[name] = records  # noqa: SLF001
            self._dynamodb._stream_trimmed[name] = records.base  # noqa: SLF001

    def _index(self, items: Items) -> None:
        """Fill new indexes, in a commit of their own: no refused call takes the entries with it."""
        try:
            if items.index_anew():
                self.commits.commit()
        except Exception as error:
            self.commits.refuse(error)
            raise

    def _with_expiry(self, create: Callable[..., Any]) -> Callable[..., Any]:
        """Return CloudFormation's maker of tables, which lacks their time to live."""

        @functools.wraps(create)
        def made(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
            name, attributes = create(logical_id, properties, stack)
            wanted = properties.get("TimeToLiveSpecification")
            if wanted:
                self._dynamodb._update_ttl(  # noqa: SLF001
                    {"TableName": name, "TimeToLiveSpecification": wanted}
                )
            return name, attributes

        return made

    def _deleting(self, delete: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call that deletes a table, which deletes its content here too."""

        @functools.wraps(delete)
        def deleted(request: dict[str, Any]) -> Any:
            table = self._dynamodb._tables.get(request.get("TableName"))  # noqa: SLF001
            answer = delete(request)
            if table and answer[0] == 200:
                items, store = table["items"], self.commits.store
                for source in (
                    items.source,
                    *map(items.index_source, items.indexes),
                    store.source(f"stream:{items.table}"),
                ):
                    store.clear(source)
            return answer

        return deleted

    def _token_store(self, store: Callable[..., None]) -> Callable[..., None]:
        """Return what notes the token of a transaction, which a refused one does not keep."""
        tokens = self._dynamodb._txn_idempotency  # noqa: SLF001

        @functools.wraps(store)
        def stored(token: str, answer: dict[str, Any]) -> None:
            store(token, answer)
            key = tokens._scoped(token)  # noqa: SLF001 - the drop runs outside the call's account
            self.commits.hold(lambda: None, lambda: tokens._data.pop(key, None))  # noqa: SLF001

        return stored

    def _set_expiry(self, name: str, setting: dict[str, Any]) -> None:
        items = self._dynamodb._tables[name]["items"]  # noqa: SLF001
        enabled = setting["TimeToLiveStatus"] == "ENABLED"
        items.expires_name = setting["AttributeName"] if enabled else None

    def _reap(self) -> None:
        """Remove items whose time is over."""
        for table in list(self._dynamodb._tables._data.values()):  # noqa: SLF001
            items = table["items"]
            if items.expires_name is None:
                continue
            expired = self.commits.store.expired(items.source, int(time.time()), REAPED)
            for hash_key, range_key in expired:
                self._dynamodb._remove_item(table, hash_key, str(range_key))  # noqa: SLF001

    # Shards

    def _connect_shards(self) -> None:
        self._kinesis._streams._data = OnCreation(self._complete_stream)  # noqa: SLF001
        self._kinesis._expire_records = lambda _stream: None  # noqa: SLF001 - see _trim
        get_records = self._kinesis._get_records  # noqa: SLF001

        def locked(request: dict[str, Any]) -> Any:
            with self._trim_lock:
                return get_records(request)

        self._kinesis._get_records = locked  # noqa: SLF001

    def _complete_stream(self, name: str, stream: dict[str, Any]) -> None:
        for shard_id, shard in stream["shards"].items():
            if not isinstance(shard["records"], Records):
                shard["records"] = self._records(f"shard:{name}/{shard_id}")

    def _records(self, name: str) -> Records:
        start = self.places.next_of(self.commits.store.source(name))
        return Records(self.commits, name, self._lambda.esm_wake.set, start)

    # Queues

    def _connect_queues(self) -> None:
        sqs, sns = self._sqs, self._sns
        sqs._act_send_message = self._sent(sqs._act_send_message)  # noqa: SLF001
        sqs._HANDLERS["SendMessage"] = sqs._act_send_message  # noqa: SLF001
        sns._deliver_to_sqs = self._sent(sns._deliver_to_sqs)  # noqa: SLF001

    def _sent(self, send: Callable[..., Any]) -> Callable[..., Any]:
        """Return a sender whose message can be received once it is durable."""

        @functools.wraps(send)
        def sent(*arguments: Any, **named: Any) -> Any:
            with self._sqs._queues_lock:  # noqa: SLF001 - what receives takes it too
                with self.queues.sending():
                    answer = send(*arguments, **named)
                self.commits.commit()
                return answer

        return sent

    # Mappings

    def _connect_mappings(self) -> None:
        lambdas = self._lambda
        poll_shards, poll_tables = lambdas._poll_kinesis, lambdas._poll_dynamodb_streams  # noqa: SLF001

        def kinesis() -> Any:
            self._find_places()
            self._trim()
            return poll_shards()

        def tables() -> Any:
            self._find_places()
            return poll_tables()

        lambdas._poll_kinesis, lambdas._poll_dynamodb_streams = kinesis, tables  # noqa: SLF001

    def _find_places(self) -> None:
        """Let each new mapping read on where the function of its name has stopped."""
        for account, region, mapping in list(self._lambda._iter_all_esms()):  # noqa: SLF001
            if mapping["UUID"] in self._mapped:
                continue
            self._mapped.add(mapping["UUID"])
            scope = (account, region, mapping["UUID"])
            shards = {
                shard_id: max(0, at - records.base)
                for shard_id, records in self._shards(mapping).items()
                if (at := self.places.of(mapping["FunctionName"], records.source)) is not None
            }
            if shards:
                self._lambda._kinesis_positions.set_scoped(*scope, shards)  # noqa: SLF001
            stream = self._stream(mapping)
            at = None if stream is None else self.places.of(mapping["FunctionName"], stream.source)
            if stream is not None and at is not None:
                self._lambda._dynamodb_stream_positions.set_scoped(*scope, at)  # noqa: SLF001

    def _save_places(self) -> None:
        self.places.save(self._reading())

    def _reading(self) -> list[tuple[str, int, int]]:
        """Return each function, its source and the position that it reads next."""
        found = []
        for account, region, mapping in list(self._lambda._iter_all_esms()):  # noqa: SLF001
            scope, who = (account, region, mapping["UUID"]), mapping["FunctionName"]
            places = self._lambda._kinesis_positions.get_scoped(*scope) or {}  # noqa: SLF001
            for shard_id, records in self._shards(mapping).items():
                if shard_id in places:
                    found.append((who, records.source, records.base + places[shard_id]))
            stream = self._stream(mapping)
            at = self._lambda._dynamodb_stream_positions.get_scoped(*scope)  # noqa: SLF001
            if stream is not None and at is not None:
                found.append((who, stream.source, at))
        return found

    def _shards(self, mapping: dict[str, Any]) -> dict[str, Records]:
        source = mapping.get("EventSourceArn", "")
        if ":kinesis:" not in source:
            return {}
        for stream in list(self._kinesis._streams._data.values()):  # noqa: SLF001
            if stream["StreamARN"] == source:
                return {name: shard["records"] for name, shard in stream["shards"].items()}
        return {}

    def _stream(self, mapping: dict[str, Any]) -> Records | None:
        source = mapping.get("EventSourceArn", "")
        for key, table in list(self._dynamodb._tables._data.items()):  # noqa: SLF001
            if source and table.get("LatestStreamArn") == source:
                found = self._dynamodb._stream_records.get_scoped(*key)  # noqa: SLF001
                return found if isinstance(found, Records) else None
        return None

    def _trim(self) -> None:
        """Remove old records: here from the lists, on the loop and ten seconds before as stored.

        Called by the thread that moves the positions of the readers.
        """
        if self._loop is None or time.monotonic() - self._trimmed_at < TRIM_S:
            return
        self._trimmed_at = time.monotonic()
        read: dict[int, int] = {}
        for _, source, at in self._reading():
            read[source] = min(at, read.get(source, at))
        old: list[tuple[Records, int]] = []
        for stream in list(self._kinesis._streams._data.values()):  # noqa: SLF001
            for shard_id, shard in stream["shards"].items():
                records = shard["records"]
                self._shorten_shard(stream, shard_id, records)
                old.append((records, too_old(records, read.get(records.source, 0), _arrival)))
        for key, records in list(self._dynamodb._stream_records._data.items()):  # noqa: SLF001
            if records.shorten():
                self._dynamodb._stream_trimmed._data[key] = records.base  # noqa: SLF001
            old.append((records, min(read.get(records.source, 0) - records.base, len(records))))
        ends = [(records, records.base + count) for records, count in old if count > 0]
        self._loop.call_soon_threadsafe(self._trim_stored, ends)

    def _trim_stored(self, ends: list[tuple[Records, int]]) -> None:
        """Remove stored records, each up to its end; on the loop."""
        try:
            for records, end in ends:
                records.trim(end)
        except Exception as error:
            self.commits.refuse(error)

    def _shorten_shard(self, stream: dict[str, Any], shard_id: str, records: Records) -> None:
        with self._trim_lock:
            count = records.shorten()
            if not count:
                return
            for _, _, mapping in list(self._lambda._iter_all_esms()):  # noqa: SLF001
                if mapping.get("EventSourceArn") == stream["StreamARN"]:
                    for places in self._lambda._kinesis_positions._data.values():  # noqa: SLF001
                        if shard_id in places:
                            places[shard_id] = max(0, places[shard_id] - count)
                    break
            for reader in list(self._kinesis._shard_iterators._data.values()):  # noqa: SLF001
                if reader["stream_arn"] == stream["StreamARN"] and reader["shard_id"] == shard_id:
                    reader["position"] = max(0, reader["position"] - count)


def _arrival(record: dict[str, Any]) -> float:
    return float(record["ApproximateArrivalTimestamp"])


def _count(table: dict[str, Any], change: int) -> None:
    table["ItemCount"] = max(0, table.get("ItemCount", 0) + change)
    table["TableSizeBytes"] = table["ItemCount"] * 200


def _refuse_replacing(table: dict[str, Any]) -> None:
    raise NotImplementedError(f"{table['TableName']}: with a data directory no table is replaced")


def _reaped_here(dynamodb: Any, changed: Callable[[str, dict[str, Any]], None]) -> Any:
    """Return settings of the time to live that the emulator's own thread finds empty.

    It would read each item of each table once a minute.
    """

    class Settings(type(dynamodb._ttl_settings)):  # type: ignore[misc]  # noqa: SLF001
        def all_items(self) -> list[Any]:
            return []

    settings = Settings()
    settings._data = OnCreation(changed)  # noqa: SLF001
    return settings


def _is_of_disk(error: Exception) -> bool:
    return type(error).__module__ in ("sqlite3", "apsw")


def _refusal_of_json(reason: str) -> tuple[Any, ...]:
    """Return the answer of a service that failed: SDKs call again later."""
    body = {"__type": "InternalServerError", "message": reason}
    return 500, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(body).encode()


def _refusal_of_query(reason: str) -> tuple[Any, ...]:
    text = (
        "<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code>"
        f"<Message>{escape(reason)}</Message></Error></ErrorResponse>"
    )
    return 500, {"Content-Type": "text/xml"}, text.encode()


def keep(folder: Path, market: str) -> StoredState:
    """Open a data directory and connect the emulator with it; raises StorageError."""
    found = opened(folder, market)
    if found.repaired:
        _say({"repaired": found.repaired})
    services = importlib.import_module("ministack.services")
    for name in _MODULES:
        importlib.import_module(f"ministack.services.{name}")
    state = StoredState(Commits(found.store, lambda problem: _say({"problem": problem})), services)
    state.connect()
    atexit.register(found.close)
    return state


def refuse(error: StorageError) -> None:
    """Write why the data cannot be used where whoever started this finds it."""
    _say({"refused": str(error), "fix": error.fix})


def _say(what: dict[str, str]) -> None:
    sys.stderr.write(f"{SAYS}{json.dumps(what)}\n")
    sys.stderr.flush()
