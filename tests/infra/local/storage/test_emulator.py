"""The embedded AWS on a data directory: killed at once and started again, it has all it answered.

Each test starts the real emulator; resources are made anew after each start, as by a deployment.
"""

import asyncio
import io
import json
import os
import resource
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace as Names
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from signalengine_aws.stores.tables import MODELS

from infra.local.stack.ministack import EmulatorError, MiniStack
from infra.local.storage.commits import Commits
from infra.local.storage.emulator import OnCreation, StoredState, keep, refuse
from infra.local.storage.folder import Data
from infra.local.storage.opening import FILE, opened
from infra.local.storage.records import Records
from infra.names import REGION
from tests.aws.world import table_definition
from tests.infra.local.chaos.model.services.conformance import TABLE, compare
from tests.infra.local.chaos.model.services.streams import compare_streams, records_of

pytestmark = pytest.mark.timeout(180)
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
HANDLER = """
import base64, boto3
def handler(event, _context):
    table = boto3.resource("dynamodb").Table("seen")
    for record in event["Records"]:
        data = base64.b64decode(record["kinesis"]["data"]).decode()
        table.update_item(Key={"id": data}, UpdateExpression="ADD n :one",
                          ExpressionAttributeValues={":one": 1})
"""


class Account:
    """Clients of one emulator, and the resources that each start makes."""

    def __init__(self, emulator: MiniStack) -> None:
        self._session = boto3.Session(
            emulator.keys.access_key_id, emulator.keys.secret_access_key, region_name=REGION
        )
        self._endpoint = emulator.endpoint
        self.dynamodb, self.kinesis = self.client("dynamodb"), self.client("kinesis")
        self.sqs, self.sns = self.client("sqs"), self.client("sns")

    def client(self, name: str) -> Any:
        config = Config(retries={"max_attempts": 1})
        return self._session.client(name, endpoint_url=self._endpoint, config=config)  # type: ignore[call-overload]

    def make(self) -> None:
        for name in ("rows", "seen"):
            self.dynamodb.create_table(
                TableName=name,
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification=STREAM,
            )
        self.kinesis.create_stream(StreamName="feed", ShardCount=1)
        url = self.sqs.create_queue(QueueName="queue")["QueueUrl"]
        topic = self.sns.create_topic(Name="topic")["TopicArn"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = arn["Attributes"]["QueueArn"]
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
                   "Resource": arn}  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.url, self.topic = url, topic

    def put(self, name: str, text: str = "") -> None:
        self.dynamodb.put_item(TableName="rows", Item={"id": {"S": name}, "text": {"S": text}})

    def rows(self, table: str = "rows") -> list[dict[str, Any]]:
        return list(self.dynamodb.scan(TableName=table)["Items"])

    def bodies(self) -> list[str]:
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [json.loads(one["Body"])["Message"] for one in answer.get("Messages", [])]

    def follow(self) -> None:
        """Make a function that counts the records of the stream in the table `seen`."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", HANDLER)
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                 "Action": "sts:AssumeRole"}  # fmt: skip
        iam, lambdas = self.client("iam"), self.client("lambda")
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy)
        lambdas.create_function(
            FunctionName="count", Runtime="python3.13", Role=role, Handler="index.handler",
            Code={"ZipFile": code.getvalue()},
        )  # fmt: skip
        stream = self.kinesis.describe_stream(StreamName="feed")["StreamDescription"]["StreamARN"]
        lambdas.create_event_source_mapping(
            FunctionName="count", EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
        )


@contextmanager
def started(folder: Path, market: str = "live") -> Iterator[tuple[Account, MiniStack]]:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    emulator = MiniStack(log=folder / "aws.log", data=Data(data, market))
    emulator.start(lambda _text: None)
    try:
        account = Account(emulator)
        account.make()
        yield account, emulator
    finally:
        emulator.stop()


@contextmanager
def full_disk(emulator: MiniStack, folder: Path) -> Iterator[None]:
    """Let no file of the data grow by more than a page: a limit stands for the size of the disk."""
    limit = resource.prlimit(emulator.process_group, resource.RLIMIT_FSIZE)
    size = max(file.stat().st_size for file in (folder / "data").iterdir())
    resource.prlimit(emulator.process_group, resource.RLIMIT_FSIZE, (size + 4096, limit[1]))
    try:
        yield
    finally:
        resource.prlimit(emulator.process_group, resource.RLIMIT_FSIZE, limit)


def large() -> str:
    """Return a text of 200 kB that compresses to half of it."""
    return os.urandom(100_000).hex()


class Scoped:
    """What the emulator keeps by account and region."""

    def __init__(self, data: dict[Any, Any] | None = None) -> None:
        self._data = data or {}

    def get_scoped(self, *key: str) -> Any:
        return self._data.get(key)


def enveloped(text: str) -> str:
    """Return a message of a queue as SNS puts it there."""
    return json.dumps({"Message": text})


def tried(account: Account, name: str) -> int:
    """Put an item of 200 kB; return the status of the answer."""
    try:
        account.put(name, large())
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200


def until(met: Any) -> None:
    """Wait for a state that stays."""
    give_up = time.monotonic() + 90
    while not met():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def place(folder: Path) -> int:
    """Return how far the function's reading of the stream is stored."""
    path = folder / "data" / FILE
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return int((database.execute("SELECT max(position) FROM place").fetchone() or [0])[0] or 0)


def test_what_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    with started(tmp_path) as (account, emulator):
        account.put("a", "x" * 3_000)
        account.put("b")
        account.put("gone")
        account.dynamodb.delete_item(TableName="rows", Key={"id": {"S": "gone"}})
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            account.dynamodb.put_item(
                TableName="rows", Item={"id": {"S": "a"}},
                ConditionExpression="attribute_not_exists(id)",
            )  # fmt: skip
        account.dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "rows", "Item": {"id": {"S": name}}}} for name in "cd"
            ]
        )
        for text in ("one", "two"):
            account.sns.publish(TopicArn=account.topic, Message=text)
        account.kinesis.put_records(
            StreamName="feed", Records=[{"Data": b"k1", "PartitionKey": "p"}] * 2
        )
        emulator.kill()
    with started(tmp_path) as (account, _):
        rows = {row["id"]["S"]: row for row in account.rows()}
        assert sorted(rows) == ["a", "b", "c", "d"]
        assert rows["a"]["text"]["S"] == "x" * 3_000
        assert sorted(account.bodies()) == ["one", "two"]
        (shard,) = account.kinesis.list_shards(StreamName="feed")["Shards"]
        at = account.kinesis.get_shard_iterator(
            StreamName="feed", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found = account.kinesis.get_records(ShardIterator=at)["Records"]
        assert [row["Data"] for row in found] == [b"k1", b"k1"]


def test_an_index_of_a_later_release_has_the_items_of_before(tmp_path: Path) -> None:
    def made(account: Account, **more: Any) -> None:
        names = ("id", "day") if more else ("id",)
        account.dynamodb.create_table(
            TableName="signals",
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in names],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )

    by_day = {
        "IndexName": "by_day", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
    }  # fmt: skip
    with started(tmp_path) as (account, emulator):
        made(account)
        account.dynamodb.put_item(
            TableName="signals", Item={"id": {"S": "a"}, "day": {"S": "monday"}}
        )
        emulator.kill()
    with started(tmp_path) as (account, _):
        made(account, GlobalSecondaryIndexes=[by_day])
        found = account.dynamodb.query(
            TableName="signals", IndexName="by_day", KeyConditionExpression="#d = :d",
            ExpressionAttributeNames={"#d": "day"},
            ExpressionAttributeValues={":d": {"S": "monday"}},
        )  # fmt: skip
        assert [row["id"]["S"] for row in found["Items"]] == ["a"]


def test_a_function_reads_on_where_it_stopped(tmp_path: Path) -> None:
    """What it had not read before the kill is read after it, and what it had read is not."""
    with started(tmp_path) as (account, emulator):
        account.follow()
        account.kinesis.put_record(StreamName="feed", Data=b"first", PartitionKey="p")
        until(lambda: place(tmp_path) == 1)
        emulator.kill()
    with started(tmp_path) as (account, emulator):
        account.kinesis.put_record(StreamName="feed", Data=b"second", PartitionKey="p")
        emulator.kill()
    with started(tmp_path) as (account, _):
        account.follow()
        until(lambda: len(account.rows("seen")) == 2)
        counts = {row["id"]["S"]: row["n"]["N"] for row in account.rows("seen")}
        assert counts == {"first": "1", "second": "1"}


def test_a_disk_that_refuses_is_a_refused_call_and_then_goes_on(tmp_path: Path) -> None:
    with started(tmp_path) as (account, emulator):
        account.put("before")
        limit = resource.prlimit(emulator.process_group, resource.RLIMIT_FSIZE)
        resource.prlimit(emulator.process_group, resource.RLIMIT_FSIZE, (1 << 20, limit[1]))
        stored = {"before"}
        while (status := tried(account, str(len(stored)))) == 200:
            stored.add(str(len(stored)))
        assert status == 500
        assert len(stored) < 40
        assert {row["id"]["S"] for row in account.rows()} == stored
        resource.prlimit(emulator.process_group, resource.RLIMIT_FSIZE, limit)
        account.put("after")
        emulator.kill()
        log = (tmp_path / "aws.log").read_text()
    assert 'DATA {"problem": "d' in log
    assert 'DATA {"problem": ""}' in log
    with started(tmp_path) as (account, _):
        assert {row["id"]["S"] for row in account.rows()} == {*stored, "after"}


def test_what_the_disk_refuses_is_refused_on_the_retry_too(tmp_path: Path) -> None:
    """The client repeats a call that got a 500: a transaction with the same token."""
    with started(tmp_path) as (account, emulator):
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        ordered = account.sqs.create_queue(QueueName="q.fifo", Attributes=fifo)["QueueUrl"]
        text, item = large(), {"id": {"S": "one"}, "text": {"S": large()}}
        calls: list[Callable[[], Any]] = [
            lambda: account.dynamodb.transact_write_items(
                TransactItems=[{"Put": {"TableName": "rows", "Item": item}}]
            ),
            lambda: account.sqs.send_message(QueueUrl=account.url, MessageBody=enveloped(text)),
            lambda: account.sns.publish(TopicArn=account.topic, Message=text),
            lambda: account.sqs.send_message(
                QueueUrl=ordered, MessageBody=text, MessageGroupId="group"
            ),
        ]
        with full_disk(emulator, tmp_path):
            for call in calls:
                with pytest.raises(ClientError, match="disk") as refused:
                    call()
                assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 1
        assert (account.rows(), account.bodies()) == ([], [])
        assert account.dynamodb.describe_table(TableName="rows")["Table"]["ItemCount"] == 0
        for call in calls:
            call()
        assert [row["id"]["S"] for row in account.rows()] == ["one"]
        assert account.bodies() == [text, text]
        found = account.sqs.receive_message(QueueUrl=ordered)["Messages"]
        assert [one["Body"] for one in found] == [text]


def test_a_call_that_fails_at_damaged_data_stores_nothing(tmp_path: Path) -> None:
    with started(tmp_path) as (account, _):
        account.put("damaged")
        with closing(sqlite3.connect(tmp_path / "data" / FILE)) as database, database:
            database.execute("UPDATE item SET sum = sum + 1")
        puts = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in ("half", "damaged")]
        with pytest.raises(ClientError, match="damaged"):
            account.dynamodb.batch_write_item(RequestItems={"rows": puts})
        with pytest.raises(ClientError, match="damaged"):
            account.put("damaged")
        account.put("after")
        found = account.dynamodb.get_item(TableName="rows", Key={"id": {"S": "half"}})
        assert "Item" not in found


def test_old_records_leave_the_store_on_the_loop_and_then_the_list(tmp_path: Path) -> None:
    """The thread that reads shards shortens the list, and moves its places in the list with it."""
    found = opened(tmp_path, "live")
    commits = Commits(found.store)
    shard = Records(commits, "shard:feed/0", lambda: None, 0)
    for age_s in (9e9, 9e9, 0):
        shard.append({"ApproximateArrivalTimestamp": time.time() - age_s})
    commits.commit()
    mapping = {"UUID": "m", "EventSourceArn": "a:kinesis:feed", "FunctionName": "f"}
    stream = {"StreamARN": "a:kinesis:feed", "shards": {"0": {"records": shard}}}
    reader = {"stream_arn": "a:kinesis:feed", "shard_id": "0", "position": 1}
    places = Scoped({("1", "r", "m"): {"0": 3}})
    state = StoredState(
        commits,
        Names(
            dynamodb=Names(_stream_records=Scoped(), _tables=Scoped()),
            kinesis=Names(_streams=Scoped({"s": stream}), _shard_iterators=Scoped({"i": reader})),
            lambda_svc=Names(
                _iter_all_esms=lambda: [("1", "r", mapping)],
                _kinesis_positions=places, _dynamodb_stream_positions=Scoped(),
            ),
            sqs=Names(_queues=Scoped()), sns=Names(), cloudformation=Names(provisioners=Names()),
        ),
    )  # fmt: skip
    removing: list[int] = []
    trim = found.store.trim

    def noted(source: int, position: int) -> None:
        removing.append(threading.get_ident())
        trim(source, position)

    found.store.trim = noted  # type: ignore[method-assign]

    async def trimmed() -> None:
        state._loop, state._trimmed_at = asyncio.get_running_loop(), -1e9
        await asyncio.to_thread(state._trim)
        await commits.durable()

    asyncio.run(trimmed())
    assert removing == [threading.get_ident()]
    assert [at for at, _ in found.store.records(shard.source)] == [2]
    assert (len(shard), places._data["1", "r", "m"], reader["position"]) == (3, {"0": 3}, 1)
    asyncio.run(trimmed())
    assert (shard.base, len(shard)) == (2, 1)
    assert (places._data["1", "r", "m"], reader["position"]) == ({"0": 1}, 0)
    found.close()


def test_data_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    with started(tmp_path):
        pass
    with (
        pytest.raises(EmulatorError, match="another market: live") as refused,
        started(tmp_path, "simulated"),
    ):
        pass
    assert "--data-dir" in refused.value.fix


def test_a_resource_is_completed_when_it_is_made() -> None:
    made: list[str] = []
    resources = OnCreation(lambda name, one: (made.append(name), one.update(done=True))[0])  # type: ignore[func-returns-value]
    resources["account", "region", "table"] = {"name": "table"}
    assert made == ["table"]
    assert resources["account", "region", "table"]["done"]


def test_the_emulator_is_connected_by_these_names() -> None:
    assert callable(keep)
    assert callable(refuse)
    assert callable(StoredState.connect)


def test_tables_answer_as_those_in_memory(tmp_path: Path) -> None:
    """The same seeded calls to both, as for the account in memory of the schedules of faults."""
    with started(tmp_path) as (account, _):
        for variable in ("SIGNALS_TABLE", "EVENTS_TABLE"):
            account.dynamodb.create_table(**table_definition(variable, MODELS[variable]))
        compare(account.dynamodb._make_api_call, seed=8, count=400)
        account.dynamodb.delete_table(TableName=TABLE)
        streams = account.client("dynamodbstreams")
        compare_streams(account.dynamodb, lambda: records_of(account.dynamodb, streams), seed=9)
