"""The stack behind the decision, on the embedded AWS: tables, topic, queue, functions, Telegram.

There is no market and no ingest task: the burst stores what they would have led to.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from boto3.dynamodb.conditions import Key
from signalengine.decisions import Decided
from signalengine_aws.runtime import clients
from signalengine_aws.stores import tables
from signalengine_aws.stores.decisions import Commit, DynamoDecisions

from infra.local.operator_requests import operator_session
from infra.local.replay.listener import Listener
from infra.local.stack.assembly import synthesise
from infra.local.stack.aws import EmbeddedAws
from infra.local.stack.private import private_folder
from infra.local.stack.processes import Child

CHAT: Final = "424242"
CHANNEL: Final = f"telegram:{CHAT}"
WRITERS: Final = 4
READY_S: Final = 120.0
LISTEN_S: Final = 60.0
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class BurstSystem:
    """The running stack, and the client of its WebSocket."""

    aws: EmbeddedAws
    telegram: Child
    bot: Mapping[str, Any]
    listener: Listener
    outputs: Mapping[str, str]

    def check(self) -> None:
        """Raise CommandError when a part has ended."""
        self.aws.check()
        self.telegram.check()

    def store(self, decided: Iterator[Decided], stored: Callable[[], None]) -> None:
        """Commit decisions with their signals; `stored` is called after each."""
        outputs = self.outputs
        store = DynamoDecisions(
            outputs["DecisionsTable"], outputs["CooldownsTable"], outputs["SignalsTable"]
        )

        def commit(one: Decided) -> None:
            while store.commit(one, None) is Commit.CONTESTED:
                time.sleep(0.05)

        with ThreadPoolExecutor(WRITERS) as pool:
            for _ in pool.map(commit, decided):
                stored()  # by this thread alone: it counts

    def queue(self) -> dict[str, float]:
        """Return the depths of Telegram's queue, and its dead letters."""
        names = {"queue_due": "ApproximateNumberOfMessages",
                 "queue_hidden": "ApproximateNumberOfMessagesNotVisible"}  # fmt: skip
        found = self._attributes("TelegramQueueUrl")
        letters = self._attributes("TelegramDeadLetterQueueUrl")
        return {name: float(found[key]) for name, key in names.items()} | {
            "dead_letters": float(letters["ApproximateNumberOfMessages"])
        }

    def _attributes(self, output: str) -> Mapping[str, str]:
        answer = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs[output], AttributeNames=["All"]
        )
        return dict(answer["Attributes"])

    def messages(self) -> list[dict[str, Any]]:
        """Return what the chat received."""
        with operator_session(self.bot["control_token"]) as session:
            url = f"http://127.0.0.1:{self.bot['port']}/_local/messages"
            response = session.get(url, timeout=60)
        response.raise_for_status()
        return list(response.json()["messages"])

    def pending(self) -> int:
        """Return how many signals wait in the outbox."""
        table = self._table("SignalsTable")
        return _counted(table, Key("outbox").eq("1"), IndexName="by_outbox")

    def deliveries(self, event_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the deliveries of events to the chat, by event id."""
        resource = self.aws.session().resource("dynamodb", endpoint_url=self.aws.endpoint)
        name = self.outputs["DeliveriesTable"]
        found: dict[str, dict[str, Any]] = {}
        for begin in range(0, len(event_ids), _PAGE):
            keys: Any = [
                {"event_id": one, "channel": CHANNEL} for one in event_ids[begin : begin + _PAGE]
            ]
            while keys:
                answer: Any = resource.batch_get_item(RequestItems={name: {"Keys": keys}})
                found |= {str(row["event_id"]): dict(row) for row in answer["Responses"][name]}
                keys = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
        return found

    def _table(self, output: str) -> Any:
        resource = self.aws.session().resource("dynamodb", endpoint_url=self.aws.endpoint)
        return resource.Table(self.outputs[output])


def _counted(table: Any, condition: Any, **arguments: Any) -> int:
    total, page = 0, dict[str, Any]()
    while True:
        found = table.query(KeyConditionExpression=condition, Select="COUNT", **arguments, **page)
        total += int(found["Count"])
        if "LastEvaluatedKey" not in found:
            return total
        page = {"ExclusiveStartKey": found["LastEvaluatedKey"]}


@contextmanager
def started(
    state_dir: Path, report: Callable[[str], None], *, pace: str = "normal"
) -> Iterator[BurstSystem]:
    """Start everything; it runs inside the block, and this process uses its AWS.

    `pace` is the parameter TelegramPace.
    """
    logs = private_folder(state_dir / "logs")
    telegram = Child(
        "telegram",
        ["infra.local.telegram", "--port", "0", "--chat", CHAT],
        env=os.environ,
        log_dir=logs,
    )
    try:
        bot = telegram.ready(READY_S)
        with EmbeddedAws(log_dir=logs, report=report) as aws:
            yield from _deployed(aws, telegram, bot, report, pace)
    finally:
        telegram.stop()


def _deployed(
    aws: EmbeddedAws,
    telegram: Child,
    bot: Mapping[str, Any],
    report: Callable[[str], None],
    pace: str,
) -> Iterator[BurstSystem]:
    outputs = aws.deploy(
        {"TelegramApiBase": f"http://127.0.0.1:{bot['port']}", "TelegramPace": pace},
        assembly=synthesise(report=report),
    )
    aws.set_telegram(
        token=bot["token"], chat_id=CHAT, webhook_secret=secrets.token_urlsafe(32), admin_ids=[]
    )
    listener = Listener(outputs["WebSocketUrl"])
    before = dict(os.environ)
    os.environ.update(aws.env())
    _forget_clients()
    try:
        listener.start(LISTEN_S, aws.check)
        yield BurstSystem(aws, telegram, bot, listener, outputs)
    finally:
        listener.stop()
        os.environ.clear()
        os.environ.update(before)
        _forget_clients()


def _forget_clients() -> None:
    """Let the stores make clients for the environment as it is now."""
    clients.session.cache_clear()
    tables.client.cache_clear()
