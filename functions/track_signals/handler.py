"""Settles open signals: with each batch of the stream, and every minute by a schedule."""

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from signalengine.policy import default_policy
from signalengine_aws.application.daily_counts import DailyCounts
from signalengine_aws.application.heartbeats import Heartbeats, LivePrices
from signalengine_aws.application.sets.tracked_sets import TrackedSets
from signalengine_aws.application.track_signals import TrackSignals, conclude, read_batch
from signalengine_aws.messaging.dead_letters import SqsDeadLetters
from signalengine_aws.messaging.records import Event, kinesis_records
from signalengine_aws.messaging.sns import SnsTopic
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.bars import DynamoBars
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.events import DynamoEventLog
from signalengine_aws.stores.log.reached import DynamoReached
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.positions import DynamoPositions
from signalengine_aws.stores.registry import DynamoRegistry
from signalengine_aws.stores.signals import DynamoSignals
from signalengine_aws.stores.state import DynamoFeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalengine_aws.application.fire_alerts import FireAlerts
    from signalengine_aws.stores.gaps import DynamoGaps

    MakeAlerts: TypeAlias = Callable[[], FireAlerts]
    MakeGaps: TypeAlias = Callable[[], DynamoGaps]

Parts: TypeAlias = (
    "tuple[TrackSignals, Heartbeats, LivePrices, MakeGaps, SqsDeadLetters, MakeAlerts]"
)


@cache
def parts() -> Parts:
    env = config.load(config.TrackSignals)
    feed = DynamoFeed(env.state_table)
    stored = DynamoSignals(env.signals_table)
    signals = TrackSignals(
        folded_until=DynamoReached(env.bars_table, env.state_table).until,
        bars=DynamoBars(env.bars_table, env.state_table),
        signals=stored,
        closings=DynamoClosings(env.signals_table, env.performance_table),
        positions=DynamoPositions(env.bars_table),
        sets=TrackedSets(DynamoRegistry(env.strategies_table), stored.shadows),
    )
    policy = default_policy()
    counts = DailyCounts(
        events=DynamoEventLog(env.events_table),
        performance=DynamoPerformance(env.performance_table),
        policy_digest=policy.digest,
        progress=feed.read_progress,
    )
    connections = DynamoConnections(env.connections_table)
    topic = SnsTopic(clients.sns(), env.topic_arn)
    heartbeats = Heartbeats(
        feed,
        topic,
        counts,
        connections=connections.count,
        recent=stored.recent,
        threshold=policy.threshold,
    )
    dead_letters = SqsDeadLetters(clients.sqs(), env.dead_letter_url, "track_signals")
    alerts = cache(lambda: _alerts(env.subscriptions_table, topic))
    gaps = cache(lambda: _gaps(env.gaps_table))
    return signals, heartbeats, LivePrices(topic), gaps, dead_letters, alerts


def _gaps(table: str) -> "DynamoGaps":
    """Made with the first gap, which most processes never have."""
    from signalengine_aws.stores.gaps import DynamoGaps

    return DynamoGaps(table)


def _alerts(table: str, topic: SnsTopic) -> "FireAlerts":
    """Made with the first bars: no cold start waits for it."""
    from signalengine_aws.application.fire_alerts import FireAlerts
    from signalengine_aws.stores.alerts import DynamoAlerts

    return FireAlerts(DynamoAlerts(table), topic)


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        signals, heartbeats, prices, gaps, dead_letters, alerts = parts()
        if event.get("sweep") is True:
            feed = heartbeats.progress()
            conclude(line, signals.sweep(feed))
            heartbeats.keep_alive(feed)
            return
        batch = read_batch(kinesis_records(event))
        report = signals.track(batch)
        if batch.gaps:
            gaps().put(batch.gaps)
        still_open = signals.still_open()
        heartbeats.beat(batch.heartbeat, batch.watermark, still_open)
        prices.publish(batch.priced, still_open, heartbeats.audience)
        conclude(line, report, streamed=True)
        if batch.closes:
            line.count(alerts=alerts().fire(batch.closes))
        line.count(dead_letters=dead_letters.send(batch.refused))
