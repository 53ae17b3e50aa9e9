"""The DynamoDB tables: the one source of table keys, attribute names and indexes.

Models carry no table name until `bind` gives them one from the environment. All models of a process
share one client. Numbers are integers; floats live only inside the JSON of `body`, `opening` and
`settlement`, where their round trip is exact. `ttl` is in seconds of wall time, everything else ms.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar

from botocore.session import Session
from pynamodb.attributes import Attribute, BinaryAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.connection.base import Connection
from pynamodb.constants import NUMBER
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from ..runtime import clients

DAY_S: Final = 86_400
BARS_TTL_S: Final = 30 * DAY_S
EVENTS_TTL_S: Final = 30 * DAY_S
DECISIONS_TTL_S: Final = 90 * DAY_S
GAPS_TTL_S: Final = 90 * DAY_S
CONNECTIONS_TTL_S: Final = 2 * 3600 + 15 * 60
"""API Gateway closes a connection after 2 h; a quarter of an hour is for skewed clocks."""

HEARTBEAT_KEY: Final = "#heartbeat"
"""Key in the state table of the newest heartbeat. No symbol can begin with '#'."""
PROGRESS_KEY: Final = "#progress"
"""Key in the state table of the progress of compute_features; `last` is a close time."""


class IntegerAttribute(Attribute[int]):
    """A DynamoDB number that is an integer, of any size, exact both ways."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(int(value))

    def deserialize(self, value: str) -> int:
        return int(Decimal(value))


class StateItem(Model):
    """One symbol's state: all intervals in one item, guarded by `last`."""

    class Meta:
        table_name = ""

    symbol = UnicodeAttribute(hash_key=True)
    last = IntegerAttribute(null=True)
    data = BinaryAttribute(legacy_encoding=False, null=True)
    close_time = IntegerAttribute(null=True)
    evaluated = IntegerAttribute(null=True)
    known_from = UnicodeAttribute(null=True)
    late_at = IntegerAttribute(null=True)
    body = UnicodeAttribute(null=True)


class BarItem(Model):
    """One closed bar; `series` is "BTCUSDT#1m"."""

    class Meta:
        table_name = ""

    series = UnicodeAttribute(hash_key=True)
    open_time = IntegerAttribute(range_key=True)
    body = UnicodeAttribute()
    ttl = IntegerAttribute()


class EventsByDay(GlobalSecondaryIndex["EventItem"]):
    class Meta:
        index_name = "by_day"
        projection = IncludeProjection(["body"])

    day = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class EventItem(Model):
    """All events of one symbol at one close: the JSON of an `Evaluation`."""

    class Meta:
        table_name = ""

    symbol = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)
    body = UnicodeAttribute()
    day = UnicodeAttribute()
    ttl = IntegerAttribute()
    by_day = EventsByDay()


class DecisionsByDay(GlobalSecondaryIndex["DecisionItem"]):
    class Meta:
        index_name = "by_day"
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)


class DecisionItem(Model):
    """Why a scored close became a signal, and why not: the JSON of a `Decision`."""

    class Meta:
        table_name = ""

    symbol = UnicodeAttribute(hash_key=True)
    close_time = IntegerAttribute(range_key=True)
    body = UnicodeAttribute()
    verdict = UnicodeAttribute()
    day = UnicodeAttribute()
    ttl = IntegerAttribute()
    by_day = DecisionsByDay()


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

    symbol = UnicodeAttribute(hash_key=True)
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


class SignalItem(Model):
    """One signal. `opening` never changes.

    `settlement`, `result` (a `ClosedSignal`) and `month` (of `close_time`) appear once, together.
    """

    class Meta:
        table_name = ""

    signal_id = UnicodeAttribute(hash_key=True)
    opening = UnicodeAttribute()
    settlement = UnicodeAttribute(null=True)
    result = UnicodeAttribute(null=True)
    month = UnicodeAttribute(null=True)
    symbol = UnicodeAttribute()
    close_time = IntegerAttribute()
    day = UnicodeAttribute()
    open = UnicodeAttribute(null=True)
    expires_at = IntegerAttribute()
    outbox = UnicodeAttribute(null=True)
    pending = UnicodeSetAttribute(null=True)
    updated_at = IntegerAttribute()
    updated_day = UnicodeAttribute()
    by_day = SignalsByDay()
    by_symbol = SignalsBySymbol()
    by_month = ClosedByMonth()
    by_open = OpenSignals()
    by_outbox = Outbox()
    by_update = SignalsByUpdate()


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


class PerformanceItem(Model):
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
    best = IntegerAttribute(null=True)
    worst = IntegerAttribute(null=True)
    version = IntegerAttribute(null=True)


class DeliveryItem(Model):
    """Keys of the table of deliveries; what is in an item belongs to `deliveries`."""

    class Meta:
        table_name = ""

    event_id = UnicodeAttribute(hash_key=True)
    channel = UnicodeAttribute(range_key=True)
    ttl = IntegerAttribute(null=True)


class ConnectionItem(Model):
    """One registered WebSocket client; spread over four buckets."""

    class Meta:
        table_name = ""

    bucket = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    mark = UnicodeAttribute(null=True)
    """Made with the API's token, which the client passed; absent while none is configured."""
    ttl = IntegerAttribute()


class GapItem(Model):
    """One entry of the feed's ledger: the JSON of a `GapFact`; `gap_id` begins with its time."""

    class Meta:
        table_name = ""

    day = UnicodeAttribute(hash_key=True)
    gap_id = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    ttl = IntegerAttribute()


class SubscriptionItem(Model):
    """The preferences of one chat, as JSON; spread over a few buckets that a Query reads.

    Only an item of a chat that has unsubscribed expires.
    """

    class Meta:
        table_name = ""

    bucket = UnicodeAttribute(hash_key=True)
    channel = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    version = IntegerAttribute()
    ttl = IntegerAttribute(null=True)


class CallItem(Model):
    """The calls of one caller in one span of time; or one update that is being answered."""

    class Meta:
        table_name = ""

    caller = UnicodeAttribute(hash_key=True)
    times = IntegerAttribute(null=True)
    done = IntegerAttribute(null=True)
    ttl = IntegerAttribute()


MODELS: Final[Mapping[str, type[Model]]] = {
    "STATE_TABLE": StateItem,
    "BARS_TABLE": BarItem,
    "EVENTS_TABLE": EventItem,
    "DECISIONS_TABLE": DecisionItem,
    "SIGNALS_TABLE": SignalItem,
    "COOLDOWNS_TABLE": CooldownItem,
    "PERFORMANCE_TABLE": PerformanceItem,
    "DELIVERIES_TABLE": DeliveryItem,
    "CONNECTIONS_TABLE": ConnectionItem,
    "GAPS_TABLE": GapItem,
    "SUBSCRIPTIONS_TABLE": SubscriptionItem,
    "CALLS_TABLE": CallItem,
}
"""Every table by the environment variable that names it."""

STREAMS: Final[Mapping[str, str]] = {
    "EVENTS_TABLE": "NEW_IMAGE",
    "SIGNALS_TABLE": "NEW_AND_OLD_IMAGES",
}
"""The tables with a stream, and what it carries."""

_M = TypeVar("_M", bound=Model)


class _Connection(Connection):
    """PynamoDB's connection on the process's own botocore session."""

    @property
    def session(self) -> Session:
        return clients.session()


def bind(model: type[_M], table_name: str) -> type[_M]:
    """Point a model at its table, on the client that all models share; returns the model."""
    if model.Meta.table_name != table_name:
        model.Meta.table_name = table_name
        table = model._get_connection()  # noqa: SLF001 - PynamoDB offers no other way to share a client
        meta = table.get_meta_table()
        table.connection = client()
        if not _knows(table.connection, table_name):
            table.connection.add_meta_table(meta)
    return model


@cache
def client() -> Connection:
    """Return the one DynamoDB connection of this process, made on first use.

    Timeouts are short enough that a hanging call fails, is retried and still fits in an invocation.
    """
    connection = _Connection(
        connect_timeout_seconds=2,
        read_timeout_seconds=5,
        max_retry_attempts=3,
        max_pool_connections=32,
    )
    _ = connection.client  # made here, before threads share it: making it is not thread-safe
    return connection


def _knows(connection: Connection, table_name: str) -> bool:
    tables: dict[str, Any] = connection._tables  # noqa: SLF001 - the only place that has it
    return table_name in tables
