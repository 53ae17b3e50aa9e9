"""A replay is about Telegram: what other channels deliver neither ends it nor counts as sent."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from signalengine_aws.delivery.deliveries import Delivery, DynamoDeliveries, Status
from signalengine_aws.stores.outbox import DynamoOutbox

from infra.local.replay.collector import ReplayCollector
from tests.aws.positions import open_signals, signal
from tests.aws.world import REGION, World, new_world

SIGNAL = signal()
OPENED = f"{SIGNAL.signal_id}#opened"
LATER = 10_000_000_000_000
"""In the year 2286: whether it has passed is asked of the machine's clock."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with new_world(monkeypatch) as made:
        yield made


def collector_of(world: World) -> ReplayCollector:
    """One whose market has ended, with one open signal that a client has received."""
    open_signals(SIGNAL)
    DynamoOutbox("signals_table").published(SIGNAL.signal_id, "opened")
    aws = SimpleNamespace(
        client=lambda name: boto3.client(name, REGION),
        session=lambda: boto3.Session(region_name=REGION),
        endpoint=None,
    )
    names = ("Signals", "Deliveries", "Events", "Decisions", "Bars", "State")
    outputs = {f"{name}Table": f"{name.lower()}_table" for name in names}
    for name in ("TelegramQueueUrl", "DeadLetterQueueUrl", "TelegramDeadLetterQueueUrl"):
        outputs[name] = world.sqs.create_queue(QueueName=name)["QueueUrl"]
    status = {"state": "ended", "now": 0, "bars_sent": {}}
    system: Any = SimpleNamespace(
        aws=aws, outputs=outputs, followed=(SIGNAL.symbol,), exchange={"start": 0, "end": 0},
        options=SimpleNamespace(registered=()),
        exchange_get=lambda path: status if path == "/_local/status" else {},
        addresses=SimpleNamespace(telegram=None),
    )  # fmt: skip
    received = [SimpleNamespace(event_id=OPENED)]
    listener: Any = SimpleNamespace(received=lambda: received)
    return ReplayCollector(system, listener)


def test_a_delivery_by_another_channel_is_not_one_by_telegram(world: World) -> None:
    collector, store = collector_of(world), DynamoDeliveries("deliveries_table")
    store.save(Delivery(OPENED, "webhook:a", 0, status=Status.DELIVERED, receipt="HTTP 200"))
    assert collector.remaining().words == "1 Telegram messages to send"
    store.save(Delivery(OPENED, "telegram:1", 0, status=Status.DELIVERED, receipt="7"))
    assert collector.remaining().words == "done"
    assert [row.message_id for row in collector.seen(0.0).deliveries] == [7]


def test_only_the_slots_of_telegram_are_waited_for(world: World) -> None:
    collector, store = collector_of(world), DynamoDeliveries("deliveries_table")
    store.save(Delivery(OPENED, "webhook:a", 0, slot_at=LATER))
    assert collector.on_its_way() == []
    store.save(Delivery(OPENED, "telegram:1", 0, slot_at=LATER))
    assert [one.what for one in collector.on_its_way()] == ["1 Telegram messages have a slot"]
