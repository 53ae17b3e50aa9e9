"""The selection of letters, what a dry run does, and what is left with which words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from aiohttp import web
from botocore.exceptions import ClientError
from signalengine.facts.stream import encode
from signalengine_aws.delivery.queue import QueueMessage, SqsQueue
from signalengine_aws.messaging.dead_letters import DeadLetter, SqsDeadLetters
from signalengine_aws.messaging.records import Record

from infra.cli.deliveries.stack import StackAccess
from infra.cli.redrive import letters
from infra.cli.redrive.run import Redrive, Selection, once
from infra.errors import CommandError
from tests.aws.market import bars_facts
from tests.aws.world import REGION, World, new_world
from tests.served import served
from tests.telegram_samples import CHANNEL, body, signal

EVERY = Selection()


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        patch.setattr(letters, "WAIT_S", 0)  # one server
        made.kinesis.create_stream(StreamName="feed", ShardCount=1)
        yield made


@dataclass
class System:
    """A stack with three letters of the feed, one that is nothing, and a message not delivered."""

    world: World

    @property
    def redrive(self) -> Redrive:
        outputs = {
            "FeedStreamName": "feed", "DeadLetterQueueUrl": self.world.dead_letter_url,
            "TelegramQueueUrl": self.world.telegram_url, "DeliveriesTable": "deliveries_table",
            "TelegramDeadLetterQueueUrl": self.world.telegram_dead_letter_url,
        }  # fmt: skip
        return Redrive(StackAccess(outputs, {"region_name": REGION}))

    def fill(self) -> None:
        facts = [encode(fact) for fact in bars_facts("BTCUSDT", 3)]
        for number, reason in ((2, "unknown symbol"), (0, "unknown symbol"), (1, "fold failed")):
            queue = SqsDeadLetters(self.world.sqs, self.world.dead_letter_url, "compute_features")
            queue.send([DeadLetter(Record(facts[number], "BTCUSDT", str(number)), reason)])
        self.world.sqs.send_message(QueueUrl=self.world.dead_letter_url, MessageBody='"hello"')
        queue = SqsQueue(
            self.world.sqs, self.world.telegram_url, self.world.telegram_dead_letter_url,
            function="send_telegram",
        )  # fmt: skip
        queue.dead_letter(QueueMessage("m", "r", body(signal(), to=CHANNEL)), "400: new")

    def sent(self) -> list[dict[str, Any]]:
        """Return the facts that came into the stream."""
        kinesis = self.world.kinesis
        shard = kinesis.list_shards(StreamName="feed")["Shards"][0]["ShardId"]
        at = kinesis.get_shard_iterator(
            StreamName="feed", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return [json.loads(row["Data"]) for row in kinesis.get_records(ShardIterator=at)["Records"]]


@pytest.fixture
def system(aws: World) -> System:
    aws.reset()
    for url in (aws.dead_letter_url, aws.telegram_url, aws.telegram_dead_letter_url):
        while got := aws.sqs.receive_message(QueueUrl=url).get("Messages"):
            aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"])
    made = System(aws)
    made.fill()
    return made


def test_letters_are_grouped_by_reason_function_and_source(system: System) -> None:
    rows = system.redrive.groups(EVERY)
    assert sorted(
        (row["reason"], row["function"], row["source"], row["count"]) for row in rows
    ) == [
        ("400: new", "send_telegram", "deliveries", 1),
        ("fold failed", "compute_features", "feed", 1),
        ("not a letter", "", "other", 1),
        ("unknown symbol", "compute_features", "feed", 2),
    ]
    assert all(1_600_000_000_000 < row["oldest"] <= row["newest"] for row in rows)
    assert system.redrive.groups(Selection(reason="UNKNOWN")) == [
        row for row in rows if row["reason"] == "unknown symbol"
    ]


def test_all_letters_go_back_in_the_order_of_their_stream_and_once(system: System) -> None:
    before = len(system.sent())
    result = system.redrive.replay(EVERY)
    assert (result["replayed"], result["left"]) == (4, 1)
    assert [row["problem"] for row in result["problems"]] == ["not a record: nothing to replay"]
    facts = system.sent()[before:]
    assert len(facts) == 3
    released = system.world.sqs.receive_message(QueueUrl=system.world.telegram_url)["Messages"]
    assert json.loads(released[0]["Body"])["to"] == CHANNEL
    again = system.redrive.replay(EVERY)
    assert (again["replayed"], again["left"]) == (0, 1)
    assert len(system.sent()) == before + 3


@pytest.mark.parametrize(
    ("selection", "replayed", "left"),
    [
        (Selection(reason="unknown"), 2, 3),
        (Selection(function="compute_features"), 3, 2),
        (Selection(function="compute_features", limit=2), 2, 3),
        (Selection(function="send_telegram"), 1, 4),
        (Selection(function="send_telegram", reason="unknown"), 0, 5),
    ],
)
def test_only_what_is_selected_goes_back(
    system: System, selection: Selection, replayed: int, left: int
) -> None:
    would = system.redrive.replay(selection, dry_run=True)
    before = len(system.sent())
    assert (would["replayed"], would["left"], would["dry_run"]) == (replayed, left, True)
    assert len(system.sent()) == before
    result = system.redrive.replay(selection)
    assert (result["replayed"], result["left"]) == (replayed, left)
    assert sum(row["count"] for row in system.redrive.groups(EVERY)) == left


def test_the_limit_counts_messages_too(system: System) -> None:
    assert system.redrive.replay(Selection(limit=4))["replayed"] in (3, 4)  # one is no letter
    system.redrive.replay(EVERY)
    assert [row["source"] for row in system.redrive.groups(EVERY)] == ["other"]


def test_a_replay_that_aws_ends_leaves_the_letters(system: System) -> None:
    boto3.client("kinesis", REGION).delete_stream(StreamName="feed")
    with pytest.raises(CommandError, match="the replay of dead letters"):
        system.redrive.replay(EVERY)
    system.world.kinesis.create_stream(StreamName="feed", ShardCount=1)
    assert sum(row["count"] for row in system.redrive.groups(EVERY)) == 5
    assert system.redrive.replay(EVERY)["replayed"] == 4


@pytest.mark.enable_socket
def test_a_function_is_invoked_once_whatever_becomes_of_the_answer() -> None:
    """A second try of the client's own would replay the letters while the first still runs."""
    invocations = 0

    async def fail(_: web.Request) -> web.Response:
        nonlocal invocations
        invocations += 1
        return web.Response(status=500)

    with served([web.post("/2015-03-31/functions/{name}/invocations", fail)]) as port:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        url = f"http://127.0.0.1:{port}"
        stack = StackAccess({}, {"region_name": REGION, "endpoint_url": url, **keys})
        functions = stack.client("lambda", config=once())
        with pytest.raises(ClientError):
            functions.invoke(FunctionName="x")
    assert invocations == 1


def test_a_redrive_waits_as_long_as_a_function_may_run(aws: World) -> None:
    functions = System(aws).redrive._replay.functions
    assert functions.meta.config.read_timeout > 900
    assert functions.meta.config.retries["total_max_attempts"] == 1
