"""signalengine doctor: one answer for everything that a deployment needs."""

import json
from pathlib import Path

import pytest

from infra.cli.cloud import AwsCloud
from infra.cli.deploy import doctor
from infra.settings import ONLY
from tests.answering import Answers, answering
from tests.connect_proxy import dead_port
from tests.infra.cli.conftest import Cli

pytestmark = pytest.mark.enable_socket
NAMES = [
    "region", "Node", "Python 3.13", "Docker", "arm64 images", "AWS account", "stack", "data stack",
    "CDK bootstrap", "ECS role", "Lambda", "Kinesis shards", "VPCs",
    "Fargate vCPUs", "Telegram", "Binance",
]  # fmt: skip


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Docker of an arm64 machine; neither Binance nor Telegram."""
    (tmp_path / "docker").write_text("#!/bin/sh\necho 28.2 arm64\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("BINANCE_REST_BASE", f"http://127.0.0.1:{dead_port()}")
    for name in ("CDK_DOCKER", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"):
        monkeypatch.delenv(name, raising=False)


def test_every_check_is_a_line_and_advice_is_no_failure(
    cli: Cli, cloud: AwsCloud, outside: None
) -> None:
    result = cli("doctor", "--json")
    found = json.loads(result.out)
    assert [row["name"] for row in found["checks"]] == NAMES
    assert (result.code, found["ok"]) == (0, True)
    assert all((row["fix"] is None) == (row["state"] == "ok") for row in found["checks"])


def test_a_region_that_binance_refuses_fails() -> None:
    first = next(doctor._checks(AwsCloud("us-east-1"), ONLY))
    assert (first.name, first.state) == ("region", "failed")
    assert "HTTP 451" in first.found


def test_without_credentials_the_rest_is_checked_all_the_same(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, outside: None, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    result = cli("doctor", "--json")
    rows = {row["name"]: row for row in json.loads(result.out)["checks"]}
    assert result.code == 1
    assert "AWS_PROFILE" in rows["AWS account"]["fix"]
    assert rows["Docker"]["state"] == "ok"
    assert "Binance" in rows


def test_a_deployed_stack_has_the_bot_of_its_secret(
    cloud: AwsCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = cloud.client("secretsmanager").create_secret(
        Name="telegram", SecretString='{"token": "1:a", "chat_id": "-100"}'
    )
    template = {
        "Resources": {"Signals": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"TelegramSecretArn": {"Value": secret["ARN"]}},
    }
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName=ONLY.data, TemplateBody=json.dumps(template))
    answers: Answers = {
        "getMe": (200, {"ok": True, "result": {"id": 1, "username": "TheBot"}}),
        "getChat": (200, {"ok": True, "result": {"id": -100}}),
    }
    with answering(answers) as port:
        monkeypatch.setenv("TELEGRAM_API_BASE", f"http://127.0.0.1:{port}")
        check = doctor._telegram(cloud, cloud.stack(ONLY.data))
    assert check.found == "@TheBot may write to its chat (by the stack's secret)"


def test_a_deployment_stops_where_the_doctor_fails(
    cli: Cli, cloud: AwsCloud, outside: None, tmp_path: Path
) -> None:
    (tmp_path / "docker").unlink()
    result = cli("deploy", "--dry-run", width=200)
    assert (result.code, "start Docker" in result.out) == (1, True)
    assert "will run" not in result.out
