"""Destinations before a deployment: kept, and seen by the doctor."""

import json
from typing import Any

import pytest

from infra.cli.cloud import StackState
from infra.cli.deploy.channels import LISTED, address_states, channels_check, served
from infra.settings import ONLY

GOOD = {"url": "https://127.0.0.1/x"}


class Account:
    """The part of an account that has destinations."""

    def __init__(
        self, *, serves: str = "true", allowed: list[str] | None = None, **found: Any
    ) -> None:
        self.text = json.dumps({"destinations": found, "allowed": allowed or []})
        self.serves = serves
        self.outputs = {"ChannelsSecretArn": "arn"}

    def stack(self, _name: str) -> StackState:
        return StackState("UPDATE_COMPLETE", self.outputs)

    def parameter(self, _stack: str, _name: str) -> str:
        return self.serves

    def secret(self, _arn: str) -> str:
        return self.text


def check(account: Account, **states: Any) -> Any:
    return channels_check(ONLY, account, lambda key: states.get(key, {}))  # type: ignore[arg-type]  # the part that it uses


def serving(account: Account, **given: str) -> dict[str, str]:
    return served(given, ONLY, account)  # type: ignore[arg-type]  # the part that it uses


def test_a_stack_with_destinations_stays_served() -> None:
    assert serving(Account()) == {}
    assert serving(Account(a=GOOD)) == {"ServesChannels": "true"}
    assert serving(Account(a=GOOD), ServesChannels="false") == {}
    for sender in ("email:sender", "push:sender"):
        assert serving(Account(**{sender: {"url": "ses:"}})) == {"ServesChannels": "true"}
    older = Account(a=GOOD)
    older.outputs = {}
    assert serving(older) == {}


def test_without_destinations_there_is_nothing_to_say() -> None:
    assert check(Account()) is None


@pytest.mark.enable_socket
def test_destinations_that_can_be_reached_are_counted() -> None:
    found = check(Account(a=GOOD, b=GOOD, allowed=["127.0.0.1"]))
    assert (found.state, found.found) == ("ok", "2 destinations can be reached")


@pytest.mark.enable_socket
def test_senders_of_mail_and_push_are_no_addresses_of_requests() -> None:
    senders = {"email:sender": {"url": "ses:"}, "push:sender": {"url": "mailto:me@mail.example"}}
    found = check(Account(**senders, a=GOOD, allowed=["127.0.0.1"]))
    assert (found.state, found.found) == ("ok", "1 destinations can be reached")
    assert "deploy once" in check(Account(**senders, serves="false")).found


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("account", "states", "text"),
    [
        (Account(a=GOOD), {}, "a: its address is not a public one"),
        (Account(a={"url": "http://x/"}), {}, "a: not https"),
        (Account(a={"url": "https://no-such-name.invalid/"}), {}, "a: its name is not resolved"),
        (
            Account(a=GOOD, allowed=["127.0.0.1"]),
            {"a": {"parked_until": {"N": str(10**15)}, "parked_reason": {"S": "HTTP 404"}}},
            "a is parked: HTTP 404",
        ),
        (Account(a=GOOD, allowed=["127.0.0.1"], serves="false"), {}, "deploy once"),
    ],
)
def test_what_is_wrong_is_advice(account: Account, states: dict[str, Any], text: str) -> None:
    found = check(account, **states)
    assert (found.state, found.fix) == ("advice", LISTED)
    assert text in found.found
    assert "://" not in found.found


def test_states_are_read_by_their_key() -> None:
    class Table:
        def get_item(self, **given: Any) -> dict[str, Any]:
            assert given["Key"] == {"event_id": {"S": "#pace"}, "channel": {"S": "x:a"}}
            return {"Item": {"parked_until": {"N": "1"}}}

    assert address_states(Table(), "deliveries")("x:a") == {"parked_until": {"N": "1"}}
