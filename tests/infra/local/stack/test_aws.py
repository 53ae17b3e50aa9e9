"""The stack, deployed into the embedded AWS with IAM enforced, and gone without a trace."""

import hashlib
import io
import json
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest
import requests
import websocket
from botocore.exceptions import ClientError
from signalengine.facts.stream import BarsFact, Fact, encode
from signalengine.signals import to_json
from signalengine_aws.messaging.dead_letters import SqsDeadLetters, of_change
from signalengine_aws.messaging.records import Change
from signalengine_aws.runtime.stored_fields import versioned
from signalengine_aws.stores.strategies import CLASSIC

from infra.assets import ROOT
from infra.cli.cloud import BOOTSTRAP_VERSION, AwsCloud
from infra.cli.deliveries.stack import StackAccess
from infra.cli.reading.target import Where, resolve
from infra.cli.redrive.run import Redrive, Selection
from infra.errors import CommandError
from infra.local.replay.logs import Logs
from infra.local.stack.assembly import Assembly
from infra.local.stack.aws import ACCOUNT, EmbeddedAws
from infra.local.stack.process_groups import running as processes_of
from infra.local.stack.startup.function_log import FunctionLog
from infra.local.stack.startup.given import GivenEmulator
from infra.names import REGION, STACK
from infra.settings import ONLY
from tests.aws.market import bars_facts, heartbeat, history
from tests.aws.response_server import response_server
from tests.core.samples import evaluation

pytestmark = [pytest.mark.flow, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def aws(assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    logs = tmp_path_factory.mktemp("logs")
    with EmbeddedAws(log_dir=logs, report=lambda _: None) as running:
        running.deploy({"TelegramPace": "unlimited"}, assembly=assembly)
        let_the_probe_find_nothing(running)
        yield running


def let_the_probe_find_nothing(aws: EmbeddedAws) -> None:
    """Give the probe addresses that refuse connections: it waits over a minute for a heartbeat."""
    functions = aws.client("lambda")
    (probe,) = (
        one
        for one in functions.list_functions()["Functions"]
        if one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == "probe_service"
    )
    nowhere = {"HTTP_URL": "http://127.0.0.1:9", "WEBSOCKET_URL": "ws://127.0.0.1:9"}
    variables = probe["Environment"]["Variables"]
    assert nowhere.keys() <= variables.keys()
    functions.update_function_configuration(
        FunctionName=probe["FunctionName"], Environment={"Variables": variables | nowhere}
    )


def test_every_function_starts(aws: EmbeddedAws) -> None:
    """With nothing but Lambda's runtime and the layers, and all of its environment."""
    functions = aws.client("lambda")
    names = [f["FunctionName"] for f in functions.list_functions()["Functions"]]
    assert len(names) == len(list((ROOT / "functions").glob("*/handler.py")))
    for name in names:
        answer = functions.invoke(FunctionName=name, Payload=b'{"Records": []}')
        result = answer["Payload"].read().decode()
        for reason in ("ImportModuleError", "ModuleNotFoundError", "cannot start without"):
            assert reason not in result, f"{name}: {result}"


@pytest.mark.parametrize("message", [{"sweep": True}, {"republish": True}])
def test_the_schedules_messages_are_handled(aws: EmbeddedAws, message: dict[str, bool]) -> None:
    name = "track_signals" if "sweep" in message else "publish_signals"
    functions = aws.client("lambda")
    (full_name,) = (
        f["FunctionName"]
        for f in functions.list_functions()["Functions"]
        if f["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == name
    )
    answer = functions.invoke(FunctionName=full_name, Payload=json.dumps(message).encode())
    assert "FunctionError" not in answer, answer["Payload"].read().decode()


def test_an_emulator_that_runs_already_is_used_and_left_running(
    aws: EmbeddedAws, assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws.keys.environment().items():
        monkeypatch.setenv(name, value)
    with EmbeddedAws(given=GivenEmulator(aws.endpoint), report=lambda _: None) as given:
        outputs = given.deploy({"TelegramPace": "unlimited"}, assembly=assembly)
    assert outputs == aws.outputs
    aws.check()
    assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_the_command_line_finds_the_stack(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, as on AWS: its addresses, the bootstrap, the retained resources."""
    for name, value in aws.env().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    target = resolve(Where(stack=STACK), {})
    assert (target.api, target.websocket) == (aws.outputs["HttpUrl"], aws.outputs["WebSocketUrl"])
    assert target.dashboard == aws.outputs["SiteUrl"]
    cloud = AwsCloud(REGION)
    assert cloud.account() == ACCOUNT
    assert cloud.bootstrap_version() >= BOOTSTRAP_VERSION
    assert not any(one.retained for one in cloud.resources(STACK))
    retained = {one.name: one.kind for one in cloud.resources(ONLY.data) if one.retained}
    assert aws.outputs["SignalsTable"] in retained
    kinds = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    assert set(retained.values()) == kinds
    with pytest.raises(CommandError, match="there is no stack Gone"):
        resolve(Where(stack="Gone"), {})


def test_the_ingest_task_may_put_records(aws: EmbeddedAws) -> None:
    kinesis = as_ingest_task(aws, "kinesis")
    (bar,) = bars_facts("ETHUSDT", 1)
    record = {"Data": encode(heartbeat(bar.close_time, "ETHUSDT")), "PartitionKey": "heartbeat"}
    answer = kinesis.put_records(StreamName=aws.outputs["FeedStreamName"], Records=[record])
    assert answer["FailedRecordCount"] == 0


def test_the_ingest_task_may_do_nothing_else(aws: EmbeddedAws) -> None:
    tables = as_ingest_task(aws, "dynamodb")
    with pytest.raises(ClientError, match="AccessDenied"):
        tables.get_item(TableName=aws.outputs["StateTable"], Key={"symbol": {"S": "BTCUSDT"}})


def test_the_key_of_a_function_cannot_be_computed(aws: EmbeddedAws) -> None:
    """MiniStack makes it of two ARNs, which whoever knows the stack's names can guess."""
    functions = aws.client("lambda")
    for function in functions.list_functions()["Functions"]:
        functions.invoke(FunctionName=function["FunctionName"], Payload=b'{"Records": []}')
        arns = f"{function['FunctionArn']}:{function['Role']}"
        digest = hashlib.sha256(arns.encode()).hexdigest()
        tables = boto3.client(
            "dynamodb", endpoint_url=aws.endpoint, region_name=REGION,
            aws_access_key_id=f"ASIA{digest[:16].upper()}",
            aws_secret_access_key=hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
            aws_session_token=hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
        )  # fmt: skip
        with pytest.raises(ClientError, match="403"):
            tables.get_item(TableName=aws.outputs["StateTable"], Key={"symbol": {"S": "BTCUSDT"}})


def test_the_session_of_the_ingest_task_does_not_expire(aws: EmbeddedAws) -> None:
    """It runs as long as the system, with the session of its start."""
    answer = aws.task_session()
    assert answer["Expiration"] > datetime.now(UTC) + timedelta(days=365)


def test_the_telegram_secret_can_be_filled_in(aws: EmbeddedAws) -> None:
    aws.set_telegram(token="1:a", chat_id="-100", webhook_secret="s", admin_ids=[7])
    arn = aws.outputs["TelegramSecretArn"]
    text = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    found = {"token": "1:a", "chat_id": "-100", "webhook_secret": "s", "admin_ids": [7]}
    assert json.loads(text) == found


def test_the_stack_s_function_publishes_a_site_with_its_own_rights(
    aws: EmbeddedAws, assembly: Assembly
) -> None:
    """As CloudFormation invokes it on AWS, where the stack has the resource that does so."""
    (site,) = (r for r in assembly.template["Resources"].values() if r["Type"] == "Custom::Site")
    bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
    wanted = {**site["Properties"], "Bucket": bucket, "Config": {"name": "aws"}}
    functions = aws.client("lambda")
    (name,) = (
        f["FunctionName"]
        for f in functions.list_functions()["Functions"]
        if f["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == "deploy_site"
    )
    with response_server() as server:
        for kind, last in (("Create", True), ("Delete", False)):
            request = json.dumps(server.request(kind, **wanted)).encode()
            functions.invoke(FunctionName=name, Payload=request)
            found = aws.client("s3").list_objects_v2(Bucket=aws.outputs["SiteBucketName"])
            assert ("config.json" in {row["Key"] for row in found.get("Contents", [])}) == last
        assert [one["Status"] for one in server.answers] == ["SUCCESS"] * 2, server.answers


def test_the_api_answers_its_own_origin_and_no_other(aws: EmbeddedAws) -> None:
    for origin, status in ((f"http://localhost:{aws.port}", 200), ("http://localhost:1", 403)):
        page = {"Origin": origin}
        answer = requests.get(f"{aws.outputs['HttpUrl']}/health", headers=page, timeout=30)
        assert answer.status_code == status


def test_the_webhook_refuses_requests_without_the_secret(aws: EmbeddedAws) -> None:
    answer = requests.post(f"{aws.outputs['HttpUrl']}/telegram", json={}, timeout=30)
    assert answer.status_code == 401


def test_a_websocket_client_is_greeted(aws: EmbeddedAws) -> None:
    client = websocket.create_connection(aws.outputs["WebSocketUrl"], timeout=30)
    client.send(json.dumps({"action": "resume", "since": None}))
    assert json.loads(client.recv())["type"] == "connected"
    client.close()


def test_nothing_is_left_when_it_stops(tmp_path: Path) -> None:
    with EmbeddedAws(log_dir=tmp_path, report=lambda _: None) as running:
        group = running.process_group
        assert processes_of(group)
        assert reachable(running.port)
    assert not reachable(running.port)
    assert not processes_of(group)


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def as_ingest_task(aws: EmbeddedAws, service: Literal["dynamodb", "kinesis"]) -> Any:
    env = aws.env(as_ingest_task=True)
    return boto3.Session().client(
        service,
        endpoint_url=aws.endpoint,
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=env["AWS_SESSION_TOKEN"],
    )


def test_a_function_that_cannot_start_is_found_in_the_log(aws: EmbeddedAws) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "import a_package_that_is_missing")
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName="broken", Runtime="python3.13", Handler="handler.handler",
        Role=aws.outputs["IngestRoleArn"], Code={"ZipFile": packed.getvalue()},
    )  # fmt: skip
    log = FunctionLog(aws._ministack._log)
    assert "broken" not in {problem.function for problem in log.problems()}
    functions.invoke(FunctionName="broken", Payload=b"{}")
    found = {problem.function: problem.text for problem in log.problems()}
    assert "a_package_that_is_missing" in found["broken"]
    functions.delete_function(FunctionName="broken")


def test_a_dead_letter_is_replayed_and_processed_once(aws: EmbeddedAws) -> None:
    """A bar that came before the first history of its symbol, and a close whose letter is whole."""
    kinesis, sqs = aws.client("kinesis"), aws.client("sqs")
    url = aws.outputs["DeadLetterQueueUrl"]
    redrive = Redrive(StackAccess(aws.outputs, operator(aws)))

    def put(*facts: Fact) -> None:
        for fact in facts:
            kinesis.put_record(
                StreamName=aws.outputs["FeedStreamName"], Data=encode(fact), PartitionKey="ETHUSDT"
            )

    (bar,) = bars_facts("ETHUSDT", 1)
    put(bar)
    wait_until(lambda: queued(sqs, url) == 1)
    put(*history("ETHUSDT"))
    wait_until(lambda: logs(aws).until("ETHUSDT") > 0)
    assert stored(aws, bar) == 0
    (group,) = redrive.groups(Selection(function="compute_features"))
    assert group["reason"] == "unknown symbol ETHUSDT: no history came before"
    assert redrive.replay(Selection(function="compute_features"))["replayed"] == 1
    wait_until(lambda: stored(aws, bar) == 1)
    put(bar, heartbeat(bar.close_time, "ETHUSDT"))  # the same again changes nothing
    close = evaluation(symbol="SOLUSDT")
    image = {"series": {"S": CLASSIC.key("SOLUSDT")}, "close_time": {"N": str(close.close_time)},
             "body": {"S": versioned(to_json(close))}}  # fmt: skip
    letter = of_change(Change("INSERT", None, image), "SOLUSDT", "scoring failed: a defect")
    SqsDeadLetters(sqs, url, "score_events").send([letter])
    assert redrive.replay(Selection(function="score_events"))["replayed"] == 1
    table, key = aws.outputs["DecisionsTable"], {n: image[n] for n in ("series", "close_time")}
    decision = aws.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
    SqsDeadLetters(sqs, url, "score_events").send([letter])
    assert redrive.replay(Selection(function="score_events"))["replayed"] == 1
    assert aws.client("dynamodb").get_item(TableName=table, Key=key)["Item"] == decision
    assert stored(aws, bar) == 1
    assert redrive.groups(Selection()) == []


def operator(aws: EmbeddedAws) -> dict[str, str]:
    """The options of the owner's AWS clients."""
    env = aws.env()
    return {
        "region_name": REGION, "endpoint_url": aws.endpoint,
        "aws_access_key_id": env["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"],
    }  # fmt: skip


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 120.0
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def queued(sqs: Any, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def logs(aws: EmbeddedAws) -> Logs:
    """What is stored of the bars of each symbol."""
    dynamodb = boto3.resource("dynamodb", **operator(aws))

    def query(output: str, condition: Any) -> Iterator[dict[str, Any]]:
        yield from dynamodb.Table(aws.outputs[output]).query(KeyConditionExpression=condition)[
            "Items"
        ]

    def state(key: str) -> dict[str, Any] | None:
        table = dynamodb.Table(aws.outputs["StateTable"])
        return table.get_item(Key={"symbol": key}, ConsistentRead=True).get("Item")

    return Logs(query, state)


def stored(aws: EmbeddedAws, bar: BarsFact) -> int:
    """Return how often a 1m bar is stored."""
    time = bar.bars[0].open_time
    return len(logs(aws).minutes(bar.symbol, time, time + 1))
