"""Settles open signals: by what a batch of the stream says, and every minute by the schedule."""

from functools import cache

from signalengine.policy import default_policy
from signalengine_aws import clients, config
from signalengine_aws.bars import DynamoBars
from signalengine_aws.connections import DynamoConnections
from signalengine_aws.counting import Counting
from signalengine_aws.dead_letters import SqsDeadLetters
from signalengine_aws.events import DynamoEventLog
from signalengine_aws.gaps import DynamoGaps
from signalengine_aws.heartbeats import Heartbeats
from signalengine_aws.observability import invocation
from signalengine_aws.performance import DynamoPerformance
from signalengine_aws.records import Event, kinesis_records
from signalengine_aws.signals import DynamoClosings, DynamoSignals
from signalengine_aws.state import DynamoFeed
from signalengine_aws.topics import SnsTopic
from signalengine_aws.tracking import Tracking, conclude, read_news


@cache
def parts() -> tuple[Tracking, Heartbeats, DynamoGaps, SqsDeadLetters]:
    env = config.load(config.TrackSignals)
    feed = DynamoFeed(env.state_table)
    tracking = Tracking(
        feed=feed,
        bars=DynamoBars(env.bars_table),
        signals=DynamoSignals(env.signals_table),
        closings=DynamoClosings(env.signals_table, env.performance_table),
    )
    counting = Counting(
        events=DynamoEventLog(env.events_table),
        performance=DynamoPerformance(env.performance_table),
        policy_digest=default_policy().digest,
        progress=feed.progress,
    )
    connections = DynamoConnections(env.connections_table)
    heartbeats = Heartbeats(
        feed,
        SnsTopic(clients.sns(), env.topic_arn),
        counting,
        listeners=lambda: len(connections.all()),
    )
    letters = SqsDeadLetters(clients.sqs(), env.dead_letter_url, "track_signals")
    return tracking, heartbeats, DynamoGaps(env.gaps_table), letters


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        tracking, heartbeats, gaps, letters = parts()
        if event.get("sweep") is True:
            conclude(line, tracking.sweep(heartbeats.watermark()))
            return
        news = read_news(kinesis_records(event))
        report = tracking.track(news)
        gaps.put(news.gaps)
        heartbeats.beat(news.heartbeat, news.watermark, tracking.still_open())
        conclude(line, report)
        line.measure("DeadLetters", letters.send(news.refused))
