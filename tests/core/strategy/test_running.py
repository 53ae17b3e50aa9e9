"""Running a strategy plain: order of bars, when an entry is asked for, replay and restore."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS
from signalengine.strategy.form import Strategy, Universe
from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.running import (
    beyond,
    due,
    entries,
    entry_events,
    fold_rows,
    holed,
    leaves_of,
    named_values,
    row_of,
    unwarm,
)
from signalengine.strategy.sets import set_of

from .texts import CHANNEL, channel

HOUR = INTERVAL_MS["1h"]
MONDAY = 1_747_612_800_000  # 2025-05-19 00:00 UTC
P = set_of(channel()).parameters


def bar(number: int, close: float, interval: str = "1h") -> Bar:
    at = MONDAY + number * INTERVAL_MS[interval]
    return Bar(interval, at, close, close + 1.0, close - 1.0, close, 5.0, 5.0 * close)


def folded(loaded: Loaded, closes: list[float], s: list[float] | None = None) -> list[float]:
    s = loaded.strategy.fresh() if s is None else s
    start = 0 if s[0] != s[0] else int(s[-1])
    for number, close in enumerate(closes, start):
        assert fold_rows(loaded, s, [row_of(bar(number, close))], P)
    return s


def test_an_entry_is_a_close_past_the_channel_of_the_bars_before() -> None:
    one = channel()

    assert entries(one, folded(one, [10, 11, 12, 13]), [], P) == ("long",)
    assert entries(one, folded(one, [10, 11, 12, 12]), [], P) == ()
    assert entries(one, folded(one, [13, 12, 11, 10]), [], P) == ("short",)
    assert entries(one, folded(one, [10, 11]), [], P) == ()  # the channel is not known yet


def test_a_bar_twice_changes_nothing() -> None:
    one = channel()
    s = folded(one, [10, 11, 12, 13])
    before = list(s)

    assert not fold_rows(one, s, [row_of(bar(3, 99.0)), row_of(bar(1, 99.0))], P)
    assert s == before


@given(st.lists(st.floats(1.0, 100.0), min_size=2, max_size=60), st.integers(1, 59))
def test_a_state_stored_and_read_again_goes_on_the_same(closes: list[float], cut: int) -> None:
    one, cut = channel(), min(cut, len(closes) - 1)

    restored = list(map(float, map(repr, folded(one, closes[:cut]))))

    assert repr(folded(one, closes[cut:], restored)) == repr(folded(one, closes))


def test_the_longest_bar_is_folded_first_and_every_decides() -> None:
    text = CHANNEL.replace("def entry(", _FOLD_15M).replace('{"1h": 21}', '{"1h": 21, "15m": 1}')
    one = load_text(text, "channel.py")
    s = one.strategy.fresh()
    quarter = replace(bar(3, 7.0, "15m"))

    assert not fold_rows(one, s, [row_of(bar(2, 6.0, "15m"))], P)
    assert fold_rows(one, s, [row_of(quarter), row_of(bar(0, 10.0))], P)
    assert s[0] == 7.0  # the shorter bar was folded last


_FOLD_15M = """def fold_15m(s, bar, p):
    s[PRICE] = bar[CLOSE]


def entry("""


def test_a_strategy_with_a_clock_is_asked_once_a_week() -> None:
    weekly = load_text(CHANNEL.replace('every="1h",', 'every="1h",\n    clock=60,'), "channel.py")
    hours = [MONDAY + k * HOUR for k in range(24 * 14)]

    assert [t for t in hours if due(weekly.strategy, t)] == [hours[1], hours[1 + 168]]
    assert all(due(channel().strategy, t) for t in hours)
    assert not due(channel().strategy, MONDAY + 60_000)


def test_warm_up_and_holes_are_named_by_interval() -> None:
    one, rng = channel(), random.Random(1)
    s = one.strategy.fresh()
    for number in range(20):
        fold_rows(one, s, [row_of(bar(number, rng.uniform(1, 2)))], P)
    assert unwarm(one.strategy, s, one.intervals) == ("1h",)

    fold_rows(one, s, [row_of(bar(20, 1.0))], P)
    assert unwarm(one.strategy, s, one.intervals) == ()
    assert holed(one.strategy, s, one.intervals) == ()

    fold_rows(one, s, [row_of(bar(22, 1.0))], P)
    assert holed(one.strategy, s, one.intervals) == ("1h",)


@pytest.mark.parametrize(
    ("line", "found"),
    [("side > 0.0", 1), ("side < 0.0", -1), ("v[PRICE] > 0.0", 0), ("v[PRICE] < 0.0", None)],
)
def test_what_a_strategy_leaves_is_told_by_its_sides(line: str, found: int | None) -> None:
    text = f"{CHANNEL}\n\ndef leave(v, f, side, p):\n    return {line}\n"
    one = load_text(text, "channel.py")
    assert leaves_of(one, folded(one, [10.0]), [], P) == found
    assert leaves_of(channel(), folded(channel(), [10.0]), [], P) is None


def test_a_symbol_is_outside_by_its_name_or_while_it_is_young() -> None:
    named = Strategy(name="x", version=1, every="1h", universe=Universe(("BTCUSDT",), age_days=30))
    assert not beyond(named, "BTCUSDT", 30.0)
    assert beyond(named, "BTCUSDT", 29.0)
    assert beyond(named, "ETHUSDT", 99.0)
    assert not beyond(channel().strategy, "ANY", 0.0)


def test_values_and_entries_are_stored_by_name() -> None:
    one = channel()

    assert named_values(one.strategy, folded(one, [10, 11])) == {
        "close": 11.0,
        "top": None,
        "bottom": None,
    }
    (event,) = entry_events(one.strategy, ("short",))
    assert (event.kind, event.interval, event.direction, event.strength) == (
        "entry",
        "1h",
        "short",
        1.0,
    )
