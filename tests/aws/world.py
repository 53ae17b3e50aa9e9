"""A whole AWS in this process (moto) for one test: tables, topic, queues, and processes that die.

`World` is what persists. A "process" is the module-level state of the functions; `restart` forgets
it, as a new Lambda container would. `Trouble` breaks the n-th AWS call.
"""

import base64
import copy
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.backends import get_backend
from signalengine.facts.stream import Fact, encode
from signalengine_aws.runtime import clients, clock, observability
from signalengine_aws.runtime.channels import QUEUES as NAMES
from signalengine_aws.stores import tables
from signalengine_aws.stores.tables import MODELS, STREAMS

REGION = "ap-northeast-1"
ACCOUNT = "123456789012"
NOW = 1_747_700_000_000
"""Wall time of every test unless it moves it: 2025-05-20 00:13:20 UTC."""
_numbers = itertools.count()
QUEUES = tuple(f"{name.upper()}_{kind}_URL" for name in NAMES for kind in ("QUEUE", "DEAD_LETTER"))
"""The variables of the channels' queues."""
Mode = Literal["before", "after", "throttled", "conflict"]
CHECKS: list[Callable[..., None]] = []
"""Called with each call that the functions' clients are about to make; may refuse it."""


class Crash(BaseException):
    """The process dies: nothing may catch this."""


@dataclass
class Trouble:
    """Breaks AWS call number `at` (from 0): the process dies before it, or after it has taken
    effect, or AWS throttles it (however often the client tries), or it meets a transaction."""

    at: int
    mode: Mode
    calls: int = 0
    names: tuple[str, ...] = ()

    @property
    def happened(self) -> bool:
        return self.calls > self.at


class World:
    """Tables, a topic with a queue that listens, and a queue of dead letters."""

    def __init__(self) -> None:
        self.now = NOW
        self.service = "test"
        self.trouble: Trouble | None = None
        self.dynamodb = boto3.client("dynamodb", REGION)
        self.sqs = boto3.client("sqs", REGION)
        self.kinesis = boto3.client("kinesis", REGION)
        self._create_tables()
        self.dead_letter_url = self.sqs.create_queue(QueueName="letters")["QueueUrl"]
        self.topic_arn, self._listener = self._topic()
        self.telegram_url = self.sqs.create_queue(QueueName="for-telegram")["QueueUrl"]
        rejected = self.sqs.create_queue(QueueName="rejected-by-telegram")
        self.telegram_dead_letter_url = rejected["QueueUrl"]
        self.channels_url = self.sqs.create_queue(QueueName="for-channels")["QueueUrl"]
        rejected = self.sqs.create_queue(QueueName="rejected-by-channels")
        self.channels_dead_letter_url = rejected["QueueUrl"]
        self.secrets = boto3.client("secretsmanager", REGION)
        token = json.dumps({"api_token": ""})
        secret = self.secrets.create_secret(Name="api", SecretString=token)
        self.api_secret_arn = secret["ARN"]
        destinations = self.secrets.create_secret(Name="destinations", SecretString="{}")
        self.channels_secret_arn = destinations["ARN"]
        token = json.dumps({"operator_token": ""})
        operator = self.secrets.create_secret(Name="operator", SecretString=token)
        self.operator_secret_arn = operator["ARN"]
        self._published: list[dict[str, Any]] = []
        self._letters: list[dict[str, Any]] = []
        clients.session().register("before-parameter-build.*.*", self._check)
        clients.session().register("before-call.dynamodb.*", self._check_dynamodb)
        clients.session().register("before-call.*.*", self._before)
        clients.session().register("after-call.*.*", self._after)

    def _create_tables(self) -> None:
        for variable, model in MODELS.items():
            self.dynamodb.create_table(**table_definition(variable, model))

    def photograph(self) -> dict[str, Any]:
        """What all tables hold, and the time, to `reset` to."""
        tables = {variable: copy.deepcopy(self._table(variable).items) for variable in MODELS}
        return tables | {"now": self.now}

    def reset(self, photograph: Mapping[str, Any] | None = None) -> None:
        """Empty everything, or go back to a photograph; quicker than a new world."""
        self.trouble = None
        for variable in MODELS:
            table = self._table(variable)
            table.items.clear()
            if photograph is not None:
                table.items.update(copy.deepcopy(photograph[variable]))
            if table.stream_shard is not None:
                table.stream_shard.items.clear()
        self.set_api_token("")
        self.set_operator_token("")
        self.published()
        self.letters()
        self._published.clear()
        self._letters.clear()
        self.now = NOW if photograph is None else photograph["now"]

    def set_api_token(self, token: str) -> None:
        """Configure the token that the HTTP API asks for; empty for none."""
        text = json.dumps({"api_token": token})
        self.secrets.put_secret_value(SecretId=self.api_secret_arn, SecretString=text)

    def set_operator_token(self, token: str) -> None:
        """Configure the token that permits changes; empty for none."""
        text = json.dumps({"operator_token": token})
        self.secrets.put_secret_value(SecretId=self.operator_secret_arn, SecretString=text)

    def _topic(self) -> tuple[str, str]:
        sns = boto3.client("sns", REGION)
        topic = sns.create_topic(Name="signals")["TopicArn"]
        url = self.sqs.create_queue(QueueName="listener")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
        return topic, url

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{variable: variable.lower() for variable in MODELS},
            "POWERTOOLS_SERVICE_NAME": self.service,
            "POWERTOOLS_METRICS_NAMESPACE": "SignalEngine",
            "CODE_VERSION": "test",
            "TOPIC_ARN": self.topic_arn,
            "DEAD_LETTER_URL": self.dead_letter_url,
            **{name: self._url_of(name) for name in QUEUES},
            "API_SECRET_ARN": self.api_secret_arn,
            "CHANNELS_SECRET_ARN": self.channels_secret_arn,
            "PUBLIC_API": "true",
            "OPERATOR_SECRET_ARN": self.operator_secret_arn,
            "WEBSOCKET_API_ID": "api",
            "WEBSOCKET_STAGE": "live",
            "MAX_CONNECTIONS": "500",
            "POST_MESSAGES": "post_messages",
        }

    def _url_of(self, variable: str) -> str:
        """The queue that a variable names."""
        rejected = variable.endswith("_DEAD_LETTER_URL")
        if variable.startswith("CHANNELS_"):
            return self.channels_dead_letter_url if rejected else self.channels_url
        return self.telegram_dead_letter_url if rejected else self.telegram_url

    # --- what is there -----------------------------------------------------------------------

    def rows(self, variable: str) -> list[dict[str, Any]]:
        """All items of a table, in DynamoDB's own form, in a stable order."""
        table = self._table(variable)
        found = [item.to_json()["Attributes"] for item in table.all_items()]
        return sorted((_plain(item) for item in found), key=json.dumps)

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All items of all tables."""
        return {variable: self.rows(variable) for variable in MODELS}

    def published(self) -> list[dict[str, Any]]:
        """Every message of the topic so far: its body, with its attributes as "attributes"."""
        for envelope in self._drain(self._listener):
            body = json.loads(envelope["Message"])
            given = envelope.get("MessageAttributes", {})
            body["attributes"] = {name: given[name]["Value"] for name in given}
            self._published.append(body)
        return self._published

    def event_ids(self) -> list[str]:
        return [message["event_id"] for message in self.published()]

    def letters(self) -> list[dict[str, Any]]:
        """Every dead letter so far."""
        self._letters += self._drain(self.dead_letter_url)
        return self._letters

    def _drain(self, url: str) -> list[dict[str, Any]]:
        """Take all messages of a queue."""
        queue = get_backend("sqs")[ACCOUNT][REGION].get_queue(url.rsplit("/", 1)[1])
        bodies = [json.loads(message.body) for message in queue._messages]
        queue._messages.clear()
        return bodies

    def stream(self, variable: str) -> list[dict[str, Any]]:
        """All changes of a table so far, as Lambda gets them."""
        return [record.to_json() for record in self._table(variable).stream_shard.items]

    def _table(self, variable: str) -> Any:
        """moto's own table: read and emptied here without a call each time."""
        return get_backend("dynamodb")[ACCOUNT][REGION].get_table(variable.lower())

    # --- what goes wrong -----------------------------------------------------------------------

    @staticmethod
    def _check(*, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        if model.service_model.service_name != "dynamodb":
            for check in CHECKS:
                check(params=params, model=model)

    @staticmethod
    def _check_dynamodb(*, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        """A call that reuses what an earlier one was made of has this event alone."""
        for check in CHECKS:
            check(params=json.loads(params["body"]), model=model)

    def _before(self, **call: Any) -> None:
        model = call["model"]
        trouble = self.trouble
        if trouble is None:
            return
        trouble.names += (model.name,)
        number, trouble.calls = trouble.calls, trouble.calls + 1
        if number != trouble.at:
            return
        if trouble.mode == "before":
            raise Crash(model.name)
        if trouble.mode == "throttled":
            words: Any = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
            raise ClientError(words, model.name)
        if trouble.mode == "conflict":
            raise ClientError(_conflict(model.name), model.name)

    def _after(self, **call: Any) -> None:
        model = call["model"]
        trouble = self.trouble
        if trouble is not None and trouble.mode == "after" and trouble.calls == trouble.at + 1:
            self.trouble = None
            raise Crash(model.name)


@contextmanager
def new_world(patch: pytest.MonkeyPatch | None = None) -> Iterator[World]:
    """A fresh AWS; no client outlives it. With `patch`, the processes' world is this one."""
    with mock_aws():
        forget_clients()
        world = World()
        if patch is not None:
            inhabit(world, patch)
        yield world
        forget_clients()


@contextmanager
def emptied(world: World, patch: pytest.MonkeyPatch) -> Iterator[World]:
    """An emptied AWS for one test; the processes' world is this one."""
    world.reset()
    world.service = f"test-{next(_numbers)}"  # its own logger, on this test's own stdout
    inhabit(world, patch)
    yield world
    world.trouble = None


def _conflict(operation: str) -> Any:
    """DynamoDB's answer to a write that meets a transaction on the same item."""
    if operation != "TransactWriteItems":
        return {"Error": {"Code": "TransactionConflictException", "Message": "ongoing"}}
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict", "Message": "ongoing"}]
    return {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [*reasons, {"Code": "None"}],
    }


def inhabit(world: World, patch: pytest.MonkeyPatch) -> None:
    """Give the functions this world's environment and clock."""
    observability.logger.cache_clear()
    for key, value in world.environment.items():
        patch.setenv(key, value)
    patch.setattr(clock, "time", SimpleNamespace(time_ns=lambda: world.now * 1_000_000))


def forget_clients() -> None:
    """Let no client outlive its AWS."""
    made = (
        clients.session,
        clients.s3,
        clients.secrets,
        clients.ssm,
        clients.sns,
        clients.sqs,
        clients.lambdas,
        clients.sockets,
    )
    for cached in made:
        cached.cache_clear()
    tables.forget()


def table_definition(variable: str, model: Any) -> dict[str, Any]:
    """What CreateTable needs for a model."""
    schema = model._get_schema()
    definition: dict[str, Any] = {
        "TableName": variable.lower(),
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys(schema["key_schema"]),
        "AttributeDefinitions": schema["attribute_definitions"],
    }
    indexes = [_index(index) for index in schema["global_secondary_indexes"]]
    if indexes:
        definition["GlobalSecondaryIndexes"] = indexes
    if variable in STREAMS:
        stream = {"StreamEnabled": True, "StreamViewType": STREAMS[variable]}
        definition["StreamSpecification"] = stream
    return definition


def _keys(keys: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(keys, key=lambda key: key["KeyType"])


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["index_name"],
        "KeySchema": _keys(index["key_schema"]),
        "Projection": index["projection"],
    }


def storable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of `World.rows` as it may be put: its bytes are base64 there."""
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in row.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


# --- what Lambda hands over ----------------------------------------------------------------------


def kinesis_event(*facts: Fact | bytes, first: int = 0) -> dict[str, Any]:
    """A batch of the stream of facts; raw bytes are records that may be no facts."""
    records = []
    for number, fact in enumerate(facts, start=first):
        data = fact if isinstance(fact, bytes) else encode(fact)
        kinesis = {
            "data": base64.b64encode(data).decode(),
            "partitionKey": getattr(fact, "symbol", "key"),
            "sequenceNumber": f"{number:056d}",
            "approximateArrivalTimestamp": NOW / 1000,
        }
        records.append({"eventSource": "aws:kinesis", "kinesis": kinesis})
    return {"Records": records}


def stream_event(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A batch of a table's stream."""
    return {"Records": list(records)}
