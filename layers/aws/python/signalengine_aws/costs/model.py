"""Units of each counted thing: the calls that it makes and the bytes that it stores.

Units of DynamoDB, SNS and SQS are those of the calls that the functions make; a test counts them
in a simulated market and compares. Sizes are those of records and items of local runs. Durations
as AWS would bill them cannot be measured here: they are those of the functions in a local run, as
work of one vCPU, which Lambda sells with 1,769 MB. Failures, retries and cold starts are left out;
so are requests to the HTTP API and questions to the chat, which nothing counts.

Storage is charged when an item is written, for its whole retention (without an expiry: a year). So
an estimate is a plain sum, and no count ever makes it smaller.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final, TypeAlias

from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS

from .fixed_costs import PER_HOUR, TASK_LOG_BYTES_H
from .prices import GB, Unit
from .usage import MINUTES_H, RECORDED, Usage

Amounts: TypeAlias = Mapping[Unit, float]

KB: Final = 1024
PUT_BYTES: Final = 25 * KB
FIREHOSE_BYTES: Final = 5 * KB
GB_S_A_MS: Final = 1.769 / 1000
"""Lambda's price of a millisecond of one vCPU, in GB seconds."""
OVERHEAD_MS: Final = 1.0
"""Of an invocation, beside the function's own time (assumed)."""
POST_MS: Final = 1.3
"""Of a message to a WebSocket client, TLS included (`infra.local.benchmarks.broadcast`)."""
SIGNAL_BYTES: Final = 2_000
"""Of a message about a signal to such a client."""
TICK_BYTES: Final = 75
PRICED_TICKS: Final = 0.6
"""Of all ticks: those with prices."""
PRICE_BYTES: Final = 20
"""Of a symbol's price, in a tick or a message."""
LOG_BYTES: Final = 550
"""Of an invocation: its own line, and Lambda's START, END and REPORT."""
QUIET_BYTES: Final = 320
"""Of one in which nothing happened: those of Lambda alone, with 26 bytes an entry."""
SYMBOL_BYTES: Final = 9
"""Of a folded close in that line: its symbol."""
DAYS_A_MONTH: Final = 730 / 24
YEAR: Final = 365
PACKED: Final = 0.2
"""Of a record's bytes, gzipped in the archive."""
GROUP: Final = 16
"""Symbols of a log."""
BATCHES: Final = 2
"""In which the folds of a minute come."""
LONGER_A_CLOSE: Final = sum(MINUTE_MS / INTERVAL_MS[interval] for interval in INTERVALS[1:])
"""Longer bars."""
CHECKPOINTS_A_CLOSE: Final = 1 / 20
CHECKPOINT_WRITES: Final = 3
"""Of a state of 2.3 to 2.8 KB."""
RETAINED_A_CLOSE: Final = 1 / 240
"""States that are retained for charts, as large as checkpoints."""
RETAINED_BYTES: Final = 2_900
BARS_DAYS: Final = 35
"""For which bars are stored."""
ENTRY_BYTES: Final = 100
"""Of an item with bars, beside those: keys, names, how far symbols are."""
ROW_BYTES: Final = 110
"""Of a symbol's minute in an entry of a log, with its path."""
LONGER_BYTES: Final = 50
"""Of a symbol's longer bar."""
BARS_RECORD_BYTES: Final = 850
FOLLOWED_MINUTES: Final = 30
"""Minutes for which a signal is open (assumed; an hour at most)."""
CONNECTED_MINUTES: Final = 107
"""After which a dashboard connects again; API Gateway ends a connection after 120."""
COUNTING_READS: Final = 2 + 2 * 0.5
"""A minute, of the day's count of events: their stored progress, twice, and two queries."""
EVENT_BYTES: Final = 900
"""Of an evaluation's item, packed; its index has it again."""
DECISION_BYTES: Final = 400
LISTENING_READS: Final = 4 * 0.5
"""A heartbeat, of the number of connections: four queries."""
COUNTED_AGAIN: Final = 3 * 0.5 * EVENT_BYTES / (4 * KB)
"""Of an event, by the same queries: once when it has settled, and twice before."""


def invoked(times: float, ms: float, log_bytes: float = LOG_BYTES) -> Amounts:
    """Return the units of `times` invocations of `ms` each."""
    return {
        Unit.REQUEST: times,
        Unit.GB_S: times * (ms + OVERHEAD_MS) * GB_S_A_MS,
        Unit.LOG_GB: times * log_bytes / GB,
    }


def stored(size_bytes: float, days: float) -> Amounts:
    """Return the units of bytes in a table until they expire."""
    return {Unit.TABLE_GB_MONTH: size_bytes / GB * days / DAYS_A_MONTH}


def restorable(size_bytes: float, days: float) -> Amounts:
    """Return the units of bytes in a table with point-in-time recovery."""
    (gb_months,) = stored(size_bytes, days).values()
    return {Unit.TABLE_GB_MONTH: gb_months, Unit.RECOVERY_GB_MONTH: gb_months}


def streamed(size_bytes: float) -> Amounts:
    """Return the units of a record of the feed, archive included."""
    return {
        Unit.PUT: ceil(size_bytes / PUT_BYTES),
        Unit.FIREHOSE_GB: ceil(size_bytes / FIREHOSE_BYTES) * FIREHOSE_BYTES / GB,
        Unit.OBJECT_GB_MONTH: size_bytes * PACKED / GB * YEAR / DAYS_A_MONTH,
    }


def followed(minutes: int) -> int:
    """Return the read units of an open signal: what is new in its log, twice a minute."""
    return 2 * minutes


def beat_bytes(symbols: float) -> float:
    """Return the size of a published heartbeat in bytes."""
    return 1_040 + 30 * symbols


def stored_beat_bytes(symbols: float) -> float:
    """Return the size of its item, packed."""
    return 620 + 10 * symbols


def per_close(symbols: float, batches: int = BATCHES) -> Iterable[Amounts]:
    """Return the units of a close: its shares of its group's items, and of a checkpoint."""
    groups = max(1, ceil(symbols / GROUP))
    share = min(1.0, batches * groups / max(1.0, symbols))
    entry = share * ceil((ENTRY_BYTES + ROW_BYTES / share) / KB)
    longer = share * ceil((ENTRY_BYTES + LONGER_BYTES / share) / KB)
    row_bytes = share * ENTRY_BYTES + ROW_BYTES
    longer_bytes = LONGER_A_CLOSE * (share * ENTRY_BYTES + LONGER_BYTES)
    states = CHECKPOINT_WRITES * (CHECKPOINTS_A_CLOSE + RETAINED_A_CLOSE)
    return (
        {Unit.WRITE: entry + LONGER_A_CLOSE * longer + states},
        streamed(BARS_RECORD_BYTES),
        stored(row_bytes + longer_bytes + RETAINED_A_CLOSE * RETAINED_BYTES, BARS_DAYS),
        {Unit.GB_S: 2.05 * GB_S_A_MS},  # folded, and read by track_signals, with others
        {Unit.LOG_GB: SYMBOL_BYTES / GB},
    )


PER_EVENT: Final = (
    # the item and its index; the decision with its index and the cooldown, in a transaction
    {Unit.WRITE: (1 + 1) + (2 * 1 + 1 + 2 * 1)},
    {Unit.READ: 1 + COUNTED_AGAIN},  # the cooldown
    stored(2 * EVENT_BYTES, 30),
    stored(2 * DECISION_BYTES, 90),
    invoked(1, 30),
)
PER_OPENED: Final = (
    {Unit.WRITE: 2 * 2 + 5 * 2 + 12},  # the item, its five indexes, and out of the outbox again
    {Unit.READ: 1 + followed(FOLLOWED_MINUTES)},
    {Unit.PUBLISH: 1},
    restorable(6 * 1900, YEAR),
    invoked(2, 30),  # published; the outbox's own change comes by the stream too
    invoked(1, 12),  # broadcast
    {Unit.READ: 4},
)
PER_CLOSED: Final = (
    {Unit.WRITE: 15 + 2 * 2 + 12},  # the item and its indexes, two rows of statistics, the outbox
    {Unit.READ: 1 + 1},
    {Unit.PUBLISH: 1},
    restorable(6 * 850 + 400, YEAR),  # in the index by month, only its result
    invoked(2, 30),
    invoked(1, 12),
    {Unit.READ: 4},
)
PER_DELIVERY: Final = (
    {Unit.WRITE: 4.1, Unit.READ: 6, Unit.QUEUE: 3},  # with its audience; counted by the batch
    restorable(400, 35),
    invoked(1, 100),
)


def per_tick(symbols: float) -> Iterable[Amounts]:
    """Return the units of a tick; most have the prices of all symbols."""
    priced = streamed(TICK_BYTES + PRICE_BYTES * symbols)
    return (
        scaled(PRICED_TICKS, priced),
        scaled(1 - PRICED_TICKS, streamed(TICK_BYTES)),
        invoked(1, 0.5, QUIET_BYTES),
    )


def per_beat(symbols: float) -> Iterable[Amounts]:
    """Return the units of a heartbeat, with nobody listening."""
    size = stored_beat_bytes(symbols)
    return (
        streamed(560 + 29 * symbols),
        {
            Unit.WRITE: ceil(size / KB),
            # the heartbeat before, statistics of the day, open signals, whether anyone listens
            Unit.READ: ceil(size / (4 * KB)) + 1 + 0.5 + LISTENING_READS,
        },
        invoked(1, 20, QUIET_BYTES),  # track_signals
    )


PER_STATUS: Final = ({Unit.PUBLISH: 1, Unit.READ: 4}, invoked(1, 8, QUIET_BYTES))
"""A heartbeat or prices that are published: a client is connected. Posting is the clients'."""


def per_price_post(symbols: float) -> Iterable[Amounts]:
    """Return the units of a message of prices to one client, of symbols with open signals."""
    size = TICK_BYTES + PRICE_BYTES * max(1.0, symbols * RECORDED.opened * FOLLOWED_MINUTES)
    return ({Unit.SOCKET_MESSAGE: 1, Unit.EGRESS_GB: size / GB, Unit.GB_S: POST_MS * GB_S_A_MS},)


def per_hour(symbols: float) -> Iterable[Amounts]:
    """Return the units of an hour's folds and sweeps, beside the fixed ones."""
    beat_read = ceil(stored_beat_bytes(symbols) / (4 * KB))
    minute = (
        # the folds of a minute come in two batches, and say how far they are
        *(invoked(2, 20), {Unit.READ: 2, Unit.WRITE: 2}),
        invoked(2, 2, QUIET_BYTES),  # track_signals reads the same records
        *(invoked(2, 12, QUIET_BYTES), {Unit.READ: beat_read + 0.5 + 0.5 + 0.5}),  # two sweeps
        {Unit.READ: COUNTING_READS},
    )
    times = MINUTES_H
    return (*(scaled(times, one) for one in minute), {Unit.LOG_GB: TASK_LOG_BYTES_H / GB})


PER_CONNECTION: Final = (
    {Unit.WRITE: 4},  # pending, registered by its message or a greeting (both try), removed
    {Unit.SOCKET_MESSAGE: 2, Unit.READ: 2},
    *(invoked(3, 30), invoked(1, 60 / 4)),  # connect_websocket; greet_clients, of a quarter
)


def per_client_minute(
    symbols: float, statuses: float = 6.0, signals: float = 0.0
) -> Iterable[Amounts]:
    """Return the units of a client's minute: statuses, messages of signals, a part of a connection.

    Of counted minutes nobody knows how many clients there were at once: few are assumed, with a
    status every ten seconds.
    """
    return (
        *(scaled(1 / CONNECTED_MINUTES, one) for one in PER_CONNECTION),
        {Unit.SOCKET_MINUTE: 1, Unit.SOCKET_MESSAGE: statuses + signals},
        {Unit.EGRESS_GB: (statuses * beat_bytes(symbols) + signals * SIGNAL_BYTES) / GB},
        {Unit.GB_S: (statuses + signals) * POST_MS * GB_S_A_MS},
    )


def fixed_units(usage: Usage) -> Amounts:
    """Return the units that are charged without any symbol."""
    return scaled(usage.hours, PER_HOUR)


def variable_units(usage: Usage, symbols: float) -> Amounts:
    """Return the units of everything counted; `symbols` is the number of followed symbols."""
    parts: Iterable[tuple[float, Iterable[Amounts]]] = (
        (usage.hours, per_hour(symbols)),
        (usage.ticks, per_tick(symbols)),
        (usage.beats, per_beat(symbols)),
        (usage.statuses + usage.prices, PER_STATUS),
        (usage.price_posts, per_price_post(symbols)),
        (usage.closes, per_close(symbols)),
        (usage.events, PER_EVENT),
        (usage.opened, PER_OPENED),
        (usage.closed, PER_CLOSED),
        (usage.deliveries, PER_DELIVERY),
        (usage.client_minutes, per_client_minute(symbols)),
    )
    return total(scaled(times, one) for times, several in parts for one in several)


def scaled(times: float, amounts: Amounts) -> Amounts:
    """Return the amounts times `times`."""
    return {unit: times * amount for unit, amount in amounts.items()}


def total(several: Iterable[Amounts]) -> Amounts:
    """Return the sum of amounts, unit by unit."""
    sums: Counter[Unit] = Counter()
    for amounts in several:
        for unit, amount in amounts.items():
            sums[unit] += amount  # type: ignore[assignment]  # a Counter of parts of units
    return dict(sums)
