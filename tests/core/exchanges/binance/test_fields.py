"""Single fields: read strictly, and named when they cannot be used."""

from typing import Any

import pytest
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance import fields


@pytest.mark.parametrize(("value", "number"), [("1.5", 1.5), (2, 2.0), (0.25, 0.25), ("-3", -3.0)])
def test_a_decimal_is_a_string_or_a_number(value: Any, number: float) -> None:
    assert fields.decimal_of(value, "p") == number


@pytest.mark.parametrize("value", ["nan", "inf", "x", "", None, True, [], "1e400", 10**400])
def test_a_value_that_is_no_finite_decimal_is_named(value: Any) -> None:
    with pytest.raises(MalformedFactError, match="price"):
        fields.decimal_of(value, "price")


def test_a_decimal_below_its_bound_is_malformed() -> None:
    with pytest.raises(MalformedFactError, match="finite number from"):
        fields.decimal_of("-0.1", "volume", 0.0)


@pytest.mark.parametrize("value", [None, "1", True, -1, fields.MAX_TIME, 1.0])
def test_a_time_is_a_whole_number_of_ms(value: Any) -> None:
    assert fields.time_of({"E": 7}, "E") == 7
    with pytest.raises(MalformedFactError, match="time in ms"):
        fields.time_of({"E": value}, "E")


def test_a_symbol_an_interval_and_an_object_are_of_their_kind() -> None:
    assert fields.symbol_of({"s": "BTCUSDT"}, "s") == "BTCUSDT"
    assert fields.interval_of("1m") == "1m"
    assert fields.objects_of([{}], "rows") == [{}]
    for wrong in (
        lambda: fields.symbol_of({"s": "B"}, "s"), lambda: fields.interval_of("2m"),
        lambda: fields.object_of([], "k"), lambda: fields.objects_of([1], "rows"),
    ):  # fmt: skip
        with pytest.raises(MalformedFactError):
            wrong()
