"""Run options."""

import pytest

from infra.local.stack.options import RunOptions


@pytest.mark.parametrize(
    ("source", "market"), [("sim", "simulated"), ("live", "live"), ("/data", "recording")]
)
def test_every_source_names_its_market(source: str, market: str) -> None:
    assert RunOptions(source=source).market == market
