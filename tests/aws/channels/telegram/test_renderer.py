"""Notifications as Telegram messages."""

import json

import pytest
from signalengine.facts.markets import Market
from signalengine.signals import to_dict
from signalengine.text.messages import (
    announcement_text,
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)
from signalengine_aws.channels.telegram.client import keyboard
from signalengine_aws.channels.telegram.renderer import render
from signalengine_aws.delivery.notifications import (
    MalformedNotificationError,
    read_notification,
    repeated,
)
from signalengine_aws.messaging.sns import signal_message

from tests.telegram_samples import MINUTE, NOON, body, closed, signal, stepped

WHY = ("🔎 Why", f"why:{signal().signal_id}")


def test_an_opening_can_be_explained_and_muted() -> None:
    message = render(read_notification(body(signal())))
    assert message.text == opened_text(signal())
    assert message.buttons[0] == (WHY, ("🔕 Mute 2h", "mute:2h"))


@pytest.mark.parametrize(
    ("dashboard", "address"),
    [
        ("https://d.example/", f"https://d.example/signals/{signal().signal_id}"),
        ("https://d.example/x/", f"https://d.example/x/signals/{signal().signal_id}"),
    ],
)
def test_a_signal_leads_to_its_page_where_that_has_a_public_address(
    dashboard: str, address: str
) -> None:
    chart = ("📈 Chart", address)
    opened, ended = (read_notification(body(one)) for one in (signal(), closed()))
    assert render(opened, dashboard).buttons[0] == (WHY, chart, ("🔕 Mute 2h", "mute:2h"))
    assert render(ended, dashboard).buttons == ((WHY, chart),)
    assert render(ended, dashboard).text == render(ended).text
    assert keyboard(((chart,),)) == {"inline_keyboard": [[{"text": "📈 Chart", "url": address}]]}
    assert render(ended, "http://localhost:8000/").buttons == ((WHY,),)


@pytest.mark.parametrize("market", ["live", "recording", "simulated"])
def test_an_opening_leads_to_the_symbol_elsewhere_where_its_market_is_live(market: Market) -> None:
    """A button below invented prices would lead to real ones."""
    one = signal(market=market)
    _, *more = render(read_notification(body(one))).buttons
    assert [[text for text, _ in row] for row in more] == (
        [["Binance", "TradingView"]] if market == "live" else []
    )
    for row in more:
        assert all(
            set(button) == {"text", "url"} for button in keyboard((row,))["inline_keyboard"][0]
        )
        assert [address for _, address in row] == [
            f"https://www.binance.com/en/futures/{one.symbol}",
            f"https://www.tradingview.com/chart/?symbol=BINANCE:{one.symbol}.P",
        ]


def test_a_closing_can_be_explained() -> None:
    message = render(read_notification(body(closed())))
    assert (message.text, message.buttons) == (closed_text(closed()), ((WHY,),))


def test_a_step_can_be_explained_and_follows_its_opening() -> None:
    text = json.dumps(signal_message(stepped(), "stop1", NOON).body)
    step = read_notification(text)
    assert (step.kind, step.opening_id) == ("progress", f"{signal().signal_id}#opened")
    assert step.decided_at == NOON + 9 * MINUTE
    message = render(step)
    assert (message.text, message.buttons) == (progress_text(stepped()), ((WHY,),))


@pytest.mark.parametrize("name", ["target1", "stop2", "closed"])
def test_a_step_is_named_by_its_event(name: str) -> None:
    body = dict(signal_message(stepped(), "stop1", NOON).body)
    with pytest.raises(MalformedNotificationError, match="event_id"):
        read_notification(json.dumps(body | {"event_id": f"{signal().signal_id}#{name}"}))
    none = body | {"stored": to_dict(signal())}
    with pytest.raises(MalformedNotificationError, match="IndexError"):
        read_notification(json.dumps(none))


def test_a_repeat_is_the_same_message_with_a_mark() -> None:
    message = render(read_notification(repeated(body(closed()), "r1")))
    assert message.text == repeated_text(closed_text(closed()))
    first, mark, *_ = message.text.splitlines()
    assert (first, mark) == (
        closed_text(closed()).splitlines()[0], "🔁 <i>Sent again on request</i>",
    )  # fmt: skip
    assert message.buttons == ((WHY,),)


def test_an_announcement_is_escaped_and_has_no_buttons() -> None:
    raw = {"kind": "announcement", "event_id": "announcement#1", "text": "a < b", "cursor": NOON}
    message = render(read_notification(json.dumps(raw)))
    assert (message.text, message.buttons) == (announcement_text("a < b"), ())
    assert "a &lt; b" in message.text


def test_a_signal_that_cannot_be_rendered_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        render(read_notification(body(signal(entry_price=0.0))))
