"""Notifications as Slack messages."""

from typing import Any

from hypothesis import given
from signalengine_aws.channels.slack.renderer import escaped, render
from signalengine_aws.delivery.notifications import Notification

from infra.local.channels.shown import slack, text_of
from infra.local.channels.slack import Slack
from tests.examples import examples
from tests.infra.local.channels.samples import call
from tests.notifications import (
    DASHBOARD,
    NOTIFICATIONS,
    PAGE,
    TEXTS,
    again,
    announced,
    digested,
    ended,
    every,
    opened,
    step,
)

SERVICE = Slack()


def blocks(notification: Notification, dashboard: str = "") -> list[dict[str, Any]]:
    found = render(notification, dashboard)["blocks"]
    assert isinstance(found, list)
    return found


def words(block: dict[str, Any]) -> str:
    return str(block["text"]["text"])


def test_an_opening_has_its_levels_in_fields_to_copy() -> None:
    header, score, levels, times, identity, links = blocks(opened(), DASHBOARD)
    assert words(header) == "🟢 LONG BTCUSDT"
    assert words(score).startswith("*📊 Score*\n*65.4%*\nTrend 81")
    fields = dict(one["text"].split("\n", 1) for one in levels["fields"])
    assert fields["*💰 Entry*"] == "`50123.45`"
    assert fields["*🎯 TP*"] == "`51234.56` (+2.22%)"
    assert fields["*🛡️ SL*"] == "`49876.54` (-0.49%)"
    assert fields["*⚖️ R:R*"] == "*1 : 4.50*"
    assert words(times).startswith("⏰ 2025-05-19 12:00:00 UTC")
    assert identity["elements"][0]["text"].startswith("`3f2a9c1d7e5b4a6088cc1234`")
    assert links["elements"][0]["text"].startswith(f"<{PAGE}|📈 Chart> · <https://www.binance.com")


def test_other_messages_have_their_lines_in_a_section() -> None:
    assert "Return: *+2.09%* net" in words(blocks(ended())[1])
    assert words(blocks(step())[1]).startswith("SL: `50834.56` (+1.42%)")
    assert words(blocks(again())[1]) == "🔁 _Sent again on request_"
    assert "1. 🟢 *LONG BTCUSDT* 65.4%" in words(blocks(digested())[1])
    assert render(ended())["text"] == "✅ *TP HIT - LONG BTCUSDT*"


def test_nobody_is_mentioned_and_nothing_is_unfolded() -> None:
    message = render(announced("<!channel> <@U1> @here a&b"))
    assert words(message["blocks"][1]) == "&lt;!channel&gt; &lt;@U1&gt; @here a&amp;b"
    assert message["blocks"][1]["text"]["verbatim"] is True
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)


@examples(60)
@given(TEXTS)
def test_escaped_text_has_no_link_and_no_entity(text: str) -> None:
    plain = text.replace("*", "").replace("_", "").replace("`", "").replace("\n", " ")
    assert text_of(slack(escaped(plain))) == plain


@examples(60)
@given(NOTIFICATIONS)
def test_every_message_is_accepted_whatever_its_words(notification: Notification) -> None:
    assert call(SERVICE, render(notification, DASHBOARD)).body == b"ok"


def test_every_kind_is_accepted() -> None:
    assert {call(SERVICE, render(one, DASHBOARD)).body for one in every()} == {b"ok"}
