"""DynamoDB in memory answers as the embedded AWS does: the same seeded calls to both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from signalengine_aws.stores.tables import MODELS

from infra.local.stack.ministack import MiniStack
from tests.aws.world import REGION, table_definition

from .conformance import compare

VARIABLES = ("SIGNALS_TABLE", "EVENTS_TABLE")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    log: Path = tmp_path_factory.mktemp("emulator") / "log.txt"
    ministack = MiniStack(log=log)
    ministack.start()
    try:
        client = boto3.client(
            "dynamodb",
            REGION,
            endpoint_url=ministack.endpoint,
            aws_access_key_id=ministack.keys.access_key_id,
            aws_secret_access_key=ministack.keys.secret_access_key,
        )
        for variable in VARIABLES:
            client.create_table(**table_definition(variable, MODELS[variable]))
        yield client
    finally:
        ministack.stop()


def test_the_same_calls_have_the_same_answers_as_from_the_embedded_aws(emulator: Any) -> None:
    compare(emulator._make_api_call, seed=8, count=400)
