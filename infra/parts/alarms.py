"""The alarms: one row each. What to do when one fires stands in docs/runbook.md, by its name.

CloudWatch charges by the metric of an alarm, beyond ten an account; an expression counts each
metric in it. A new alarm is a row here and a section of the runbook.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import Aws, CfnCondition, CfnResource, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .function import METRICS_NAMESPACE, Function
from .settings import Settings

MINUTE = Duration.minutes(1)
ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
QUIET = cloudwatch.TreatMissingData.NOT_BREACHING
MISSING = cloudwatch.TreatMissingData.BREACHING


@dataclass(frozen=True, slots=True)
class Watched:
    """The resources whose metrics alarms read."""

    ingest: ecs.FargateService
    compute_features: Function
    stream_functions: tuple[Function, ...]
    """The other functions that read a stream."""
    dead_letters: sqs.Queue
    telegram: sqs.Queue
    telegram_dead_letters: sqs.Queue


@dataclass(frozen=True, slots=True)
class Row:
    """One alarm: it fires after `minutes` data points in a row beyond the threshold."""

    name: str
    meaning: str
    metric: Callable[[Watched], cloudwatch.IMetric]
    threshold: float
    minutes: int = 5
    comparison: cloudwatch.ComparisonOperator = ABOVE
    missing: cloudwatch.TreatMissingData = QUIET


def _feed_lag(_: Watched) -> cloudwatch.IMetric:
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name="FeedLag",
        dimensions_map={"service": "compute_features"},
        statistic="Maximum",
        period=MINUTE,
    )


def _tasks(watched: Watched) -> cloudwatch.IMetric:
    """Each running task sends one sample a minute; a count of tasks itself has its price."""
    return watched.ingest.metric_cpu_utilization(statistic="SampleCount", period=MINUTE)


def _iterator_age(watched: Watched) -> cloudwatch.IMetric:
    return watched.compute_features.resource.metric(
        "IteratorAge", statistic="Maximum", period=MINUTE
    )


def _errors(watched: Watched) -> cloudwatch.IMetric:
    metrics = {
        function.node.id: function.resource.metric_errors(period=MINUTE)
        for function in watched.stream_functions
    }
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({name}, 0)" for name in metrics),
        using_metrics={**metrics},
        label="errors",
        period=MINUTE,
    )


def _visible(queue: sqs.Queue) -> cloudwatch.IMetric:
    return queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=MINUTE)


ROWS: tuple[Row, ...] = (
    Row(
        "IngestStopped", "No ingest task is running", _tasks,
        threshold=1, comparison=BELOW, missing=MISSING,
    ),
    Row(
        "FeedLate", "Bars are folded more than 30 s after they were sent, or not at all", _feed_lag,
        threshold=30_000, missing=MISSING,
    ),
    Row(
        "FeedBacklog", "compute_features is more than a minute behind the stream", _iterator_age,
        threshold=60_000,
    ),
    Row(
        "StreamErrors", "A function that reads a stream fails every minute", _errors, threshold=0,
    ),
    Row(
        "DeadLetters", "Records could not be processed and were set aside",
        lambda watched: _visible(watched.dead_letters), threshold=0, minutes=1,
    ),
    Row(
        "TelegramDeadLetters", "Telegram rejected messages, and they were set aside",
        lambda watched: _visible(watched.telegram_dead_letters), threshold=0, minutes=1,
    ),
    Row(
        "TelegramDelayed", "A message has been waiting for Telegram for 15 minutes",
        lambda watched: watched.telegram.metric_approximate_age_of_oldest_message(
            statistic="Maximum", period=MINUTE
        ),
        threshold=900,
    ),
)  # fmt: skip


class Alarms(Construct):
    """One CloudWatch alarm a row; all notify one topic, and the e-mail address if one is given."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, watched: Watched
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "topic", enforce_ssl=True)
        self.topic.add_to_resource_policy(_by_alarms(self.topic))
        subscription = sns.CfnSubscription(
            self,
            "email",
            topic_arn=self.topic.topic_arn,
            protocol="email",
            endpoint=settings.alarm_email,
        )
        subscription.cfn_options.condition = settings.alarms_by_email
        for row in ROWS:
            self._alarm(row, watched, settings.on_aws)

    def _alarm(self, row: Row, watched: Watched, when: CfnCondition) -> None:
        alarm = cloudwatch.Alarm(
            self,
            row.name,
            alarm_name=f"{Stack.of(self).stack_name}-{row.name}",
            alarm_description=f"{row.meaning}. See docs/runbook.md#{row.name.lower()}",
            metric=row.metric(watched),
            threshold=row.threshold,
            comparison_operator=row.comparison,
            evaluation_periods=row.minutes,
            treat_missing_data=row.missing,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        resource = alarm.node.default_child
        assert isinstance(resource, CfnResource)  # noqa: S101 - what an Alarm is made of
        resource.cfn_options.condition = when


def _by_alarms(topic: sns.Topic) -> iam.PolicyStatement:
    """Permit this account's alarms to notify: a topic with a policy of its own has no other."""
    return iam.PolicyStatement(
        actions=["sns:Publish"],
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        resources=[topic.topic_arn],
        conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
    )
