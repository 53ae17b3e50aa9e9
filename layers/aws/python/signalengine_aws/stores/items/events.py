"""The table of evaluations."""

from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from .base import DAY_S, IntegerAttribute, Item, PackedAttribute

EVENTS_TTL_S: Final = 30 * DAY_S


class EventsByDay(GlobalSecondaryIndex["EventItem"]):
    class Meta:
        index_name = "by_day"
        projection = IncludeProjection(["body"])

    day = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class EventItem(Item):
    """All events of one symbol at one close: the JSON of an `Evaluation`.

    They are a strategy's, whose parameters say what an event is. `series` is "classic#BTCUSDT",
    `day` is "classic#2025-05-19".
    """

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)
    body = PackedAttribute()
    day = UnicodeAttribute()
    ttl = IntegerAttribute()
    by_day = EventsByDay()
