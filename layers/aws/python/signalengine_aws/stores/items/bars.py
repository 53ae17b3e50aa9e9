"""The table of bars: the logs of groups of symbols, and longer bars beside them."""

from typing import Final

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from .base import DAY_S, IntegerAttribute, Item

BARS_TTL_S: Final = 35 * DAY_S
"""Longer than any signal is open."""


class BarItem(Item):
    """An entry of a group's log ("7#log", by number), or its bars of an interval ("7#5m", by time).

    Other series may stand beside these under names of their own.
    """

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    position = IntegerAttribute(range_key=True)
    data = BinaryAttribute(legacy_encoding=False)
    ttl = IntegerAttribute()
