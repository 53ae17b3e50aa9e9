"""The table of statistics."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item


class PerformanceItem(Item):
    """Sums over closed signals: one row a symbol, one a day ("day#2025-05-19", no extremes)."""

    class Meta:
        table_name = ""

    stats_key = UnicodeAttribute(hash_key=True)
    symbol = UnicodeAttribute(range_key=True)
    closed = IntegerAttribute()
    wins = IntegerAttribute()
    tp_hits = IntegerAttribute()
    sl_hits = IntegerAttribute()
    expired = IntegerAttribute()
    ambiguous = IntegerAttribute()
    forced = IntegerAttribute()
    net_sum = IntegerAttribute()
    net_squares = IntegerAttribute()
    gross_sum = IntegerAttribute()
    funding_sum = IntegerAttribute()
    longs = IntegerAttribute(null=True)
    shorts = IntegerAttribute(null=True)
    best = IntegerAttribute(null=True)
    worst = IntegerAttribute(null=True)
    version = IntegerAttribute(null=True)
