"""The rule for symbols: which texts are one, and their lower-case spelling."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.symbols import from_lower, is_symbol

from tests.examples import examples

VECTORS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "text" / "symbol_vectors.json").read_text("utf-8")
)


@pytest.mark.parametrize("text", VECTORS["symbols"])
def test_a_symbol_has_letters_of_any_script_digits_and_underscores(text: str) -> None:
    assert is_symbol(text)
    assert from_lower(text.lower()) == text


@pytest.mark.parametrize("text", VECTORS["no_symbols"])
def test_what_differs_in_case_or_form_is_no_symbol(text: str) -> None:
    assert not is_symbol(text)


@given(st.text(max_size=32))
@examples(200)
def test_a_lower_case_spelling_is_that_of_one_symbol(text: str) -> None:
    symbol = from_lower(text)
    if symbol is not None:
        assert is_symbol(symbol)
        assert symbol.lower() == text
        assert from_lower(symbol.lower()) == symbol


@pytest.mark.parametrize("text", ["BTCUSDT", "ı", "ß", "İusdt", "ﬁusdt", "btc/usdt", ""])
def test_what_is_no_lower_case_spelling_is_of_no_symbol(text: str) -> None:
    assert from_lower(text) is None
