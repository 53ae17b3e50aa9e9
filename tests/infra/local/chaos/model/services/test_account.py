"""The account in memory behaves as others do: topic, queue, WebSocket clients, streams."""

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from moto import mock_aws
from moto.backends import get_backend
from signalengine_aws.messaging.websockets import ApiSockets, GoneError

from infra.local.chaos.model.services.account import Account, Client, SocketsClient
from tests.aws.world import ACCOUNT, REGION

from .conformance import TABLE
from .messaging import OPERATIONS, Called, compare
from .streams import PUTS, compare_shards, compare_streams

SERIAL = itertools.count()


@pytest.fixture(scope="module")
def moto() -> Iterator[None]:
    with mock_aws():
        yield


@settings(max_examples=12, deadline=None, derandomize=True)
@given(operations=OPERATIONS)
def test_topic_and_queue_deliver_what_they_do_in_moto(
    moto: None, operations: list[tuple[str, Any]]
) -> None:
    sns, sqs = boto3.client("sns", REGION), boto3.client("sqs", REGION)
    compare(Called(sns, sqs, f"telegram{next(SERIAL)}"), operations)


def test_a_post_to_a_client_that_has_left_is_the_error_of_the_adapter() -> None:
    account = Account(0)
    account.clients["there"], account.clients["left"] = Client(), Client(there=False)
    sockets = ApiSockets(SocketsClient(account))  # type: ignore[arg-type]  # the part that it uses
    sockets.post("there", b'{"type": "status"}')
    assert account.clients["there"].received == [{"type": "status"}]
    for connection in ("left", "unknown"):
        with pytest.raises(GoneError):
            sockets.post(connection, b"{}")


def test_changes_of_a_table_are_those_of_moto(moto: None) -> None:
    """moto reports an update that creates an item as two changes: it is compared elsewhere."""
    compare_streams(boto3.client("dynamodb", REGION), _changes, seed=9, writes=PUTS)


def _changes() -> list[dict[str, Any]]:
    """moto has the stream, and not its API."""
    table = get_backend("dynamodb")[ACCOUNT][REGION].get_table(TABLE)
    return [record.to_json() for record in table.stream_shard.items]


def test_records_of_a_key_are_in_one_shard_in_their_order_as_in_moto(moto: None) -> None:
    compare_shards(boto3.client("kinesis", REGION), seed=10)
