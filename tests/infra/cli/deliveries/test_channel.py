"""The deliveries of a channel: its queue, and what is paused."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from signalengine.digests import digest_to_json, with_signal
from signalengine_aws.delivery.deliveries import SENDER, Delivery, DynamoDeliveries, Status
from signalengine_aws.delivery.pacing import PARKED_MS, AddressState, parked, unparked

from infra.cli.deliveries.channel import ChannelDeliveries, deliveries_of
from infra.cli.deliveries.stack import StackAccess
from infra.errors import CommandError
from tests.aws.world import World, new_world
from tests.telegram_samples import CHANNEL, signal


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture
def channel(world: World) -> Iterator[ChannelDeliveries]:
    world.reset()
    names = {"TelegramQueueUrl": "telegram", "TelegramDeadLetterQueueUrl": "set-aside"}
    urls = {key: world.sqs.create_queue(QueueName=name)["QueueUrl"] for key, name in names.items()}
    outputs = {**urls, "DeliveriesTable": "deliveries_table"}
    yield ChannelDeliveries(world.dynamodb, world.sqs, outputs, "telegram")
    for url in urls.values():
        world.sqs.delete_queue(QueueUrl=url)


def test_an_idle_channel_has_nothing(channel: ChannelDeliveries) -> None:
    assert channel.pending() == {
        "channel": "telegram", "waiting": 0, "hidden": 0, "dead_letters": 0, "sender": None,
        "digests": [], "parked": [],
    }  # fmt: skip
    assert channel.letters().rows() == []


def test_queued_messages_and_paused_addresses_are_listed(
    world: World, channel: ChannelDeliveries
) -> None:
    world.sqs.send_message(QueueUrl=channel.outputs["TelegramQueueUrl"], MessageBody="x")
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    state = parked(AddressState(CHANNEL), world.now, "403: blocked")
    for one in (state, unparked(AddressState("telegram:8")), replace(state, channel="other:1")):
        store.save_address_state(one)
    found = channel.pending()
    assert (found["waiting"], found["sender"]) == (1, None)
    assert found["parked"] == [
        {"address": CHANNEL, "until": world.now + PARKED_MS, "reason": "403: blocked"}
    ]


def test_a_digest_is_listed_until_it_is_sent(world: World, channel: ChannelDeliveries) -> None:
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    said = digest_to_json(with_signal(with_signal(None, signal()), signal()))
    digest = Delivery("digest#1", CHANNEL, first_seen_at=world.now, summary=said)
    store.save_together([digest], AddressState(CHANNEL, digest="digest#1"))
    row = {"address": CHANNEL, "event": "digest#1", "signals": 2, "since": world.now}
    assert channel.pending()["digests"] == [row | {"collecting": True}]
    sealed = store.save(replace(digest, version=1, sealed_at=world.now))
    assert channel.pending()["digests"] == [row | {"collecting": False}]
    store.save(replace(sealed, status=Status.DELIVERED, receipt="7"))
    assert channel.pending()["digests"] == []


def test_a_paused_sender_is_no_address(world: World, channel: ChannelDeliveries) -> None:
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    key = f"telegram:{SENDER}"
    store.save_address_state(parked(AddressState(key), world.now, "401: Unauthorized"))
    found = channel.pending()
    until = world.now + PARKED_MS
    assert found["sender"] == {"until": until, "reason": "401: Unauthorized"}
    assert found["parked"] == []
    store.save_address_state(unparked(store.address_state(key)))
    assert channel.pending()["sender"] is None


def test_an_unknown_channel_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError) as refused:
        deliveries_of(StackAccess({}, {}), "pigeon")
    assert refused.value.fix == "channels: telegram, channels"
