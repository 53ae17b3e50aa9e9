"""Mappings of streams and queues to functions.

Every stream mapping starts at the oldest record, halves a failing batch, and gives up a record that
is too old, with a notice to the dead-letter queue. Filters are given verbatim: the keys of
CDK's `FilterCriteria.filter` reach AWS exactly as they are written.
"""

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnCondition, Duration, Fn
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from .data.storage import Table
from .feed import Feed
from .function import Function

# Functions dead-letter invalid records themselves and raise only when a retry may help. So retries
# are limited by age and not by number, which an outage of a few minutes would use up. The age is
# longer than any outage to survive, and shorter than the streams' retention of 24 hours.
MAX_RECORD_AGE = Duration.hours(12)


def follow_feed(function: Function, feed: Feed, only: Mapping[str, Any] | None = None) -> None:
    """Feed a function from the Kinesis stream, in order per partition key."""
    arn = feed.stream.stream_arn
    function.allow(
        [
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        ],
        [arn],
    )
    # 500 one-minute facts are about 2 MB: a backlog takes few invocations.
    _follow(function, "feed", arn, failures=feed.dead_letters, batch=500, only=only)


def follow_table(
    function: Function,
    table: Table,
    *,
    failures: sqs.Queue,
    only: Mapping[str, Any] | None = None,
) -> None:
    """Feed a function from a table's stream, in order per item."""
    stream = table.resource.table_stream_arn
    if stream is None:
        raise ValueError(f"{table.variable} has no stream")
    function.allow(
        [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
        [stream],
    )
    _follow(function, table.variable.lower(), stream, failures=failures, batch=100, only=only)


def drain_queue(
    function: Function, queue: sqs.Queue, *, at_once: int, when: CfnCondition | None = None
) -> None:
    """Feed a function from a queue; it answers with the messages it could not finish.

    `when`: otherwise nothing is read until the mapping is enabled, and polling costs nothing.
    """
    function.allow(
        [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        [queue.queue_arn],
    )
    function.resource.add_event_source(
        sources.SqsEventSource(
            queue, batch_size=10, max_concurrency=at_once, report_batch_item_failures=True
        )
    )
    if when is not None:
        enabled = Fn.condition_if(when.logical_id, True, False)
        for one in function.resource.node.find_all():
            if isinstance(one, lambda_.CfnEventSourceMapping):
                one.add_property_override("Enabled", enabled)


def _follow(
    function: Function,
    name: str,
    arn: str,
    *,
    failures: sqs.Queue,
    batch: int,
    only: Mapping[str, Any] | None,
) -> None:
    function.allow(["sqs:SendMessage"], [failures.queue_arn])
    function.resource.add_event_source_mapping(
        name,
        event_source_arn=arn,
        starting_position=lambda_.StartingPosition.TRIM_HORIZON,
        batch_size=batch,
        bisect_batch_on_error=True,
        max_record_age=MAX_RECORD_AGE,
        parallelization_factor=1,
        on_failure=sources.SqsDlq(failures),
        filters=[lambda_.FilterCriteria.filter(dict(only))] if only else None,
    )
