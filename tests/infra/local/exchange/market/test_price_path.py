"""Laws of the path inside a minute, recorded or simulated."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.exchange.market.bars import MINUTE_MS, Bar
from infra.local.exchange.market.price_path import FIRST_MS, PricePath, recorded
from tests.infra.local.exchange.samples import MIDNIGHT, simulated
from tests.infra.local.exchange.strategies import COIN, bars

GRID = range(0, MINUTE_MS + 1, 250)


@given(bars())
def test_a_path_stays_within_its_bar_and_reaches_both_ends(bar: Bar) -> None:
    path = recorded(bar, COIN, "1")
    assert all(bar.low <= path.price_at(offset) <= bar.high for offset in GRID)
    assert (min(path.prices), max(path.prices)) == (bar.low, bar.high)
    assert (path.prices[0], path.prices[-1]) == (bar.open, bar.close)


@given(bars())
def test_the_extreme_nearer_to_the_open_comes_first(bar: Bar) -> None:
    prices = list(recorded(bar, COIN, "1").prices)
    to_low, to_high = bar.open - bar.low, bar.high - bar.open
    if to_low < to_high:
        assert prices.index(bar.low) <= prices.index(bar.high)
    if to_high < to_low:
        assert prices.index(bar.high) <= prices.index(bar.low)


@given(bars())
def test_a_forming_bar_only_grows(bar: Bar) -> None:
    path = recorded(bar, COIN, "1")
    formed = [path.at(offset) for offset in GRID]
    for before, after in itertools.pairwise(formed):
        assert after.high >= before.high
        assert after.low <= before.low
        assert after.volume >= before.volume
        assert after.quote_volume >= before.quote_volume
        assert after.trades >= before.trades
        assert after.low <= after.close <= after.high
    assert formed[-1] == bar


@given(bars(), st.integers(0, MINUTE_MS))
def test_a_bar_is_the_same_whenever_it_is_looked_at_before(bar: Bar, offset: int) -> None:
    looked, fresh = recorded(bar, COIN, "1"), recorded(bar, COIN, "1")
    for earlier in range(0, offset, 7_000):
        looked.at(earlier)
    assert looked.at(offset) == fresh.at(offset)


@given(bars())
def test_another_seed_is_another_way_between_the_same_ends(bar: Bar) -> None:
    one, other = recorded(bar, COIN, "1"), recorded(bar, COIN, "2")
    assert one.at(MINUTE_MS) == other.at(MINUTE_MS) == bar
    assert one.offsets != other.offsets


@pytest.fixture(scope="module")
def simulated_paths() -> list[PricePath]:
    market = simulated("BTCUSDT,DOGEUSDT", minutes=20)
    return [
        path
        for index in range(20)
        for path in market.minute(MIDNIGHT + index * MINUTE_MS).paths.values()
    ]


def test_simulated_paths_obey_the_same_laws(simulated_paths: list[PricePath]) -> None:
    for path in simulated_paths:
        bar, formed = path.bar, [path.at(offset) for offset in GRID]
        assert formed[-1] == bar
        assert (min(path.prices), max(path.prices)) == (bar.low, bar.high)
        assert all(bar.low <= f.low <= f.close <= f.high <= bar.high for f in formed)
        volumes = [f.volume for f in formed]
        assert volumes == sorted(volumes)
        assert all(f.close == path.instrument.on_grid(f.close) for f in formed)


@pytest.mark.parametrize("step", [250, 1_000, 6_000, 10_000])
def test_extremes_at_each_second_do_not_depend_on_the_grid(
    simulated_paths: list[PricePath], step: int
) -> None:
    for path in simulated_paths:
        sampled, received = [], path.at(FIRST_MS)
        for offset in range(250, MINUTE_MS, 250):
            if offset % 1_000 == 0:
                sampled.append(
                    (received.high, received.low)
                )  # sampled before the second's own update
            if offset % step == 0 or path.update_due(offset):
                received = path.at(offset)
        assert sampled == [(path.highs[second], path.lows[second]) for second in range(59)]


@given(bars(), st.sampled_from(GRID))
def test_a_made_up_path_needs_no_updates_beside_the_grid(bar: Bar, offset: int) -> None:
    assert not recorded(bar, COIN, "1").update_due(offset)
