"""The table of bars."""

from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from .base import DAY_S, IntegerAttribute

BARS_TTL_S: Final = 30 * DAY_S


class BarItem(Model):
    """One closed bar; `series` is "BTCUSDT#1m"."""

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    open_time = IntegerAttribute(range_key=True)
    body = UnicodeAttribute()
    ttl = IntegerAttribute()
