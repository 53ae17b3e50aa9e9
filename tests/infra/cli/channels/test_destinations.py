"""Destinations by the command: added, tested by the real path, listed, changed, removed."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from signalengine_aws.delivery.pacing import PARKED_MS, AddressState, parked
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions

from infra.cli.channels.destinations import Destinations, masked
from infra.cli.channels.store import ChannelStore
from infra.errors import CommandError
from tests.aws.world import REGION, World, new_world
from tests.functions.test_send_channels import Stack, forget
from tests.receiver import receiver, status

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


class Lambdas:
    """The mapping of the queue."""

    def __init__(self, state: str) -> None:
        self.state = state

    def list_event_source_mappings(self, **_: Any) -> dict[str, Any]:
        return {"EventSourceMappings": [{"UUID": "u", "State": self.state}]}

    def update_event_source_mapping(self, **given: Any) -> None:
        assert given == {"UUID": "u", "Enabled": True}
        self.state = "Enabled"


class Case:
    """A stack with its function, and the operator's command."""

    def __init__(self, stack: Stack, servers: ExitStack) -> None:
        self.stack = stack
        self.receiver = servers.enter_context(receiver())
        self.url = f"http://127.0.0.1:{self.receiver.port}/hidden"
        self.host = f"127.0.0.1:{self.receiver.port}"
        self.lambdas = Lambdas("Enabled")
        outputs = {"ChannelsSecretArn": stack.arn, "ChannelsQueueUrl": stack.queue_url}
        self.store = ChannelStore(
            self.client,
            outputs,
            DynamoSubscriptions("subscriptions_table"),
            deliveries(),
        )
        self.command = Destinations(self.store, lambda: stack.world.now, self.wait)

    def client(self, service: str) -> Any:
        return self.lambdas if service == "lambda" else boto3.client(service, REGION)  # type: ignore[call-overload]  # any service

    def wait(self, seconds: float) -> None:
        """Time passes, and Lambda reads the queue."""
        self.stack.pass_s(1)
        self.stack.drain()

    def add(self, name: str = "my-bot", **preferences: Any) -> dict[str, Any]:
        return self.command.add("webhook", name, self.url, {}, preferences, self.host)

    def raw(self) -> dict[str, Any]:
        found = boto3.client("secretsmanager", REGION).get_secret_value(SecretId=self.stack.arn)
        return dict(json.loads(found["SecretString"]))


def deliveries() -> Any:
    from signalengine_aws.application import send_channels

    return send_channels.deliveries_of("deliveries_table")


@pytest.fixture
def case(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    with ExitStack() as servers:
        world.reset()
        forget()
        stack = Stack(world, servers)
        for key, value in stack.environment().items():
            monkeypatch.setenv(key, value)
        yield Case(stack, servers)
        stack.remove()


def test_a_destination_is_added_and_tested_by_the_real_path(case: Case) -> None:
    done = case.add(min_score=0.7)
    assert (done["destination"], done["preferences"]) == (
        "webhook:my-bot",
        "all symbols; score 70% or more",
    )
    assert "hidden" not in json.dumps(done)
    receipt = case.command.test("my-bot", 30)
    assert (receipt["status"], receipt["receipt"]) == ("delivered", "HTTP 200")
    (request,) = case.receiver.requests
    sent = json.loads(request.body)
    assert (sent["event"], sent["signal"]) == ("announcement", None)
    assert "TEST" in sent["text"]
    assert case.raw()["destinations"]["webhook:my-bot"]["secret"] == done["secret"]


def test_a_test_says_why_there_is_no_receipt(case: Case) -> None:
    case.add()
    case.receiver.orders.append(status(404))
    assert case.command.test("my-bot", 30)["reason"] == "HTTP 404"
    case.receiver.orders += [b""] * 20
    waiting = case.command.test("my-bot", 5)
    assert (waiting["status"], waiting["receipt"]) == ("waiting", None)


def test_a_test_ends_a_pause(case: Case) -> None:
    case.add()
    now = case.stack.world.now
    state = parked(AddressState("webhook:my-bot"), now, "HTTP 404")
    case.store.deliveries.save_address_state(state)
    (row,) = case.command.rows()
    assert (row["reason"], row["paused_until"]) == ("HTTP 404", now + PARKED_MS)
    assert case.command.test("my-bot", 30)["status"] == "delivered"
    assert case.command.rows()[0]["paused_until"] is None


def test_the_list_has_neither_urls_nor_secrets(case: Case) -> None:
    secret = case.add()["secret"]
    shown = json.dumps(case.command.rows())
    assert "hidden" not in shown
    assert secret not in shown
    assert "http://127.0.0.1/" in shown


def test_a_change_leaves_the_rest_and_a_rotation_keeps_the_last_secret(case: Case) -> None:
    first = case.add(symbols=("BTCUSDT",))["secret"]
    second = case.command.edit("my-bot", {}, {"min_score": 0.5}, rotate=True)["secret"]
    entry = case.raw()["destinations"]["webhook:my-bot"]
    assert (entry["secret"], entry["previous_secret"]) == (second, first)
    assert case.command.rows()[0]["preferences"] == "BTCUSDT; score 50% or more"
    case.command.test("my-bot", 30)
    assert case.receiver.requests[0].headers["x-signalengine-signature"].count("v1=") == 2


def test_what_is_removed_gets_nothing_and_may_come_again(case: Case) -> None:
    case.add()
    case.command.remove("webhook:my-bot")
    assert case.raw()["destinations"] == {}
    assert case.command.rows() == []
    with pytest.raises(CommandError, match="no destination"):
        case.command.test("my-bot", 1)
    case.add()
    assert case.command.rows()[0]["active"]


def test_a_queue_that_is_not_read_is_emptied_and_read_from_then_on(case: Case) -> None:
    case.lambdas.state = "Disabled"
    case.stack.put("a signal that is past")
    assert not case.store.served()
    assert case.add()["served_now"]
    assert case.lambdas.state == "Enabled"
    assert case.stack.drain() == (0, 0)
    assert not case.add("other")["served_now"]


@pytest.mark.parametrize(
    ("name", "url", "allow"),
    [
        ("My Bot", "https://bot.example.com/", None),
        ("bot", "http://bot.example.com/", None),
        ("bot", "https://bot.example.com:8443/", None),
        ("bot", "https://user@bot.example.com/", "bot.example.com"),
        ("bot", "bot.example.com", None),
    ],
)
def test_what_could_not_be_sent_to_is_refused(
    case: Case, name: str, url: str, allow: str | None
) -> None:
    with pytest.raises(CommandError) as caught:
        case.command.add("webhook", name, url, {}, {}, allow)
    assert "example" not in str(caught.value)
    assert case.raw().get("destinations", {}) == {}


def test_a_name_is_given_once_and_cornix_gets_openings_only(case: Case) -> None:
    case.add()
    with pytest.raises(CommandError, match="there already"):
        case.add()
    done = case.command.add("webhook", "c", case.url, {"template": "cornix"}, {}, case.host)
    assert done["preferences"] == "all symbols; closings off"


def test_a_host_is_shown_and_nothing_behind_it() -> None:
    assert masked("https://hooks.example.com/a/b?c=d") == "https://hooks.example.com/…"
    assert masked("nothing") == "…"
