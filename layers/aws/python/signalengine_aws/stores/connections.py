"""WebSocket connections: their ids, spread over a few buckets that a Query reads.

A connection is pending from its handshake until its client is greeted or its first message is
accepted, and registered from then on, with the mark that `ApiTokenAuth` made of it (empty while no
token is configured). A resume is one conditional write, which registers the client and accepts it
at most once in a span.
"""

from contextlib import suppress
from typing import Final
from zlib import crc32

from pynamodb.exceptions import UpdateError
from signalengine.errors import PermanentError

from ..runtime.aws_errors import CONDITION, code_of, mapped
from ..runtime.clock import Clock, ttl, wall_ms
from .items.base import bind
from .items.connections import CONNECTIONS_TTL_S, PENDING_TTL_S, ConnectionItem

BUCKETS: Final = 4
RESUME_EVERY_MS: Final = 30_000
RESUMES_AT_ONCE: Final = 4
"""A new connection may resume so often at once: one answer may have that many pages."""


class TooManyResumesError(PermanentError):
    """This connection has resumed too often."""


class DynamoConnections:
    """The table of connections."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(ConnectionItem, table)

    def open(self, connection_id: str) -> None:
        """Count a connection, before its client has sent a message."""
        item = ConnectionItem(
            bucket=bucket_of(connection_id),
            connection_id=connection_id,
            pending=True,
            ttl=ttl(self._clock, PENDING_TTL_S),
        )
        with mapped("open connection"):
            item.save()

    def greet(self, connection_id: str, *, expired: bool = False) -> bool:
        """Register a pending client; returns whether this did it.

        `expired`: TTL may have deleted its item, so it is registered without one, too.
        """
        may = ConnectionItem.pending.exists()
        if expired:
            may |= ConnectionItem.ttl.does_not_exist()
        item = ConnectionItem(bucket=bucket_of(connection_id), connection_id=connection_id)
        try:
            with mapped("greet connection"):
                item.update(
                    actions=[
                        ConnectionItem.ttl.set(ttl(self._clock, CONNECTIONS_TTL_S)),
                        ConnectionItem.pending.remove(),
                    ],
                    condition=may,
                )
        except PermanentError as error:
            if _is_condition(error):
                return False
            raise
        return True

    def is_pending(self, connection_id: str) -> bool:
        """Return whether a client is there that is not registered."""
        key = bucket_of(connection_id), connection_id
        with mapped("get connection"), suppress(ConnectionItem.DoesNotExist):
            return bool(ConnectionItem.get(*key, consistent_read=True).pending)
        return False

    def resume(self, connection_id: str, mark: str = "") -> None:
        """Register a client that resumes; raises TooManyResumesError.

        Each 30 s of a connection allow one resume, and its beginning a few.
        """
        now, column = self._clock(), ConnectionItem.next_resume_at
        first = now - (RESUMES_AT_ONCE - 1) * RESUME_EVERY_MS
        item = ConnectionItem(bucket=bucket_of(connection_id), connection_id=connection_id)
        try:
            with mapped("resume connection"):
                item.update(
                    actions=[
                        column.set((column | first) + RESUME_EVERY_MS),
                        ConnectionItem.ttl.set(ttl(self._clock, CONNECTIONS_TTL_S)),
                        ConnectionItem.mark.set(mark) if mark else ConnectionItem.mark.remove(),
                        ConnectionItem.pending.remove(),
                    ],
                    condition=column.does_not_exist() | (column <= now),
                )
        except PermanentError as error:
            if _is_condition(error):
                raise TooManyResumesError("a connection resumes once in 30 s") from None
            raise

    def remove(self, connection_id: str) -> None:
        """Remove a client, if it is registered."""
        item = ConnectionItem(bucket=bucket_of(connection_id), connection_id=connection_id)
        with mapped("remove connection"):
            item.delete()

    def is_counted(self, connection_id: str) -> bool:
        """Return whether a connection counts: it is registered, or pending and not expired."""
        mine = ConnectionItem.connection_id == connection_id
        with mapped("query connection"):
            found = list(ConnectionItem.query(bucket_of(connection_id), mine, consistent_read=True))
        return any(item.ttl is None or item.ttl > self._clock() // 1000 for item in found)

    def count(self) -> int:
        """Return the number of connections, pending ones too; those of the last second may lack."""
        alive = ConnectionItem.ttl > self._clock() // 1000
        with mapped("count connections"):
            return sum(
                ConnectionItem.count(bucket, filter_condition=alive)
                for bucket in map(str, range(BUCKETS))
            )

    def all(self) -> dict[str, str]:
        """Return the marks of all registered clients by their ids, without expired ones.

        TTL deletes late.
        """
        now = self._clock() // 1000
        with mapped("list connections"):
            # consistent: a client registered before this message was committed must get it
            return {
                item.connection_id: item.mark or ""
                for bucket in range(BUCKETS)
                for item in ConnectionItem.query(str(bucket), consistent_read=True)
                if (item.ttl is None or item.ttl > now) and not item.pending
            }


def _is_condition(error: PermanentError) -> bool:
    """Return whether a write was not made because its condition did not hold."""
    cause = error.__cause__
    return isinstance(cause, UpdateError) and code_of(cause) == CONDITION


def bucket_of(connection_id: str) -> str:
    """Return the bucket of an id, the same in every process."""
    return str(crc32(connection_id.encode()) % BUCKETS)
