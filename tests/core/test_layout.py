"""The layout of a state: blocks first, every slot by name, a fresh state as it is defined."""

from math import isnan

from signalengine.intervals import INTERVALS
from signalengine.layout import BLOCK, BLOCKS, GAP_S, LAST_OPEN, SIZE, STATE, SYMBOL, fresh_buffer


def test_the_blocks_of_the_intervals_come_first() -> None:
    assert tuple(k * BLOCK for k in range(len(INTERVALS))) == BLOCKS
    assert SIZE == SYMBOL.end > len(INTERVALS) * BLOCK


def test_full_names_are_unique() -> None:
    names = [slot.name for slot in STATE]
    assert len(set(names)) == len(names)
    assert {"1m.ema9", "1h.ema9", "1d.ema9", "funding", "oi"} < set(names)


def test_a_slot_that_needs_bars_has_the_count_at_which_it_began_in_its_block() -> None:
    begins = {slot.at for slot in STATE if slot.name.endswith("_from")}
    for slot in STATE:
        if slot.since is not None:
            assert slot.at // BLOCK * BLOCK + slot.since in begins


def test_a_fresh_state_is_that_of_the_definitions() -> None:
    s = fresh_buffer()
    assert len(s) == SIZE
    assert isnan(s[GAP_S])
    assert [s[b + LAST_OPEN] for b in BLOCKS] == [-1.0] * len(INTERVALS)
    s[0] = 5.0
    assert fresh_buffer()[0] != 5.0
