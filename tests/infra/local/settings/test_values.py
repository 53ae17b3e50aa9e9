"""Values are read, or refused with what they may be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.settings import values


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_it_is_within_its_bounds_alone(number: float) -> None:
    assert values.number()(str(number)) == number
    if 1 <= number <= 3600:
        assert values.number(1, 3600)(str(number)) == number
    else:
        with pytest.raises(ValueError, match="is not 1 to 3600"):
            values.number(1, 3600)(str(number))


@pytest.mark.parametrize(
    ("read", "given", "means"),
    [
        (values.one_of("DEBUG", "INFO"), "debug", "DEBUG"),
        (values.yes_or_no, "True", True),
        (values.yes_or_no, "0", False),
        (values.whole(0, 9), "9", 9),
        (values.address("http://"), "http://x/", "http://x"),
        (values.bot_token, "17:AbC_d-9", "17:AbC_d-9"),
        (values.chat, "-1003497403947", "-1003497403947"),
        (values.chat, "-1001/17", "-1001/17"),
        (values.chat, "@channel", "@channel"),
        (values.whole_numbers, "1, 2 -3", [1, 2, -3]),
        (values.symbols, "btc,ETHUSDT", "btc,ETHUSDT"),
        (values.symbols, "top:20", "top:20"),
        (values.symbols, "ALL", "ALL"),
    ],
)
def test_a_value_is_read(read: Callable[[str], object], given: str, means: object) -> None:
    assert read(given) == means


@pytest.mark.parametrize(
    ("read", "given", "words"),
    [
        (values.one_of("DEBUG", "INFO"), "loud", "is not DEBUG or INFO"),
        (values.yes_or_no, "perhaps", "is not true or false"),
        (values.number(), "nan", "is not a number"),
        (values.number(), "ten", "is not a number"),
        (values.whole(0, 9), "1.5", "is not a whole number 0 to 9"),
        (values.whole(0, 9), "²", "is not a whole number 0 to 9"),
        (values.address("http://", "https://"), "x", "does not begin with http:// or https://"),
        (values.bot_token, "1234567890:ABC...", "copy it from @BotFather"),
        (values.chat, "me", "is not a chat's id"),
        (values.whole_numbers, "1,x", "is not numbers with commas"),
        (values.symbols, "top:many", "nor top:20 nor all"),
    ],
)
def test_another_is_refused(read: Callable[[str], object], given: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(given)
