"""The table of deliveries."""

from pynamodb.attributes import UnicodeAttribute

from .base import IntegerAttribute, Item


class DeliveryItem(Item):
    """Keys of the table of deliveries; what is in an item belongs to `deliveries`."""

    class Meta:
        table_name = ""

    event_id = UnicodeAttribute(hash_key=True)
    channel = UnicodeAttribute(range_key=True)
    ttl = IntegerAttribute(null=True)
