"""The burst's stack: signals are stored as decisions are, and read where they arrive."""

from collections.abc import Iterator
from threading import get_ident
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from signalengine_aws.delivery.deliveries import Delivery, DynamoDeliveries

from infra.local.benchmarks.burst import system as writing
from infra.local.benchmarks.burst.run import Progress, fully_drained
from infra.local.benchmarks.burst.signals import burst, signal_id
from infra.local.benchmarks.burst.system import CHANNEL, BurstSystem
from tests.aws.world import REGION, World, new_world
from tests.telegram_samples import NOON


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


def system_of(world: World) -> BurstSystem:
    urls = {
        output: world.sqs.create_queue(QueueName=name)["QueueUrl"]
        for output, name in (
            ("TelegramQueueUrl", "telegram"), ("TelegramDeadLetterQueueUrl", "set-aside"),
        )
    }  # fmt: skip
    outputs = urls | {
        f"{name}Table": f"{name.lower()}_table"
        for name in ("Decisions", "Cooldowns", "Signals", "Deliveries")
    }
    aws: Any = SimpleNamespace(
        client=lambda name: boto3.client(name, REGION),
        session=lambda: boto3.Session(region_name=REGION),
        endpoint=None,
        check=lambda: None,
    )
    nothing: Any = SimpleNamespace(check=lambda: None)
    return BurstSystem(aws, nothing, {}, nothing, outputs)


def test_a_burst_is_stored_with_its_outbox_and_its_deliveries_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "WRITERS", 1)  # moto's tables are not for several threads
    system, progress = system_of(world), Progress(12)
    system.check()
    threads = set()

    def stored() -> None:
        threads.add(get_ident())
        progress.store()

    system.store(burst(12, NOON), stored)
    assert (progress.stored, system.pending()) == (12, 12)
    assert threads == {get_ident()}
    store = DynamoDeliveries("deliveries_table")
    events = [f"{signal_id(number)}#opened" for number in range(12)]
    for event in events[:3]:
        store.save(Delivery(event, CHANNEL, NOON))
    assert sorted(system.deliveries(events)) == events[:3]
    world.sqs.send_message(QueueUrl=system.outputs["TelegramQueueUrl"], MessageBody="x")
    assert system.queue() == {"queue_due": 1.0, "queue_hidden": 0.0, "dead_letters": 0.0}


@pytest.mark.parametrize(
    ("changed", "drained"),
    [({}, True), ({"outbox": 1}, False), ({"queue_hidden": 1}, False), ({"websocket": 4}, False)],
)
def test_a_burst_is_drained_when_nothing_waits_and_the_client_has_it(
    changed: dict[str, float], drained: bool
) -> None:
    idle = {"stored": 5, "websocket": 5, "outbox": 0, "queue_due": 0, "queue_hidden": 0}
    assert fully_drained(idle | changed) is drained
