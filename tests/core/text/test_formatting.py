"""Numbers, times and names as people read them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.text.formatting import (
    MAX_NAMES,
    duration,
    joined,
    listed,
    percent,
    plain,
    price,
    quoted,
    when,
    words,
)


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (50_123.45, "50,123.45"),
        (0.1 + 0.2, "0.30"),
        (152.345678, "152.346"),
        (999.99999, "1,000.00"),
        (0.00001234, "0.00001234"),
        (0.000000123456789, "0.000000123457"),
        (1e-20, "1e-20"),
        (1e20, "1e+20"),
    ],
)
def test_prices_have_sensible_digits(value: float, text: str) -> None:
    assert price(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.214, "+2.21%"), (-0.4936, "-0.49%"), (0.012, "+0.012%"), (-1e-9, "0.00%"), (0.0, "0.00%")],
)
def test_percentages_keep_their_sign_and_lose_their_noise(value: float, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (42, "42s"), (2_707, "45m"), (3_600, "1h"), (3_900, "1h 5m"), (183_600, "2d 3h")],
)
def test_durations_are_two_units_at_most(seconds: int, text: str) -> None:
    assert duration(seconds * 1000) == text


def test_a_time_is_in_utc() -> None:
    assert when(1_771_252_215_000) == "2026-02-16 14:30:15 UTC"


def test_only_dollar_markets_carry_a_dollar() -> None:
    assert (quoted("BTCUSDT", 2.5), quoted("ETHBTC", 2.5)) == ("$2.50", "2.50")


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
