"""An entry at any minute ends exactly as the core would end it."""

from dataclasses import replace

import numpy as np
import pytest
from signalengine.bars.aggregator import BarAggregator
from signalengine.facts.stream import BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import CLASSIC_INTERVALS, MINUTE_MS, closing_at
from signalengine.layout import ATR, BLOCKS, CLEAN, COUNT, WINDOW

from research.backtest.feed import feed_of_table
from research.statistics.entries import atr_by_minute, entries_of, fit_minutes, span_of
from tests.research.statistics.made import (
    MadeRun,
    at_random,
    made_run,
    policy_with,
    signal_at,
)

HOLE = range(6000, 6003)
NOTHING = at_random(0)


@pytest.fixture(scope="module")
def run() -> MadeRun:
    return made_run(NOTHING, days=9, without=HOLE)


@pytest.mark.parametrize("direction", ["long", "short"])
def test_every_entry_ends_as_the_core_settles_it(run, direction):
    entries = entries_of(run)
    row = 0 if direction == "long" else 1
    minutes = np.random.default_rng(1).choice(np.flatnonzero(entries.allowed), 400, replace=False)
    funded = 0
    for minute in minutes:
        end = signal_at(run, int(minute), direction).settlement
        assert end.net_return == entries.net[row, minute]
        assert end.gross_return == entries.gross[row, minute]
        funded += end.funding != 0
    assert funded > 5


def test_atr_and_fitness_are_those_of_the_plain_fold():
    """Against the core's own state, minute by minute, over a hole."""
    run = made_run(NOTHING, days=4, without=range(4500, 4504))
    policy = replace(run.policy, warm_bars=50)
    atr, fit = atr_by_minute(run.feed, policy), fit_minutes(run.feed, policy)
    state, ladder = SymbolState.fresh("BTCUSDT"), BarAggregator()
    for minute, bar in enumerate(run.table.bars()):
        longer = [ladder.build(name, bar) for name in closing_at(bar.close_time)[1:]]
        ladder.push(bar)
        bars = (bar, *(x for x in longer if x is not None))
        fact = BarsFact("BTCUSDT", bars, "recording", "ws", bar.close_time)
        state = advance(state, fact, policy).state
        s = state.buffer
        unwarm = any(s[b + COUNT] < 50 for b in BLOCKS[:4])
        tainted = any(s[b + CLEAN] < min(s[b + COUNT], WINDOW) for b in BLOCKS[:4])
        assert fit[minute] == (not unwarm and not tainted)
        known = s[BLOCKS[2] + ATR] if s[BLOCKS[2] + COUNT] > 14 else np.nan
        assert atr[minute] == known or (np.isnan(atr[minute]) and np.isnan(known))


@pytest.mark.parametrize("interval", CLASSIC_INTERVALS)
def test_the_levels_are_of_the_policys_interval(interval):
    policy = policy_with(atr_interval=interval)
    run = made_run(at_random(20), days=6, policy=policy)
    assert all(s.atr > 0 for s in run.signals)
    entries = entries_of(run)
    for signal in run.signals:
        (minute,) = entries.minute(np.array([signal.close_time]))
        side = int(signal.side < 0)
        assert signal.settlement.net_return == entries.net[side, minute]


def test_no_entry_is_allowed_before_the_engine_is_warm_or_beside_a_hole(run):
    entries = entries_of(run)
    warm = 64 * 60
    assert not entries.fit[: warm - 1].any()
    assert entries.fit[warm:6000].all()
    assert not entries.fit[6000 : 6000 + 24 * 60].any()
    assert not entries.allowed[6000 - 60 : 6000].any()
    assert entries.allowed[6000 - 61]


@pytest.mark.parametrize("tick", [2.0, 1000.0])
def test_no_entry_is_allowed_whose_levels_the_tick_takes_away(run, tick):
    free = entries_of(run)
    feed = replace(run.feed, tick=np.full(len(run.feed.bars), tick))
    coarse = replace(run, feed=feed)
    entries = entries_of(coarse)
    assert entries.allowed.sum() < free.allowed.sum()
    for minute in np.flatnonzero(entries.allowed)[::500]:
        for row, direction in enumerate(("long", "short")):
            signal = signal_at(coarse, int(minute), direction)
            levels = signal.tp_price, signal.sl_price
            assert min(levels) < signal.entry_price < max(levels)
            assert signal.settlement.net_return == entries.net[row, minute]
    assert entries.allowed.any() == (tick == 2.0)


def test_no_entry_is_allowed_without_bars_to_end_it(run):
    entries = entries_of(run)
    assert entries.allowed[-61]
    assert not entries.allowed[-60:].any()


def test_no_entry_is_allowed_where_the_costs_are_too_high(run):
    reach = 2 * atr_by_minute(run.feed, run.policy) / run.feed.bars[:, 4]
    middle = float(np.nanmedian(reach))
    dear = policy_with(cost_gate=middle / run.policy.round_trip)
    allowed = entries_of(replace(run, policy=dear)).allowed
    assert not allowed[reach < middle * (1 - 1e-9)].any()
    ends = entries_of(run).allowed & (reach > middle * (1 + 1e-9))
    assert allowed[ends].all()
    assert ends.any()


def test_a_late_bar_is_not_fit(run):
    late = run.feed.late_ms.copy()
    late[4000] = 31_000.0
    assert not fit_minutes(replace(run.feed, late_ms=late), run.policy)[4000]


def test_the_span_begins_when_the_engine_is_fit(run):
    span = span_of(run)
    assert span.start == run.table.start + 64 * 60 * MINUTE_MS
    assert span.end == run.table.end


def test_a_run_that_is_never_warm_has_no_span():
    run = made_run(lambda run: (), days=1)
    assert span_of(run).days() == range(0)
    assert not entries_of(run).allowed.any()


def test_bars_before_the_start_only_warm_up():
    run = made_run(NOTHING, days=9)
    begin = int(run.table.open_time[5000])
    later = replace(run, feed=feed_of_table(run.table, begin))
    assert span_of(later).start == begin + MINUTE_MS


def test_a_past_that_reaches_into_the_run_is_counted_once(run):
    begin = int(run.table.open_time[5000])
    feed = feed_of_table(run.table, begin)
    warm = (np.concatenate([feed.warm[0], feed.bars[:90]]), *feed.warm[1:])
    twice = replace(feed, warm=warm)
    assert np.array_equal(fit_minutes(twice, run.policy), fit_minutes(feed, run.policy))
    minutes = replace(run.policy, atr_interval="1m")
    assert np.array_equal(atr_by_minute(twice, minutes), atr_by_minute(feed, minutes))


def test_the_next_allowed_minute_goes_round_the_end(run):
    entries = entries_of(run)
    following = entries.next_allowed()
    places = np.flatnonzero(entries.allowed)
    assert (following[places] == places).all()
    assert following[-1] == places[0]
    assert following[5950] == places[places >= 5950][0]
