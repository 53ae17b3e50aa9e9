"""The compiled run is the live engine: the same decisions, signals and outcomes, bit for bit."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import ModelError
from signalengine.facts.stream import BarsFact
from signalengine.intervals import MINUTE_MS
from signalengine.signals import Verdict

from research.audit import parity, repaint
from research.backtest.run import run_facts, simulate
from research.data.bars import BarTable
from research.data.loader import load
from research.policies import varied
from tests.examples import examples
from tests.paths import RECORDINGS
from tests.research.backtest.walks import EAGER, POLICY, START, TICKS, facts_of, live, walk

REAL = RECORDINGS


@examples(8)
@given(seed=st.integers(0, 10_000), hole=st.none() | st.integers(4200, 4700))
def test_the_compiled_run_is_the_live_engine(seed: int, hole: int | None) -> None:
    holes = frozenset() if hole is None else frozenset(range(hole, hole + 7))
    facts = list(facts_of(walk(seed, 5000, holes), 4000, TICKS))
    decisions, signals = live(facts, EAGER)
    assert any(d.verdict is not Verdict.NOT_WARM for d in decisions)
    assert parity({"BTCUSDT": facts}, decisions, signals, EAGER) == []


def test_levels_are_on_the_tick_that_was_known_at_the_close() -> None:
    facts = list(facts_of(walk(1, 5600), 4000, TICKS))
    done = run_facts(facts, EAGER)
    assert done.verdicts["below_tick"] > 0
    sizes = {fact.close_time: fact.tick_size for fact in facts if isinstance(fact, BarsFact)}
    seen = Counter[float | None]()
    for signal in done.signals:
        tick = sizes[signal.close_time]
        seen[tick] += 1
        for level in (signal.tp_price, signal.sl_price):
            on = tick is not None and Decimal(repr(level)) % Decimal(repr(tick)) == 0
            assert on == (tick is not None)
    assert all(seen[tick] > 0 for tick in (0.1, None, 0.5)), seen


def test_a_recording_is_rounded_to_the_decimals_of_its_warm_up() -> None:
    start = START + 4000 * MINUTE_MS
    table = walk(6, 5200)
    on_grid = {n: np.round(getattr(table, n), 1) for n in ("open", "high", "low", "close")}
    done = simulate(replace(table, **on_grid), EAGER, start=start)
    assert len(done.signals) > 3
    levels = [level for s in done.signals for level in (s.tp_price, s.sl_price)]
    assert all(level == round(level, 1) for level in levels)
    assert repaint(done) == []


def test_a_table_is_run_as_its_own_replay() -> None:
    """Warm-up included: 499 longer bars and 1,500 minutes, whatever lies before them."""
    table = walk(2, 35_000)
    start = START + 33_000 * MINUTE_MS
    done = simulate(table, EAGER, start=start)
    later = table.between(start - 499 * 3_600_000, None)
    assert done.signals == simulate(later, EAGER, start=start).signals
    assert len(done.signals) > 5


@pytest.mark.skipif(not REAL.exists(), reason="the recorded market data is not on this machine")
def test_a_real_day_is_the_same_compiled_and_plain() -> None:
    table = load(REAL, "SOLUSDT", end="2025-05-20")
    until = int(np.searchsorted(table.open_time, START))
    facts = list(facts_of(table.between("2025-05-10", None), until - table_offset(table)))
    decisions, signals = live(facts)
    assert len(decisions) > 50
    assert signals
    assert parity({"SOLUSDT": facts}, decisions, signals, POLICY) == []


def table_offset(table: BarTable) -> int:
    """Bars of a recording before 2025-05-10."""
    return int(np.searchsorted(table.open_time, table.between("2025-05-10", None).start))


def test_a_policy_that_lets_a_model_decide_is_refused() -> None:
    """Leaving the model out would be the backtest of another policy, under this one's digest."""
    gated = varied({"ai": {"mode": "gate", "model": "0" * 12, "minimum": 0.5, "weight": 0.0}})
    with pytest.raises(ModelError, match="needs model 000000000000 and there is none"):
        simulate(walk(8, 300), gated)
