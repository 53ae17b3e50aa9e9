"""Stored positions of signals that are open for long: the fold goes on from them, the same."""

from dataclasses import replace

import pytest
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import advance, opened
from signalengine.signals import Signal
from signalengine_aws.stores.items.bars import BARS_TTL_S
from signalengine_aws.stores.positions import DynamoPositions, lasting
from signalengine_aws.stores.tables import BarItem

from tests.aws.positions import signal
from tests.aws.world import World
from tests.core.markets import T0
from tests.core.samples import exits, walked


def held(seed: int) -> Signal:
    at = signal(close_time=T0, lifetime=70)
    return replace(at, exits=exits(seed) if seed % 3 else None, tp_price=103.0, sl_price=97.0)


@pytest.mark.parametrize("seed", range(9))
def test_the_fold_goes_on_from_a_stored_position_as_if_it_had_not_stopped(
    world: World, seed: int
) -> None:
    one, bars, stored = held(seed), walked(seed, step=0.1), DynamoPositions("bars_table")
    whole = advance(one, opened(one), bars)
    for count in (1, 7, 30):
        position, end = advance(one, opened(one), bars[:count])
        if end is not None:
            break
        stored.put(one, position)
        (found,) = stored.of([one]).values()
        assert found == position
        assert advance(one, found, bars) == whole


def test_one_that_is_not_there_or_is_of_another_form_is_left_out(world: World) -> None:
    one, stored = held(0), DynamoPositions("bars_table", lambda: world.now)
    assert stored.of([one]) == stored.of([]) == {}
    stored.put(one, opened(one))
    item = BarItem.get(f"position#{one.signal_id}", 0)
    assert item.ttl == world.now // 1000 + BARS_TTL_S
    item.data = b"newer"
    item.save()
    assert stored.of([one]) == {}


def test_only_signals_that_may_be_open_for_long_have_one() -> None:
    assert not lasting(signal())
    assert not lasting(replace(signal(), expires_at=signal().close_time + 360 * MINUTE_MS))
    assert lasting(replace(signal(), expires_at=signal().close_time + 361 * MINUTE_MS))
