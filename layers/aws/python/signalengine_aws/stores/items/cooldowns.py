"""The table of cooldowns."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item


class CooldownItem(Item):
    """Until when a strategy may not open another signal of a symbol (event time).

    `series` is "classic#BTCUSDT".
    """

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    last_scored = IntegerAttribute()
    until = IntegerAttribute()
    long_until = IntegerAttribute()
    short_until = IntegerAttribute()
    signal_id = UnicodeAttribute(null=True)
