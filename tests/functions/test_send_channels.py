"""send_channels whole: a queue, tables and a secret of AWS's (moto), and receivers that listen."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from signalengine.signals import Signal
from signalengine_aws.application import send_channels
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.runtime.config import ConfigError

from functions.send_channels.handler import handler
from tests.aws.world import World, new_world
from tests.functions.queue_stack import QueueStack, forget_processes_of
from tests.receiver import Receiver, receiver, status
from tests.telegram_samples import body, closed, end, settled, signal

pytestmark = pytest.mark.enable_socket

OPENED, CLOSED = f"{signal().signal_id}#opened", f"{signal().signal_id}#closed"
RELEASED_WITHIN_S = 8
"""Less than a request may take."""


class Stack(QueueStack):
    """The function with receivers that listen."""

    def __init__(self, world: World, folder: ExitStack) -> None:
        super().__init__(world, "channels", handler, "{}")
        self._servers = folder
        self.receivers: dict[str, Receiver] = {}

    def remove(self) -> None:
        forget()
        super().remove()

    def environment(self) -> dict[str, str]:
        return {
            "CHANNELS_SECRET_ARN": self.arn,
            "CHANNELS_PACE": "unlimited",
            "CHANNELS_QUEUE_URL": self.queue_url,
            "CHANNELS_DEAD_LETTER_URL": self.letters_url,
        }

    def add(self, *names: str, **preferences: Any) -> Receiver:
        """Run a receiver for each name, and subscribe it; returns the last one."""
        for name in names:
            self.receivers[name] = self._servers.enter_context(receiver())
            DynamoSubscriptions("subscriptions_table").save(
                Subscription(f"webhook:{name}", **preferences)
            )
        self.write_secret()
        return self.receivers[names[-1]]

    def write_secret(self, **more: Any) -> None:
        ports = {name: one.port for name, one in self.receivers.items()}
        raw = {
            "public_id_key": "made up",
            "allowed": [f"127.0.0.1:{port}" for port in ports.values()],
            "destinations": {
                f"webhook:{name}": {"url": f"http://127.0.0.1:{port}/hidden", "secret": "s"}
                for name, port in ports.items()
            },
        }
        self.secrets.put_secret_value(SecretId=self.arn, SecretString=json.dumps(raw | more))

    def delivery(self, name: str, event_id: str = OPENED) -> Delivery:
        found = send_channels.deliveries_of("deliveries_table").get(event_id, f"webhook:{name}")
        assert found is not None
        return found


def forget() -> None:
    """Start a new process of the function."""
    forget_processes_of(
        send_channels._config, send_channels.destinations_of, send_channels.deliveries_of,
        send_channels.client_of,
    )  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with ExitStack() as servers:
        world.reset()
        forget()
        made = Stack(world, servers)
        for key, value in made.environment().items():
            monkeypatch.setenv(key, value)
        yield made
        made.remove()


def test_each_destination_gets_each_event_once_with_its_receipt(stack: Stack) -> None:
    stack.add("one", "two")
    stack.put(signal(), signal(), closed())
    while stack.drain() != (0, 0):
        stack.pass_s(2)
    for name in ("one", "two"):
        events = [json.loads(one.body)["event"] for one in stack.receivers[name].requests]
        assert events == ["signal.opened", "signal.closed"]
        done = stack.delivery(name)
        assert (done.status, done.receipt) == (Status.DELIVERED, "HTTP 200")
        assert done.public_channel != f"webhook:{name}"
        assert done.public_channel.startswith("webhook:")
    assert stack.letters == []


def test_preferences_are_those_of_the_address(stack: Stack) -> None:
    stack.add("all")
    stack.add("shorts", direction="short")
    stack.put(signal())
    while stack.drain() != (0, 0):
        stack.pass_s(2)
    assert len(stack.receivers["all"].requests) == 1
    assert stack.receivers["shorts"].requests == []


def test_one_that_does_not_answer_delays_no_other(stack: Stack) -> None:
    """It answers when the others have theirs, before its time-out: all are served at once."""
    slow, done, seen = stack.add("slow"), threading.Semaphore(0), list[bool]()

    def waits_for_the_others(connection: socket.socket) -> None:
        seen.append(all(done.acquire(timeout=RELEASED_WITHIN_S) for _ in range(4)))
        connection.sendall(status(200))

    def arrived(connection: socket.socket) -> None:
        connection.sendall(status(200))
        done.release()

    slow.orders.append(waits_for_the_others)
    for name in ("a", "b", "c", "d"):
        stack.add(name).orders.append(arrived)
    for name in ("slow", "a", "b", "c", "d"):
        stack.put(signal(), to=f"webhook:{name}")
    assert stack.drain() == (5, 0)
    assert seen == [True]


def test_messages_that_name_no_address_wait_for_no_others_destination(stack: Stack) -> None:
    """Each is for the first of its audience. The slow one answers when the other has its own."""
    slow, fast = stack.add("slow", symbols=("ETHUSDT",)), stack.add("fast", symbols=("BTCUSDT",))
    done, seen = threading.Event(), list[bool]()

    def waits_for_the_other(connection: socket.socket) -> None:
        seen.append(done.wait(timeout=RELEASED_WITHIN_S))
        connection.sendall(status(200))

    def arrived(connection: socket.socket) -> None:
        connection.sendall(status(200))
        done.set()

    slow.orders.append(waits_for_the_other)
    fast.orders.append(arrived)
    first = signal(symbol="ETHUSDT", signal_id="e" * 24)
    stack.put(first, signal(), settled(first, end()))
    assert stack.drain() == (3, 0)
    assert seen == [True]
    events = [json.loads(one.body)["event"] for one in slow.requests]
    assert events == ["signal.opened", "signal.closed"], "in order at its destination"


def test_one_that_is_down_is_tried_by_one_message_and_the_others_wait(stack: Stack) -> None:
    down = stack.add("down")
    down.orders += [b"", b"", b""]
    stack.put(*(body(one, to="webhook:down") for one in several(5)))
    assert stack.drain() == (5, 5)
    assert len(down.requests) == 1, "the others would wait as long for nothing"
    stack.pass_s(2)
    stack.drain()
    assert len(down.requests) == 2
    stack.pass_s(600)
    while stack.drain() != (0, 0):
        stack.pass_s(600)
    ids = [json.loads(one.body)["event_id"] for one in down.requests]
    assert len(set(ids)) == 5
    assert len(ids) == 5 + 3, "those that got no answer come again"


def several(number: int) -> list[Signal]:
    """Return signals with ids of their own."""
    return [signal(signal_id=f"{n:024x}") for n in range(number)]


@pytest.mark.parametrize("header", ["35", "Tue, 20 May 2025 00:13:55 GMT"])
def test_one_that_asks_to_wait_is_left_alone_for_as_long(stack: Stack, header: str) -> None:
    busy = stack.add("busy")
    busy.orders.append(status(429, Retry_After=header))
    stack.put(signal(), to="webhook:busy")
    assert stack.drain() == (1, 1)
    stack.pass_s(34)
    assert stack.drain() == (1, 1)
    assert len(busy.requests) == 1
    stack.pass_s(1)
    assert stack.drain() == (1, 0)
    assert stack.delivery("busy").possible_duplicates == 0


def test_one_that_wants_no_more_is_unsubscribed(stack: Stack) -> None:
    gone = stack.add("gone")
    gone.orders.append(status(410))
    stack.put(signal(), to="webhook:gone")
    assert stack.drain() == (1, 0)
    found = DynamoSubscriptions("subscriptions_table").get("webhook:gone")
    assert found is not None
    assert not found.active
    assert stack.letters == []


@pytest.mark.parametrize("answer", [400, 401, 404, 413, 302])
def test_what_is_rejected_is_set_aside_and_the_third_parks_the_destination(
    stack: Stack, answer: int
) -> None:
    one = stack.add("one")
    one.orders += [status(answer, Location="http://127.0.0.1/")] * 3
    stack.put(*(body(each, to="webhook:one") for each in several(4)))
    assert stack.drain() == (4, 1)
    letters = stack.letters
    assert len(letters) == len(one.requests) == 3
    assert {letter["reason"].split(":")[0] for letter in letters} == {f"HTTP {answer}"}
    stack.pass_s(1_801)
    assert stack.drain() == (1, 0)
    assert len(one.requests) == 4


def test_a_name_without_a_destination_is_parked_until_it_has_one(stack: Stack) -> None:
    stack.add("new")
    stack.write_secret(destinations={})
    stack.put(signal(), to="webhook:new")
    assert stack.drain() == (1, 1)
    stack.write_secret()
    stack.pass_s(1_801)
    assert stack.drain() == (1, 0)
    assert stack.delivery("new").status is Status.DELIVERED


def test_a_host_is_open_as_soon_as_its_destination_is_found(stack: Stack) -> None:
    """The process has the secret of before."""
    stack.add("first")
    stack.put(signal(), to="webhook:first")
    assert stack.drain() == (1, 0)
    stack.add("second")
    stack.pass_s(11)
    stack.put(signal(), to="webhook:second")
    assert stack.drain() == (1, 0)
    assert stack.delivery("second").status is Status.DELIVERED


def test_a_private_address_is_requested_only_where_it_is_opened(stack: Stack) -> None:
    one = stack.add("one")
    stack.write_secret(allowed=[])
    stack.put(signal(), to="webhook:one")
    assert stack.drain() == (1, 0)
    (letter,) = stack.letters
    assert letter["reason"] == "not https"
    assert one.requests == []


def test_no_url_and_no_secret_is_written_anywhere(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    one = stack.add("one")
    one.orders += [b"", status(404)]
    stack.put(signal(), to="webhook:one")
    stack.drain()
    stack.pass_s(600)
    stack.drain()
    items = stack.world.dynamodb.scan(TableName="deliveries_table")["Items"]
    written = capsys.readouterr().out + json.dumps(items) + json.dumps(stack.letters)
    assert "hidden" not in written
    assert str(one.port) not in written


def test_a_message_without_an_audience_costs_no_request(stack: Stack) -> None:
    stack.put(signal())
    assert stack.drain() == (1, 0)
    assert stack.letters == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CHANNELS_QUEUE_URL", ""), ("CHANNELS_SECRET_ARN", ""), ("CHANNELS_PACE", "fast"),
     ("CHANNELS_DIGEST_AFTER_S", "soon")],
)  # fmt: skip
def test_it_does_not_start_without_its_settings(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    stack.put(signal())
    with pytest.raises(ConfigError, match=variable):
        stack.drain()
