"""Every release is deployed in place over the baseline, and reads what that one has stored."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra.local.baseline import __main__ as command
from infra.local.baseline.release import (
    FOLDER,
    deploy_baseline,
    items,
    normalised,
    output_of,
    put_items,
    stored_items,
    template_of,
    write_baseline,
)
from infra.local.stack.assembly import Assembly
from infra.local.stack.aws import EmbeddedAws
from infra.settings import ONLY


def test_the_baseline_has_items_of_every_table() -> None:
    tables = template_of("data")["Outputs"].keys()
    assert {output_of(name) for name in items()} == {name for name in tables if "Table" in name}
    assert all(items().values())
    signals = items()["SIGNALS_TABLE"]
    assert {"open" in one for one in signals} == {True, False}


def test_only_a_word_moves_the_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "write_baseline", pytest.fail)
    monkeypatch.setattr(sys, "argv", ["baseline"])
    assert command.main() == 2


def test_the_command_writes_what_the_tests_read(assembly: Assembly, tmp_path: Path) -> None:
    write_baseline(assembly, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()}
    assert json.loads((tmp_path / "data.json").read_text()) == normalised(assembly.data)
    assert json.loads((tmp_path / "items.json").read_text()) == stored_items()


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(log_dir=tmp_path_factory.mktemp("logs"), report=lambda _: None) as running:
        yield running


@pytest.mark.flow
@pytest.mark.enable_socket
def test_the_baseline_is_updated_in_place_and_its_data_is_read(
    aws: EmbeddedAws, assembly: Assembly
) -> None:
    parameters = {"ExecuteApiBase": aws.execute_api_base, "PublicApi": "true"}
    before = deploy_baseline(aws, assembly, parameters)
    put_items(aws, before)
    after = aws.deploy(assembly=assembly)
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    states = {one["StackName"]: one["StackStatus"] for one in stacks}
    assert states[ONLY.code] == "UPDATE_COMPLETE"
    assert states[ONLY.data] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")  # nothing may have changed
    del before["SiteUrl"]  # of this machine: on AWS it is that of the distribution
    assert before.items() <= after.items(), "what is there stays, with its name and address"
    assert_everything_is_there(aws, after)
    assert_the_new_code_reads_it(after["HttpUrl"])


@pytest.mark.flow
@pytest.mark.enable_socket
def test_secrets_move_to_encrypted_parameters_in_place(
    aws: EmbeddedAws, assembly: Assembly
) -> None:
    """The functions read the token from the parameter; Secrets Manager keeps what it had."""
    before, ssm = aws.deploy(assembly=assembly), aws.client("ssm")
    for name, text in (("api", '{"api_token": "moved"}'), ("telegram", "{}")):
        ssm.put_parameter(Name=ONLY.parameter(name), Value=text, Type="SecureString")
    after = aws.deploy({"SecretsIn": "parameters"}, assembly)
    assert after["ApiSecretArn"].endswith(f":parameter{ONLY.parameter('api')}")
    url, shown = f"{after['HttpUrl']}/signals", {"Authorization": "Bearer moved"}
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, headers=shown, timeout=20).status_code == 200
    for name in ("ApiSecretArn", "TelegramSecretArn"):
        assert aws.client("secretsmanager").describe_secret(SecretId=before[name])


@pytest.mark.flow
@pytest.mark.enable_socket
def test_a_destroy_keeps_the_data_and_the_next_deployment_finds_it(
    aws: EmbeddedAws, assembly: Assembly
) -> None:
    before = aws.deploy(assembly=assembly)
    put_items(aws, before)
    destroy(aws, ONLY.code)
    after = aws.deploy(assembly=assembly)
    assert after["HttpApiId"] != before["HttpApiId"]
    assert_everything_is_there(aws, after)
    assert_the_new_code_reads_it(after["HttpUrl"])
    for stack in reversed(ONLY.stacks):
        destroy(aws, stack)
    assert_everything_is_there(aws, after)
    assert aws.client("s3").head_bucket(Bucket=after["ArchiveBucketName"])
    assert aws.client("secretsmanager").describe_secret(SecretId=after["TelegramSecretArn"])


def destroy(aws: EmbeddedAws, stack: str) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_stack(StackName=stack)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})


def assert_everything_is_there(aws: EmbeddedAws, outputs: dict[str, str]) -> None:
    dynamodb = aws.client("dynamodb")
    for variable, rows in items().items():
        table = outputs[output_of(variable)]
        keys = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        for row in rows:
            key = {one["AttributeName"]: row[one["AttributeName"]] for one in keys}
            found = dynamodb.get_item(TableName=table, Key=key)["Item"]
            assert row.items() <= found.items(), variable


def assert_the_new_code_reads_it(api: str) -> None:
    for row in items()["SIGNALS_TABLE"]:
        signal, opening = row["signal_id"]["S"], json.loads(row["opening"]["S"])
        answer = requests.get(f"{api}/signals/{signal}", timeout=20)
        assert answer.status_code == 200
        found = answer.json()["signal"]
        assert (found["id"], found["symbol"]) == (signal, opening["symbol"])
        assert found["entry_price"] == opening["entry_price"]
