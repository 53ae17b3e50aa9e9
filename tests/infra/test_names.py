"""Names that the stack and its deployment share."""

import pytest

from infra.names import REGION, checked_region


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "ca-central-1"])
def test_regions_that_the_exchange_refuses_are_refused(region: str) -> None:
    with pytest.raises(ValueError, match="451"):
        checked_region(region)


def test_the_default_region_is_not_refused() -> None:
    assert checked_region(REGION) == REGION
