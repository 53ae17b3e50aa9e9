"""Symbols as people write them: the cases that the dashboard passes too, and laws."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.symbols import is_symbol
from signalengine.text.symbol_reader import (
    QUOTES,
    SymbolError,
    find_symbol,
    names_contract,
    nearest,
    read_symbol,
    split_symbols,
)

from tests.examples import examples

VECTORS: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("symbol_vectors.json").read_text("utf-8")
)
KNOWN: Final[list[str]] = VECTORS["known"]
BASES = st.from_regex(r"\A[^\W_]{1,18}\Z").map(str.upper).filter(
    lambda base: is_symbol(f"{base}USDT") and not base.endswith(("USDT", "USDC", "USD", "PERP"))
)  # fmt: skip
SPELLINGS = (
    "{b}{q}", "{b}/{q}", "{b}-{q}", "{b}_{q}", "{b} {q}", "{b}{q}.P", "BINANCE:{b}{q}.P",
    "{b}/{q}:{q}", "{b}_{q}_{q}", "{b}{q}PERP", "{b}-{q}-SWAP", "${b}{q}", "#{b}{q}", "{b}{q},",
    "({b}{q})", " {b}{q} ",
)  # fmt: skip


@pytest.mark.parametrize(("text", "symbol", "others"), VECTORS["found"])
def test_a_spelling_names_a_known_symbol(text: str, symbol: str, others: list[str]) -> None:
    found = find_symbol(text, KNOWN)
    assert (found.symbol, list(found.others)) == (symbol, others)


@pytest.mark.parametrize(("text", "error", "like"), VECTORS["refused"])
def test_a_text_that_names_none_is_refused(text: str, error: str, like: list[str]) -> None:
    with pytest.raises(SymbolError) as caught:
        find_symbol(text, KNOWN)
    assert str(caught.value) == error
    assert list(getattr(caught.value, "nearest", ())) == like


@given(BASES, st.sampled_from(QUOTES), st.sampled_from(SPELLINGS), st.booleans())
@examples(200)
def test_every_spelling_of_a_pair_is_read_as_its_symbol(
    base: str, quote: str, spelling: str, lower: bool
) -> None:
    text = spelling.format(b=base, q=quote)
    assert read_symbol(text.lower() if lower else text) == base + quote
    assert find_symbol(text, [base + quote, "BTCUSDT_251226"]).symbol == base + quote
    assert names_contract(text)


@given(st.text(max_size=70) | st.from_regex(r"[$#]?[A-Za-z0-9:/_.\- ]{0,20}"))
@examples(300)
def test_any_text_has_one_meaning_or_is_refused(text: str) -> None:
    with suppress(SymbolError):
        symbol = read_symbol(text)
        assert is_symbol(symbol)
        assert read_symbol(symbol) == symbol
    with suppress(SymbolError):
        found = find_symbol(text, KNOWN)
        assert found.symbol in KNOWN
        assert find_symbol(found.symbol, KNOWN).symbol == found.symbol
    names_contract(text)
    assert len(nearest(text, KNOWN)) <= 3


def test_both_quotes_are_mentioned_when_both_are_followed() -> None:
    assert find_symbol("btc", KNOWN).note == "Read as BTCUSDT; BTCUSDC is followed too."
    assert find_symbol("btc/usdt", KNOWN).note is None


def test_a_few_followed_symbols_are_all_named() -> None:
    with pytest.raises(SymbolError, match=r"^FOO is not followed; followed are: BTCUSDT\.$"):
        find_symbol("FOO", ["BTCUSDT"])
    with pytest.raises(SymbolError, match=r"^FOO is not followed: nothing is followed yet\.$"):
        find_symbol("FOO", [])


@pytest.mark.parametrize(
    ("text", "words"),
    [("BTC,ETHUSDT", ["BTC", "ETHUSDT"]), ("btc usdt, eth", ["btc usdt", "eth"]),
     ("BTC PERP ETH", ["BTC PERP", "ETH"]), ("币安人生、BTC", ["币安人生", "BTC"]), (" , ", []),
     ("usdt", ["usdt"])],
)  # fmt: skip
def test_a_list_is_split_between_its_symbols(text: str, words: list[str]) -> None:
    assert split_symbols(text) == words


@pytest.mark.parametrize("text", ["btc", "what", "24/7", "and/or", "#1", "long-term", "$"])
def test_an_ordinary_word_names_no_contract_for_certain(text: str) -> None:
    assert not names_contract(text)
