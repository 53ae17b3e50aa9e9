"""Numbers, times and names as people read them."""

import json
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.text import formatting
from signalengine.text.formatting import (
    MAX_NAMES,
    fixed,
    joined,
    listed,
    percent,
    plain,
    price,
    quoted,
    words,
)
from signalengine.text.languages import in_language


@settings(deadline=None, max_examples=300)
@given(st.floats(1e-300, 1e300))
def test_no_price_reads_as_zero_or_is_off_by_more_than_its_last_digits(value: float) -> None:
    text = price(value)
    assert float(text.replace(",", "")) == pytest.approx(value, rel=1e-5)
    assert len(text) < 30


@settings(deadline=None, max_examples=300)
@given(st.floats(-1e6, 1e6))
def test_a_percentage_has_the_sign_of_its_value_or_is_a_bare_zero(value: float) -> None:
    text = percent(value)
    assert text == "0.00%" or text[0] == ("+" if value > 0 else "-")


VECTORS = json.loads(Path(__file__).with_name("format_vectors.json").read_text("utf-8"))
"""Arguments and text by function; the dashboard's formatter is tested with them, too."""


@pytest.mark.parametrize(
    ("name", "row"), [(name, row) for name, rows in VECTORS.items() for row in rows]
)
def test_a_text_is_as_the_dashboard_writes_it(name: str, row: list[Any]) -> None:
    *arguments, text = row
    assert getattr(formatting, name)(*arguments) == text


SPANISH = json.loads(Path(__file__).with_name("format_vectors_es.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "row"), [(name, row) for name, rows in SPANISH.items() for row in rows]
)
def test_a_text_is_as_the_dashboard_writes_it_in_spanish(name: str, row: list[Any]) -> None:
    *arguments, text = row
    with in_language("es"):
        assert getattr(formatting, name)(*arguments) == text


@settings(deadline=None, max_examples=200)
@given(st.floats(-1e15, 1e15), st.integers(0, 12))
def test_a_number_is_rounded_half_away_from_zero(value: float, decimals: int) -> None:
    with localcontext(prec=60):
        exact = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert fixed(value, decimals) == f"{abs(exact) if exact == 0 else exact:,f}"


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 10**9), st.integers(0, 8), st.sampled_from([1, 2, 5, 25]))
def test_a_price_on_its_tick_reads_as_the_exchange_writes_it(
    count: int, decimals: int, units: int
) -> None:
    whole, tick = Decimal(count * units).scaleb(-decimals), Decimal(units).scaleb(-decimals)
    places = max(0, -int(tick.normalize().as_tuple().exponent))
    assert price(float(whole), float(tick)) == f"{whole:,.{places}f}"


def test_only_dollar_markets_carry_a_dollar() -> None:
    assert (quoted("BTCUSDT", 2.5), quoted("ETHBTC", 2.5)) == ("$2.50", "2.50")
    assert quoted("BTCUSDT", 2.5, 0.1) == "$2.5"


def test_a_long_list_is_cut_and_counted() -> None:
    names = [f"S{n}" for n in range(MAX_NAMES + 3)]
    assert listed(names[:2]) == "S0, S1"
    assert listed(names).endswith(f"S{MAX_NAMES - 1} and 3 more")


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(2, 30))
def test_foreign_text_is_one_escaped_line_of_bounded_length(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert "<" not in shown
    assert ">" not in shown
    assert len(shown) <= 5 * limit
    assert all(c.isprintable() or c in "\u200c\u200d" for c in shown)


def test_a_kind_is_titled_from_its_name() -> None:
    assert words("oi_expansion") == "oi expansion"


def test_a_line_that_is_none_is_left_out() -> None:
    assert joined("a", None, "", "b") == "a\n\nb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👨‍👩‍👧 at home", "👨‍👩‍👧 at home"), ("می‌خواهم", "می‌خواهم"), ("שלום", "שלום"),
        ("10\u00a0000", "10 000"), ("a\u202eb", "a?b"), ("a\u2066b", "a?b"), ("a\x00b", "a?b"),
        ("\ud83d", "?"), ("<b>&", "&lt;b&gt;&amp;"),
    ],
)  # fmt: skip
def test_emojis_and_other_scripts_stay_and_directions_do_not(text: str, shown: str) -> None:
    assert plain(text, 30) == shown
