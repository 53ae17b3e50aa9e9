"""The table of parameter sets."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item


class StrategyItem(Item):
    """A parameter set (`series` is "sets"), or one change of a set ("changes#donchian@fast").

    `body` is JSON: what is registered, or who changed it when, and what it was before and after.
    """

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    version = IntegerAttribute()
