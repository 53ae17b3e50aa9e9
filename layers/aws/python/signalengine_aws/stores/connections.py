"""WebSocket connections: their ids, spread over a few buckets that a Query reads.

Each has the mark that `ApiTokenAuth` made of it, empty while no token is configured.
"""

from typing import Final
from zlib import crc32

from ..runtime.aws_errors import mapped
from ..runtime.clock import Clock, ttl, wall_ms
from .items.base import bind
from .items.connections import CONNECTIONS_TTL_S, ConnectionItem

BUCKETS: Final = 4


class DynamoConnections:
    """The table of connections."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(ConnectionItem, table)

    def add(self, connection_id: str, mark: str = "") -> None:
        """Register a client; again changes nothing but its mark and its time to live."""
        item = ConnectionItem(
            bucket=bucket_of(connection_id),
            connection_id=connection_id,
            mark=mark or None,
            ttl=ttl(self._clock, CONNECTIONS_TTL_S),
        )
        with mapped("add connection"):
            item.save()

    def remove(self, connection_id: str) -> None:
        """Remove a client, if it is registered."""
        item = ConnectionItem(bucket=bucket_of(connection_id), connection_id=connection_id)
        with mapped("remove connection"):
            item.delete()

    def all(self) -> dict[str, str]:
        """Return the marks of all clients by their ids, without expired ones (TTL is late)."""
        now = self._clock() // 1000
        with mapped("list connections"):
            # consistent: a client registered before this message was committed must get it
            return {
                item.connection_id: item.mark or ""
                for bucket in range(BUCKETS)
                for item in ConnectionItem.query(str(bucket), consistent_read=True)
                if item.ttl > now
            }


def bucket_of(connection_id: str) -> str:
    """Return the bucket of an id, the same in every process."""
    return str(crc32(connection_id.encode()) % BUCKETS)
