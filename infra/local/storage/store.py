"""The file that holds the state of the embedded AWS: SQLite with a write-ahead log.

One process writes it. What is written belongs to the next commit, and a commit is on the disk when
it returns: `synchronous` is EXTRA, so the write-ahead log is synced at each. Readers of the same
connection see what is not committed yet.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from .bodies import checked, checksum, packed

Key: TypeAlias = str | int
Row: TypeAlias = tuple[Any, ...]
VERSION: Final = 1
"""The form of the data, in the file's `user_version`."""
APPLICATION: Final = 0x5349_474E
SCHEMA: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE item (
  source INTEGER NOT NULL, hash TEXT NOT NULL, range NOT NULL,
  body BLOB NOT NULL, sum INTEGER NOT NULL, expires INTEGER, UNIQUE (source, hash, range)
);
CREATE INDEX item_expires ON item (expires) WHERE expires IS NOT NULL;
CREATE TABLE entry (
  source INTEGER NOT NULL, hash TEXT NOT NULL, range NOT NULL,
  item_hash TEXT NOT NULL, item_range NOT NULL,
  PRIMARY KEY (source, hash, range, item_hash, item_range)
) WITHOUT ROWID;
CREATE TABLE record (
  source INTEGER NOT NULL, position INTEGER NOT NULL,
  body BLOB NOT NULL, sum INTEGER NOT NULL, UNIQUE (source, position)
);
CREATE TABLE message (
  number INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL,
  body BLOB NOT NULL, sum INTEGER NOT NULL, UNIQUE (source, id)
);
CREATE TABLE place (
  consumer TEXT NOT NULL, source INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (consumer, source)
) WITHOUT ROWID;
"""
"""`item`: of a table; `entry`: of a table's index; `record`: of a shard or of a table's stream;
`message`: of a queue; `place`: how far a function has read a source."""

_NEW_SOURCE: Final = "INSERT INTO source (id, name) VALUES (?, ?)"


class Cursor(Protocol):
    """The rows of a statement."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What is used of a connection to SQLite; it begins no transaction by itself."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Span:
    """Which rows of a partition to read; the bounds belong to it.

    `after` is the place of the row that precedes the first: its range, and for an index its keys.
    """

    low: Key | None = None
    high: Key | None = None
    descending: bool = False
    after: tuple[Key, ...] | None = None
    most: int | None = None
    paged: bool = False
    """Whether the reader takes a page, of at most `PAGE` bytes of items."""


class Store:
    """Rows of the file; every method may be called by any thread."""

    def __init__(self, connection: Connection) -> None:
        self.lock = threading.RLock()
        self._connection = connection
        self._sources: dict[str, int] = {}
        self._uncommitted: dict[str, int] = {}
        """New sources; a rollback removes their rows, and the next transaction writes them again:
        whoever has the number of one keeps using it."""

    def source(self, name: str) -> int:
        """Return the number of a table, index, shard, stream or queue; a new one gets one."""
        with self.lock:
            if name not in self._sources:
                found = self._read("SELECT id FROM source WHERE name = ?", (name,)).fetchone()
                self._sources[name] = int(found[0]) if found else self._new_source(name)
            return self._sources[name]

    def _new_source(self, name: str) -> int:
        stored = self._read("SELECT coalesce(max(id), 0) FROM source").fetchone()[0]
        number = max(int(stored), *self._uncommitted.values(), 0) + 1
        self._write(_NEW_SOURCE, (number, name))
        self._uncommitted[name] = number
        return number

    # Transactions

    @property
    def pending(self) -> bool:
        """Whether something is written that is not committed."""
        return self._connection.in_transaction

    def commit(self) -> None:
        """Make durable what was written since the last commit."""
        with self.lock:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
                self._uncommitted.clear()

    def rollback(self) -> None:
        """Forget what was written since the last commit."""
        with self.lock:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Commit, and close the file."""
        with self.lock:
            self.commit()
            self._connection.close()

    # Facts about the data itself

    def fact(self, name: str) -> str | None:
        found = self._read("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def set_fact(self, name: str, value: str) -> None:
        self._write("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value))

    # Items of tables

    def item(self, source: int, hash_key: str, range_key: Key) -> dict[str, Any] | None:
        """Return an item, None if there is none; raises DamagedError."""
        sql = "SELECT body, sum FROM item WHERE source = ? AND hash = ? AND range = ?"
        row = self._read(sql, (source, hash_key, range_key)).fetchone()
        if row is None:
            return None
        return dict(checked(row[0], row[1], source, hash_key, range_key))

    def items(self, source: int, hash_key: str, span: Span) -> Iterator[dict[str, Any]]:
        """Yield the items of a partition in the order of their range keys."""
        where, values = _where(span, ("range",))
        sql = f"SELECT range, body, sum FROM item WHERE source = ? AND hash = ?{where}"  # noqa: S608 - our own columns
        for key, body, total in self._read(sql, (source, hash_key, *values)):
            yield checked(body, total, source, hash_key, key)

    def all_items(self, source: int) -> Iterator[tuple[tuple[str, Key], dict[str, Any]]]:
        """Yield the keys and items of a table; raises DamagedError."""
        sql = "SELECT hash, range, body, sum FROM item WHERE source = ?"
        for hash_key, range_key, body, total in self._read(sql, (source,)):
            yield (hash_key, range_key), checked(body, total, source, hash_key, range_key)

    def put(
        self,
        source: int,
        key: tuple[str, Key],
        item: dict[str, Any],
        expires: int | None,
    ) -> None:
        """Write an item; `expires` is when it may be removed, in seconds."""
        body = packed(item)
        self._write(
            "INSERT INTO item (source, hash, range, body, sum, expires) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source, hash, range) DO UPDATE SET"
            " body = excluded.body, sum = excluded.sum, expires = excluded.expires",
            (source, *key, body, checksum(body, source, *key), expires),
        )

    def delete(self, source: int, key: tuple[str, Key]) -> None:
        sql = "DELETE FROM item WHERE source = ? AND hash = ? AND range = ?"
        self._write(sql, (source, *key))

    def clear(self, source: int) -> None:
        """Remove the items, entries and records of a source."""
        for table in ("item", "entry", "record"):
            self._write(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608 - our own

    def count(self, source: int) -> int:
        sql = "SELECT count(*) FROM item WHERE source = ?"
        return int(self._read(sql, (source,)).fetchone()[0])

    def partitions(self, source: int) -> list[str]:
        """Return the hash keys of a table, in order."""
        sql = "SELECT DISTINCT hash FROM item WHERE source = ? ORDER BY hash"
        return [str(row[0]) for row in self._read(sql, (source,)).fetchall()]

    def range_keys(self, source: int, hash_key: str) -> list[Key]:
        sql = "SELECT range FROM item WHERE source = ? AND hash = ? ORDER BY range"
        return [row[0] for row in self._read(sql, (source, hash_key)).fetchall()]

    def expired(self, source: int, now: int, most: int) -> list[tuple[str, Key]]:
        """Return the keys of items whose time is over (`now` in seconds).

        The plus makes SQLite use the index of the times: else it reads every item of the table.
        """
        sql = "SELECT hash, range FROM item WHERE expires <= ? AND +source = ? LIMIT ?"
        return [(str(row[0]), row[1]) for row in self._read(sql, (now, source, most)).fetchall()]

    # Entries of indexes

    def entries(self, index: int, hash_key: str, span: Span) -> list[tuple[str, Key]]:
        """Return the keys of the items of an index partition, in its order."""
        where, values = _where(span, ("range", "item_hash", "item_range"))
        sql = f"SELECT item_hash, item_range FROM entry WHERE source = ? AND hash = ?{where}"  # noqa: S608 - our own columns
        rows = self._read(sql, (index, hash_key, *values)).fetchall()
        return [(str(row[0]), row[1]) for row in rows]

    def put_entry(self, index: int, entry: tuple[str, Key], key: tuple[str, Key]) -> None:
        sql = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)"
        self._write(sql, (index, *entry, *key))

    def clear_entries(self, index: int) -> None:
        self._write("DELETE FROM entry WHERE source = ?", (index,))

    def delete_entry(self, index: int, entry: tuple[str, Key], key: tuple[str, Key]) -> None:
        self._write(
            "DELETE FROM entry WHERE source = ? AND hash = ? AND range = ?"
            " AND item_hash = ? AND item_range = ?",
            (index, *entry, *key),
        )

    # Records of shards and of tables' streams

    def records(self, source: int) -> list[tuple[int, dict[str, Any]]]:
        """Return the records of a source with their positions, in order; raises DamagedError."""
        sql = "SELECT position, body, sum FROM record WHERE source = ? ORDER BY position"
        rows = self._read(sql, (source,)).fetchall()
        return [(at, checked(body, total, source, at)) for at, body, total in rows]

    def append(self, source: int, position: int, record: dict[str, Any]) -> None:
        body = packed(record)
        self._write(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)",
            (source, position, body, checksum(body, source, position)),
        )

    def trim(self, source: int, position: int) -> None:
        """Remove the records before a position."""
        self._write("DELETE FROM record WHERE source = ? AND position < ?", (source, position))

    def places(self) -> list[tuple[str, int, int]]:
        """Return each consumer, the source it reads, and the position it reads next."""
        rows = self._read("SELECT consumer, source, position FROM place").fetchall()
        return [(str(row[0]), int(row[1]), int(row[2])) for row in rows]

    def set_place(self, consumer: str, source: int, position: int) -> None:
        self._write("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", (consumer, source, position))

    # Messages of queues

    def messages(self, source: int) -> list[dict[str, Any]]:
        """Return the messages of a queue in their order; raises DamagedError."""
        sql = "SELECT id, body, sum FROM message WHERE source = ? ORDER BY number"
        rows = self._read(sql, (source,)).fetchall()
        return [checked(body, total, source, name) for name, body, total in rows]

    def put_message(self, source: int, name: str, message: dict[str, Any]) -> None:
        body = packed(message)
        self._write(
            "INSERT OR REPLACE INTO message (source, id, body, sum) VALUES (?, ?, ?, ?)",
            (source, name, body, checksum(body, source, name)),
        )

    def delete_messages(self, source: int, names: Iterable[str]) -> None:
        for name in names:
            self._write("DELETE FROM message WHERE source = ? AND id = ?", (source, name))

    def _read(self, sql: str, values: Sequence[Any] = ()) -> Cursor:
        with self.lock:
            return self._connection.execute(sql, values)

    def _write(self, sql: str, values: Sequence[Any]) -> None:
        with self.lock:
            if not self._connection.in_transaction:
                self._begin()
            self._connection.execute(sql, values)

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for name, number in self._uncommitted.items():
                self._connection.execute(_NEW_SOURCE, (number, name))
        except BaseException:
            self.rollback()
            raise


def _where(span: Span, order: Sequence[str]) -> tuple[str, list[Key]]:
    """Return the conditions, the order and the limit of a span, and their values."""
    text, values = "", list[Key]()
    if span.low is not None:
        text, values = f"{text} AND range >= ?", [*values, span.low]
    if span.high is not None:
        text, values = f"{text} AND range <= ?", [*values, span.high]
    if span.after is not None:
        columns, marks = ", ".join(order), ", ".join("?" * len(order))
        text = f"{text} AND ({columns}) {'<' if span.descending else '>'} ({marks})"
        values = [*values, *span.after]
    way = " DESC" if span.descending else ""
    text += " ORDER BY " + ", ".join(f"{column}{way}" for column in order)
    if span.most is not None:
        text, values = f"{text} LIMIT ?", [*values, span.most]
    return text, values
