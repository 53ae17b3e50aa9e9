"""The admin of a stack's bot: queueing signals again, receipts, set-up."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
import pytest
from signalengine_aws.delivery.deliveries import SENDER, Delivery, DynamoDeliveries, Status
from signalengine_aws.delivery.notifications import Notification, read_notification
from signalengine_aws.delivery.pacing import AddressState, moved, parked
from signalengine_aws.runtime.secrets import secret_by
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.signals import opened_item
from signalengine_aws.stores.tables import SignalItem, bind

from infra.cli.telegram.admin import TelegramAdmin
from infra.errors import CommandError
from tests.aws.world import REGION, World, new_world
from tests.telegram_samples import CHANNEL, CHAT, end, short, signal, stepped
from tests.telegram_server import running_telegram

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


def managed() -> Any:
    return boto3.client("secretsmanager", REGION)


@pytest.fixture
def admin(world: World) -> Iterator[TelegramAdmin]:
    world.reset()
    secrets = managed()
    text = json.dumps({"token": "17:x", "chat_id": CHAT})
    arn = secrets.create_secret(Name="telegram", SecretString=text)["ARN"]
    url = world.sqs.create_queue(QueueName="telegram")["QueueUrl"]
    yield TelegramAdmin(
        world.dynamodb, world.sqs, partial(secret_by, lambda _: secrets),
        {"TelegramSecretArn": arn, "TelegramQueueUrl": url, "SignalsTable": "signals_table",
         "DeliveriesTable": "deliveries_table"},
    )  # fmt: skip
    world.sqs.delete_queue(QueueUrl=url)
    secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def test_signals_are_queued_as_they_were_published(world: World, admin: TelegramAdmin) -> None:
    bind(SignalItem, "signals_table")
    for one in (signal(), short(signal_id="b" * 24)):
        opened_item(one, world.now).save()
    assert DynamoClosings("signals_table", "performance_table").close(signal(), end())
    ids = [signal().signal_id, "b" * 24, "0" * 24]
    events = admin.resend(ids, CHANNEL)
    assert events == [f"{ids[0]}#opened", f"{ids[0]}#closed", f"{ids[1]}#opened"]
    url = admin.outputs["TelegramQueueUrl"]
    got = world.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    notifications = [read_notification(one["Body"]) for one in got]
    assert sorted(notice.event_id for notice in notifications) == sorted(events)
    assert {notice.to for notice in notifications} == {CHANNEL}
    opening = next(n for n in notifications if n.event_id == events[0])
    assert opening.signal == signal()


def test_steps_are_sent_again_in_their_order(world: World, admin: TelegramAdmin) -> None:
    one, steps = replace(stepped(), progress=()), stepped().progress
    bind(SignalItem, "signals_table")
    opened_item(one, world.now).save()
    assert DynamoClosings("signals_table", "performance_table").advance(one, steps)
    names = [f"{one.signal_id}#{kind}" for kind in ("opened", "target1", "stop1")]
    assert admin.resend([one.signal_id], CHANNEL) == names
    found = {notice.event_id: notice.signal for notice in queued(world, admin)}
    assert found == dict(
        zip(names, (one, replace(one, progress=steps[:1]), stepped()), strict=True)
    )
    assert admin.delivered([one.signal_id], CHANNEL) == frozenset()
    admin.repeat([one.signal_id], CHANNEL)
    (newest,) = queued(world, admin)
    assert newest.signal == stepped()


def queued(world: World, admin: TelegramAdmin) -> list[Notification]:
    url = admin.outputs["TelegramQueueUrl"]
    got = world.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted((read_notification(one["Body"]) for one in got), key=lambda one: one.event_id)


def two_signals(world: World) -> list[str]:
    """Store one signal that is closed and one that is open; return their ids."""
    bind(SignalItem, "signals_table")
    for one in (signal(), short(signal_id="b" * 24)):
        opened_item(one, world.now).save()
    assert DynamoClosings("signals_table", "performance_table").close(signal(), end())
    return [signal().signal_id, "b" * 24]


def test_what_a_chat_has_received_is_not_queued_by_a_sync(
    world: World, admin: TelegramAdmin
) -> None:
    ids = two_signals(world)
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    store.save(Delivery(f"{ids[0]}#opened", CHANNEL, 1, status=Status.DELIVERED))
    store.save(Delivery(f"{ids[0]}#closed", CHANNEL, 1, status=Status.FAILED))
    before = admin.delivered(ids, CHANNEL)
    assert before == {f"{ids[0]}#opened"}
    events = admin.resend(ids, CHANNEL, without=before)
    assert events == [f"{ids[0]}#closed", f"{ids[1]}#opened"]
    assert [one.event_id for one in queued(world, admin)] == sorted(events)


def test_a_repeat_is_another_event_of_the_newest_message(
    world: World, admin: TelegramAdmin
) -> None:
    ids = two_signals(world)
    events = admin.repeat([*ids, "0" * 24], CHANNEL)
    assert [event.partition("#again:")[0] for event in events] == [
        f"{ids[0]}#closed", f"{ids[1]}#opened",
    ]  # fmt: skip
    found = queued(world, admin)
    assert [one.event_id for one in found] == sorted(events)
    assert all(one.repeat and one.opening_id is None and one.to == CHANNEL for one in found)
    assert not set(events) & set(admin.repeat(ids, CHANNEL))


def test_an_accepted_token_and_chat_end_their_pauses(world: World, admin: TelegramAdmin) -> None:
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    assert not admin.accept(CHANNEL)
    refused = parked(AddressState(f"telegram:{SENDER}"), world.now, "401: Unauthorized")
    store.save_address_state(replace(refused, credentials="old"))
    store.save_address_state(parked(AddressState(CHANNEL), world.now, "400: chat not found"))
    assert admin.accept()
    sender = store.address_state(f"telegram:{SENDER}")
    assert (sender.parked_until, sender.parked_reason, sender.credentials) == (0, "", None)
    assert store.address_state(CHANNEL).parked_reason
    assert admin.accept(CHANNEL)
    assert not store.address_state(CHANNEL).parked_reason
    assert not admin.accept(CHANNEL)
    store.save_address_state(store.address_state(CHANNEL))  # its version is as expected


def test_what_a_chat_lacks_is_listed(world: World, admin: TelegramAdmin) -> None:
    ids = two_signals(world)
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    store.save(Delivery(f"{ids[0]}#opened", CHANNEL, 1, status=Status.DELIVERED))
    rows = [
        {"id": ids[0], "symbol": "BTCUSDT", "direction": "long", "close_time": 1, "outcome": None},
        {"id": ids[1], "symbol": "ETHUSDT", "direction": "short", "close_time": 2, "outcome": None},
    ]
    (found,) = admin.unsent(rows, world.now)
    assert (found["symbol"], found["event"]) == ("ETHUSDT", f"{ids[1]}#opened")


def test_after_a_group_became_a_supergroup_nothing_is_sent_twice(
    world: World, admin: TelegramAdmin
) -> None:
    ids = two_signals(world)
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    store.save(Delivery(f"{ids[0]}#opened", CHANNEL, 1, status=Status.DELIVERED))
    store.save_address_state(moved(AddressState(CHANNEL), "-1009"))
    store.save(Delivery(f"{ids[0]}#closed", "telegram:-1009", 1, status=Status.DELIVERED))
    assert admin.homes() == (CHANNEL, "telegram:-1009")
    before = admin.delivered(ids, *admin.homes())
    assert before == {f"{ids[0]}#opened", f"{ids[0]}#closed"}
    rows = [
        {"id": ids[0], "symbol": "BTCUSDT", "direction": "long", "close_time": 1, "outcome": "tp"},
        {"id": ids[1], "symbol": "ETHUSDT", "direction": "short", "close_time": 2, "outcome": None},
    ]
    (found,) = admin.unsent(rows, world.now)
    assert (found["event"], found["chat"]) == (f"{ids[1]}#opened", "-1009")


def test_what_many_chats_lack_is_read_to_its_last_page(world: World, admin: TelegramAdmin) -> None:
    """DynamoDB answers a megabyte at once."""
    ids = two_signals(world)
    for number in range(6):
        item = {
            "event_id": {"S": f"{ids[0]}#opened"}, "channel": {"S": f"telegram:{number}"},
            "status": {"S": "failed"}, "reason": {"S": "x" * 300_000},
        }  # fmt: skip
        world.dynamodb.put_item(TableName="deliveries_table", Item=item)
    row = {
        "id": ids[0], "symbol": "BTCUSDT", "direction": "long", "close_time": 1, "outcome": None,
    }  # fmt: skip
    failed = [one for one in admin.unsent([row], world.now) if one["state"] == "failed"]
    assert sorted(one["chat"] for one in failed) == [str(number) for number in range(6)]


def test_receipts_are_counted_by_state(world: World, admin: TelegramAdmin) -> None:
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    store.save(Delivery("a#opened", CHANNEL, 1, status=Status.DELIVERED))
    counts = admin.states(["a#opened", "b#opened"], CHANNEL)
    assert counts == {"delivered": 1, "waiting": 1}


def test_a_missing_bot_or_chat_is_an_error(world: World, admin: TelegramAdmin) -> None:
    assert admin.home() == CHANNEL
    store = DynamoDeliveries("deliveries_table", lambda: world.now)
    store.save_address_state(moved(AddressState(CHANNEL), "-1009"))
    assert admin.home() == "telegram:-1009"
    arn = admin.outputs["TelegramSecretArn"]
    managed().update_secret(SecretId=arn, SecretString='{"token": "17:x"}')
    with pytest.raises(CommandError, match="chat_id"):
        admin.home()
    managed().update_secret(SecretId=arn, SecretString="{}")
    with pytest.raises(CommandError, match="no bot is set up"):
        admin.bot()


def test_the_bot_is_pointed_at_the_stack(admin: TelegramAdmin) -> None:
    with running_telegram() as telegram:
        arn = admin.outputs["TelegramSecretArn"]
        secret = {"token": telegram.token, "webhook_secret": "s3cret", "admin_ids": [7]}
        managed().update_secret(SecretId=arn, SecretString=json.dumps(secret))
        outputs = {**admin.outputs, "HttpUrl": "http://localhost:9"}
        pointed = replace(admin, outputs=outputs, api_base=telegram.base)
        done = {
            "bot": "@signalengine_local_bot", "webhook": "http://localhost:9/telegram",
            "operators": 1,
        }  # fmt: skip
        assert pointed.register() == done
        assert pointed.register() == done, "it was here already"
        pointed.bot().set_webhook(f"http://localhost:8/{telegram.token}", "other", [])
        assert pointed.register() == done | {"replaced": "localhost:8"}
        webhook = telegram.server.bot.webhook
        assert (webhook.url, webhook.secret_token) == ("http://localhost:9/telegram", "s3cret")
