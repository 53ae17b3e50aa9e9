"""restore-table and rebuild, as they are typed."""

import json
from pathlib import Path

import pytest

from infra.cli.cloud import AwsCloud
from tests.infra.cli.conftest import Cli

from .conftest import STAGE, publish

REBUILT = "SignalEngine-dev"


def test_a_table_is_restored_and_the_way_back_is_printed(cli: Cli, cloud: AwsCloud) -> None:
    result = cli("restore-table", "signals", "--stage", "dev", "--yes", width=300)
    old, *_ = [word for word in result.out.split() if word == "signals_table"]
    assert result.code == 0
    assert STAGE.reference("tables/signals") in result.out
    assert "next: signalengine deploy --stage dev" in result.out
    assert f"to go back: signalengine restore-table signals --use {old} --stage dev" in result.out


def test_a_time_that_is_none_is_refused(cli: Cli, cloud: AwsCloud) -> None:
    result = cli("restore-table", "signals", "--stage", "dev", "--at", "yesterday", "--yes")
    assert (result.code, "--at" in result.err) == (2, True)


def stack(cloud: AwsCloud, tasks: int) -> None:
    template = {
        "Parameters": {"IngestTasks": {"Type": "Number", "Default": tasks}},
        "Resources": {"Signals": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {
            "FeedStreamName": {"Value": "feed"},
            "StateTable": {"Value": "state"},
            "SignalsTable": {"Value": "signals_table"},
            "EventsTable": {"Value": "events_table"},
            "DecisionsTable": {"Value": "decisions_table"},
        },
    }
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(
        StackName=REBUILT,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "IngestTasks", "ParameterValue": str(tasks)}],
    )


@pytest.mark.parametrize(("tasks", "words"), [(None, "there is no stack"), (1, "feed of its own")])
def test_only_a_stage_without_a_feed_is_rebuilt(
    cli: Cli, cloud: AwsCloud, tmp_path: Path, tasks: int | None, words: str
) -> None:
    if tasks is not None:
        stack(cloud, tasks)
    result = cli("rebuild", str(tmp_path), "--stage", "dev", "--yes", width=300)
    assert result.code == 1
    assert words in result.out + result.err
    assert "-p IngestTasks=0" in result.out + result.err


def test_an_archive_is_sent_to_the_stream_of_the_stage(
    cli: Cli, cloud: AwsCloud, tmp_path: Path
) -> None:
    stack(cloud, 0)
    cloud.client("kinesis").create_stream(StreamName="feed", ShardCount=1)
    cloud.client("dynamodb").create_table(
        TableName="state",
        KeySchema=[{"AttributeName": "symbol", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "symbol", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    publish(cloud, "EVENTS_TABLE")
    publish(cloud, "DECISIONS_TABLE")
    record = {"v": 1, "kind": "history", "symbol": "BTCUSDT", "interval": "1m", "bars": []}
    text = json.dumps(record | {"market": "live"}, separators=(",", ":"))
    (tmp_path / "one.jsonl").write_text(f"{text}\n")
    result = cli("rebuild", str(tmp_path), "--stage", "dev", "--yes", width=300)
    assert result.code == 0, result.out + result.err
    assert "sent 1 records of 1 files" in result.out
