"""A pipeline of the same hops whose functions only pass on, as a second stack of the same AWS."""

import json
import queue
import threading
import time
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Self

import websocket

from infra.errors import CommandError
from infra.local.stack.aws import ASSETS, EmbeddedAws

STACK: Final = "EmptyPipeline"
STAGE: Final = "live"
TEMPLATE: Final = "empty-pipeline.json"
HANDLERS: Final = ("connect", "first", "second", "publish", "post")
RIGHTS: Final = (
    "dynamodb:DescribeStream", "dynamodb:GetItem", "dynamodb:GetRecords",
    "dynamodb:GetShardIterator", "dynamodb:ListStreams", "dynamodb:PutItem",
    "execute-api:ManageConnections", "kinesis:DescribeStream", "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards", "logs:*",
    "sns:Publish",
)  # fmt: skip


class EmptyPipeline:
    """The deployed stack and the client of its WebSocket."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._kinesis = aws.client("kinesis")
        self._outputs = deployed(aws)
        self._received: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        url = f"{aws.execute_api_base}/{self._outputs['Api']}/{STAGE}"
        self._socket = websocket.create_connection(url.replace("http://", "ws://"), timeout=60)
        self._thread = threading.Thread(target=self._listen, name="empty-pipeline", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._thread.join(timeout=5.0)

    def send(self, key: str, data: bytes) -> None:
        """Put a record into the pipeline's stream."""
        self._kinesis.put_record(StreamName=self._outputs["Stream"], Data=data, PartitionKey=key)

    def receive(self, timeout_s: float) -> tuple[str, float]:
        """Return the next message of the client and when it came (wall clock s).

        Raises CommandError when none comes.
        """
        try:
            return self._received.get(timeout=timeout_s)
        except queue.Empty:
            reason = f"nothing came through the empty pipeline in {timeout_s:.0f} s"
            raise CommandError(reason) from None

    def _listen(self) -> None:
        while True:
            try:
                text = self._socket.recv()
            except websocket.WebSocketTimeoutException:
                continue
            except (OSError, websocket.WebSocketException):
                return
            if not text:
                return
            self._received.put((text if isinstance(text, str) else text.decode(), time.time()))


def deployed(aws: EmbeddedAws) -> dict[str, str]:
    """Deploy the stack; returns its outputs."""
    body = json.dumps(template(aws.execute_api_base))
    aws.client("s3").put_object(Bucket=ASSETS, Key=TEMPLATE, Body=body.encode())
    return aws.deploy_template(STACK, f"{aws.endpoint}/{ASSETS}/{TEMPLATE}", {})


def template(execute_api_base: str) -> dict[str, Any]:
    """Return the stack: four hops from a stream to a WebSocket."""
    resources: dict[str, Any] = {
        "Stream": _of("Kinesis::Stream", ShardCount=1),
        "First": _table(stream=True),
        "Second": _table(stream=True),
        "Clients": _table(stream=False),
        "Topic": _of("SNS::Topic"),
        "Role": _role(),
        **_api(),
    }
    stage_url = {"Fn::Sub": f"{execute_api_base}/${{Api}}/{STAGE}"}
    resources |= {_named(name): _function(name, stage_url) for name in HANDLERS}
    resources |= _started()
    outputs = {"Stream": _ref("Stream"), "Api": _ref("Api")}
    return {
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def _of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def _get(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def _named(handler: str) -> str:
    return f"{handler.capitalize()}Function"


def _table(*, stream: bool) -> dict[str, Any]:
    images = {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}} if stream else {}
    return _of(
        "DynamoDB::Table",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        **images,
    )


def _role() -> dict[str, Any]:
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    allowed = {"Effect": "Allow", "Action": list(RIGHTS), "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allowed]}
    return _of(
        "IAM::Role",
        AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trusted]},
        Policies=[{"PolicyName": "PassOn", "PolicyDocument": document}],
    )


def _function(handler: str, stage_url: Mapping[str, str]) -> dict[str, Any]:
    source = files(__package__).joinpath("pass_on.py").read_text(encoding="utf-8")
    return _of(
        "Lambda::Function",
        Runtime="python3.13",
        Handler=f"index.{handler}",
        Role=_get("Role"),
        Code={"ZipFile": source},
        Timeout=60,
        Environment={
            "Variables": {
                "FIRST": _ref("First"), "SECOND": _ref("Second"), "CLIENTS": _ref("Clients"),
                "TOPIC": _ref("Topic"), "STAGE_URL": stage_url,
            }
        },
    )  # fmt: skip


def _started() -> dict[str, Any]:
    """Return what starts each function: the stream, the tables' streams, the topic."""
    sources = {
        "first": _get("Stream"),
        "second": _get("First", "StreamArn"),
        "publish": _get("Second", "StreamArn"),
    }
    found = {
        f"{name.capitalize()}Source": _of(
            "Lambda::EventSourceMapping",
            EventSourceArn=arn,
            FunctionName=_ref(_named(name)),
            StartingPosition="TRIM_HORIZON",
        )
        for name, arn in sources.items()
    }
    found["PostSource"] = _of(
        "SNS::Subscription",
        Protocol="lambda",
        Endpoint=_get(_named("post")),
        TopicArn=_ref("Topic"),
    )
    permitted = {"post": "sns.amazonaws.com", "connect": "apigateway.amazonaws.com"}
    for name, principal in permitted.items():
        found[f"{name.capitalize()}Permission"] = _of(
            "Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName=_get(_named(name)),
            Principal=principal,
        )
    return found


def _api() -> dict[str, Any]:
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${ConnectFunction.Arn}/invocations"
    )
    api = {"ApiId": _ref("Api")}
    return {
        "Api": _of(
            "ApiGatewayV2::Api",
            Name="empty",
            ProtocolType="WEBSOCKET",
            RouteSelectionExpression="$request.body.action",
        ),
        "Integration": _of(
            "ApiGatewayV2::Integration",
            IntegrationType="AWS_PROXY",
            IntegrationUri={"Fn::Sub": uri},
            **api,
        ),
        "Route": _of(
            "ApiGatewayV2::Route",
            RouteKey="$connect",
            Target={"Fn::Sub": "integrations/${Integration}"},
            **api,
        ),
        "Stage": _of("ApiGatewayV2::Stage", StageName=STAGE, AutoDeploy=True, **api),
    }
