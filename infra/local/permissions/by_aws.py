"""Rights that AWS itself uses with a role: no program of ours makes these calls.

Each service says which ones it needs; the embedded AWS does its own work without them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .grants import IMAGES, Grant, grants, logical_id, named

_DOCS: Final = "https://docs.aws.amazon.com"


@dataclass(frozen=True, slots=True)
class Use:
    """What a service does with a role, and where it says what it needs for that."""

    what: str
    actions: tuple[str, ...]
    source: str


LOGGING: Final = Use(
    "Lambda writes the log",
    ("logs:CreateLogStream", "logs:PutLogEvents"),
    f"{_DOCS}/lambda/latest/dg/lambda-intro-execution-role.html",
)
FEED: Final = Use(
    "Lambda reads the stream",
    ("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
     "kinesis:GetShardIterator", "kinesis:ListShards"),
    f"{_DOCS}/lambda/latest/dg/with-kinesis.html",
)  # fmt: skip
TABLE: Final = Use(
    "Lambda reads the table's stream",
    ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
     "dynamodb:ListStreams"),
    f"{_DOCS}/lambda/latest/dg/with-ddb.html",
)  # fmt: skip
QUEUE: Final = Use(
    "Lambda reads the queue",
    ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
    f"{_DOCS}/lambda/latest/dg/with-sqs.html",
)
GIVEN_UP: Final = Use(
    "Lambda reports a batch that it gave up",
    ("sqs:SendMessage",),
    f"{_DOCS}/lambda/latest/dg/kinesis-on-failure-destination.html",
)
REFUSED: Final = Use(
    "Lambda reports an invocation that it gave up",
    ("sqs:SendMessage",),
    f"{_DOCS}/lambda/latest/dg/invocation-async-retain-records.html",
)
SCHEDULE: Final = Use(
    "EventBridge Scheduler invokes the function",
    ("lambda:InvokeFunction",),
    f"{_DOCS}/scheduler/latest/UserGuide/setting-up.html",
)
ARCHIVE: Final = f"{_DOCS}/firehose/latest/dev/controlling-access.html"
DELIVERY: Final = {
    "feed": Use(
        "Firehose reads the stream",
        ("kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator",
         "kinesis:ListShards"),
        ARCHIVE,
    ),
    "archive": Use(
        "Firehose prepares objects",
        ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
        ARCHIVE,
    ),
    "archive/*": Use(
        "Firehose writes objects",
        ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"),
        ARCHIVE,
    ),
    "its log": Use("Firehose logs errors", ("logs:PutLogEvents",), ARCHIVE),
}  # fmt: skip
_ROLE: Final = f"{_DOCS}/AmazonECS/latest/developerguide/task_execution_IAM_role.html"
START: Final = {
    "*": Use("ECS signs in to the registry", ("ecr:GetAuthorizationToken",), _ROLE),
    IMAGES: Use(
        "ECS pulls the image",
        ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        _ROLE,
    ),
    "its log": Use("ECS writes the log", LOGGING.actions, _ROLE),
}


def uses(template: Mapping[str, Any]) -> dict[Grant, Use]:
    """Return each right that a service needs for what the template asks of it."""
    return {
        Grant(role, action, resource): use
        for role, resource, use in _uses(template["Resources"], named(template))
        for action in use.actions
    }


def missing(template: Mapping[str, Any]) -> list[Grant]:
    """Return the rights that services need and the template does not give."""
    return sorted(uses(template).keys() - set(grants(template)))


def _uses(resources: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str, Use]]:
    for key, resource in resources.items():
        given = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::Lambda::Function":
                yield names[key], "its log", LOGGING
            case "AWS::Lambda::EventSourceMapping":
                yield from _mapping(given, names)
            case "AWS::Lambda::EventInvokeConfig" if "DestinationConfig" in given:
                failures = given["DestinationConfig"]["OnFailure"]["Destination"]
                yield names[logical_id(given["FunctionName"])], names[logical_id(failures)], REFUSED
            case "AWS::Scheduler::Schedule":
                function = names[logical_id(given["Target"]["Arn"])]
                yield f"schedule of {function}", function, SCHEDULE
            case "AWS::KinesisFirehose::DeliveryStream":
                for where, use in DELIVERY.items():
                    yield "delivery to the archive", where, use
            case "AWS::ECS::TaskDefinition":
                for where, use in START.items():
                    yield "start of ingest_task", where, use


def _mapping(given: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str, Use]]:
    function = names[logical_id(given["FunctionName"])]
    source = given["EventSourceArn"]
    name = names[logical_id(source)]
    if "Ref" in source:  # the stream of a table, found by its ARN
        yield function, name, TABLE
    else:
        yield function, name, QUEUE if name.endswith("queue") else FEED
    if "DestinationConfig" in given:
        failures = given["DestinationConfig"]["OnFailure"]["Destination"]
        yield function, names[logical_id(failures)], GIVEN_UP
