"""The table of states."""

from typing import Final

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from .base import IntegerAttribute, Item, PackedAttribute

HEARTBEAT_KEY: Final = "#heartbeat"
"""Key in the state table of the newest heartbeat. No symbol can begin with '#'."""
CONTRACTS_KEY: Final = "#contracts"
"""Key in the state table of the sizes of contracts."""
PROGRESS_KEY: Final = "#progress"
"""Key in the state table of the progress of compute_features; `last` is a close time."""
GROUPS_KEY: Final = "#groups"
"""Key in the state table of the groups of symbols; `last` is how many symbols have one."""
PROBE_KEY: Final = "#probe"
"""Key in the state table of the probe; `last` is when it saw a heartbeat (wall ms)."""


class StateItem(Item):
    """One symbol's checkpoint: all intervals in one item, after the log entry `entry`.

    An earlier version stored its revision, too, as `last`, which only items of the feed have now.
    """

    class Meta:
        table_name = ""

    symbol = UnicodeAttribute(hash_key=True)
    last = IntegerAttribute(null=True)
    data = BinaryAttribute(legacy_encoding=False, null=True)
    close_time = IntegerAttribute(null=True)
    evaluated = IntegerAttribute(null=True)
    entry = IntegerAttribute(null=True)
    known_from = UnicodeAttribute(null=True)
    late_at = IntegerAttribute(null=True)
    late_from = IntegerAttribute(null=True)
    body = PackedAttribute(null=True)
