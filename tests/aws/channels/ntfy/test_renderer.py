"""Notifications as ntfy messages."""

import json

from hypothesis import given
from signalengine_aws.channels.ntfy.limits import DOCUMENT
from signalengine_aws.channels.ntfy.renderer import render
from signalengine_aws.delivery.notifications import Notification

from infra.local.channels.ntfy import Ntfy
from tests.examples import examples
from tests.infra.local.channels.samples import call
from tests.notifications import (
    DASHBOARD,
    NOTIFICATIONS,
    PAGE,
    announced,
    digested,
    ended,
    every,
    opened,
    step,
)

SERVICE = Ntfy()


def test_an_opening_is_plain_text_with_bare_levels() -> None:
    message = render(opened(), DASHBOARD)
    assert message["title"] == "🟢 LONG BTCUSDT"
    lines = message["message"].split("\n")
    assert lines[0] == "📊 Score: 65.4%"
    assert {"💰 Entry: 50123.45", "🎯 TP: 51234.56 (+2.22%)", "⚖️ R:R: 1 : 4.50"} <= set(lines)
    assert lines[-1] == "3f2a9c1d7e5b4a6088cc1234 · policy 9ab3c1d0"
    assert (message["tags"], message["click"]) == (["opened", "long", "BTCUSDT"], PAGE)
    assert [one["label"] for one in message["actions"]] == ["📈 Chart", "Binance", "TradingView"]


def test_other_messages_are_their_lines() -> None:
    assert render(ended())["message"].startswith("Return: +2.09% net | Duration: 45 min")
    assert render(step())["message"].startswith("SL: 50834.56 (+1.42%)")
    assert "1. 🟢 LONG BTCUSDT 65.4%" in render(digested())["message"]
    assert render(announced("a\nb"), DASHBOARD) == {
        "title": "📣 From the operator", "message": "a\nb", "tags": ["announcement"],
    }  # fmt: skip


def test_a_symbol_that_is_no_tag_is_left_out() -> None:
    assert render(opened(symbol="a,b c"))["tags"] == ["opened", "long", "abc"]
    assert render(opened(symbol="x" * 41))["tags"] == ["opened", "long"]


@examples(60)
@given(NOTIFICATIONS)
def test_every_message_is_accepted_whatever_its_words(notification: Notification) -> None:
    message = {"topic": "t" * 64, "priority": 2, **render(notification, DASHBOARD)}
    assert call(SERVICE, message).status == 200
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= DOCUMENT


def test_every_kind_is_accepted() -> None:
    answers = [call(SERVICE, {"topic": "open", **render(one, DASHBOARD)}) for one in every()]
    assert [one.status for one in answers] == [200] * 6
