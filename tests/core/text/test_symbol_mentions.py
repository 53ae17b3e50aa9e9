"""The symbol that a sentence is about."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.text.symbol_mentions import all_mentioned, longest_inside, mentioned

from tests.examples import examples

KNOWN: Final = (
    "1000PEPEUSDT", "BTCUSDT", "BTCUSDT_251226", "ETHUSDT", "NEARUSDT", "TPUSDT", "人生USDT",
    "币安人生USDT",
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "symbol"),
    [
        ("why BTCUSDT", "BTCUSDT"),
        ("why btc", "BTCUSDT"),
        ("Why did BTC/USDT open?", "BTCUSDT"),
        ("why BTCUSDT_251226", "BTCUSDT_251226"),
        ("why btc usdt please", "BTCUSDT"),
        ("signals of pepe", "1000PEPEUSDT"),
        ("how is $eth against BTC?", "ETHUSDT"),
        ("what about BTC's signals", "BTCUSDT"),
        ("Why NEAR?", "NEARUSDT"),
        ("why near/usdt", "NEARUSDT"),
        ("why 币安人生USDT", "币安人生USDT"),
        ("为什么币安人生USDT涨了", "币安人生USDT"),
        ("为什么币安人生USDT", "币安人生USDT"),
        ("BTC怎么样", "BTCUSDT"),
        ("why 币安人生", "币安人生USDT"),
        ("WHY DID ETH FALL", "ETHUSDT"),
        ("FOOUSDT or ETHUSDT", "ETHUSDT"),
    ],
)
def test_a_sentence_names_a_known_symbol(sentence: str, symbol: str) -> None:
    found = mentioned(sentence, KNOWN)
    assert found.found is not None
    assert (found.found.symbol, found.text, found.error) == (symbol, symbol, None)


@pytest.mark.parametrize(
    "sentence",
    ["", "What's trending?", "latest signals", "what is near the top", "win rate", "open 24/7",
     "how are TP and SL chosen", "WHAT IS HOT NOW", "and/or", "Show me best futures tokens", "?!",
     "WHY DID THE LATEST SIGNAL FIRE"],
)  # fmt: skip
def test_ordinary_words_name_none(sentence: str) -> None:
    known = [symbol for symbol in KNOWN if symbol != "TPUSDT"]
    assert mentioned(sentence, known).text is None


@pytest.mark.parametrize(
    ("sentence", "word"),
    [("signals of FOOUSDT", "FOOUSDT"), ("why foo/usdt", "foo/usdt"), ("signals of FOO", "FOO"),
     ("$foo", "$foo"), ("ETHUSDT_251226?", "ETHUSDT_251226"), ("FOO", "FOO"),
     ("BTC-USDT-SWOP", None), ("signals of BTC/EUR", "BTC/EUR"),
     ("why BTCUSD_PERP", "BTCUSD_PERP"), ("why BTCUSDT-260327", "BTCUSDT-260327")],
)  # fmt: skip
def test_what_can_only_be_an_unknown_symbol_is_one(sentence: str, word: str | None) -> None:
    found = mentioned(sentence, KNOWN)
    assert found.found is None
    assert found.text == word


@pytest.mark.parametrize("sentence", ["near price", "what is the price of near", "score of NEAR"])
def test_an_ordinary_word_with_a_price_is_an_asset(sentence: str) -> None:
    assert mentioned(sentence, KNOWN).text == "NEARUSDT"


@pytest.mark.parametrize("sentence", ["signals at 3pm GMT", "signals at 15:00 gmt", "at gmt"])
def test_a_time_zone_is_no_asset(sentence: str) -> None:
    assert mentioned(sentence, ("GMTUSDT",)).text is None
    assert all_mentioned(sentence, ("GMTUSDT",)) == ()


@pytest.mark.parametrize("sentence", ["BTC vs eth", "not $btc, ETH/USDT", "btc's, btc and eth?"])
def test_all_symbols_of_a_sentence_are_named_once(sentence: str) -> None:
    assert all_mentioned(sentence, KNOWN) == ("BTCUSDT", "ETHUSDT")


def test_the_longest_known_symbol_counts_inside_a_text() -> None:
    assert longest_inside("看币安人生USDT吧", KNOWN) == "币安人生USDT"
    assert longest_inside("XBTCUSDT", KNOWN) is None
    assert longest_inside("btcusdt_251226-1m.csv", KNOWN) == "BTCUSDT_251226"
    assert longest_inside("BTCUSDT_260327", KNOWN) is None


@given(st.text(max_size=120))
@examples(100)
def test_any_sentence_is_read(sentence: str) -> None:
    found = mentioned(sentence, KNOWN)
    assert found.found is None or found.found.symbol in KNOWN
