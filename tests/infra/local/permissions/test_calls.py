"""Which rights a call needs."""

from typing import Any

import pytest

from infra.local.permissions.calls import name_by, needs
from infra.local.permissions.grants import variable_name

NAME = name_by(
    {
        "STATE_TABLE": "s",
        "BARS_TABLE": "b",
        "SITE_BUCKET": "w",
        "DEAD_LETTER_URL": "http://q/1",
        "LOG_LEVEL": "INFO",
    },
    variable_name,
)
BOTH = {"TransactItems": [{"Put": {"TableName": "s"}}, {"ConditionCheck": {"TableName": "b"}}]}


@pytest.mark.parametrize(
    ("service", "operation", "request_", "expected"),
    [
        ("dynamodb", "GetItem", {"TableName": "s"}, [("dynamodb:GetItem", "table state")]),
        (
            "sesv2", "SendEmail", {"ConfigurationSetName": "c"},
            [(f"ses:{action}", resource) for action in ("SendEmail", "SendRawEmail")
             for resource in ("sender of e-mail", "configuration set of e-mail")],
        ),
        (
            "dynamodb", "Query", {"TableName": "s", "IndexName": "by_day"},
            [("dynamodb:Query", "table state/index/by_day")],
        ),
        (
            "dynamodb", "BatchGetItem", {"RequestItems": {"s": {}, "b": {}}},
            [("dynamodb:BatchGetItem", "table state"), ("dynamodb:BatchGetItem", "table bars")],
        ),
        (
            "dynamodb", "TransactWriteItems", BOTH,
            [("dynamodb:PutItem", "table state"), ("dynamodb:ConditionCheckItem", "table bars")],
        ),
        (
            "sqs", "SendMessageBatch", {"QueueUrl": "http://q/1"},
            [("sqs:SendMessage", "dead letters")],
        ),
        ("sns", "Publish", {"TopicArn": "arn:t"}, [("sns:Publish", "arn:t")]),
        (
            "apigatewaymanagementapi", "PostToConnection", {},
            [("execute-api:ManageConnections", "WebSocket clients")],
        ),
        ("s3", "ListObjectsV2", {"Bucket": "w"}, [("s3:ListBucket", "site bucket")]),
        ("s3", "PutObject", {"Bucket": "w"}, [("s3:PutObject", "site bucket/*")]),
        ("s3", "GetObject", {"Bucket": "cdk-x-assets-1"}, [("s3:GetObject", "deployed assets")]),
        ("s3", "GetObject", {"Bucket": "models"}, [("s3:GetObject", "model")]),
        ("bedrock-runtime", "Converse", {}, [("bedrock:InvokeModel", "model")]),
    ],
)  # fmt: skip
def test_a_call_needs_a_right_on_each_thing_that_it_names(
    service: str, operation: str, request_: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert needs(service, operation, request_, NAME) == expected


def test_a_service_that_nobody_calls_is_an_error() -> None:
    with pytest.raises(KeyError, match="glue"):
        needs("glue", "GetTable", {}, NAME)
