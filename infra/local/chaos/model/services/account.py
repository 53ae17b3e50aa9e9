"""An AWS account in memory, and the clients that the adapters get instead of botocore's.

The clients have the methods that the adapters use, with the same arguments, answers and errors.
Every call goes through `Account.call`, which is where fibers give way and faults are injected.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

from signalengine_aws.stores.tables import MODELS, STREAMS

from .dynamodb import DynamoDb, Index, Photograph, Table, refusal
from .faults import (
    SERVICES,
    STALLS,
    Kind,
    again,
    answer_lost,
    conflicting,
    unanswered,
)
from .fibers import CrashError, Hub

VISIBILITY_MS: Final = 360_000
"""The queue's visibility time-out: how long a message is hidden once it was received."""
DELIVERED: Final = frozenset({"signal.opened", "signal.closed"})
"""Kinds of messages that the subscriptions of the queues let through."""
TELEGRAM_QUEUE: Final = "telegram"
CHANNELS_QUEUE: Final = "channels"
QUEUES: Final = (TELEGRAM_QUEUE, CHANNELS_QUEUE)
"""What the topic fills."""
SENDERS: Final = {"send_telegram": TELEGRAM_QUEUE, "send_channels": CHANNELS_QUEUE}
"""The queue of each function that sends."""
LETTERS: Final = "letters"


@dataclass(slots=True, eq=False)
class Queued:
    """A message of a queue."""

    message_id: str
    body: str
    visible_at: int = 0
    received: int = 0


@dataclass(slots=True, eq=False)
class Client:
    """A WebSocket client: what it has received, and whether it is still there."""

    there: bool = True
    received: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Count:
    """What happened in a schedule."""

    calls: int = 0
    faults: int = 0
    invocations: int = 0


class Account:
    """Everything that outlives a process."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.hub = Hub()
        self.dynamodb = DynamoDb(tables(), lambda: self.now)
        self.queues: dict[str, list[Queued]] = {name: [] for name in (*QUEUES, LETTERS)}
        self.published: list[dict[str, Any]] = []
        self.broadcasts: list[str] = []
        """Messages of the topic that broadcast has not been invoked with."""
        self.clients: dict[str, Client] = {}
        self.secrets: dict[str, str] = {}
        self.count = Count()
        self.on_publish: Callable[[dict[str, Any]], None] = lambda _: None
        self.numbers = 0
        """How many numbers were given."""

    def reset(self, photograph: Photograph, now: int, numbers: int = 0) -> None:
        """Forget everything but the tables of a photograph, and the numbers given so far."""
        self.dynamodb.restore(photograph)
        self.now = now
        self.queues = {name: [] for name in (*QUEUES, LETTERS)}
        self.published, self.broadcasts, self.clients = [], [], {}
        self.count = Count()
        self.numbers = numbers

    def number(self) -> int:
        """Return a number that was not used before."""
        self.numbers += 1
        return self.numbers

    def call(
        self,
        service: str,
        operation: str,
        effect: Callable[[], Any],
        *,
        request: Mapping[str, Any] | None = None,
    ) -> Any:
        """Make a call, with the fault that the running invocation has for it."""
        if not self.hub.running:
            return effect()
        self.hub.pause()
        invocation = self.hub.current
        self.count.calls += 1
        fault = invocation.fault(operation, (request or {}).get("TableName", ""))
        if fault is None:
            return effect()
        self.count.faults += 1
        if fault.kind in STALLS:
            return self.hub.stalled(effect, late=fault.kind is Kind.LATE)
        invocation.happened.append(f"{fault.kind} {operation}")
        words = SERVICES[service]
        match fault.kind:
            case Kind.BEFORE | Kind.AFTER:
                if fault.kind is Kind.AFTER:
                    _quietly(effect)
                invocation.crashed = True
                raise CrashError
            case Kind.REFUSED:
                raise words.refused(operation)
            case Kind.FAILED:
                raise words.broken(operation)
            case Kind.UNANSWERED:
                self.now += words.unanswered_ms
                raise unanswered()
            case Kind.LOST:
                _quietly(effect)
                self.now += words.lost_ms
                raise answer_lost()
            case Kind.REPEATED:
                return again(operation, effect)
            case Kind.CONFLICT:
                raise conflicting(words, operation, request or {})

    # --- SNS and SQS -----------------------------------------------------------------------------

    def publish(self, text: str, attributes: Mapping[str, Any]) -> None:
        """Accept a message of the topic: one for each subscription that its attributes pass."""
        body = json.loads(text)
        self.on_publish(body)
        self.published.append(body)
        self.broadcasts.append(text)
        if attributes.get("kind", {}).get("StringValue") in DELIVERED:
            for queue in QUEUES:
                self.send(queue, text)

    def send(self, queue: str, body: str) -> None:
        self.queues[queue].append(Queued(f"m{self.number()}", body))

    def receive(self, queue: str, most: int) -> list[Queued]:
        """Return visible messages, hidden from now on."""
        found = [one for one in self.queues[queue] if one.visible_at <= self.now][:most]
        for one in found:
            one.visible_at = self.now + VISIBILITY_MS
        return found

    def hide(self, queue: str, message_id: str, seconds: int) -> None:
        for one in self.queues[queue]:
            if one.message_id == message_id:
                one.visible_at = self.now + seconds * 1000

    def delete(self, queue: str, message_id: str) -> None:
        self.queues[queue] = [one for one in self.queues[queue] if one.message_id != message_id]

    def post(self, connection_id: str, data: bytes) -> None:
        """Deliver a message to a WebSocket client, if it is still there."""
        client = self.clients.get(connection_id)
        if client is None or not client.there:
            raise refusal("GoneException", "PostToConnection", 410)
        client.received.append(json.loads(data))


def _quietly(effect: Callable[[], Any]) -> None:
    """Let a call take effect; nobody sees its answer."""
    try:
        effect()
    except Exception:  # an error is an answer too, and the answer is lost
        return


def tables() -> dict[str, Table]:
    """Return the empty tables of `stores.tables`, by their names (the variables' in lower case)."""
    made = {}
    for variable, model in MODELS.items():
        schema = model._get_schema()  # noqa: SLF001 - PynamoDB has the keys nowhere else
        keys = {key["KeyType"]: key["AttributeName"] for key in schema["key_schema"]}
        indexes = {}
        for index in schema["global_secondary_indexes"]:
            of_index = {key["KeyType"]: key["AttributeName"] for key in index["key_schema"]}
            indexes[index["index_name"]] = Index(of_index["HASH"], of_index["RANGE"])
        made[variable.lower()] = Table(
            keys["HASH"], keys.get("RANGE"), indexes, streams=variable in STREAMS
        )
    return made


# --- clients -------------------------------------------------------------------------------------


class DynamoClient:
    """The part of botocore's client that PynamoDB uses."""

    _request_signer = SimpleNamespace(_credentials=True)
    meta = SimpleNamespace(events=SimpleNamespace(register_first=lambda *_: None))

    def __init__(self, account: Account) -> None:
        self._account = account

    def _make_api_call(self, operation: str, request: Mapping[str, Any]) -> Any:
        account = self._account
        behind = account.hub.current.lag if account.hub.running else 0
        return account.call(
            "dynamodb",
            operation,
            lambda: account.dynamodb.call(operation, request, behind),
            request=request,
        )


class SnsClient:
    """The topic."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def publish(
        self,
        *,
        Message: str,  # noqa: N803 - botocore's names
        MessageAttributes: Mapping[str, Any],  # noqa: N803
        **_: Any,
    ) -> Any:
        account = self._account
        accept = partial(account.publish, Message, MessageAttributes)
        return account.call("sns", "Publish", accept)


class SqsClient:
    """The queues; a queue's URL is its name, a receipt the message's id."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> Any:  # noqa: N803 - botocore's names
        account = self._account
        return account.call("sqs", "SendMessage", lambda: account.send(QueueUrl, MessageBody))

    def change_message_visibility(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - botocore's names
        ReceiptHandle: str,  # noqa: N803
        VisibilityTimeout: int,  # noqa: N803
    ) -> Any:
        account = self._account
        return account.call(
            "sqs",
            "ChangeMessageVisibility",
            lambda: account.hide(QueueUrl, ReceiptHandle, VisibilityTimeout),
        )


class SecretsClient:
    """The secrets."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803 - botocore's names
        account = self._account
        return account.call(
            "secretsmanager",
            "GetSecretValue",
            lambda: {"SecretString": account.secrets[SecretId]},
        )


class SocketsClient:
    """The WebSocket clients of the stage."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> Any:  # noqa: N803 - botocore's names
        account = self._account
        return account.call(
            "apigatewaymanagementapi",
            "PostToConnection",
            lambda: account.post(ConnectionId, Data),
        )


CLIENTS: Final[Mapping[str, Callable[[Account], Any]]] = {
    "dynamodb": DynamoClient,
    "sns": SnsClient,
    "sqs": SqsClient,
    "secretsmanager": SecretsClient,
    "apigatewaymanagementapi": SocketsClient,
}


class Session:
    """Stands in for botocore's session."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def create_client(self, service: str, *_: Any, **__: Any) -> Any:
        return CLIENTS[service](self._account)
