"""The webhook behind the Channel port: what a destination's fields make of a notification."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from signalengine_aws.channels.http.client import Response
from signalengine_aws.channels.webhook.channel import NO_DESTINATION, WebhookChannel
from signalengine_aws.delivery.destinations import Destinations
from signalengine_aws.delivery.errors import UnreachableError
from signalengine_aws.delivery.notifications import LANGUAGE, read_notification

from tests.aws.fakes import ManualClock
from tests.telegram_samples import NOON, body, signal

URL = "https://bot.example.com/hook"


class Poster:
    """Accepts every request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes, Mapping[str, str]]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.requests.append((url, body, headers))
        return Response(202, {}, b"")


def sent(**fields: Any) -> tuple[str, bytes, Mapping[str, str]]:
    poster, entry = Poster(), {"url": URL, **fields}
    secret = json.dumps({"destinations": {"webhook:bot": entry}})
    channel = WebhookChannel(Destinations(lambda: secret), poster, ManualClock())
    message = channel.render(read_notification(body(signal())), LANGUAGE)
    assert channel.send("bot", message, reply_to="HTTP 200", silent=True) == "HTTP 202"
    (request,) = poster.requests
    return request


def test_a_request_has_its_event_its_time_and_the_signatures_of_both_secrets() -> None:
    url, text, headers = sent(secret="new", previous_secret="old")
    assert url == URL
    seconds, event_id = NOON // 1000, f"{signal().signal_id}#opened"
    expected = [
        "v1=" + hmac.new(key, f"{event_id}.{seconds}.".encode() + text, hashlib.sha256).hexdigest()
        for key in (b"new", b"old")
    ]
    assert headers["X-SignalEngine-Signature"].split(",") == expected
    assert headers["X-SignalEngine-Timestamp"] == str(seconds)
    assert headers["X-SignalEngine-Event-Id"] == event_id
    assert headers["Content-Type"] == "application/json"


def test_the_template_and_the_leverage_are_the_destination_s() -> None:
    _, text, headers = sent(template="cornix", leverage="5")
    assert text.decode().splitlines()[2] == "Leverage: 5x"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert sent(template="{{symbol}}")[1] == b"BTCUSDT"
    assert json.loads(sent()[1])["version"] == 1


def test_a_name_without_a_destination_cannot_be_written_to() -> None:
    channel = WebhookChannel(Destinations(lambda: "{}"), Poster(), ManualClock())
    message = channel.render(read_notification(body(signal())), LANGUAGE)
    with pytest.raises(UnreachableError, match=NO_DESTINATION):
        channel.send("bot", message, reply_to=None, silent=False)
