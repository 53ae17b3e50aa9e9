"""DynamoDB in memory answers as others do, and loses nothing when it goes back in time."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from signalengine_aws.stores.tables import MODELS

from infra.local.chaos.model.services.dynamodb import DynamoDb
from tests.aws.world import REGION, table_definition

from .conformance import PAIRS, TABLE, answer, calls, compare, model

VARIABLES = ("SIGNALS_TABLE", "EVENTS_TABLE")


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", REGION)
        for variable in VARIABLES:
            client.create_table(**table_definition(variable, MODELS[variable]))
        yield client


def test_the_same_calls_have_the_same_answers_as_from_moto(moto: Any) -> None:
    compare(moto._make_api_call, seed=7, count=500)


def test_most_calls_of_the_comparison_take_effect() -> None:
    database, codes = model(), []
    for operation, request in calls(seed=7, count=500):
        codes.append(answer(database.call, operation, request).get("code", "ok"))
    assert set(codes) == {
        "ok",
        "ConditionalCheckFailedException",
        "TransactionCanceledException",
    }
    assert codes.count("ok") > 250


def written(*items: dict[str, Any]) -> DynamoDb:
    database = model()
    for item in items:
        database.call("PutItem", {"TableName": PAIRS, "Item": item})
    return database


def pair(close_time: int, body: str = "x") -> dict[str, Any]:
    return {
        "series": {"S": "a"},
        "close_time": {"N": str(close_time)},
        "day": {"S": "a"},
        "body": {"S": body},
    }


def test_a_change_is_on_the_stream_with_both_images_and_a_repeat_is_not() -> None:
    database = written(pair(1), pair(1), pair(1, "y"))
    database.call("DeleteItem", {"TableName": PAIRS, "Key": {
        "series": {"S": "a"}, "close_time": {"N": "1"},
    }})  # fmt: skip
    records = [one for shard in database.tables[PAIRS].shards for one in shard]
    assert [one["eventName"] for one in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[1]["dynamodb"] == {"OldImage": pair(1), "NewImage": pair(1, "y")}


def test_a_photograph_is_not_changed_by_later_writes() -> None:
    database = written(pair(1))
    photograph = database.photograph()
    database.call("PutItem", {"TableName": PAIRS, "Item": pair(2)})
    database.restore(photograph)
    assert list(database.tables[PAIRS].items.values()) == [pair(1)]


def test_a_stale_read_of_an_index_is_some_writes_behind_and_a_consistent_one_never() -> None:
    database = written(pair(1), pair(2), pair(2, "y"))
    by_day = {
        "TableName": PAIRS,
        "IndexName": "by_day",
        "KeyConditionExpression": "#d = :d",
        "ExpressionAttributeNames": {"#d": "day"},
        "ExpressionAttributeValues": {":d": {"S": "a"}},
    }
    assert database.call("Query", by_day, 1)["Items"] == [pair(1), pair(2)]
    assert database.call("Query", by_day, 2)["Items"] == [pair(1)]
    own = {
        "TableName": PAIRS,
        "ConsistentRead": True,
        "KeyConditionExpression": "#s = :s",
        "ExpressionAttributeNames": {"#s": "series"},
        "ExpressionAttributeValues": {":s": {"S": "a"}},
    }
    assert database.call("Query", own, 2)["Items"] == [pair(1), pair(2, "y")]


def test_an_unknown_table_is_refused_as_dynamodb_refuses_it() -> None:
    with pytest.raises(ClientError) as caught:
        model().call("GetItem", {"TableName": "none", "Key": {}})
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_transaction_changes_nothing_unless_all_of_its_conditions_hold() -> None:
    database = written(pair(1))
    never = {"ConditionExpression": "attribute_exists (signal_id)"}
    signal = {"signal_id": {"S": "w"}}
    with pytest.raises(ClientError):
        database.call("TransactWriteItems", {"TransactItems": [
            {"Put": {"TableName": PAIRS, "Item": pair(2)}},
            {"Put": {"TableName": TABLE, "Item": signal, **never}},
        ]})  # fmt: skip
    assert list(database.tables[PAIRS].items.values()) == [pair(1)]
