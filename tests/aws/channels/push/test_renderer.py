"""What a push message says, how long it lasts, and what it replaces."""

import json
from dataclasses import replace

import pytest
from signalengine.signals import Signal
from signalengine_aws.channels.push.limits import CLOSED_TTL_S, OTHER_TTL_S, PAYLOAD
from signalengine_aws.channels.push.renderer import render
from signalengine_aws.delivery.notifications import Notification, read_notification

from tests.telegram_samples import body, closed, signal


def opened(one: Signal) -> Notification:
    return Notification(f"{one.signal_id}#opened", "opened", one, 5)


def test_an_opening_has_its_levels_and_opens_its_page() -> None:
    one = signal()
    message = render(opened(one))
    assert one.symbol in message.document["title"]
    for word in ("Entry", "TP", "SL", "Score"):
        assert word in message.document["body"]
    assert message.document["url"] == f"signals/{one.signal_id}"
    assert (message.urgency, message.topic) == ("high", one.signal_id)
    assert message.ttl_s == (one.expires_at - one.close_time) // 1000


def test_a_closing_replaces_its_opening_and_lasts_some_hours() -> None:
    one = closed()
    message = render(read_notification(body(one)))
    assert (message.topic, message.document["tag"]) == (one.signal_id, one.signal_id)
    assert (message.urgency, message.ttl_s) == ("normal", CLOSED_TTL_S)


@pytest.mark.parametrize(("minutes", "ttl_s"), [(0, 60), (60, 3_600), (60_000, 28 * 86_400)])
def test_an_opening_lasts_as_long_as_its_signal_within_limits(minutes: int, ttl_s: int) -> None:
    one = signal()
    lasting = replace(one, expires_at=one.close_time + minutes * 60_000)
    assert render(opened(lasting)).ttl_s == ttl_s


def test_an_announcement_replaces_nothing() -> None:
    words = "é" * 5_000
    message = render(Notification("announcement#1", "announcement", None, 5, words))
    assert (message.topic, message.ttl_s) == ("", OTHER_TTL_S)
    assert (message.document["tag"], message.document["url"]) == ("announcement#1", "signals")
    sent = json.dumps({**message.document, "silent": False}, ensure_ascii=False)
    assert len(sent.encode()) <= PAYLOAD
