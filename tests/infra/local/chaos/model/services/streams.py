"""Seeded writes to streams: the changes of a table, and records by key.

What the schedules rely on: the kind and the images of each change, the order of one item's changes,
and that records of one key are in one shard, in the order in which they were put.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError
from signalengine_aws.stores.tables import MODELS

from infra.local.chaos.model.services.account import Account
from infra.local.chaos.model.services.stream import SHARDS, Stream
from tests.aws.world import table_definition

from .conformance import TABLE, calls, model, plain

PUTS: Final = ("PutItem", "DeleteItem")
WRITES: Final = (*PUTS, "UpdateItem")
Changes = dict[str, list[tuple[str, Any, Any]]]


def compare_streams(
    client: Any,
    records: Callable[[], Iterable[Any]],
    seed: int,
    writes: Sequence[str] = WRITES,
) -> None:
    """Check that the changes of a table are those that another implementation reports."""
    database = model()
    client.create_table(**table_definition("SIGNALS_TABLE", MODELS["SIGNALS_TABLE"]))
    for operation, request in calls(seed, 250):
        if operation in writes and request["TableName"] == TABLE:
            mine = _done(database.call, operation, request)
            assert mine == _done(client._make_api_call, operation, request)
    changes = [one for shard in database.tables[TABLE].shards for one in shard]
    mine, theirs = _by_item(changes), _by_item(records())
    assert {kind for found in mine.values() for kind, *_ in found} == {"INSERT", "MODIFY", "REMOVE"}
    assert mine == theirs


def _done(call: Any, operation: str, request: Mapping[str, Any]) -> str:
    try:
        call(operation, request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def records_of(client: Any, streams: Any) -> Iterable[Mapping[str, Any]]:
    """Yield what a client of the streams' API reads."""
    arn = client.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while place:
            answer = streams.get_records(ShardIterator=place)
            yield from answer["Records"]
            place = answer.get("NextShardIterator") if answer["Records"] else None


def _by_item(records: Iterable[Mapping[str, Any]]) -> Changes:
    found: Changes = {}
    for one in records:
        images = one["dynamodb"]
        some = images.get("NewImage") or images["OldImage"]
        change = (one["eventName"], plain(images.get("OldImage")), plain(images.get("NewImage")))
        found.setdefault(some["signal_id"]["S"], []).append(change)
    return found


def compare_shards(client: Any, seed: int) -> None:
    """Check that another implementation, too, reads each key's records in order from one shard."""
    chance, stream = random.Random(seed), Stream(Account(0))  # repeatable, not secret
    client.create_stream(StreamName="facts", ShardCount=SHARDS)
    for number in range(80):
        key, data = f"KEY{chance.randrange(6)}", f"{number}".encode()
        stream.put("bars", key, data)
        client.put_record(StreamName="facts", PartitionKey=key, Data=data)
    mine = [[(one.key, one.data) for one in shard] for shard in stream.shards]
    theirs = [
        [(one["PartitionKey"], one["Data"]) for one in _shard(client, shard["ShardId"])]
        for shard in client.list_shards(StreamName="facts")["Shards"]
    ]
    assert len(mine) == len(theirs) == SHARDS
    assert _by_key(mine) == _by_key(theirs)


def _shard(client: Any, shard_id: str) -> list[Any]:
    place = client.get_shard_iterator(
        StreamName="facts", ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return list(client.get_records(ShardIterator=place)["Records"])


def _by_key(shards: list[list[tuple[str, bytes]]]) -> dict[str, list[bytes]]:
    """Return the records of each key, which are all in one shard."""
    found: dict[str, list[bytes]] = {}
    for shard in shards:
        here: dict[str, list[bytes]] = {}
        for key, data in shard:
            here.setdefault(key, []).append(data)
        assert not found.keys() & here.keys()
        found |= here
    return found
