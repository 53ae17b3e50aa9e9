"""A table is restored beside the old one, and the code finds it by its parameter."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.cli.cloud import AwsCloud
from infra.cli.recovery.restoring import TRIES, Tables, recoverable
from infra.errors import CommandError
from infra.settings import Stage

from .conftest import STAGE

NOW = 1_764_000_000_000


def parameter(cloud: AwsCloud, path: str) -> str:
    found = cloud.client("ssm").get_parameter(Name=STAGE.reference(path))
    return str(found["Parameter"]["Value"])


def described(cloud: AwsCloud, table: str) -> Any:
    return cloud.client("dynamodb").describe_table(TableName=table)["Table"]


@pytest.mark.parametrize("name", ["signals", "deliveries"])
def test_a_restored_table_has_all_that_the_old_one_has(cloud: AwsCloud, name: str) -> None:
    tables, said = Tables(cloud, STAGE), list[str]()
    old = tables.used(name)
    dynamodb = cloud.client("dynamodb")
    new = tables.restore(name, None, NOW, said.append)
    assert new.startswith(f"{old}-2025")
    assert new in said[0]
    before, after = described(cloud, old), described(cloud, new)
    for part in ("KeySchema", "StreamSpecification"):
        assert after.get(part) == before.get(part)
    assert after.get("GlobalSecondaryIndexes") == before.get("GlobalSecondaryIndexes")
    lives = [
        dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        for table in (old, new)
    ]
    assert lives[0] == lives[1]
    backups = dynamodb.describe_continuous_backups(TableName=new)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert tables.used(name) == old, "nothing is taken into use by restoring"


def test_another_table_is_taken_into_use_with_its_stream_and_given_back(cloud: AwsCloud) -> None:
    tables = Tables(cloud, STAGE)
    old, stream = tables.used("signals"), parameter(cloud, "streams/signals")
    new = tables.restore("signals", None, NOW, lambda _: None)
    rows = tables.use("signals", new)
    assert (tables.used("signals"), len(rows)) == (new, 2)
    assert parameter(cloud, "streams/signals") == described(cloud, new)["LatestStreamArn"]
    tables.use("signals", old)
    assert (tables.used("signals"), parameter(cloud, "streams/signals")) == (old, stream)


def test_a_table_with_another_key_or_without_its_stream_is_refused(cloud: AwsCloud) -> None:
    tables = Tables(cloud, STAGE)
    with pytest.raises(CommandError, match="another key"):
        tables.use("signals", tables.used("deliveries"))
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName="plain",
        KeySchema=described(cloud, tables.used("signals"))["KeySchema"],
        AttributeDefinitions=[{"AttributeName": "signal_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(CommandError, match="plain has no stream"):
        tables.use("signals", "plain")
    assert tables.used("signals") != "plain"


def test_a_deleted_table_is_replaced_by_another(cloud: AwsCloud) -> None:
    tables = Tables(cloud, STAGE)
    old = tables.used("signals")
    new = tables.restore("signals", None, NOW, lambda _: None)
    cloud.client("dynamodb").delete_table(TableName=old)
    assert len(tables.use("signals", new)) == 2
    assert tables.used("signals") == new


def test_the_recovery_of_a_new_table_is_tried_until_aws_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept, left = list[float](), [2]
    monkeypatch.setattr("infra.cli.recovery.restoring.time.sleep", slept.append)

    class Dynamo:
        def update_continuous_backups(self, **_: Any) -> None:
            left[0] -= 1
            if left[0] >= 0:
                error = {"Error": {"Code": "ContinuousBackupsUnavailableException"}}
                raise ClientError(error, "UpdateContinuousBackups")

    recoverable(Dynamo(), "new")
    assert len(slept) == 2
    left[0] = TRIES
    with pytest.raises(ClientError, match="Unavailable"):
        recoverable(Dynamo(), "new")


def test_the_tables_in_use_are_known_with_their_stage(cloud: AwsCloud) -> None:
    found = cloud.tables_in_use()
    assert found == {"signals_table": STAGE.code, "deliveries_table": STAGE.code}


def test_an_unknown_table_or_stage_is_named_with_what_is_known(cloud: AwsCloud) -> None:
    with pytest.raises(CommandError, match="no table signal") as caught:
        Tables(cloud, STAGE).used("signal")
    assert "signals" in caught.value.fix
    with pytest.raises(CommandError, match="published") as caught:
        Tables(cloud, Stage("prod")).used("signals")
    assert "--stage" in caught.value.fix
