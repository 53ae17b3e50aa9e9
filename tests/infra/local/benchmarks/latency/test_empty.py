"""The empty pipeline: its stack, and its functions one after the other."""

import base64
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local.benchmarks.latency import pass_on
from infra.local.benchmarks.latency.empty import HANDLERS, template
from tests.aws.world import REGION

BASE = "http://localhost:4566/_aws/execute-api"
INLINE_CHARS = 4_096
"""CloudFormation takes no longer source of a function inline."""


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    found = template(BASE)["Resources"]
    return {name: one["Properties"] for name, one in found.items() if one["Type"] == f"AWS::{kind}"}


def test_the_stack_has_the_hops_of_ours_and_only_they_start_functions() -> None:
    functions = of_kind("Lambda::Function")
    assert {one["Handler"] for one in functions.values()} == {f"index.{n}" for n in HANDLERS}
    sources = {
        one["FunctionName"]["Ref"]: one["EventSourceArn"]["Fn::GetAtt"]
        for one in of_kind("Lambda::EventSourceMapping").values()
    }
    assert sources == {
        "FirstFunction": ["Stream", "Arn"], "SecondFunction": ["First", "StreamArn"],
        "PublishFunction": ["Second", "StreamArn"],
    }  # fmt: skip
    (subscription,) = of_kind("SNS::Subscription").values()
    assert subscription["Endpoint"] == {"Fn::GetAtt": ["PostFunction", "Arn"]}
    for one in functions.values():
        assert len(one["Code"]["ZipFile"]) <= INLINE_CHARS
        assert hasattr(pass_on, one["Handler"].partition(".")[2])
    streamed = [one for one in of_kind("DynamoDB::Table").values() if "StreamSpecification" in one]
    assert len(streamed) == 2


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
            monkeypatch.setenv(name, REGION)
        for name in ("FIRST", "SECOND", "CLIENTS"):
            monkeypatch.setenv(name, name.lower())
            boto3.client("dynamodb", REGION).create_table(
                TableName=name.lower(), BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            )  # fmt: skip
        sent: list[tuple[str, bytes]] = []
        sockets = SimpleNamespace(
            post_to_connection=lambda **post: sent.append((post["ConnectionId"], post["Data"]))
        )
        topic = boto3.client("sns", REGION).create_topic(Name="topic")["TopicArn"]
        monkeypatch.setenv("TOPIC", topic)
        monkeypatch.setenv("STAGE_URL", f"{BASE}/api/live")
        monkeypatch.setattr(pass_on, "_CLIENTS", {"apigatewaymanagementapi": sockets})
        monkeypatch.setattr(pass_on, "_CONNECTION", [])
        yield SimpleNamespace(sent=sent, client=boto3.client("dynamodb", REGION))


def test_what_goes_in_comes_out_unchanged(tables: Any) -> None:
    text = json.dumps({"kind": "bars", "words": "ü"})
    pass_on.connect({"requestContext": {"connectionId": "c1"}}, None)
    data = base64.b64encode(text.encode()).decode()
    pass_on.first({"Records": [{"kinesis": {"data": data, "partitionKey": "k"}}]}, None)
    pass_on.second({"Records": [change(tables, "first")]}, None)
    image = change(tables, "second")
    pass_on.publish({"Records": [image]}, None)
    message = image["dynamodb"]["NewImage"]["body"]["S"]
    pass_on.post({"Records": [{"Sns": {"Message": message}}]}, None)
    assert tables.sent == [("c1", text.encode())]


def change(tables: Any, table: str) -> dict[str, Any]:
    """The record of a table's stream after its one put."""
    item = tables.client.get_item(TableName=table, Key={"id": {"S": "k"}})["Item"]
    return {"dynamodb": {"NewImage": item}}
