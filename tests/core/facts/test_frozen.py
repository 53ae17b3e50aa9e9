"""A bar is a value: compared, hashed and copied by its fields, and has no others."""

from dataclasses import fields, replace

import pytest
from signalengine.facts.frozen import frozen
from signalengine.facts.stream import Bar
from signalengine.market_data import Kline

BAR = Bar("1m", 60_000, 1.0, 2.0, 0.5, 1.5, 3.0)


@frozen
class Pair:
    """Two numbers."""

    first: int
    second: int = 2


def test_a_value_is_equal_and_hashed_by_its_fields() -> None:
    assert Pair(1) == Pair(1, 2) != Pair(1, 3)
    assert {BAR, replace(BAR)} == {BAR}
    assert len({Kline("A", 1, BAR, True), Kline("A", 1, BAR, False)}) == 2
    assert repr(Pair(1)) == "Pair(first=1, second=2)"


def test_a_value_is_copied_with_other_fields() -> None:
    assert replace(BAR, close=2.0).close == 2.0
    assert BAR.close == 1.5
    assert [field.name for field in fields(Pair)] == ["first", "second"]


def test_a_value_has_no_other_fields() -> None:
    with pytest.raises(AttributeError):
        BAR.other = 1  # type: ignore[attr-defined]  # it has slots
