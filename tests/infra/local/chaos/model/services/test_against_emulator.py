"""The account in memory answers as the embedded AWS does: the same seeded calls to both."""

import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from signalengine_aws.stores.tables import MODELS

from infra.local.stack.ministack import MiniStack
from tests.aws.world import REGION, table_definition

from .conformance import TABLE, compare
from .messaging import OPERATIONS, Called
from .messaging import compare as compare_messages
from .schedules import compare_inputs
from .streams import compare_shards, compare_streams, records_of

SERIAL = itertools.count()
VARIABLES = ("SIGNALS_TABLE", "EVENTS_TABLE")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    log: Path = tmp_path_factory.mktemp("emulator") / "log.txt"
    ministack = MiniStack(log=log)
    ministack.start()
    try:
        yield partial(
            boto3.client,
            region_name=REGION,
            endpoint_url=ministack.endpoint,
            aws_access_key_id=ministack.keys.access_key_id,
            aws_secret_access_key=ministack.keys.secret_access_key,
        )
    finally:
        ministack.stop()


def test_tables_answer_as_those_of_the_embedded_aws(emulator: Any) -> None:
    client = emulator("dynamodb")
    for variable in VARIABLES:
        client.create_table(**table_definition(variable, MODELS[variable]))
    compare(client._make_api_call, seed=8, count=400)
    client.delete_table(TableName=TABLE)
    compare_streams(client, lambda: records_of(client, emulator("dynamodbstreams")), seed=9)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(operations=OPERATIONS)
def test_topic_and_queue_deliver_what_they_do_in_the_embedded_aws(
    emulator: Any, operations: list[tuple[str, Any]]
) -> None:
    called = Called(emulator("sns"), emulator("sqs"), f"telegram{next(SERIAL)}")
    compare_messages(called, operations)


def test_schedules_send_what_they_do_in_the_embedded_aws(emulator: Any) -> None:
    compare_inputs(emulator("scheduler"), emulator("sqs"))


def test_records_of_a_key_are_in_one_shard_in_their_order_in_the_embedded_aws(
    emulator: Any,
) -> None:
    compare_shards(emulator("kinesis"), seed=10)
