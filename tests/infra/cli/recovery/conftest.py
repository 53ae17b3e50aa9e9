"""An AWS account in memory, with the tables of a stage."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from signalengine_aws.stores.tables import MODELS, STREAMS

from infra.cli.cloud import AwsCloud
from infra.names import REGION
from infra.settings import Stage
from tests.aws.world import table_definition

STAGE = Stage("dev")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsCloud]:
    """An account with two of the tables, published as the stack of the data does it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = AwsCloud(REGION)
        for variable in ("SIGNALS_TABLE", "DELIVERIES_TABLE"):
            publish(made, variable)
        yield made


def publish(cloud: AwsCloud, variable: str) -> None:
    definition = table_definition(variable, MODELS[variable])
    dynamodb, ssm = cloud.client("dynamodb"), cloud.client("ssm")
    made = dynamodb.create_table(**definition)["TableDescription"]
    table, name = definition["TableName"], variable.removesuffix("_TABLE").lower()
    if "ttl" in MODELS[variable].get_attributes():
        ttl = {"Enabled": True, "AttributeName": "ttl"}
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ttl)
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
    values = {f"tables/{name}": table}
    if variable in STREAMS:
        values[f"streams/{name}"] = made["LatestStreamArn"]
    for path, value in values.items():
        ssm.put_parameter(Name=STAGE.reference(path), Value=value, Type="String")
