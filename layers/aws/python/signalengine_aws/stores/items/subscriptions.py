"""The table of preferences."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item


class SubscriptionItem(Item):
    """The preferences of one chat, as JSON; spread over a few buckets that a Query reads.

    Only an item of a chat that has unsubscribed expires.
    """

    class Meta:
        table_name = ""

    bucket = UnicodeAttribute(hash_key=True)
    channel = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    version = IntegerAttribute()
    ttl = IntegerAttribute(null=True)
    taken = IntegerAttribute(null=True)
    """Of the counter of e-mail subscribers: how many there are."""
