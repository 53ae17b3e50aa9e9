"""Which limit comes first as symbols, clients and chats grow, and what a month costs then (pure).

A use of 1 is the limit: beyond it something waits, is refused or arrives late. Numbers beyond what
the exchange lists (some 500 perpetuals) show where the design ends, not what anyone needs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from signalengine_aws.application.broadcast import CLIENTS_A_SHARD
from signalengine_aws.application.compute_features import WORKERS
from signalengine_aws.channels.telegram.limits import PER_SECOND
from signalengine_aws.costs.bill import planned_month, usd
from signalengine_aws.costs.model import (
    BARS_RECORD_BYTES,
    EVENT_BYTES,
    KB,
    beat_bytes,
    stored_beat_bytes,
)
from signalengine_aws.costs.prices import HOURS_A_MONTH, PRICES, Unit
from signalengine_aws.costs.usage import RECORDED

from .hops import CALL_MS, EVALUATED, SCORE_CPU_MS, TASK_VCPU, TRANSACTION_MS, VCPU_512

BROADCAST_S: Final = 5.0
"""A message is to be at all clients in this time."""
SHARD_S: Final = 2.8
"""Of one shard of clients, the longest measured (docs/speed.md)."""
SCORING_S: Final = 6.0
"""Of the ten seconds from a close to a client; the other hops take the rest in a wild minute."""
MAX_CONNECTIONS: Final = 500
"""The default of the parameter of this name."""
REQUEST_WEIGHT: Final = 2_400
CONCURRENCY: Final = 1_000
TASK_CPU: Final = 0.097 / 500
"""Of one processor, a symbol, when each publishes four times a second (docs/faults.md)."""
CONNECTION_BYTES: Final = 150
GROUP_NAME_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Load:
    """What a stack has to serve."""

    symbols: int = 20
    clients: int = 0
    chats: int = 1


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a stack can use up."""

    name: str
    use: Callable[[Load], float]
    """Share of what is allowed, in the worst minute that is planned for."""
    allowed: str
    turn: str
    """What moves the limit."""


LIMITS: Final = (
    Limit("Kinesis: records of a close",
          lambda load: load.symbols / 1_000,
          "1,000 records a second and shard; beyond it the rest of a close is a second late",
          "`shard_count` in `infra/parts/feed.py`"),
    Limit("Kinesis: bytes of a close",
          lambda load: load.symbols * BARS_RECORD_BYTES / 1_000_000,
          "1 MB a second and shard",
          "`shard_count` in `infra/parts/feed.py`"),
    Limit("Scoring one after the other",
          lambda load: load.symbols * EVALUATED["wild"] * _evaluation_s() / SCORING_S,
          "6 s of the objective's 10, in a wild minute (3 of 10 symbols have events)",
          "`parallelization_factor` in `infra/parts/mappings.py`, to 10"),
    Limit("Partition of a day: `events`, `decisions`",
          lambda load: min(load.symbols * EVALUATED["wild"], WORKERS / (CALL_MS / 1_000))
          * ceil(EVENT_BYTES / KB) / 1_000,
          "1,000 write units a second: all evaluations of a day are one key of the index `by_day`",
          "divide the day of that index into buckets"),
    Limit("Partition of a group: `bars`",
          lambda load: 2 * 4 / 1_000 if load.symbols else 0.0,
          "1,000 write units a second: a group of sixteen symbols is one key",
          "nothing: it does not grow with symbols"),
    Limit("Processor of the ingest task",
          lambda load: load.symbols * TASK_CPU / TASK_VCPU,
          "0.25 vCPU",
          "`cpu` in `infra/parts/ingest.py`"),
    Limit("Binance: request weight",
          lambda load: load.symbols / REQUEST_WEIGHT,
          "2,400 a minute and address: open interest is one request a symbol and minute",
          "nothing here; a second address"),
    Limit("API Gateway: a status to a client",
          lambda load: beat_bytes(load.symbols) / (128 * KB) if load.clients else 0.0,
          "128 KB a message",
          "nothing yet: the status lists all symbols"),
    Limit("SNS: a status",
          lambda load: beat_bytes(load.symbols) / (256 * KB),
          "256 KB a message",
          "nothing yet: the status lists all symbols"),
    Limit("DynamoDB: the items of the heartbeat and of the groups",
          lambda load: max(stored_beat_bytes(load.symbols), GROUP_NAME_BYTES * load.symbols)
          / (400 * KB),
          "400 KB an item",
          "nothing yet"),
    Limit("WebSocket clients",
          lambda load: load.clients / MAX_CONNECTIONS,
          "`MaxConnections`, 500 by default: more are answered with 503",
          "the parameter `MaxConnections`"),
    Limit("Lambda: executions at a time",
          lambda load: (ceil(load.clients / CLIENTS_A_SHARD) + 12) / CONCURRENCY,
          "1,000 an account (10 in a new one): a shard of 1,000 clients each, and the functions",
          "a quota of the account; `signalengine doctor` reads it"),
    Limit("Starting the shards of a message",
          lambda load: load.clients / CLIENTS_A_SHARD * 0.05 / (BROADCAST_S - SHARD_S),
          "5 s to all clients: 50 ms for starting each shard, 2.8 s for one",
          "`CLIENTS_A_SHARD`, or shards that start others"),
    Limit("Partition of clients: `connections`",
          lambda load: load.clients * CONNECTION_BYTES / 4 / (4 * KB) * 0.5 / 3_000,
          "3,000 read units a second: clients are read for each message, from four buckets",
          "`BUCKETS` of `stores/connections.py`"),
    Limit("Telegram: messages a second",
          lambda load: 2 * RECORDED.opened * load.symbols * load.chats / 60 / PER_SECOND,
          "28 of some 30 a second and bot, for all chats",
          "filters of the chats; digests take what would wait (`TelegramDigestAfterS`)"),
    Limit("Partition of an event: `deliveries`",
          lambda load: min(load.chats, PER_SECOND) * 5 / 1_000,
          "1,000 write units a second: all deliveries of a message are one key",
          "nothing: Telegram's rate bounds it"),
)  # fmt: skip


def _evaluation_s() -> float:
    return (CALL_MS + TRANSACTION_MS + SCORE_CPU_MS / VCPU_512) / 1_000


def ranked(load: Load) -> list[tuple[float, Limit]]:
    """Return the limits with their use, the first to come first."""
    return sorted(((one.use(load), one) for one in LIMITS), key=lambda pair: -pair[0])


def reached(load: Load) -> list[Limit]:
    """Return the limits that are passed, the furthest passed first."""
    return [one for use, one in ranked(load) if use > 1.0]


def shards(load: Load) -> int:
    """Return the Kinesis shards that a close needs."""
    names = ("Kinesis: records of a close", "Kinesis: bytes of a close")
    return max(1, *(ceil(one.use(load)) for one in LIMITS if one.name in names))


def month_usd(load: Load) -> float:
    """Return a month's cost by the cost model, with the shards that the load needs."""
    rates = replace(RECORDED, clients=float(load.clients), chats=float(load.chats))
    more = (shards(load) - 1) * HOURS_A_MONTH * PRICES[Unit.SHARD_H].each
    return usd(planned_month(load.symbols, rates)) + more
