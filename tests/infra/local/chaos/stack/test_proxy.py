"""The proxy, with AWS's own clients on one side and a recorder on the other, on real sockets."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from signalengine_aws.runtime.aws_errors import code_of, permanent, status_of

from infra.local.chaos.stack import proxy as proxies
from infra.local.chaos.stack.call_faults import CallFault, CallFaults
from infra.local.chaos.stack.proxy import FaultProxy
from tests.served import served

pytestmark = pytest.mark.enable_socket
PUT = "dynamodb:PutItem"
RECORD = {"Data": b"d", "PartitionKey": "k"}
SESSION = Session()
ITEM = {"TableName": "t", "Item": {"k": {"S": "é"}}}


class Recorder:
    """A server that notes each request, and answers as DynamoDB does."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.port = 0

    async def answer(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((request.raw_path, headers, await request.read()))
        return web.Response(text="{}", content_type="application/x-amz-json-1.0")


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    with served([web.route("*", "/{path:.*}", server.answer)]) as server.port:
        yield server


@pytest.fixture
def faults() -> CallFaults:
    return CallFaults()


@pytest.fixture
def proxy(
    recorder: Recorder, faults: CallFaults, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FaultProxy]:
    monkeypatch.setattr(proxies, "HOLD_S", 0.3)
    with FaultProxy(faults) as running:
        running.upstream = f"http://127.0.0.1:{recorder.port}"
        yield running


def client(proxy: FaultProxy, service: str = "dynamodb", path: str = "") -> Any:
    """A client that tries once, so that each fault is seen."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=2)
    return SESSION.create_client(
        service, region_name="ap-northeast-1", endpoint_url=f"{proxy.endpoint}{path}",
        aws_access_key_id="a", aws_secret_access_key="b", config=config,
    )  # fmt: skip


def test_a_request_arrives_as_it_was_signed(recorder: Recorder, proxy: FaultProxy) -> None:
    client(proxy).put_item(**ITEM)
    path, headers, body = recorder.seen[0]
    assert path == "/"
    assert headers["host"] == f"127.0.0.1:{proxy.port}"
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=a/")
    assert "é" in body.decode() or "\\u00e9" in body.decode()
    assert proxy.calls == {PUT: 1}


def test_an_escaped_path_stays_as_it_was(recorder: Recorder, proxy: FaultProxy) -> None:
    api = client(proxy, "apigatewaymanagementapi", "/_aws/execute-api/abc/live")
    api.post_to_connection(ConnectionId="a+b/c=", Data=b"{}")
    assert recorder.seen[0][0].endswith("/@connections/a%2Bb%2Fc%3D")
    assert list(proxy.calls) == ["execute-api:PostToConnection"]


@pytest.mark.parametrize(
    ("service", "call", "operation"),
    [
        ("dynamodb", lambda c: c.put_item(**ITEM), PUT),
        ("kinesis", lambda c: c.put_records(StreamName="s", Records=[RECORD]),
         "kinesis:PutRecords"),
        ("sns", lambda c: c.publish(TopicArn="arn:aws:sns:r:1:t", Message="m"), "sns:Publish"),
        ("sqs", lambda c: c.send_message(QueueUrl="http://q/1/q", MessageBody="m"),
         "sqs:SendMessage"),
        ("apigatewaymanagementapi", lambda c: c.post_to_connection(ConnectionId="x", Data=b"d"),
         "execute-api:PostToConnection"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["error", "throttle"])
def test_a_refusal_is_one_that_the_product_tries_again(
    recorder: Recorder, proxy: FaultProxy, faults: CallFaults,
    kind: str, service: str, call: Any, operation: str,
) -> None:  # fmt: skip
    faults.add(CallFault(kind, operation))
    with pytest.raises(ClientError) as caught:
        call(client(proxy, service))
    code = code_of(caught.value)
    assert code is not None
    assert not permanent(code, status_of(caught.value)), code
    assert recorder.seen == []


@pytest.mark.parametrize(
    ("kind", "forwarded"),
    [("reset_before", 0), ("reset_after", 1), ("timeout_before", 0), ("timeout_after", 1)],
)
def test_a_lost_answer_is_an_error_and_the_call_counts_or_not(
    recorder: Recorder, proxy: FaultProxy, faults: CallFaults, kind: str, forwarded: int
) -> None:
    fault = CallFault(kind, PUT)
    faults.add(fault)
    with pytest.raises(BotoCoreError):
        client(proxy).put_item(**ITEM)
    assert len(recorder.seen) == forwarded
    assert fault.met == 1
    client(proxy).put_item(**ITEM)  # the next one is not disturbed
    assert len(recorder.seen) == forwarded + 1


@pytest.mark.parametrize(("kind", "forwarded"), [("kill_before", 0), ("kill_after", 1)])
def test_a_kill_ends_the_process_that_calls(
    recorder: Recorder, proxy: FaultProxy, faults: CallFaults, kind: str, forwarded: int
) -> None:
    asked: list[int] = []
    proxy.kill = asked.append
    faults.add(CallFault(kind, PUT))
    with pytest.raises(BotoCoreError):
        client(proxy).put_item(**ITEM)
    assert len(recorder.seen) == forwarded
    assert len(asked) == 1
    assert asked[0] > 1024


def test_a_slow_call_is_answered(recorder: Recorder, proxy: FaultProxy, faults: CallFaults) -> None:
    faults.add(CallFault("slow", PUT, delay_s=0.05))
    client(proxy).put_item(**ITEM)
    assert len(recorder.seen) == 1
