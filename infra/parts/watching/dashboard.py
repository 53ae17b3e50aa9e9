"""The dashboard in CloudWatch: the alarms, and the path of a bar from left to right.

An account has three without a charge, of fifty metrics each; a test counts this one's.
"""

from collections.abc import Sequence

from aws_cdk import CfnCondition, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..function import resource_of
from .alarms import Watched, errors, iterator_age, oldest, tasks, throttles, visible

MINUTE = Duration.minutes(1)
FIVE_MINUTES = Duration.minutes(5)
READERS = ("compute_features", "score_events", "track_signals", "publish_signals")
"""Functions that read a stream."""


class Dashboard(Construct):
    """One page of graphs."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        watched: Watched,
        alarms: Sequence[cloudwatch.Alarm],
        when: CfnCondition,
    ) -> None:
        super().__init__(scope, name)
        states = cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24)
        dashboard = cloudwatch.Dashboard(
            self,
            "dashboard",
            dashboard_name=Stack.of(self).stack_name,
            default_interval=Duration.hours(3),
            widgets=[[states], *_rows(watched)],
        )
        resource_of(dashboard).cfn_options.condition = when


def _rows(watched: Watched) -> list[list[cloudwatch.IWidget]]:
    """Return the graphs, three in a row."""
    heartbeat = watched.own("probe_service", "HeartbeatAge", "Maximum", FIVE_MINUTES)
    return [
        _of_the_feed(watched),
        _of_functions(watched),
        _of_messages(watched),
        [_graph("Heartbeat's age at a WebSocket client (ms)", [heartbeat])],
    ]


def _of_the_feed(watched: Watched) -> list[cloudwatch.IWidget]:
    feed = [watched.own("ingest_task", "FeedSilence", "Maximum", MINUTE)]
    load = [
        tasks(watched, MINUTE),
        watched.ingest.metric_cpu_utilization(period=MINUTE),
        watched.ingest.metric_memory_utilization(period=MINUTE),
    ]
    ages = [iterator_age(name)(watched, MINUTE) for name in READERS]
    return [
        _graph("Feed: silence (s)", feed),
        _graph("Ingest task", load),
        _graph("Age of what is read (ms)", ages),
    ]


def _of_functions(watched: Watched) -> list[cloudwatch.IWidget]:
    times = [
        watched.function(name).resource.metric_duration(statistic="p95", period=FIVE_MINUTES)
        for name in (*READERS, "send_telegram", "broadcast")
    ]
    troubles = [errors(watched, FIVE_MINUTES), throttles(watched, FIVE_MINUTES)]
    lags = [
        watched.own("publish_signals", "PublicationLag", statistic, FIVE_MINUTES)
        for statistic in ("p50", "p95", "Maximum")
    ]
    return [
        _graph("Time of a function, p95 (ms)", times),
        _graph("Errors, throttles", troubles),
        _graph("Bar's close to publication (ms)", lags),
    ]


def _of_messages(watched: Watched) -> list[cloudwatch.IWidget]:
    counts = [  # its subscription takes what opens and closes, and no status
        watched.telegram.metric_number_of_messages_sent(period=FIVE_MINUTES),
        watched.telegram.metric_number_of_messages_deleted(period=FIVE_MINUTES),
    ]
    waiting = [
        visible(queue)(watched, MINUTE)
        for queue in (
            lambda one: one.telegram,
            lambda one: one.telegram_dead_letters,
            lambda one: one.dead_letters,
        )
    ]
    ages = [
        oldest(watched, FIVE_MINUTES),
        watched.telegram.metric_approximate_age_of_oldest_message(
            statistic="Maximum", period=MINUTE
        ),
    ]
    return [
        _graph("Signals opened and closed: queued for Telegram, done", counts),
        _graph("Waiting messages", waiting),
        _graph("Oldest message for Telegram (s)", ages),
    ]


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)
