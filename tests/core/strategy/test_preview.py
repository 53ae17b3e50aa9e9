"""A preview is what the stack's fold, decisions and settlement make of the same bars."""

import random
from dataclasses import replace

import pytest
from signalengine.decisions import decide
from signalengine.errors import StrategyError
from signalengine.facts.stream import Bar, BarsFact
from signalengine.fold import SymbolState
from signalengine.intervals import DAY_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Signal
from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.one_open import while_open
from signalengine.strategy.preview import preview
from signalengine.strategy.set_states import Buffers, advance_sets
from signalengine.strategy.sets import StrategySet, set_of

from .texts import CHANNEL

HOUR, MINUTES = 3_600_000, 300_000
LOADED = load_text(CHANNEL, "channel.py")


def walk(seed: int, hours: int) -> tuple[list[Bar], list[Bar]]:
    """Bars of five minutes, and of an hour, of one random walk."""
    chance, price = random.Random(seed), 100.0
    short = []
    for k in range(hours * 12):
        last = price * (1 + chance.gauss(0, 0.003))
        high, low = max(price, last) * 1.001, min(price, last) * 0.999
        short.append(Bar("5m", k * MINUTES, price, high, low, last, 1.0))
        price = last
    long = []
    for k in range(hours):
        part = short[k * 12 : k * 12 + 12]
        high, low = max(one.high for one in part), min(one.low for one in part)
        long.append(Bar("1h", k * HOUR, part[0].open, high, low, part[-1].close, 12.0))
    return short, long


def stored(bars: list[Bar]) -> list[StoredBar]:
    return [
        StoredBar(one.open_time, one.open, one.high, one.low, one.close, length_ms=MINUTES)
        for one in bars
    ]


def folded(one: StrategySet, short: list[Bar], long: list[Bar], start: int) -> list[Signal]:
    """What the stack does: facts are folded, entries decided, signals settled."""
    fills = [
        StoredBar(b.open_time, b.open, b.high, b.low, b.close, length_ms=MINUTES) for b in short
    ]
    buffers: Buffers = {}
    cooldown, signals = Cooldown("BTCUSDT", last_scored=0), list[Signal]()
    for bar in long:
        minute = Bar("1m", bar.close_time - 60_000, bar.close, bar.close, bar.close, bar.close, 1.0)
        fact = BarsFact("BTCUSDT", (minute, bar), "simulated", "ws", bar.close_time)
        shared = SymbolState.fresh("BTCUSDT")
        done = advance_sets([one], buffers, fact, shared)
        buffers = done.buffers
        for evaluation in done.evaluations if bar.close_time >= start else []:
            priced = replace(evaluation, features={"1m": {"close": bar.close}})
            last = signals[-1] if signals else None
            end = (
                None
                if last is None
                else settle(last, [fill for fill in fills if fill.close_time <= bar.close_time])
            )
            if one.one_open and last is not None and end is None:
                found = while_open(last, priced, cooldown, one, "test")
            else:
                found = decide(priced, cooldown, one, "test")
            cooldown = found.cooldown
            signals += [] if found.signal is None else [found.signal]
    return [replace(signal, settlement=settle(signal, fills)) for signal in signals]


@pytest.mark.parametrize("seed", range(3))
def test_a_preview_equals_what_the_stack_does(seed: int) -> None:
    one = set_of(LOADED, {"parameters": {"bars": 3, "reach": 0.01}})
    short, long = walk(seed, 24 * 4)
    start = 2 * DAY_MS
    fills = [
        StoredBar(b.open_time, b.open, b.high, b.low, b.close, length_ms=MINUTES) for b in short
    ]
    found = preview(one, "BTCUSDT", long, fills, start, market="simulated")
    expected = folded(one, short, long, start)
    assert len(expected) > 3
    assert [(s.signal_id, s.settlement) for s in found.signals] == [
        (s.signal_id, s.settlement) for s in expected
    ]
    assert found.bars == len(long)
    assert found.closes == len(long) - start // HOUR + 1


def test_later_bars_change_no_earlier_signal() -> None:
    one = set_of(LOADED, {"parameters": {"bars": 3}})
    _, long = walk(5, 24 * 3)
    half = preview(one, "BTCUSDT", long[:50], [], 0, market="live")
    whole = preview(one, "BTCUSDT", long, [], 0, market="live")
    ids = [signal.signal_id for signal in whole.signals]
    assert ids[: len(half.signals)] == [signal.signal_id for signal in half.signals]


def test_without_its_warm_up_it_opens_nothing() -> None:
    one = set_of(LOADED)
    _, long = walk(1, 20)
    found = preview(one, "BTCUSDT", long, [], 0, market="live")
    assert (found.signals, found.closes, found.not_warm) == ((), 20, 20)


def test_what_is_not_stored_bar_by_bar_is_refused() -> None:
    with pytest.raises(StrategyError, match="compares symbols"):
        preview(set_of(load_shipped("momentum")), "BTCUSDT", [], [], 0, market="live")
    guarded = set_of(LOADED, {"rules": {"protections": {"stops": 2}}})
    with pytest.raises(StrategyError, match="has protections"):
        preview(guarded, "BTCUSDT", [], [], 0, market="live")
