"""The table of cooldowns."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from .base import IntegerAttribute


class CooldownItem(Model):
    """Until when a symbol may not open another signal (event time)."""

    class Meta:
        table_name = ""

    symbol = UnicodeAttribute(hash_key=True)
    last_scored = IntegerAttribute()
    until = IntegerAttribute()
    long_until = IntegerAttribute()
    short_until = IntegerAttribute()
    signal_id = UnicodeAttribute(null=True)
