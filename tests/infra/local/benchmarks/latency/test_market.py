"""Bars that open a signal, found in synthetic markets."""

from signalengine.facts.stream import decode, encode
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVALS, MINUTE_MS, closing_at
from signalengine.policy import default_policy

from infra.local.benchmarks.latency.market import TRIES, openings

NOON = 1_747_656_000_000
"""2025-05-19 12:00 UTC."""


def test_each_symbol_has_a_past_and_a_bar_that_opens_its_signal() -> None:
    found = openings(3, NOON + 37 * MINUTE_MS)
    assert len({one.symbol for one in found}) == len({one.signal_id for one in found}) == 3
    for one in found:
        state = SymbolState.fresh(one.symbol)
        for fact in one.history:
            assert decode(encode(fact)) == fact
            state = advance(state, fact, default_policy()).state
        assert one.fact.bars[0].open_time == NOON + 37 * MINUTE_MS
        assert all(fact.bars[-1].close_time <= NOON + 37 * MINUTE_MS for fact in one.history)
        evaluation = advance(state, one.fact, default_policy()).evaluation
        assert evaluation is not None
        assert evaluation.close_time == one.fact.bars[0].close_time
        assert one.event_id == f"{one.signal_id}#opened"


def test_a_bar_that_ends_an_hour_has_the_longer_ones() -> None:
    (one,) = openings(1, NOON - MINUTE_MS)
    assert [bar.interval for bar in one.fact.bars] == [*closing_at(NOON)] == [*INTERVALS[:5]]
    assert {bar.close_time for bar in one.fact.bars} == {NOON}
    assert TRIES >= 10
