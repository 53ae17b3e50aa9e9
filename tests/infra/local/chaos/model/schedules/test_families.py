"""Every family begins where its functions have work, and violates nothing undisturbed."""

import pytest

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.schedules.families import FAMILIES
from infra.local.chaos.model.schedules.schedule import STREAMED, Schedule


@pytest.mark.parametrize("market", [2, 4])
@pytest.mark.parametrize("name", FAMILIES)
def test_an_undisturbed_family_violates_nothing_and_has_signals(
    bench: Bench, name: str, market: int
) -> None:
    verdict = bench.run(Schedule(market, (), name))
    assert verdict.violations == ()
    assert verdict.signals >= 2
    assert verdict.count.calls >= 10


def test_every_function_is_in_several_families() -> None:
    for function in (*STREAMED, "send_telegram", "send_channels", "broadcast"):
        assert sum(function in one.functions for one in FAMILIES.values()) >= 2
