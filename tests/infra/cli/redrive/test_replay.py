"""Letters go back to where they came from, and what cannot go back says why."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from signalengine.facts.stream import encode
from signalengine_aws.messaging.dead_letters import of_change
from signalengine_aws.messaging.records import Change

from infra.cli.redrive.letters import Batch, Letter, Source
from infra.cli.redrive.replay import Outcome, Replay
from tests.aws.market import bars_facts, heartbeat
from tests.aws.world import World, new_world

FEED = "feed"
COMPUTE = "arn:aws:lambda:x:1:function:S-Detectioncomputefeatures12"
IMAGE = {"series": {"S": "classic#BTCUSDT"}, "close_time": {"N": "60000"}, "body": {"S": "{}"}}


class Functions:
    """Lambda, with one function of each stack."""

    def __init__(self, answer: Any = None, error: str = "") -> None:
        self.answer, self.error = answer, error
        self.invoked: list[tuple[str, Any]] = []
        self.listed = 0

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        self.listed += 1
        for name, url in (("other-score", "https://other"), ("S-score", "https://letters")):
            service = {"POWERTOOLS_SERVICE_NAME": "score_events", "DEAD_LETTER_URL": url}
            yield {"Functions": [{"FunctionName": name, "Environment": {"Variables": service}}]}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self.invoked.append((FunctionName, json.loads(Payload)))
        payload = {"errorMessage": self.error} if self.error else self.answer
        failed = {"FunctionError": "Unhandled"} if self.error else {}
        return {"Payload": io.BytesIO(json.dumps(payload).encode()), **failed}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        made.kinesis.create_stream(StreamName=FEED, ShardCount=1)
        yield made


def replay(world: World, functions: Functions | None = None) -> Replay:
    outputs = {
        "FeedStreamName": FEED, "DeadLetterQueueUrl": "https://letters", "ArchiveBucketName": "a",
    }  # fmt: skip
    return Replay(world.kinesis, Streams(), functions or Functions(), outputs)


def records(world: World) -> list[dict[str, Any]]:
    """Return what the stream has."""
    shard = world.kinesis.list_shards(StreamName=FEED)["Shards"][0]["ShardId"]
    at = world.kinesis.get_shard_iterator(
        StreamName=FEED, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return list(world.kinesis.get_records(ShardIterator=at, Limit=1000)["Records"])


def batch(world: World, *found: dict[str, Any], shard: str = "shardId-000000000000") -> Batch:
    first, last = found[0]["SequenceNumber"], found[-1]["SequenceNumber"]
    arn = f"arn:aws:kinesis:x:1:stream/{FEED}"
    return Batch(arn, shard, first, last, len(found), "2026-11-28T22:13:00+00:00")


def test_a_fact_is_put_into_the_stream_under_its_key(world: World) -> None:
    data = encode(bars_facts("BTCUSDT", 1)[0])
    letter = Letter("r", Source.FEED, "compute_features", "x", key="BTCUSDT", data=data)
    assert replay(world).send(letter) == Outcome(True)
    assert (records(world)[-1]["Data"], records(world)[-1]["PartitionKey"]) == (data, "BTCUSDT")


def test_a_change_is_given_to_the_function_of_this_stack(world: World) -> None:
    data = of_change(Change("INSERT", None, IMAGE), "k", "x").record.data
    functions = Functions({"refused": []})
    letter = Letter("r", Source.TABLE, "score_events", "x", data=data)
    sending = replay(world, functions)
    assert sending.send(letter) == Outcome(True)
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": IMAGE}}
    assert functions.invoked == [("S-score", {"redrive": True, "Records": [record]})]
    functions.answer = {"refused": []}
    assert sending.send(letter) == Outcome(True)
    assert (len(functions.invoked), functions.listed) == (2, 1), "functions are looked up once"


@pytest.mark.parametrize(
    ("functions", "detail"),
    [
        (Functions({"refused": ["evaluation: schema version 9"]}), "evaluation: schema version 9"),
        (Functions(error="table is away"), "the function failed: table is away"),
    ],
)
def test_a_change_that_is_refused_again_stays(
    world: World, functions: Functions, detail: str
) -> None:
    letter = Letter("r", Source.TABLE, "score_events", "x", data=json.dumps(IMAGE).encode())
    assert replay(world, functions).send(letter) == Outcome(False, detail)


def test_the_facts_of_a_given_up_batch_are_read_from_the_stream_again(world: World) -> None:
    begin = len(records(world))
    for fact in (bars_facts("BTCUSDT", 1)[0], heartbeat(1, "BTCUSDT"), bars_facts("ETHUSDT", 1)[0]):
        world.kinesis.put_record(StreamName=FEED, Data=encode(fact), PartitionKey="k")
    found = records(world)[begin:]
    letter = Letter("r", Source.FEED_BATCH, COMPUTE, "x", batch=batch(world, *found))
    assert replay(world).send(letter).done
    again = [row["Data"] for row in records(world)[begin + 3 :]]
    assert again == [found[0]["Data"], found[2]["Data"]]  # a heartbeat has a newer one


def test_a_batch_that_left_the_stream_is_said_to_be_in_the_archive(world: World) -> None:
    gone = Batch(f"arn:aws:kinesis:x:1:stream/{FEED}", "shardId-000000000000", "0", "0", 1,
                 "2026-11-28T22:13:00Z")  # fmt: skip
    outcome = replay(world).send(Letter("r", Source.FEED_BATCH, COMPUTE, "x", batch=gone))
    assert not outcome.done
    assert "s3://a/facts/2026/11/28/22/" in outcome.detail
    away = Batch("arn:aws:kinesis:x:1:stream/away", "shardId-1", "1", "2", 1, "?")
    outcome = replay(world).send(Letter("r", Source.FEED_BATCH, COMPUTE, "x", batch=away))
    assert (outcome.done, "s3://a/facts/" in outcome.detail) == (False, True)


class Streams:
    """DynamoDB's streams: one shard with five changes."""

    def get_shard_iterator(self, *, ShardId: str, SequenceNumber: str, **_: str) -> dict[str, str]:  # noqa: N803 - boto3's names
        if ShardId != "s":
            error: Any = {"Error": {"Code": "TrimmedDataAccessException"}}
            raise ClientError(error, "GetShardIterator")
        return {"ShardIterator": SequenceNumber}

    def get_records(self, *, ShardIterator: str, **_: int) -> dict[str, Any]:  # noqa: N803 - as above
        first = max(int(ShardIterator), 11)  # the oldest that is retained
        images = [{**IMAGE, "n": {"N": str(n)}, "b": {"B": b"\x01"}} for n in range(first, 16)]
        return {
            "Records": [
                {"eventName": "INSERT", "dynamodb": {
                    "NewImage": one, "SequenceNumber": one["n"]["N"],
                    "ApproximateCreationDateTime": datetime(2026, 11, 29, tzinfo=UTC)}}
                for one in images
            ]
        }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "shard", "numbers", "outcome"),
    [
        ("12", "s", ["12", "13"], Outcome(True)),
        ("9", "s", ["11", "12", "13"],
         Outcome(False, "the rest was replayed; its first changes are gone (24 h)")),
        ("12", "trimmed", [], Outcome(False, "no longer in the table's stream (24 h)")),
    ],
)  # fmt: skip
def test_the_changes_of_a_given_up_batch_are_given_to_its_function(
    world: World, first: str, shard: str, numbers: list[str], outcome: Outcome
) -> None:
    functions = Functions()
    place = Batch("arn:table", shard, first, "13", 2, "")
    sending = replace(replay(world, functions), streams=Streams())
    letter = Letter("r", Source.TABLE_BATCH, "arn:score", "x", batch=place)
    assert sending.send(letter) == outcome
    given = [
        row["dynamodb"]["NewImage"] for _, sent in functions.invoked for row in sent["Records"]
    ]
    assert [one["n"]["N"] for one in given] == numbers
    assert all(one["b"] == {"B": "AQ=="} for one in given)


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        (Letter("r", Source.FEED, "track_signals", "x"), "only the beginning"),
        (Letter("r", Source.OTHER, "", "x"), "nothing to replay"),
        (Letter("r", Source.TABLE, "score_events", "x", data=b"null"), "no item"),
        (Letter("r", Source.TABLE, "gone", "x", data=b"{}"), "no function gone"),
    ],
)
def test_a_letter_that_cannot_go_back_says_why(world: World, letter: Letter, words: str) -> None:
    outcome = replay(world).send(letter)
    assert not outcome.done
    assert words in outcome.detail
