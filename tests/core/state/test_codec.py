"""The byte form of a state: exact whatever the floats, small for what an exchange sends."""

import base64
import random
import struct
import zlib
from collections.abc import Sequence
from math import copysign, inf, isnan, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import StateVersionError
from signalengine.fold import SymbolState
from signalengine.intervals import CLASSIC_INTERVALS
from signalengine.layout import BLOCK, BLOCKS, CLOSE, SIZE, VOLUME, WINDOW, fresh_buffer
from signalengine.state.codec import VERSION, body, pack, prefix, unpack
from signalengine.state.slot_table import CURRENT, FIRST, plan_of

from tests.examples import examples

from ..markets import (
    SYMBOL,
    WalkRegime,
    after_warm,
    facts_of,
    flows_beside,
    fold,
    history_of,
    outcome,
    recorded,
    walk,
    warm_minutes,
    warm_state,
)

ODD = (0.0, -0.0, nan, inf, -inf, 5e-324, -5e-324, 2.2e-308, 1.7e308, 0.1 + 0.2, 1e15, 1e16, -1.5)
FLOATS = st.floats() | st.sampled_from(ODD)


def bits(values: Sequence[float]) -> list[bytes]:
    """The very bits, but that one NaN is as good as another."""
    return [b"nan" if isnan(x) else struct.pack("<d", x) for x in values]


def filled(rng: random.Random, kinds: Sequence[str]) -> list[float]:
    """A buffer in which each column has one kind of numbers."""
    s = [0.0] * SIZE
    for column in plan_of(CURRENT).columns:
        kind = rng.choice(kinds)
        for slot in column.places:
            s[slot] = number(rng, kind)
    return s


def number(rng: random.Random, kind: str) -> float:
    match kind:
        case "decimal":
            return round(rng.uniform(-1e5, 1e5), 3)
        case "sum":
            return sum(round(rng.random(), 3) for _ in range(rng.randrange(40)))
        case "whole":
            return float(rng.randrange(10**12))
        case "random":
            return rng.gauss(0.0, 1e4)
        case "odd":
            return rng.choice(ODD)
        case _:
            return nan if rng.random() < 0.3 else round(rng.random(), 5)


KINDS = ("decimal", "sum", "whole", "random", "odd", "unknown")


# --- exact ----------------------------------------------------------------------------------------


@given(st.integers(0, 10**9), st.sets(st.sampled_from(KINDS), min_size=1))
@examples(60)
def test_reading_gives_back_the_very_same_floats(seed: int, kinds: set[str]) -> None:
    s = filled(random.Random(seed), sorted(kinds))
    assert bits(unpack(pack(s))) == bits(s)


@given(st.lists(st.tuples(st.integers(0, SIZE - 1), FLOATS), max_size=30))
@examples(60)
def test_one_odd_float_among_decimals_comes_back(changes: list[tuple[int, float]]) -> None:
    s = list(warm_state().buffer)
    for slot, value in changes:
        s[slot] = value
    assert bits(unpack(pack(s))) == bits(s)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_window_of_one_odd_number_comes_back(value: float) -> None:
    s = list(SymbolState.fresh(SYMBOL).buffer)
    for b in BLOCKS:
        s[b + CLOSE : b + CLOSE + WINDOW] = [value] * WINDOW
        s[b + VOLUME] = value
    assert bits(unpack(pack(s))) == bits(s)


def test_minus_zero_stays_minus_zero() -> None:
    s = [-0.0] * SIZE
    assert all(copysign(1.0, x) < 0.0 for x in unpack(pack(s)))


@pytest.mark.parametrize(
    "regime",
    [
        WalkRegime(price=3e-8, decimals=12, volume=1e10),
        WalkRegime(price=1e6, decimals=0),
        WalkRegime(dead=0.7),
        WalkRegime(price=1.2345678, decimals=7, volume=1e9),
    ],
)
def test_the_states_of_any_market_come_back(regime: WalkRegime) -> None:
    minutes = walk(300, regime=regime)
    for n, advanced in enumerate(fold(facts_of(minutes, flows_beside(minutes, known=0.9)))):
        if n % 23 == 0:
            s = advanced.state.buffer
            assert bits(unpack(advanced.state.to_bytes())) == bits(s)


# --- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x03abc", bytes([VERSION + 1]) + pack([0.0] * SIZE)[1:]]
)
def test_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(StateVersionError, match="version"):
        SymbolState.from_bytes(SYMBOL, data)


def test_damaged_bytes_are_refused() -> None:
    whole = warm_state().to_bytes()
    bodies = [b"", b"x" * 50, zlib.compress(b"x" * 5000, wbits=-15), zlib.compress(b"", wbits=-15)]
    for data in (whole[:-40], whole[:1], *(whole[:1] + other for other in bodies)):
        with pytest.raises(StateVersionError):
            unpack(data)


@given(st.integers(0, 10**9))
@examples(50)
def test_a_flipped_byte_is_refused_or_read_and_nothing_else(seed: int) -> None:
    rng, data = random.Random(seed), bytearray(warm_state().to_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    try:
        assert len(unpack(bytes(data))) == SIZE
    except StateVersionError:
        return


def test_a_damaged_table_is_refused() -> None:
    whole = body(fresh_buffer(), plan_of(CURRENT))
    for table in ("", "1m", "1m\nnonsense close", "1m\nplain a*b", "1m\nplain", CURRENT[:-200]):
        with pytest.raises(StateVersionError):
            unpack(prefix(table) + whole)


# --- another version ------------------------------------------------------------------------------


def test_bytes_that_version_1_stored_are_read() -> None:
    stored = base64.b64decode(Path(__file__).with_name("state_version_1.b64").read_text())
    assert stored[0] == 1
    past = [fact for fact in history_of(warm_minutes()) if fact.interval in CLASSIC_INTERVALS]
    read, whole = unpack(stored), outcome(past)[0].buffer
    had = [place for column in plan_of(FIRST).columns for place in column.places]
    assert bits([read[place] for place in had]) == bits([whole[place] for place in had])


@given(st.integers(0, 10**9), st.sets(st.sampled_from(KINDS), min_size=1))
@examples(30)
def test_version_1_gives_back_all_that_it_had(seed: int, kinds: set[str]) -> None:
    first, s = plan_of(FIRST), filled(random.Random(seed), sorted(kinds))
    read = unpack(bytes([1]) + body(s, first))
    had = [place for column in first.columns for place in column.places]
    assert bits([read[place] for place in had]) == bits([s[place] for place in had])


def test_bytes_from_before_4h_and_1d_are_read() -> None:
    """The new intervals begin anew, and history warms them; the others go on."""
    stored = base64.b64decode(Path(__file__).with_name("state_four_intervals.b64").read_text())
    state, fresh = SymbolState.from_bytes(SYMBOL, stored), fresh_buffer()
    assert bits(state.buffer[4 * BLOCK : 6 * BLOCK]) == bits(fresh[4 * BLOCK : 6 * BLOCK])
    past = {fact.interval: fact for fact in history_of(warm_minutes())}
    known, whole = outcome([past["1d"], past["4h"]], state)[0].buffer, warm_state().buffer
    assert bits(known[: 6 * BLOCK]) == bits(whole[: 6 * BLOCK])


# --- small ----------------------------------------------------------------------------------------

ITEM = 3 * 1024 - 40
"""Three write units, less the names, the symbol and the revision of the item."""


def sizes(symbol: str, flows: bool) -> list[int]:
    minutes = recorded(symbol, 7000)
    facts = facts_of(minutes, flows_beside(minutes) if flows else None)
    states = [advanced.state for advanced in fold(facts)]
    return [len(state.to_bytes()) for state in states[4500::25]]


@pytest.mark.slow
@pytest.mark.parametrize("flows", [False, True])
@pytest.mark.parametrize("symbol", ["BTC", "ETH", "SOL"])
def test_a_state_of_recorded_bars_fits_three_write_units(symbol: str, flows: bool) -> None:
    found = sizes(symbol, flows)
    words = f"{symbol} flows={flows}: mean {sum(found) / len(found):.0f}, max {max(found)} bytes"
    print(words)  # noqa: T201 - for pytest -s
    assert max(found) <= ITEM


def test_a_fresh_state_is_next_to_nothing() -> None:
    assert len(SymbolState.fresh(SYMBOL).to_bytes()) < 250


def test_equal_states_are_equal_bytes() -> None:
    minutes = after_warm(50)
    one, _ = outcome(facts_of(minutes), warm_state())
    other = SymbolState.from_bytes(SYMBOL, one.to_bytes())
    assert one == other
    assert hash(one) == hash(other)
    assert one.to_bytes() == other.to_bytes()
    assert one != warm_state()
    assert one != SymbolState("ETHUSDT", one.buffer)
    assert one != "state"
