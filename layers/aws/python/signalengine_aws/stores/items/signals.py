"""The table of signals."""

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection

from .base import IntegerAttribute, Item


class SignalsByDay(GlobalSecondaryIndex["SignalItem"]):
    class Meta:
        index_name = "by_day"
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class SignalsBySymbol(GlobalSecondaryIndex["SignalItem"]):
    class Meta:
        index_name = "by_symbol"
        projection = AllProjection()

    series = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class ClosedByMonth(GlobalSecondaryIndex["SignalItem"]):
    """Closed signals only: no other has a month."""

    class Meta:
        index_name = "by_month"
        projection = IncludeProjection(["result"])

    month = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class OpenSignals(GlobalSecondaryIndex["SignalItem"]):
    class Meta:
        index_name = "by_open"
        projection = AllProjection()

    open = UnicodeAttribute(hash_key=True)
    expires_at = IntegerAttribute(range_key=True)


class Outbox(GlobalSecondaryIndex["SignalItem"]):
    class Meta:
        index_name = "by_outbox"
        projection = AllProjection()

    outbox = UnicodeAttribute(hash_key=True)
    updated_at = IntegerAttribute(range_key=True)


class SignalsByUpdate(GlobalSecondaryIndex["SignalItem"]):
    class Meta:
        index_name = "by_update"
        projection = AllProjection()

    updated_day = UnicodeAttribute(hash_key=True)
    updated_at = IntegerAttribute(range_key=True)


class SignalItem(Item):
    """One signal. `opening` never changes; `progress` only grows, and `steps` counts it.

    The indexes by symbol, day and month are a strategy's: `series` is "classic#BTCUSDT", `day` is
    "classic#2025-05-19", `month` is "classic#2025-05". The others have every published signal.
    One that is not published is in none of these but `by_open`, under a value of its own.
    `settlement`, `result` (a `ClosedSignal`) and `month` (of `close_time`) appear once, together.
    """

    class Meta:
        table_name = ""

    signal_id = UnicodeAttribute(hash_key=True)
    opening = UnicodeAttribute()
    progress = UnicodeAttribute(null=True)
    steps = IntegerAttribute(null=True)
    settlement = UnicodeAttribute(null=True)
    result = UnicodeAttribute(null=True)
    month = UnicodeAttribute(null=True)
    series = UnicodeAttribute()
    close_time = IntegerAttribute()
    day = UnicodeAttribute()
    open = UnicodeAttribute(null=True)
    expires_at = IntegerAttribute()
    outbox = UnicodeAttribute(null=True)
    pending = UnicodeSetAttribute(null=True)
    updated_at = IntegerAttribute()
    updated_day = UnicodeAttribute(null=True)
    by_day = SignalsByDay()
    by_symbol = SignalsBySymbol()
    by_month = ClosedByMonth()
    by_open = OpenSignals()
    by_outbox = Outbox()
    by_update = SignalsByUpdate()
