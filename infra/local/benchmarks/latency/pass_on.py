"""Functions that only pass on: Kinesis, table, table, topic, WebSocket. Deployed as one file."""

import base64
import os
import time
from typing import Any

import boto3

_CLIENTS: dict[str, Any] = {}
_CONNECTION: list[str] = []


def _client(service: str, **more: str) -> Any:
    if service not in _CLIENTS:
        _CLIENTS[service] = boto3.client(service, **more)  # type: ignore[call-overload]  # the name is not a literal here
    return _CLIENTS[service]


def connect(event: dict[str, Any], _: object) -> dict[str, int]:
    """Note the one client."""
    name = event["requestContext"]["connectionId"]
    item = {"id": {"S": "client"}, "connection": {"S": name}}
    _client("dynamodb").put_item(TableName=os.environ["CLIENTS"], Item=item)
    return {"statusCode": 200}


def first(event: dict[str, Any], _: object) -> None:
    """Put each record of Kinesis into the first table."""
    for record in event["Records"]:
        text = base64.b64decode(record["kinesis"]["data"]).decode()
        _put("FIRST", record["kinesis"]["partitionKey"], text)


def second(event: dict[str, Any], _: object) -> None:
    """Put each change of the first table into the second."""
    for key, text in _changes(event):
        _put("SECOND", key, text)


def publish(event: dict[str, Any], _: object) -> None:
    """Publish each change of the second table."""
    for _key, text in _changes(event):
        _client("sns").publish(TopicArn=os.environ["TOPIC"], Message=text)


def post(event: dict[str, Any], _: object) -> None:
    """Post each message of the topic to the client."""
    if not _CONNECTION:
        found = _client("dynamodb").get_item(
            TableName=os.environ["CLIENTS"], Key={"id": {"S": "client"}}
        )
        _CONNECTION.append(found["Item"]["connection"]["S"])
    sockets = _client("apigatewaymanagementapi", endpoint_url=os.environ["STAGE_URL"])
    for record in event["Records"]:
        sockets.post_to_connection(
            ConnectionId=_CONNECTION[0], Data=record["Sns"]["Message"].encode()
        )


def _put(table: str, key: str, text: str) -> None:
    item = {"id": {"S": key}, "body": {"S": text}, "at": {"N": str(time.time())}}
    _client("dynamodb").put_item(TableName=os.environ[table], Item=item)


def _changes(event: dict[str, Any]) -> list[tuple[str, str]]:
    images = [record["dynamodb"]["NewImage"] for record in event["Records"]]
    return [(image["id"]["S"], image["body"]["S"]) for image in images]
