"""The parts of a message: nothing that Telegram's has is missing."""

import pytest
from signalengine.signals import Exits, Target
from signalengine.text.messages import announcement_text, closed_text, opened_text, progress_text
from signalengine_aws.channels.content import Content, content
from signalengine_aws.channels.markup import Line, text_of
from signalengine_aws.channels.telegram.renderer import render as telegram
from signalengine_aws.channels.telegram.text import without_tags
from signalengine_aws.delivery.notifications import Notification

from tests.notifications import DASHBOARD, PAGE, announced, digested, ended, every, opened, step
from tests.telegram_samples import closed, signal, stepped


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [text_of(line) for line in lines]


def whole(said: Content) -> str:
    """Return everything but the links."""
    lines = [text_of(said.title), *texts(said.lines)]
    return "\n".join(line for line in lines if line)


@pytest.mark.parametrize("notification", every(), ids=lambda one: one.event_id[-12:])
def test_all_words_of_telegrams_message_are_there_in_its_order(notification: Notification) -> None:
    expected = without_tags(telegram(notification).text)
    assert whole(content(notification)) == "\n".join(filter(None, expected.split("\n")))


def test_an_opening_has_its_levels_as_fields() -> None:
    said = content(opened(strategy="donchian@fast", market="recording"), DASHBOARD)
    assert texts((said.title,)) == ["📼 RECORDING 🟢 LONG BTCUSDT"]
    assert texts(said.head) == [
        "A replay of past prices, not a live signal.", "🧭 Strategy: donchian@fast",
    ]  # fmt: skip
    assert [one.label for one in said.fields] == [
        "📊 Score", "💰 Entry", "🎯 TP", "🛡️ SL", "⚖️ R:R", "⚠️ Not counted, no data",
    ]  # fmt: skip
    assert texts(said.fields[0].lines)[1:] == [
        "Trend 81 · Volatility 35 · VWAP 12 · Structure 100 · Event 92", "⚡ volume spike 1m ↑",
    ]  # fmt: skip
    assert texts(said.fields[4].lines) == ["1 : 4.50"]
    assert len(said.foot) == 2
    assert text_of(said.identity).startswith(signal().signal_id)


def test_other_messages_have_no_fields() -> None:
    for notification in (step(), ended(), announced(), digested()):
        said = content(notification)
        assert (said.fields, said.foot) == ((), ())
        assert said.head


def test_the_ratio_is_that_of_the_farthest_target() -> None:
    exits = Exits((Target(signal().tp_price, 0.5), Target(52_592.54, 0.5)))
    said = content(opened(exits=exits))
    assert "⚖️ R:R: 1 : 10.00" in texts(said.lines)


def test_a_stop_at_the_entry_has_no_ratio() -> None:
    said = content(opened(sl_price=signal().entry_price))
    assert not any("R:R" in text_of(line) for line in said.lines)


def test_links_lead_to_the_dashboard_and_of_live_openings_elsewhere() -> None:
    assert [name for name, _ in content(opened(), DASHBOARD).links] == [
        "📈 Chart", "Binance", "TradingView",
    ]  # fmt: skip
    assert content(opened(market="simulated"), DASHBOARD).links == (("📈 Chart", PAGE),)
    assert content(ended(), DASHBOARD).links == (("📈 Chart", PAGE),)
    assert content(digested(), DASHBOARD).links == (("📋 All of them", f"{DASHBOARD}signals"),)
    assert content(announced(), DASHBOARD).links == ()
    assert content(ended()).links == ()


def test_the_words_are_those_of_core() -> None:
    for notification, text in (
        (opened(), opened_text(signal())),
        (step(), progress_text(stepped())),
        (ended(), closed_text(closed())),
        (announced("a"), announcement_text("a")),
    ):
        assert text_of(content(notification).title) == without_tags(text).partition("\n")[0]
