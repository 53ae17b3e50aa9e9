"""The table of decisions."""

from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from .base import DAY_S, IntegerAttribute, Item, PackedAttribute

DECISIONS_TTL_S: Final = 90 * DAY_S


class DecisionsByDay(GlobalSecondaryIndex["DecisionItem"]):
    class Meta:
        index_name = "by_day"
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class DecisionItem(Item):
    """Why a scored close became a signal, and why not: the JSON of a `Decision`.

    `series` is "classic#BTCUSDT", `day` is "classic#2025-05-19".
    """

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)
    body = PackedAttribute()
    day = UnicodeAttribute()
    ttl = IntegerAttribute()
    by_day = DecisionsByDay()
