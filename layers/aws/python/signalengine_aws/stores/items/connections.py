"""The table of WebSocket clients."""

from typing import Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from .base import IntegerAttribute, Item

CONNECTIONS_TTL_S: Final = 2 * 3600 + 15 * 60
"""API Gateway closes a connection after 2 h; a quarter of an hour is for skewed clocks."""
PENDING_TTL_S: Final = 15 * 60
"""API Gateway closes a connection after 10 minutes in which its client has sent nothing."""


class ConnectionItem(Item):
    """One WebSocket connection; spread over four buckets."""

    class Meta:
        table_name = ""

    bucket = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    mark = UnicodeAttribute(null=True)
    """Made with the API's token, which the client passed; absent while none is configured."""
    pending = BooleanAttribute(null=True)
    """True until the client's first accepted message: nothing is posted to it before."""
    next_resume_at = IntegerAttribute(null=True)
    """From when (wall ms) another resume is accepted."""
    ttl = IntegerAttribute()
