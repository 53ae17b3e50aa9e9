"""Names that the stack and its deployment share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.names import PARAMETER_BYTES, REGION, checked_region, symbol_parameters


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "ca-central-1"])
def test_regions_that_the_exchange_refuses_are_refused(region: str) -> None:
    with pytest.raises(ValueError, match="451"):
        checked_region(region)


def test_the_default_region_is_not_refused() -> None:
    assert checked_region(REGION) == REGION


NAMES = ("BTCUSDT", "1000PEPEUSDT", "币安人生USDT")


@given(st.integers(0, 900), st.integers(0, 2))
def test_the_parameters_are_the_list_one_after_the_other_and_fit(count: int, first: int) -> None:
    listed = ",".join(NAMES[(first + number) % 3] for number in range(count))
    if len(listed.encode()) > 2 * PARAMETER_BYTES - 3:  # the longest character has three bytes
        with pytest.raises(ValueError, match="follow top:N"):
            symbol_parameters(listed + "," * 3)
        return
    values = symbol_parameters(listed)
    assert "".join(values.values()) == listed
    assert all(len(value.encode()) <= PARAMETER_BYTES for value in values.values())


@pytest.mark.parametrize("listed", ["top:500", "all", ",".join(["BTCUSDT"] * 500)])
def test_a_list_of_five_hundred_can_be_deployed(listed: str) -> None:
    assert "".join(symbol_parameters(listed).values()) == listed
