"""The table of callers."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item


class CallItem(Item):
    """The calls of one caller in one span of time; or one update that is being answered."""

    class Meta:
        table_name = ""

    caller = UnicodeAttribute(hash_key=True)
    times = IntegerAttribute(null=True)
    done = IntegerAttribute(null=True)
    ttl = IntegerAttribute()
