"""Text as people type it, made plain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.bot.normal import typed

from tests.examples import examples


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("٢٢-٧", "22-7"), ("२२–७", "22-7"), ("２２：００", "22:00"), ("22—07", "22-07"),
        ("UTC−3", "UTC-3"), ("\u200e/top", "/top"), ("/to\u200bp", "/top"), ("／top", "/top"),
        ("a\u00a0b", "a b"), ("\ufeffbtc", "btc"), ("\ud83d", ""), ("Zürich", "Zürich"),
    ],
)  # fmt: skip
def test_other_digits_dashes_and_invisible_characters(text: str, plain: str) -> None:
    assert typed(text) == plain


@given(st.text())
@examples(50)
def test_plain_text_stays_plain(text: str) -> None:
    once = typed(text)
    assert typed(once) == once
    assert not {"\u200e", "\u202e", "\u200b"} & set(once)
    once.encode()
