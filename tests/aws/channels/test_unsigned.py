"""Announcements and price alerts: the texts of notifications about no signal."""

import json

from signalengine.alerts import asked
from signalengine.text.languages import in_language
from signalengine_aws.channels.content import content
from signalengine_aws.channels.markup import text_of
from signalengine_aws.channels.telegram.renderer import render
from signalengine_aws.channels.unsigned import unsigned_text
from signalengine_aws.channels.webhook.renderer import render as webhook
from signalengine_aws.delivery.notifications import Notification, read_notification
from signalengine_aws.messaging.sns import alert_message

from tests.aws.positions import T


def notification(price: float = 65_000.0) -> Notification:
    alert = asked("BTCUSDT", price, 64_000.0, 0.1, T)
    message = alert_message("alert#1", "telegram:42", alert, T + 60_000, "simulated", 5)
    return read_notification(json.dumps(message.body))


def test_an_alert_says_what_was_reached_and_when() -> None:
    one = notification()
    assert (one.kind, one.to, one.decided_at, one.opening_id) == (
        "alert", "telegram:42", T + 60_000, None,
    )  # fmt: skip
    title, *_, rose, over = unsigned_text(one).splitlines()
    assert title.endswith("🎯 <b>BTCUSDT $65,000.0</b>")
    assert rose == "It rose to <code>65000.0</code>."
    assert over == "Minute until 2025-05-19 12:01:00 UTC; this alert is over."
    assert "It fell to <code>63000.0</code>." in unsigned_text(notification(63_000.0))


def test_every_layout_has_it() -> None:
    one = notification()
    assert render(one).text == unsigned_text(one)
    assert render(one).buttons == ()
    assert text_of(content(one).title).endswith("🎯 BTCUSDT $65,000.0")
    assert "It rose to 65000.0." in webhook(one).text


def test_it_is_spanish_where_that_is_chosen() -> None:
    with in_language("es"):
        assert "Ha subido hasta" in unsigned_text(notification())


def test_an_announcement_is_as_it_was() -> None:
    one = Notification("announcement#1", "announcement", None, 5, "Down tonight")
    assert unsigned_text(one).endswith("Down tonight")
