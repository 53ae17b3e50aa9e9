"""Fixed costs by the hour; a test compares them with the template."""

from collections.abc import Mapping
from typing import Final

from ..runtime.channels import QUEUES
from .prices import HOURS_A_MONTH, Unit

TASKS: Final = 1
TASK_VCPU: Final = 0.25
TASK_GB: Final = 0.5
ADDRESSES: Final = 1
"""Public IPv4 addresses: one a task, no NAT gateway, no load balancer."""
SHARDS: Final = 1
SECRETS: Final = 4
METRICS: Final = 2
"""Custom metrics of a healthy stack, each hour: the ingest task's silence and the lag, as if every
hour had a signal. Metrics of errors are not among them."""
FREE_ALARM_METRICS: Final = 10
"""Metrics that the alarms of an account may read without a charge; the stack's read no more."""
CHANNEL_ALARMS: Final = 2
FREE_DASHBOARD_METRICS: Final = 50
"""Metrics of a dashboard, of which an account has three without a charge."""
SCHEDULES_A_MINUTE: Final = 2
POLLED_QUEUES: Final = 1
"""Queues that Lambda polls in every stack, whether anything is in them or not."""
POLLS_H: Final = 5 * 3600 / 20
"""Of a queue: five pollers, each waiting 20 s (assumed; Lambda's own choice)."""
KEY_CALLS_H: Final = 4 * 60 / 5
"""Of the stream's encryption: each of four users gets a key every five minutes (assumed)."""
LEASE_WRITES_H: Final = 3600 / 10
"""The ingest task renews its lease every ten seconds."""
OBJECTS_H: Final = 3600 / 900
"""Firehose writes an object every fifteen minutes, or every 64 MB."""
TASK_LOG_BYTES_H: Final = 60 * 600
"""The ingest task's line of metrics and its status, once a minute (assumed from a local run)."""

MEMORY_GB: Final[Mapping[str, float]] = {
    "compute_features": 1.0,
    "score_events": 0.5,
    "track_signals": 0.5,
    "publish_signals": 0.5,
    "broadcast": 0.5,
    "post_messages": 1769 / 1024,
    **{f"send_{queue}": 0.5 for queue in QUEUES},
}
"""Of the functions that run without a user's request."""

PER_HOUR: Final[Mapping[Unit, float]] = {
    Unit.SPOT_VCPU_H: TASKS * TASK_VCPU,
    Unit.SPOT_GB_H: TASKS * TASK_GB,
    Unit.IPV4_H: ADDRESSES,
    Unit.SHARD_H: SHARDS,
    Unit.METRIC_MONTH: METRICS / HOURS_A_MONTH,
    Unit.SCHEDULE: SCHEDULES_A_MINUTE * 60,
    Unit.QUEUE: POLLED_QUEUES * POLLS_H,
    Unit.KEY_CALL: KEY_CALLS_H,
    Unit.WRITE: LEASE_WRITES_H,
    Unit.OBJECT_PUT: OBJECTS_H,
}
"""Units an hour that cost the same whatever the number of symbols."""
CHANNELS: Final[Mapping[Unit, float]] = {
    Unit.QUEUE: POLLS_H,
    Unit.ALARM_MONTH: CHANNEL_ALARMS / HOURS_A_MONTH,
}
"""What an hour has beside where there are destinations of other channels than Telegram: their queue
is polled, and watched by alarms beyond those that are free."""
MANAGED_SECRETS: Final[Mapping[Unit, float]] = {Unit.SECRET_MONTH: SECRETS / HOURS_A_MONTH}
"""What an hour has beside where `SecretsIn` is secrets-manager; parameters are free."""
ON_DEMAND: Final[Mapping[Unit, float]] = {
    Unit.FARGATE_VCPU_H: TASKS * TASK_VCPU,
    Unit.FARGATE_GB_H: TASKS * TASK_GB,
}
"""What an hour has instead of the units of Spot, with `IngestCapacity` on-demand."""
