"""Messages to a browser by a push service that listens: what it gets, and what it answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.push.channel import SENDER as SENDER_KEY
from signalengine_aws.channels.push.channel import PushChannel
from signalengine_aws.channels.push.contacts import Browser
from signalengine_aws.channels.push.limits import FAILING_MS
from signalengine_aws.channels.push.renderer import render
from signalengine_aws.channels.push.vapid import new_keys
from signalengine_aws.delivery.destinations import Destination
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from signalengine_aws.delivery.notifications import read_notification

from infra.local.channels.push import StandInBrowser
from tests.aws.fakes import ManualClock
from tests.channel_clients import (
    NAME,
    SENDER,
    MemoryBrowsers,
    MemoryDestinations,
    MemoryPoster,
    browser_at,
    push_at,
)
from tests.channel_server import RunningChannels, running_channels
from tests.telegram_samples import body, signal

pytestmark = pytest.mark.enable_socket

MESSAGE = render(read_notification(body(signal())))


@pytest.fixture
def server() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running


def send(channel: PushChannel, *, silent: bool = False) -> str:
    return channel.send(NAME, MESSAGE, reply_to=None, silent=silent)


def failure(channel: PushChannel) -> Exception:
    with pytest.raises((TransientError, PermanentError)) as caught:
        send(channel)
    return caught.value


def test_a_browser_reads_the_message_and_the_service_its_headers(server: RunningChannels) -> None:
    receipt = send(push_at(server))
    (row,) = server.received("push")
    assert row["receipt"] == receipt
    assert row["payload"] == {**MESSAGE.document, "silent": False}
    footer = [run["text"] for line in row["footer"] for run in line]
    assert f"TTL: {MESSAGE.ttl_s} s" in footer
    assert "Urgency: high" in footer
    assert f"Topic: {signal().signal_id}" in footer


def test_a_silent_message_is_of_low_urgency_and_says_so(server: RunningChannels) -> None:
    send(push_at(server), silent=True)
    (row,) = server.received("push")
    assert row["payload"]["silent"] is True
    assert "Urgency: low" in [run["text"] for line in row["footer"] for run in line]


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("429", {"retry_after": 35}, RetryAfterError),
        ("500", {"status": 502}, UnavailableError),
        ("timeout_before", {}, UnavailableError),
        ("timeout_after_delivery", {}, UnavailableError),
        ("reset_before", {}, UnavailableError),
        ("error", {"error": "400"}, RejectedError),
        ("error", {"error": "401"}, UnreachableError),
        ("error", {"error": "403"}, UnreachableError),
        ("error", {"error": "413"}, RejectedError),
    ],
)
def test_each_failure_of_the_service_is_known(
    server: RunningChannels, kind: str, more: dict[str, Any], error: type[Exception]
) -> None:
    server.fault("push", kind, **more)
    channel = push_at(server)
    found = failure(channel)
    assert type(found) is error
    assert server.authority not in str(found)
    assert not getattr(found, "by_recipient", False)
    if isinstance(found, RetryAfterError):
        assert found.seconds == 35
    assert send(channel)


@pytest.mark.parametrize("status", ["404", "410"])
def test_a_browser_that_is_gone_is_forgotten(server: RunningChannels, status: str) -> None:
    browsers = MemoryBrowsers({NAME: browser_at(server)})
    channel = push_at(server, browsers=browsers)
    server.fault("push", "error", error=status)
    found = failure(channel)
    assert isinstance(found, UnreachableError)
    assert found.by_recipient
    assert browsers.known == {}
    assert isinstance(failure(channel), UnreachableError)
    assert server.received("push") == []


def test_a_subscription_is_bound_to_the_first_senders_key(server: RunningChannels) -> None:
    send(push_at(server))
    other = replace(SENDER, fields={"private_key": new_keys().private})
    secrets = MemoryDestinations({SENDER_KEY: other}, [server.authority])
    found = failure(push_at(server, secrets=secrets))
    assert isinstance(found, UnreachableError)
    assert "403" in str(found)


def test_an_endpoint_elsewhere_is_never_posted_to() -> None:
    poster = MemoryPoster(Response(201, {}, b""))
    keys = StandInBrowser().keys
    known = "https://fcm.googleapis.com/x"
    elsewhere = "https://evil.example/x", "https://169.254.169.254/", "http://127.0.0.1:1/push/a"
    for url in (known, *elsewhere):
        browsers = MemoryBrowsers({NAME: Browser(url, keys["p256dh"], keys["auth"])})
        secrets = MemoryDestinations({SENDER_KEY: SENDER})
        channel = PushChannel(browsers, secrets, poster)
        if url == known:  # the keys are accepted
            send(channel)
        else:
            assert isinstance(failure(channel), RejectedError)
    assert len(poster.requests) == 1


@pytest.mark.parametrize("status", [403, 500, 400])
def test_a_browser_that_fails_for_days_is_ended_and_a_success_between_begins_anew(
    status: int,
) -> None:
    keys = StandInBrowser().keys
    browser = Browser("https://fcm.googleapis.com/x", keys["p256dh"], keys["auth"])
    browsers, clock = MemoryBrowsers({NAME: browser}), ManualClock()

    def channel(answered: int) -> PushChannel:
        poster = MemoryPoster(Response(answered, {}, b""))
        return PushChannel(browsers, MemoryDestinations({SENDER_KEY: SENDER}), poster, clock=clock)

    failure(channel(status))
    clock.now += FAILING_MS
    send(channel(201))
    assert browsers.known == {NAME: browser}
    failure(channel(status))
    clock.now += FAILING_MS - 1
    failure(channel(status))
    assert NAME in browsers.known
    clock.now += 1
    found = failure(channel(status))
    assert isinstance(found, UnreachableError)
    assert found.by_recipient
    assert browsers.known == {}


@pytest.mark.parametrize(
    ("public_key", "auth"), [("é", "aa"), ("BA", "aaaaaaaaaaaaaaaaaaaaaa"), ("BA", "aa")]
)
def test_keys_that_are_none_are_rejected_before_a_request(public_key: str, auth: str) -> None:
    poster = MemoryPoster(Response(201, {}, b""))
    browsers = MemoryBrowsers({NAME: Browser("https://fcm.googleapis.com/x", public_key, auth)})
    channel = PushChannel(browsers, MemoryDestinations({SENDER_KEY: SENDER}), poster)
    assert isinstance(failure(channel), RejectedError)
    assert poster.requests == []


def test_without_keys_nothing_is_configured_and_wrong_ones_stop_the_channel(
    server: RunningChannels,
) -> None:
    poster = MemoryPoster(Response(201, {}, b""))
    assert PushChannel(MemoryBrowsers(), MemoryDestinations(), poster).missing
    for fields in ({"private_key": "AA"}, {"private_key": ""}, {}):
        wrong = Destination("sender", "mailto:a@b.c", fields)
        secrets = MemoryDestinations({SENDER_KEY: wrong}, [server.authority])
        assert push_at(server, secrets=secrets).missing is None
        assert isinstance(failure(push_at(server, secrets=secrets)), UnauthorizedError)


def test_what_is_shown_of_a_browser_has_nothing_of_it(server: RunningChannels) -> None:
    browser = browser_at(server)
    assert json.dumps(repr(browser)) == '"Browser()"'
