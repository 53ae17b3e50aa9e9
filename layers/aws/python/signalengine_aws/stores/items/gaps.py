"""The table of the feed's ledger."""

from typing import Final

from pynamodb.attributes import UnicodeAttribute

from .base import DAY_S, IntegerAttribute, Item

GAPS_TTL_S: Final = 90 * DAY_S


class GapItem(Item):
    """One entry of the feed's ledger: the JSON of a `GapFact`; `gap_id` begins with its time."""

    class Meta:
        table_name = ""

    day = UnicodeAttribute(hash_key=True)
    gap_id = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    ttl = IntegerAttribute()
