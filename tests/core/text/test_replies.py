"""The bot's answers: whatever is in the data, they are harmless Telegram HTML of bounded length."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import COMPONENTS, public
from signalengine.text.messages import announcement_text
from signalengine.text.replies import (
    chat_text,
    explain_text,
    performance_text,
    signals_text,
    top_text,
)

from tests.core.text.test_messages import read
from tests.telegram_samples import NOON, closed

names = st.one_of(st.sampled_from([*COMPONENTS, "BTCUSDT"]), st.text(max_size=100))
fractions = st.floats(0.0, 1.0)
rows = st.fixed_dictionaries(
    {
        "symbol": names, "direction": st.sampled_from([None, "long", "short"]), "score": fractions,
        "components": st.dictionaries(names, st.none() | fractions, max_size=15),
        "price": st.floats(1e-9, 1e7),
        "tick_size": st.none() | st.floats(1e-9, 10.0),
        "close_time": st.just(NOON), "warm": st.booleans(),
    }
)  # fmt: skip
events = st.fixed_dictionaries(
    {"kind": names, "interval": names, "direction": st.just("long"), "strength": fractions}
)


@given(st.lists(rows, max_size=12), st.sampled_from([None, "live", "simulated"]))
def test_scores_of_any_symbols_can_be_shown(top: list[dict[str, Any]], market: str | None) -> None:
    text = read(top_text({"top": top}, market))
    assert "SIMULATED" in text if market == "simulated" else "SIMULATED" not in text


@given(st.lists(events, max_size=15), st.lists(names, max_size=15), names, names)
def test_any_signal_can_be_explained(
    found: list[dict[str, Any]], missing: list[str], symbol: str, reason: str
) -> None:
    row = public(closed()) | {"events": found, "missing": missing, "symbol": symbol, "id": symbol}
    assert "Trend" in read(explain_text({"signal": row, "decision": {"reason": reason}}))
    assert "no longer stored" in read(explain_text({"signal": row, "decision": None}))


@given(st.text(max_size=2_000))
def test_what_a_model_or_an_operator_writes_is_escaped(words: str) -> None:
    read_up_to_telegrams_limit(chat_text({"answer": words, "disclaimer": "<i>"}))
    read_up_to_telegrams_limit(announcement_text(words))


def read_up_to_telegrams_limit(text: str) -> None:
    """Escapes may make it longer than our own limit: Telegram counts what is read."""
    from infra.local.telegram.markup import MAX_TEXT_UNITS, parse_html, units_of

    assert units_of(parse_html(text).text) <= MAX_TEXT_UNITS


def test_a_symbol_without_closed_signals_has_its_own_reply() -> None:
    assert read(performance_text("<b>", None, "live")) == "No signal of <b> has closed yet."
    assert read(performance_text("X", {"total_signals": 0}, None)).startswith("No signal of X")


@pytest.mark.parametrize(
    ("symbol", "older", "words"),
    [(None, False, "No signals yet."), ("X<", False, "No signals of X< yet."),
     (None, True, "No older signals.")],
)  # fmt: skip
def test_an_empty_page_names_what_is_missing(symbol: str | None, older: bool, words: str) -> None:
    assert read(signals_text([], symbol, older=older)) == words
