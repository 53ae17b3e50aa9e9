"""Entries of a log are read back exactly."""

import dataclasses
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar, BarsFact, PathPoint, Quality
from signalengine.intervals import INTERVAL_MS
from signalengine_aws.stores.log.entry import (
    Entry,
    Reached,
    Reset,
    pack,
    pack_bars,
    unpack,
    unpack_bar,
)

from tests.aws.market import bars_facts
from tests.aws.positions import T
from tests.examples import examples

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SYMBOLS = st.sampled_from(["BTCUSDT", "1000PEPEUSDT", "币安人生USDT"])
WHOLE = st.integers(0, 10**13)


def bars(interval: str, close_time: int) -> st.SearchStrategy[Bar]:
    maybe = st.none() | FLOATS
    return st.builds(
        Bar, st.just(interval), st.just(close_time - INTERVAL_MS[interval]), FLOATS, FLOATS,
        FLOATS, FLOATS, FLOATS, maybe, st.none() | WHOLE, maybe,
    )  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> BarsFact:
    close_time = draw(st.integers(1, 10**6)) * INTERVAL_MS["1h"]
    names = ("1m", *draw(st.sets(st.sampled_from(["5m", "15m", "1h"]))))
    maybe = st.none() | FLOATS
    points = st.builds(PathPoint, st.integers(0, 60), FLOATS, FLOATS)
    fact = st.builds(
        BarsFact, SYMBOLS, st.tuples(*(bars(name, close_time) for name in names)),
        st.sampled_from(["live", "recording"]), st.sampled_from(["ws", "rest"]), WHOLE,
        st.builds(Quality, FLOATS, st.none() | WHOLE), maybe, st.none() | WHOLE, maybe, maybe,
        maybe, maybe, maybe, st.none() | st.lists(points, max_size=3).map(tuple),
        st.none() | st.integers(1, 8), st.none() | FLOATS,
    )  # fmt: skip
    return draw(fact)


ENTRIES = st.builds(
    Entry, WHOLE, WHOLE,
    st.dictionaries(SYMBOLS, st.builds(Reached, WHOLE, WHOLE)),
    st.lists(facts(), max_size=3).map(tuple),
    st.dictionaries(SYMBOLS, st.builds(Reset, st.binary(max_size=50), st.text(max_size=5))),
    st.dictionaries(SYMBOLS, st.lists(bars("1m", T), max_size=2).map(tuple)),
    st.dictionaries(SYMBOLS, st.dictionaries(WHOLE, st.dictionaries(
        st.text("0123456789abcdef", min_size=12, max_size=12), st.integers(-1, 1)))),
)  # fmt: skip


@given(ENTRIES)
@examples(25)
def test_an_entry_is_read_back_exactly(entry: Entry) -> None:
    found = unpack(pack(entry))
    assert repr(found) == repr(dataclasses.replace(entry))  # -0.0 is not 0.0, and 5.0 is not 5


def test_an_entry_of_sixteen_symbols_takes_two_write_units() -> None:
    """With the bytes of its key and names, and bars as an exchange rounds them."""
    several = [
        dataclasses.replace(
            fact,
            symbol=f"S{number:02}USDT",
            bars=tuple(map(rounded, fact.bars)),
            open_interest=81_234.567 + number,
            funding_rate=0.00012345,
            mark_price=round(fact.bars[0].close, 4),
            tick_size=0.01,
            path=tuple(
                PathPoint(7 * n, round(fact.bars[0].low, 2), round(fact.bars[0].high + n, 2))
                for n in range(6)
            ),
        )
        for number, fact in enumerate(bars_facts("BTCUSDT", 17)[:16])
    ]
    reached = {fact.symbol: Reached(fact.close_time, 0) for fact in several}
    assert 1_024 < len(pack(Entry(1, T, reached, several))) < 1_960


def rounded(bar: Bar) -> Bar:
    names = ("open", "high", "low", "close", "volume")
    return dataclasses.replace(bar, **{name: round(getattr(bar, name), 2) for name in names})


@given(bars("5m", T), bars("5m", T))
@examples(20)
def test_longer_bars_are_read_back_by_symbol(one: Bar, other: Bar) -> None:
    data = pack_bars({"BTCUSDT": one, "ETHUSDT": other})
    assert repr(unpack_bar(data, "ETHUSDT", "5m")) == repr(other)
    assert unpack_bar(data, "XRPUSDT", "5m") is None


def deflated(raw: Any) -> bytes:
    return zlib.compress(json.dumps(raw).encode(), 6, -15)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff damaged", pack(Entry(0, 0, {}))[:-2], deflated([9] * 7), deflated([1, 2])],
)
def test_bytes_of_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(data)


def test_fields_that_a_newer_version_adds_are_passed_over() -> None:
    raw = [1, 2, 3, {"BTCUSDT": [4, 5, "new"]}, [], {}, {}, {}, "new"]
    assert unpack(deflated(raw)) == Entry(2, 3, {"BTCUSDT": Reached(4, 5)})


def test_an_entry_without_leaves_is_as_it_was_before_there_were_any() -> None:
    members = {"BTCUSDT": Reached(4, 5)}
    raw = [1, 2, 3, {"BTCUSDT": [4, 5]}, [], {}, {}]
    assert json.loads(zlib.decompress(pack(Entry(2, 3, members)), -15)) == raw
    assert unpack(deflated(raw)) == Entry(2, 3, members)
