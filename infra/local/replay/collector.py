"""Reads a running replay from outside: the remaining work, and the results.

It uses what an operator can read: the tables, the queues, the records of the exchange and of
Telegram, and a WebSocket client's messages. Every table read is a Query by key or index.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Key
from signalengine.settlement import StoredBar
from signalengine.signals import (
    Decision,
    Signal,
    decision_from_json,
    settled,
    settlement_from_dict,
    signal_from_json,
)
from signalengine.strategy.lifecycle import Registered
from signalengine_aws.channels.telegram.address import NAME as TELEGRAM
from signalengine_aws.runtime.packed_json import unpacked
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.strategies import CLASSIC, Strategy
from signalengine_aws.stores.tables import HEARTBEAT_KEY

from infra.local.replay.listener import Listener
from infra.local.replay.logs import Logs
from infra.local.replay.progress import OnItsWay
from infra.local.replay.reading import Reader
from infra.local.replay.report import (
    TELEGRAM_TERMINAL,
    Delivery,
    ReplaySnapshot,
    expected_events,
    overdue,
)
from infra.local.stack.system import LocalSystem

SIGNAL_ID = re.compile(r"\b[0-9a-f]{24}\b")
"""Every message about a signal contains its id."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """How far the market and the engine are (event time, ms) and the remaining work as text."""

    market_time: int
    market_state: str
    engine_time: int
    words: str

    @property
    def nothing(self) -> bool:
        return self.words == "done"


class ReplayCollector:
    """Reads one running system."""

    def __init__(self, system: LocalSystem, listener: Listener) -> None:
        self.system = system
        self.listener = listener
        self.strategy = _followed(system.options.registered)
        self._tables = system.aws.session().resource("dynamodb", endpoint_url=system.aws.endpoint)
        self._queues = system.aws.client("sqs")
        self.start = int(system.exchange["start"])
        self.end = int(system.exchange["end"])
        self._symbols: Sequence[str] = system.followed
        self.logs = Logs(self.query, self._state)
        self.unread: list[str] = []
        """What `seen` could not read of a system of which parts have ended."""

    def of(self, strategy: Strategy) -> "ReplayCollector":
        """Return what reads the results of another parameter set of the same run."""
        other = copy(self)
        other.strategy = strategy
        return other

    def remaining(self) -> Remaining:
        """Return the remaining work; cheap checks come first."""
        status = self.system.exchange_get("/_local/status")
        engine = self.engine_time()
        words = self._left(status["state"], engine)
        return Remaining(int(status["now"]), status["state"], engine, words)

    def engine_time(self) -> int:
        """Return the close time up to which every symbol's bars are folded."""
        return max(self.start, min(self.folded_until(symbol) for symbol in self._symbols))

    def on_its_way(self) -> list[OnItsWay]:
        """Return the work that continues by itself: messages that a function holds or delays.

        A message that a killed function held returns after the queue's visibility time-out.
        """
        found = []
        for output, name in (("TelegramQueueUrl", "the Telegram queue"),):
            attributes = self._attributes(output)
            held = attributes["ApproximateNumberOfMessagesNotVisible"]
            delayed = attributes["ApproximateNumberOfMessagesDelayed"]
            if held + delayed:
                what = f"in {name}, held by a function or delayed: {held + delayed}"
                found.append(OnItsWay(what, float(attributes["VisibilityTimeout"])))
        now = time.time() * 1000
        times = [at for signal in self.signals() for at in self._due(signal) if at > now]
        if times:
            what = f"{len(times)} Telegram messages have a slot"
            found.append(OnItsWay(what, (max(times) - now) / 1000, exact=True))
        return found

    def seen(self, wall_s: float, *, partial: bool = False) -> ReplaySnapshot:
        """Return everything the report is made from; `partial`: as far as it can be read.

        What could not be read is in `unread` then.
        """
        exchange = Reader("the exchange", self.unread, partial=partial)
        aws = Reader("AWS", self.unread, partial=partial)
        telegram = Reader("Telegram", self.unread, partial=partial)
        sent: dict[str, Any] = exchange(lambda: self.system.exchange_get("/_local/sent"), {})
        sent_counts: dict[str, Any] = aws(lambda: self.heartbeat().get("sent", {}), {})
        signals: list[Signal] = aws(self.signals, [])
        return ReplaySnapshot(
            bars_sent=exchange(
                lambda: dict(self.system.exchange_get("/_local/status")["bars_sent"]), {}
            ),
            bars_stored=aws(lambda: {s: self._count_bars(s) for s in self._symbols}, {}),
            sent_counts={str(name): int(n) for name, n in sent_counts.items()},
            sent_at={
                (symbol, int(t)): float(at) for symbol, row in sent.items() for t, at in row.items()
            },
            events=aws(lambda: sum(self._count("EventsTable", s) for s in self._symbols), 0),
            decisions=aws(self.decisions, []),
            signals=signals,
            deliveries=aws(lambda: [row for s in signals for row in self._deliveries(s)], []),
            telegram_at=telegram(self._telegram_at, {}),
            received=self.listener.received(),
            overdue=aws(lambda: self._overdue(signals), 0),
            dead_letters=aws(self._dead_letters, 0),
            wall_s=wall_s,
        )

    def decisions(self) -> list[Decision]:
        """Return all decisions of the parameter set."""
        return [
            decision_from_json(unpacked(bytes(item["body"])))
            for symbol in self._symbols
            for item in self.query("DecisionsTable", self._key(symbol))
        ]

    def _due(self, signal: Signal) -> Iterator[float]:
        """Yield when each waiting message of a signal is sent, or may be sent again."""
        for kind in ("opened", "closed"):
            for item in self._telegram(_event(signal, kind)):
                if item["status"] == "waiting":
                    yield float(max(item.get("slot_at") or 0, item.get("lease_until") or 0))

    def _dead_letters(self) -> int:
        names = ("DeadLetterQueueUrl", "TelegramDeadLetterQueueUrl")
        return sum(self.queued(name) for name in names)

    def records(self) -> Iterator[bytes]:
        """Yield every record of the feed stream, oldest first."""
        kinesis = self.system.aws.client("kinesis")
        stream = self.system.outputs["FeedStreamName"]
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            at = kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while True:
                page = kinesis.get_records(ShardIterator=at, Limit=1000)
                yield from (bytes(row["Data"]) for row in page["Records"])
                if not page["Records"]:
                    break
                at = page["NextShardIterator"]

    def heartbeat(self) -> dict[str, Any]:
        """Return the newest heartbeat as stored; empty before the first."""
        item = self._state(HEARTBEAT_KEY)
        return {} if item is None else dict(json.loads(unpacked(bytes(item["body"]))))

    def _left(self, market: str, engine: int) -> str:
        if market != "ended":
            return "market is playing"
        if engine < self.end:
            return "folding"
        signals = self.signals()
        return self.undecided(signals) or self._undelivered(signals)

    def undecided(self, signals: Sequence[Signal]) -> str:
        """Return which closes have no decision yet, or which signals no end; "" for none."""
        undecided = sum(
            self._count("EventsTable", s) - self._count("DecisionsTable", s) for s in self._symbols
        )
        if undecided:
            return f"{undecided} closes to score"
        late = self._overdue(signals)
        return f"{late} signals to settle" if late else ""

    def _undelivered(self, signals: Sequence[Signal]) -> str:
        outbox = list(self.query("SignalsTable", Key("outbox").eq("1"), index="by_outbox"))
        if outbox:
            return f"{len(outbox)} signals to publish"
        terminal = {
            row.event_id
            for s in signals
            for row in self._deliveries(s)
            if row.status in TELEGRAM_TERMINAL
        }
        due = expected_events(signals)
        undelivered = len([event_id for event_id in due if event_id not in terminal])
        if undelivered:
            return f"{undelivered} Telegram messages to send"
        return self.unreceived(signals) or "done"

    def unreceived(self, signals: Sequence[Signal]) -> str:
        """Return which messages the client of the WebSocket lacks, "" for none."""
        received = {row.event_id for row in self.listener.received()}
        missing = len([one for one in expected_events(signals) if one not in received])
        return f"{missing} WebSocket messages to receive" if missing else ""

    def folded_until(self, symbol: str) -> int:
        """Return the close time of a symbol's newest folded 1m bar; 0 without one."""
        return self.logs.until(symbol)

    def _overdue(self, signals: Sequence[Signal]) -> int:
        return sum(
            overdue(signal, self._minutes(signal), self.end)
            for signal in signals
            if signal.settlement is None
        )

    def _minutes(self, signal: Signal) -> list[StoredBar]:
        found = self.logs.minutes(signal.symbol, signal.close_time, signal.expires_at)
        return [stored_bar(fact, bar) for fact, bar in found]

    def signals(self) -> list[Signal]:
        """Return all signals of the parameter set, settled where they are."""
        return [
            _signal(item)
            for symbol in self._symbols
            for item in self.query("SignalsTable", self._key(symbol), index="by_symbol")
        ]

    def _deliveries(self, signal: Signal) -> Iterator[Delivery]:
        for kind in ("opened", "closed"):
            event_id = _event(signal, kind)
            for item in self._telegram(event_id):
                message = item.get("message_id")
                yield Delivery(event_id, str(item["status"]), int(message) if message else None)

    def _telegram(self, event_id: str) -> Iterator[dict[str, Any]]:
        """Yield an event's deliveries by Telegram; those by other channels are not reported."""
        of_event = Key("event_id").eq(event_id) & Key("channel").begins_with(f"{TELEGRAM}:")
        return self.query("DeliveriesTable", of_event)

    def _telegram_at(self) -> dict[int, float]:
        if self.system.addresses.telegram is None:
            return {}
        rows = self.system.telegram_get("/_local/messages")["messages"]
        return {
            int(row["message_id"]): float(row["received_at"])
            for row in rows
            if SIGNAL_ID.search(row["text"])  # the bot's answers to people are not deliveries
        }

    def _state(self, key: str) -> dict[str, Any] | None:
        table = self._tables.Table(self.system.outputs["StateTable"])
        return table.get_item(Key={"symbol": key}, ConsistentRead=True).get("Item")

    def _count_bars(self, symbol: str) -> int:
        return len(self.logs.minutes(symbol, self.start, self.end))

    def _count(self, table: str, symbol: str) -> int:
        return sum(1 for _ in self.query(table, self._key(symbol)))

    def _key(self, symbol: str) -> Any:
        return Key("series").eq(self.strategy.key(symbol))

    def query(
        self, table: str, condition: Any, *, index: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a table of the stack that fulfil a condition on their key."""
        arguments: dict[str, Any] = {"KeyConditionExpression": condition}
        if index is not None:
            arguments["IndexName"] = index
        source = self._tables.Table(self.system.outputs[table])
        while True:
            page = source.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def queued(self, output: str) -> int:
        """Return how many messages a queue has, those that a function holds included."""
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        attributes = self._attributes(output)
        return sum(attributes[name] for name in counts)

    def _attributes(self, output: str) -> dict[str, int]:
        answer = self._queues.get_queue_attributes(
            QueueUrl=self.system.outputs[output],
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
                "VisibilityTimeout",
            ],
        )
        return {name: int(value) for name, value in answer["Attributes"].items()}


def _key(symbol: str) -> Any:
    return Key("series").eq(CLASSIC.key(symbol))


def _followed(registered: Sequence[Registered]) -> Strategy:
    """Return the parameter set that a replay is about: `classic`, unless another runs alone."""
    off = any(one.name == CLASSIC.name and not one.running for one in registered)
    others = [Strategy(one.name) for one in registered if one.running]
    return others[0] if off and others else CLASSIC


def _event(signal: Signal, kind: str) -> str:
    return f"{signal.signal_id}#{kind}"


def _signal(item: dict[str, Any]) -> Signal:
    signal = signal_from_json(str(item["opening"]))
    text = item.get("settlement")
    return signal if text is None else settled(signal, settlement_from_dict(json.loads(str(text))))
