"""Messages that were set aside: listed with their reasons, and released to their chats."""

import json
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from signalengine_aws.delivery.deliveries import (
    Delivery,
    DynamoDeliveries,
    Status,
    failed,
)
from signalengine_aws.delivery.queue import QueueMessage, SqsQueue

from infra.cli.deliveries.letters import DeadLetters
from tests.aws.world import REGION, World, new_world
from tests.telegram_samples import CHANNEL, body, signal

EVENT = f"{signal().signal_id}#opened"
OTHER = "telegram:-1001234/17"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


class Stack:
    """A queue with its letters, as the sender fills them."""

    def __init__(self, world: World) -> None:
        self.sqs = boto3.client("sqs", REGION)
        self.url, self.letters_url = (
            self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("telegram", "set-aside")
        )
        self.queue = SqsQueue(self.sqs, self.url, self.letters_url, function="send_telegram")
        self.store = DynamoDeliveries("deliveries_table", lambda: world.now)
        self.letters = DeadLetters(
            self.sqs, world.dynamodb, self.letters_url, self.url, "deliveries_table"
        )

    def set_aside(self, channel: str, reason: str = "400: something new") -> None:
        text = body(signal(), to=channel)
        self.queue.dead_letter(QueueMessage("m1", "r1", text), reason)
        self.store.save(failed(Delivery(EVENT, channel, 1), reason))

    def waiting(self) -> list[str]:
        got = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return sorted(json.loads(one["Body"])["to"] for one in got.get("Messages", []))

    def status(self, channel: str) -> Status:
        found = self.store.get(EVENT, channel)
        assert found is not None
        return found.status

    def remove(self) -> None:
        for url in (self.url, self.letters_url):
            self.sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def stack(world: World) -> Iterator[Stack]:
    world.reset()
    made = Stack(world)
    yield made
    made.remove()


def test_letters_are_listed_and_stay(stack: Stack) -> None:
    assert stack.letters.rows() == []
    stack.set_aside(CHANNEL)
    stack.set_aside(OTHER, "400: message is too long")
    stack.sqs.send_message(QueueUrl=stack.letters_url, MessageBody=body(signal()))
    rows = stack.letters.rows()
    assert rows == stack.letters.rows()
    assert {row["event"] for row in rows} == {EVENT}
    assert all(row["at"] > 1_600_000_000_000 for row in rows)
    assert sorted((str(row["address"]), row["reason"]) for row in rows) == [
        ("None", "received too often"), (OTHER, "400: message is too long"),
        (CHANNEL, "400: something new"),
    ]  # fmt: skip


def test_a_released_message_waits_again_and_its_letter_is_gone(stack: Stack) -> None:
    for channel in (CHANNEL, OTHER):
        stack.set_aside(channel)
    done = stack.letters.release(lambda letter: letter.address == OTHER)
    assert done == {"released": 1, "already_delivered": 0, "left": 1}
    assert stack.waiting() == [OTHER]
    assert (stack.status(OTHER), stack.status(CHANNEL)) == (Status.WAITING, Status.FAILED)
    assert [row["address"] for row in stack.letters.rows()] == [CHANNEL]


def test_what_was_delivered_since_is_not_sent_again(stack: Stack) -> None:
    stack.set_aside(CHANNEL)
    known = stack.store.get(EVENT, CHANNEL)
    assert known is not None
    stack.store.save(Delivery(EVENT, CHANNEL, 1, version=known.version, status=Status.DELIVERED))
    done = stack.letters.release(lambda _letter: True)
    assert done == {"released": 0, "already_delivered": 1, "left": 0}
    assert stack.waiting() == []
    assert stack.letters.rows() == []


def test_a_release_that_was_interrupted_is_made_again(stack: Stack) -> None:
    """The delivery waits already, the letter is still there."""
    stack.set_aside(CHANNEL)
    known = stack.store.get(EVENT, CHANNEL)
    assert known is not None
    stack.store.save(Delivery(EVENT, CHANNEL, 1, version=known.version))
    assert stack.letters.release(lambda _letter: True)["released"] == 1
    assert stack.waiting() == [CHANNEL]


@pytest.mark.parametrize("text", ["{", "[]", '{"reason": "not JSON", "body_head": 5}', '{"a": 1}'])
def test_what_is_no_notification_is_listed_and_kept(stack: Stack, text: str) -> None:
    stack.sqs.send_message(QueueUrl=stack.letters_url, MessageBody=text)
    assert [row["event"] for row in stack.letters.rows()] == [""]
    assert stack.letters.release(lambda _letter: True)["left"] == 1
    assert len(stack.letters.rows()) == 1


def test_a_message_that_was_stored_in_part_is_kept(stack: Stack) -> None:
    letter = {"reason": "400", "size": 99_999, "body_head": body(signal(), to=CHANNEL)}
    stack.sqs.send_message(QueueUrl=stack.letters_url, MessageBody=json.dumps(letter))
    assert stack.letters.release(lambda _letter: True)["left"] == 1


def test_a_released_event_of_a_refused_digest_is_on_its_own_again(stack: Stack) -> None:
    stack.set_aside(CHANNEL)
    known = stack.store.get(EVENT, CHANNEL)
    assert known is not None
    stack.store.save(replace(known, digest="digest#1"))
    assert stack.letters.release(lambda _: True)["released"] == 1
    found = stack.store.get(EVENT, CHANNEL)
    assert found is not None
    assert (found.status, found.digest, found.slot_at) == (Status.WAITING, None, None)
