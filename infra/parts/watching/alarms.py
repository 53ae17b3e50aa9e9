"""The alarms: one row each. What to do when one fires stands in docs/runbook.md, by its name.

CloudWatch charges by the metric of an alarm, beyond ten an account, and an expression counts each
metric in it: the rows read ten, and two more where there are destinations of other channels than
Telegram. A new alarm is a row here and a section of the runbook.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import CfnCondition, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..function import Function, metrics_namespace, resource_of
from .errors import METRIC as ERRORS

RUNBOOK = "docs/runbook.md"
ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
QUIET = cloudwatch.TreatMissingData.NOT_BREACHING
MISSING = cloudwatch.TreatMissingData.BREACHING


@dataclass(frozen=True, slots=True)
class Watched:
    """The resources whose metrics alarms and the dashboard read."""

    ingest: ecs.FargateService
    functions: tuple[Function, ...]
    """All of them."""
    dead_letters: sqs.Queue
    telegram: sqs.Queue
    telegram_dead_letters: sqs.Queue
    channels_dead_letters: sqs.Queue

    def function(self, name: str) -> Function:
        return next(one for one in self.functions if one.node.id == name)

    def own(self, service: str, name: str, statistic: str, period: Duration) -> cloudwatch.IMetric:
        """Return a metric that a service of the stack writes into its log."""
        return cloudwatch.Metric(
            namespace=metrics_namespace(self.ingest),
            metric_name=name,
            dimensions_map={"service": service},
            statistic=statistic,
            period=period,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """An alarm: it fires when `of` of the last `periods` data points are beyond the threshold."""

    name: str
    meaning: str
    metric: Callable[[Watched, Duration], cloudwatch.IMetric]
    threshold: float
    periods: int = 5
    of: int = 0
    """0: all of them."""
    minutes: int = 1
    """A period."""
    comparison: cloudwatch.ComparisonOperator = ABOVE
    missing: cloudwatch.TreatMissingData = QUIET
    of_channels: bool = False
    """It exists where there are destinations of other channels than Telegram."""


def tasks(watched: Watched, period: Duration) -> cloudwatch.IMetric:
    """Each running task sends one sample a minute; a count of tasks itself has its price."""
    return watched.ingest.metric_cpu_utilization(statistic="SampleCount", period=period)


def iterator_age(function: str) -> Callable[[Watched, Duration], cloudwatch.IMetric]:
    """Return how old what a function reads of its stream is; missing while it reads nothing."""

    def metric(watched: Watched, period: Duration) -> cloudwatch.IMetric:
        read = watched.function(function).resource
        return read.metric("IteratorAge", statistic="Maximum", period=period)

    return metric


def errors(watched: Watched, period: Duration) -> cloudwatch.IMetric:
    """Return the errors of all functions of the stack."""
    return cloudwatch.Metric(
        namespace=metrics_namespace(watched.ingest),
        metric_name=ERRORS,
        statistic="Sum",
        period=period,
    )


def throttles(_: Watched, period: Duration) -> cloudwatch.IMetric:
    """Return those of the account: without a dimension AWS sums all functions of the region.

    They share its concurrency, so whichever is throttled, the pipeline's are next.
    """
    return cloudwatch.Metric(
        namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=period
    )


def visible(queue: Callable[[Watched], sqs.Queue]) -> Callable[..., cloudwatch.IMetric]:
    """Return how many messages wait in a queue."""
    return lambda watched, period: queue(watched).metric_approximate_number_of_messages_visible(
        statistic="Maximum", period=period
    )


def oldest(watched: Watched, period: Duration, sender: str = "send_telegram") -> cloudwatch.IMetric:
    """Return how long the oldest message has waited for Telegram, as its sender sees it.

    SQS's own age leaves out what has been received three times, so it is blind to an outage. A
    message is looked at again after half an hour at the latest, so the metric has gaps.
    """
    return watched.own(sender, "OldestMessage", "Maximum", period)


ROWS: tuple[Row, ...] = (
    Row(
        "IngestStopped", "No ingest task is running", tasks,
        threshold=1, comparison=BELOW, missing=MISSING,
    ),
    Row(
        "FeedSilent", "A stream of the exchange has been silent for more than a minute",
        lambda watched, period: watched.own("ingest_task", "FeedSilence", "Maximum", period),
        threshold=60,
    ),
    Row(
        "FeedLate", "Bars are folded more than a minute after they were sent, or not at all",
        iterator_age("compute_features"), threshold=60_000, missing=MISSING,
    ),
    Row(
        "SettlementLate", "track_signals is more than two minutes behind the stream",
        iterator_age("track_signals"), threshold=120_000,
    ),
    Row(
        "PublicationLate", "A signal was published more than two minutes after its bar's close",
        lambda watched, period: watched.own("publish_signals", "PublicationLag", "Maximum", period),
        threshold=120_000, periods=1,
    ),
    Row(
        "FunctionErrors", "A function, or the probe of the service, fails again and again", errors,
        threshold=0, minutes=5, periods=3, of=2,
    ),
    Row(
        "Throttles", "Functions of this account are throttled", throttles,
        threshold=0, periods=5, of=3,
    ),
    Row(
        "DeadLetters", "Records could not be processed and were set aside",
        visible(lambda watched: watched.dead_letters), threshold=0, periods=1,
    ),
    Row(
        "TelegramDeadLetters", "Telegram rejected messages, and they were set aside",
        visible(lambda watched: watched.telegram_dead_letters), threshold=0, periods=1,
    ),
    Row(
        "TelegramDelayed", "A message has been waiting for Telegram for 15 minutes", oldest,
        threshold=900, minutes=5, periods=7, of=1,
    ),
    Row(
        "ChannelsDeadLetters", "A destination rejected messages, and they were set aside",
        visible(lambda watched: watched.channels_dead_letters), threshold=0, periods=1,
        of_channels=True,
    ),
    Row(
        "ChannelsDelayed", "A message has been waiting for its destination for 15 minutes",
        lambda watched, period: oldest(watched, period, "send_channels"),
        threshold=900, minutes=5, periods=7, of=1, of_channels=True,
    ),
)  # fmt: skip


class Alarms(Construct):
    """One CloudWatch alarm a row; all notify one topic, of trouble and of its end."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        watched: Watched,
        topic: sns.ITopic,
        when: CfnCondition,
        when_channels: CfnCondition,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarms = tuple(
            self._alarm(row, watched, topic, when) for row in ROWS if not row.of_channels
        )
        """Those that exist whatever is configured."""
        for row in ROWS:
            if row.of_channels:
                self._alarm(row, watched, topic, when_channels)

    def _alarm(
        self, row: Row, watched: Watched, topic: sns.ITopic, when: CfnCondition
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            row.name,
            alarm_name=f"{Stack.of(self).stack_name}-{row.name}",
            alarm_description=f"{row.meaning}. See {RUNBOOK}#{row.name.lower()}",
            metric=row.metric(watched, Duration.minutes(row.minutes)),
            threshold=row.threshold,
            comparison_operator=row.comparison,
            evaluation_periods=row.periods,
            datapoints_to_alarm=row.of or row.periods,
            treat_missing_data=row.missing,
        )
        action = actions.SnsAction(topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        resource_of(alarm).cfn_options.condition = when
        return alarm
