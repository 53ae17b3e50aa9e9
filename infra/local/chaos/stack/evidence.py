"""Reads what was stored, published and delivered: the facts of which the report is made."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from boto3.dynamodb.conditions import Key
from signalengine.errors import MalformedFactError
from signalengine.facts.stream import (
    Bar,
    BarsFact,
    Fact,
    HistoryFact,
    decode,
)
from signalengine.signals import Signal

from infra.local.faults.run import klines
from infra.local.replay.collector import SIGNAL_ID, ReplayCollector
from infra.local.replay.listener import Received
from infra.local.replay.report import ReplaySnapshot, expected_events
from infra.local.stack.ministack_child import DENIED
from infra.local.stack.system import LocalSystem

from .quiescence import DisturbedCollector

TAP: Final = "chaos-tap"
_BATCH: Final = 10
_REMAINS: Final = re.compile(rf"^.*{DENIED}.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of the bot in the local Telegram; `at` is wall clock ms."""

    message_id: int
    signal_id: str
    """The first signal that its text names; "" for none."""
    reply_to: int | None
    at: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """One delivery as stored: the state of an event for one chat."""

    event_id: str
    status: str
    message_id: int | None
    attempts: int
    possible_duplicates: int
    digest: str | None = None
    """The event id of the digest that has this event in its message."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is compared, after the run."""

    seen: ReplaySnapshot
    facts: Mapping[str, Sequence[BarsFact | HistoryFact]]
    """The records of the stream, by symbol, in their order."""
    unreadable: int
    bars_missing: Sequence[str]
    """Minutes of the exchange that are not stored."""
    bars_wrong: Sequence[str]
    """Stored minutes that differ from the exchange's."""
    published: Mapping[str, int]
    """How often each event came out of the topic."""
    handed: Sequence[Handed]
    digests: Sequence[Handed]
    """The deliveries of messages that have several events."""
    sent: Sequence[Sent]
    received: Sequence[Sequence[Received]]
    """What each client of the WebSocket received."""
    statistics: Mapping[tuple[str, str], Mapping[str, Any]]
    """The stored rows of statistics, by stats key and symbol or day."""
    waiting: int
    """Messages in the queue of deliveries."""
    letters: Sequence[str]
    denied: Sequence[str]


def tapped(system: LocalSystem) -> str:
    """Make a queue that gets every opening and closing of the topic; return its URL."""
    queues, topics = (system.aws.client(name) for name in ("sqs", "sns"))
    url = str(queues.create_queue(QueueName=TAP)["QueueUrl"])
    answer = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = answer["Attributes"]["QueueArn"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _open_to_topics(arn)})
    kinds = {"kind": ["signal.opened", "signal.closed"]}
    for topic in topics.list_topics()["Topics"]:
        topics.subscribe(
            TopicArn=topic["TopicArn"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps(kinds)},
        )
    return url


def _open_to_topics(queue_arn: str) -> str:
    """Return the policy of a queue that topics may send to."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def published(collector: ReplayCollector, tap: str) -> Counter[str]:
    """Empty the tap; return how often each event was published."""
    queues = collector.system.aws.client("sqs")
    found: Counter[str] = Counter()
    while True:
        answer = queues.receive_message(QueueUrl=tap, MaxNumberOfMessages=_BATCH)
        messages = answer.get("Messages", [])
        if not messages:
            return found
        for message in messages:
            found[str(json.loads(message["Body"])["event_id"])] += 1
            queues.delete_message(QueueUrl=tap, ReceiptHandle=message["ReceiptHandle"])


def gather(collector: DisturbedCollector, tap: str | None, wall_s: float) -> Evidence:
    """Read everything; without a tap, what was delivered counts as published."""
    seen = collector.seen(wall_s)
    facts, unreadable = facts_of(collector.records())
    missing, wrong = _minutes(collector)
    handed = [row for one in expected_events(seen.signals) for row in deliveries(collector, one)]
    digests = sorted({row.digest for row in handed if row.digest})
    return Evidence(
        seen=seen,
        facts=facts,
        unreadable=unreadable,
        bars_missing=missing,
        bars_wrong=wrong,
        published=(
            published(collector, tap)
            if tap
            else {row.event_id: 1 for row in handed if row.status == "delivered"}
        ),
        handed=handed,
        digests=[row for one in digests for row in deliveries(collector, one)],
        sent=messages(collector),
        received=[client.received() for client in collector.clients],
        statistics=_statistics(collector, seen.signals),
        waiting=collector.queued("TelegramQueueUrl"),
        letters=_letters(collector),
        denied=denied(collector.system.options.state_dir / "logs" / "aws.log"),
    )


def facts_of(records: Iterator[bytes]) -> tuple[dict[str, list[BarsFact | HistoryFact]], int]:
    """Return bars and histories by symbol, and how many records could not be read."""
    out: dict[str, list[BarsFact | HistoryFact]] = defaultdict(list)
    unreadable = 0
    for data in records:
        try:
            fact: Fact = decode(data)
        except MalformedFactError:
            unreadable += 1
            continue
        if isinstance(fact, BarsFact | HistoryFact):
            out[fact.symbol].append(fact)
    return dict(out), unreadable


def denied(log: Path) -> list[str]:
    """Return the calls that IAM denied."""
    return _REMAINS.findall(log.read_text(encoding="utf-8", errors="replace"))


def _minutes(collector: ReplayCollector) -> tuple[list[str], list[str]]:
    """Return the exchange's minutes that are not stored, and those that are stored otherwise."""
    base = collector.system.addresses.exchange
    assert base is not None  # noqa: S101 - faults need a local market
    missing, wrong = [], []
    for symbol in collector.system.followed:
        found = collector.logs.minutes(symbol, collector.start, collector.end)
        stored = {bar.open_time: bar for _, bar in found}
        for true in klines(base, symbol, "1m", collector.start, collector.end):
            bar = stored.get(true.open_time)
            if bar is None:
                missing.append(f"{symbol} {true.open_time}")
            elif bar != true:
                wrong.append(f"{symbol} {true.open_time}: {_short(bar)}, not {_short(true)}")
    return missing, wrong


def _short(bar: Bar) -> str:
    return f"{bar.open}/{bar.high}/{bar.low}/{bar.close}"


def deliveries(collector: ReplayCollector, event_id: str) -> Iterator[Handed]:
    """Yield the deliveries of an event or of a digest."""
    for item in collector.query("DeliveriesTable", Key("event_id").eq(event_id)):
        if "status" not in item:
            continue  # an audience
        message = item.get("message_id")
        yield Handed(
            event_id,
            str(item["status"]),
            int(message) if message else None,
            int(item.get("attempts") or 0),
            int(item.get("possible_duplicates") or 0),
            item.get("digest"),
        )


def messages(collector: ReplayCollector) -> list[Sent]:
    """Return everything that the bot sent."""
    rows = collector.system.telegram_get("/_local/messages")["messages"]
    return [
        Sent(
            int(row["message_id"]),
            match[0] if (match := SIGNAL_ID.search(row["text"])) else "",
            row["reply_to"],
            float(row["received_at"]),
            row["text"],
        )
        for row in rows
    ]


def _statistics(
    collector: ReplayCollector, signals: Sequence[Signal]
) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (key, str(item["symbol"])): dict(item)
        for key in sorted({signal.stats_key for signal in signals})
        for item in collector.query("PerformanceTable", Key("stats_key").eq(key))
    }


def _letters(collector: ReplayCollector) -> list[str]:
    """Return the dead letters, up to a limit, without taking them."""
    queues, found = collector.system.aws.client("sqs"), []
    for name in ("DeadLetterQueueUrl", "TelegramDeadLetterQueueUrl"):
        for _ in range(collector.queued(name)):
            url = collector.system.outputs[name]
            answer = queues.receive_message(
                QueueUrl=url, MaxNumberOfMessages=_BATCH, VisibilityTimeout=600
            )
            found += [str(message["Body"]) for message in answer.get("Messages", [])]
    return found
