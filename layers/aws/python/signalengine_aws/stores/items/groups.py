"""An item of the table of states: the groups of symbols."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item, PlainAttribute


class GroupsItem(Item):
    """The item `GROUPS_KEY` of the table of states: the symbols in order, as JSON."""

    class Meta:
        table_name = ""

    symbol = UnicodeAttribute(hash_key=True)
    last = IntegerAttribute(null=True)
    body = PlainAttribute(null=True)
