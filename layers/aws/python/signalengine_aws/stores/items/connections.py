"""The table of WebSocket clients."""

from typing import Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from .base import IntegerAttribute, Item

CONNECTIONS_TTL_S: Final = 2 * 3600 + 15 * 60
"""API Gateway closes a connection after 2 h; a quarter of an hour is for skewed clocks."""
PENDING_TTL_S: Final = 30
"""A client is greeted within seconds; while a token is needed, it has so long to show it. Later it
can still resume, but does not count towards the cap; any other message ends its connection."""


class ConnectionItem(Item):
    """One WebSocket connection; spread over four buckets."""

    class Meta:
        table_name = ""

    bucket = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    mark = UnicodeAttribute(null=True)
    """Made with the API's token, which the client passed; absent while none is configured."""
    pending = BooleanAttribute(null=True)
    """True until the client is greeted, or its first message accepted: no signals before."""
    next_resume_at = IntegerAttribute(null=True)
    """From when (wall ms) another resume is accepted."""
    ttl = IntegerAttribute()
