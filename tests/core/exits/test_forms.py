"""The exits of a signal read back from their row and from their JSON."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits.forms import exits_of, row_of
from signalengine.exits.levels import (
    EXITS_SIZE,
    FINE,
    TICK,
    bracket,
    clear,
    expire,
    fault,
    put_on_tick,
    trail,
)
from signalengine.signals import Exits, public, signal_from_json, to_json

from tests.core.samples import exits, several, signal
from tests.examples import examples


@given(st.integers(0, 10**6), st.sampled_from([1, -1]))
@examples(60)
def test_exits_read_back_from_their_row_and_their_json(seed: int, side: int) -> None:
    one = several(seed, side)
    x = row_of(one)
    assert fault(x, one.entry_price, float(side)) == FINE
    assert one.exits is not None
    whole = len(one.exits.targets) == 1 and one.exits.targets[0].fraction == 1.0
    plain = whole and one.exits.trail is None and not (one.exits.break_even or one.exits.leave)
    assert exits_of(x, leave=one.exits.leave) == (None if plain else one.exits)
    assert signal_from_json(to_json(one)) == one


def test_one_target_and_one_stop_are_no_exits() -> None:
    x = [0.0] * EXITS_SIZE
    clear(x)
    bracket(x, 102.0, 99.0)
    expire(x, 60.0)
    assert exits_of(x) is None
    assert row_of(signal())[: len(x)] == pytest.approx(x, nan_ok=True)
    left = exits_of(x, leave=True)
    assert left is not None
    assert (len(left.targets), left.leave) == (1, True)


def test_a_step_that_is_not_given_is_stored() -> None:
    x = row_of(signal())
    trail(x, 2.0, 1.0)
    found = exits_of(x)
    assert found is not None
    assert (found.trail, found.trail_step, found.trail_after) == (2.0, 0.5, 1)
    bare = replace(found, trail_step=None)
    assert exits_of(row_of(replace(signal(), exits=bare))) == found


def test_the_tick_of_a_trailing_stop_is_stored() -> None:
    x = row_of(signal())
    trail(x, 2.0, 1.0)
    put_on_tick(x, 1.0, 0.1)
    found = exits_of(x)
    assert found is not None
    assert found.tick_size == 0.1
    again = row_of(replace(signal(), exits=found))
    assert (again[TICK], exits_of(again)) == (0.1, found)


def test_a_signal_without_exits_is_stored_as_before() -> None:
    assert "exits" not in to_json(signal())
    assert "exits" not in public(signal())


def test_exits_are_published() -> None:
    made = several(3)
    found: dict[str, Any] = public(made)["exits"]
    assert isinstance(made.exits, Exits)
    assert [one["price"] for one in found["targets"]] == [t.price for t in exits(3).targets]
