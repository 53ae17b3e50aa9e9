"""The bot's `/size`: amounts as they are typed, and an answer for whatever is stored."""

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits.position_size import PositionSizeError
from signalengine.signals import public
from signalengine.text.position_sizes import Wanted, read_wanted, size_text

from tests.core.text.test_messages import read
from tests.telegram_samples import signal

COSTS = {"fee_bps": 5.0, "slippage_bps": 1.0}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("10000 1%", (10_000, 1, None)),
        ("10,000 0.5%", (10_000, 0.5, None)),
        ("$2.5k 2", (2_500, 2, None)),
        ("1'000'000.50usdt 1% 5x", (1_000_000.5, 1, 5)),
        ("1M 10% X20", (1e6, 10, 20)),
    ],
)
def test_an_account_and_a_risk_are_read_as_people_write_them(
    words: str, expected: tuple[float, float, int | None]
) -> None:
    assert read_wanted(words) == Wanted(*expected)


@given(st.text("0123456789.,_'$kmx% -", max_size=30))
def test_other_words_are_refused_and_never_guessed(words: str) -> None:
    with suppress(PositionSizeError):
        account, risk, leverage = read_wanted(words)
        assert account >= 0
        assert 0 <= risk < 1_000
        assert any(character.isdigit() for character in words.split()[0])
        assert (leverage is None) == (len(words.split()) == 2)


@pytest.mark.parametrize("account", ["10.000", "$1.500", "250.000usdt"])
def test_an_account_with_two_readings_is_asked_for_again(account: str) -> None:
    with pytest.raises(PositionSizeError, match="two readings"):
        read_wanted(f"{account} 1%")


@pytest.mark.parametrize(
    ("account", "value"), [("0.500", 0.5), ("10.00", 10.0), ("1000.500", 1000.5), ("1.500k", 1500)]
)
def test_an_account_with_one_reading_is_read(account: str, value: float) -> None:
    assert read_wanted(f"{account} 1%").account == value


def lot_of(step: float) -> dict[str, float]:
    return {"step": step, "min_quantity": step, "min_notional": 5.0}


def answer(account: float = 10_000.0, risk: float = 1.0, step: float | None = 0.001) -> str:
    lot = None if step is None else lot_of(step)
    return read(size_text(public(signal()), Wanted(account, risk, None), COSTS, lot))


def test_the_answer_has_quantity_loss_margin_and_the_leverage_cap() -> None:
    text = answer()
    for word in ("Quantity ", "At the stop $", "Margin $", "Leverage of ", "not advice"):
        assert word in text
    assert "lot size is not known" in answer(step=None)
    assert "margin limits it" in answer(risk=100.0)


def test_the_prices_of_the_answer_are_on_the_tick_size() -> None:
    row: dict[str, Any] = public(signal()) | {"entry_price": 63438.2, "sl_price": 62959.1}
    wanted = Wanted(10_000.0, 1.0, None)
    text = read(size_text(row, wanted, COSTS, lot_of(0.001), 0.01))
    assert "at the entry $63,438.20\n" in text
    assert "At the stop $62,959.10 it loses" in text
    assert re.search(r"Liquidation near \$[\d,]+\.\d\d,", text)


def test_a_risk_of_less_than_one_lot_buys_nothing() -> None:
    assert "Nothing: the smallest lot, 10," in answer(account=1.0, step=10.0)


def test_a_position_that_the_exchange_would_refuse_is_named() -> None:
    assert "no order of less than 0.00001, and worth $5.00" in answer(account=1.0, step=0.00001)
    assert "no order of less" not in answer()


def test_a_signal_whose_stop_has_moved_has_no_size() -> None:
    row: dict[str, Any] = public(signal())
    hit = {"name": "target1", "touched_at": 1, "closed_at": 1, "price": 1.0, "fraction": 0.5}
    moved = {"name": "stop1", "at": 1, "price": row["entry_price"]}
    wanted = Wanted(10_000.0, 1.0, None)
    assert "Quantity " in read(size_text(row | {"progress": [hit]}, wanted, COSTS, None))
    with pytest.raises(PositionSizeError, match=r"^The stop has moved to \$\d"):
        size_text(row | {"progress": [hit, moved]}, wanted, COSTS, None)


def test_an_answer_about_no_live_market_says_so() -> None:
    row = public(signal(market="simulated"))
    text = read(size_text(row, Wanted(1_000.0, 1.0, None), COSTS, None))
    assert text.startswith("🧪 SIMULATED")


@given(st.text(max_size=60), st.floats(1.0, 1e7), st.floats(0.1, 100.0))
def test_an_answer_is_harmless_whatever_the_symbol_is(
    symbol: str, account: float, risk: float
) -> None:
    row: dict[str, Any] = public(signal()) | {"symbol": symbol}
    assert len(read(size_text(row, Wanted(account, risk, None), COSTS, lot_of(0.001)))) < 1_000
