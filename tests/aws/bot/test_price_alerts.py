"""`/alert`: what people write, what is stored of it, and the limits."""

from typing import Any

import pytest
from signalengine.facts.alerts import alert_for
from signalengine_aws.bot.preferences import PreferenceError
from signalengine_aws.bot.price_alerts import PriceAlerts
from signalengine_aws.delivery.price_alerts import MOST, MOST_OF_ADDRESS
from signalengine_aws.stores.alerts import StoredAlert

from tests.aws.application.test_fire_alerts import MemoryAlerts
from tests.aws.positions import T

MINE = "telegram:42"


class Stored(MemoryAlerts):
    def put(self, one: StoredAlert) -> None:
        self.rows[one.key] = one


class Market:
    def symbols(self) -> dict[str, Any]:
        return {
            "symbols": ["BTCUSDT", "ETHUSDT"], "prices": {"BTCUSDT": 64_000.0},
            "tick_sizes": {"BTCUSDT": 0.1},
        }  # fmt: skip

    def heartbeat(self) -> dict[str, Any]:
        return {"time": T - 5_000, "received_at": 1_000}


def bot(alerts: Stored) -> PriceAlerts:
    return PriceAlerts(alerts, Market(), Market(), lambda: 5_000)


@pytest.mark.parametrize(
    ("words", "price", "direction"),
    [
        ("BTC 65000", 65_000.0, "above"),
        ("btcusdt 65,000.5", 65_000.5, "above"),
        ("BTC/USDT $63k", 63_000.0, "below"),
        ("BTC USDT 63.5k", 63_500.0, "below"),
        ("BTC 65000.01", 65_000.1, "above"),
    ],
)
def test_a_symbol_and_a_price_are_an_alert(words: str, price: float, direction: str) -> None:
    alerts = Stored()
    answer = bot(alerts).answer(MINE, "alert", words)
    (one,) = alerts.all()
    assert (one.alert.symbol, one.alert.price, one.alert.direction, one.channel) == (
        "BTCUSDT", price, direction, MINE,
    )  # fmt: skip
    assert one.alert.since == T
    assert "The price now is $64,000.0" in answer.text
    assert answer.buttons[-1][0][1] == f"set:alerts:{one.alert_id}"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("BTC", "Like /alert BTC 65000"),
        ("BTC soon", "Like /alert BTC 65000"),
        ("BTCU 65000", "is not followed. Did you mean BTCUSDT?"),
        ("ETH 3000", "There is no price of ETHUSDT yet."),
        ("BTC 64000", "64000 is the price now"),
        ("BTC 1", "1 is too far from the price now"),
        ("off", "Which one?"),
        ("off BTC", "is not followed"),
    ],
)
def test_what_is_no_alert_says_what_would_be(words: str, why: str) -> None:
    with pytest.raises(PreferenceError) as found:
        bot(Stored()).answer(MINE, "alert", words)
    assert why in str(found.value)


def test_the_same_again_is_the_same_alert() -> None:
    alerts = Stored()
    for _ in range(2):
        bot(alerts).answer(MINE, "alert", "BTC 65000")
    assert len(alerts.rows) == 1


def test_alerts_are_listed_and_ended_by_button_symbol_or_all() -> None:
    alerts = Stored()
    others = StoredAlert(alert_for("BTCUSDT", 70_000.0, 64_000.0, 0.1, T), "telegram:7")
    alerts.put(others)
    for price in ("65000", "63000", "66000"):
        bot(alerts).answer(MINE, "alert", f"BTC {price}")
    shown = bot(alerts).answer(MINE, "alerts", "")
    assert "3 of 20" in shown.text
    assert [row[0][0] for row in shown.buttons[:2]] == [
        "✖️ BTCUSDT ⬆️ $65,000.0", "✖️ BTCUSDT ⬇️ $63,000.0",
    ]  # fmt: skip
    data = shown.buttons[0][0][1]
    assert len(data.encode()) <= 64
    left = bot(alerts).answer(MINE, "alerts", data.rpartition(":")[2])
    assert "2 of 20" in left.text
    assert "Ended: 2." in bot(alerts).answer(MINE, "alert", "off BTC").text
    bot(alerts).answer(MINE, "alert", "BTC 65000")
    assert "Ended: 1." in bot(alerts).answer(MINE, "alert", "off all").text
    assert alerts.all() == [others]
    assert bot(alerts).answer(MINE, "alert", "").buttons == ((("🔄 Again", "set:alerts"),),)


def test_one_chat_and_all_of_them_have_limits() -> None:
    alerts = Stored()
    for number in range(MOST_OF_ADDRESS):
        bot(alerts).answer(MINE, "alert", f"BTC {65_000 + number}")
    full = bot(alerts).answer(MINE, "alert", "BTC 70000")
    assert "This chat has 20 price alerts" in full.text
    assert len(alerts.rows) == MOST_OF_ADDRESS
    assert "set" in bot(alerts).answer(MINE, "alert", "BTC 65000").text
    for number in range(MOST - MOST_OF_ADDRESS):
        one = alert_for("BTCUSDT", 65_000.0, 64_000.0, 0.1, T)
        alerts.put(StoredAlert(one, f"telegram:{1_000 + number}"))
    with pytest.raises(PreferenceError, match="too many price alerts"):
        bot(alerts).answer("telegram:7", "alert", "BTC 65000")
