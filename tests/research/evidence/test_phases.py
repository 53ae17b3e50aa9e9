"""A span is purged at its end, and reads nothing after it."""

from dataclasses import replace

import numpy as np
import pytest
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy

from research.backtest.result import Run
from research.backtest.strategy_run import simulate_set
from research.evidence.errors import EvidenceError
from research.evidence.phases import measure, past_ms, purged
from research.simulations.verdicts import pulse
from tests.research.evidence.samples import DAYS, short_market
from tests.research.statistics.made import made_run

SPAN = (DAYS[0], DAYS[1])


@pytest.fixture(scope="module")
def tables():
    return short_market()


@pytest.fixture(scope="module")
def phase(tables):
    return measure("design", SPAN, tables, pulse(), 1, draws=50)


def test_no_signal_could_end_after_the_span(phase):
    assert len(phase.trades) > 5
    assert all(SPAN[0] < s.close_time and s.expires_at <= SPAN[1] for s in phase.trades.signals)


def test_what_comes_after_the_span_changes_nothing(phase, tables):
    other = [
        replace(one, volume=np.where(one.open_time >= SPAN[1], 99.0, one.volume)) for one in tables
    ]
    again = measure("design", SPAN, other, pulse(), 1, draws=50)
    assert again.found.to_dict() == phase.found.to_dict()
    assert again.purged == phase.purged


def test_late_signals_are_purged_also_where_they_ended(tables):
    last = SPAN[1] - 3 * DAY_MS
    table = tables[0].between(None, SPAN[1])
    whole = simulate_set(table, pulse(), start=SPAN[0])
    left = purged(whole, last)
    assert [s for s in whole.signals if s.close_time <= last] == list(left.signals)
    assert len(left.signals) < len(whole.signals)


def test_a_signal_that_could_end_after_the_span_is_counted_as_purged(phase, tables):
    last = max(phase.trades.signals, key=lambda s: s.close_time)
    short = (SPAN[0], last.close_time + 10 * MINUTE_MS)
    found = measure("design", short, tables, pulse(), 1, draws=50)
    assert found.purged == 1
    assert len(found.trades) == len(phase.trades) - 1
    assert found.found.trades.still_open == 0


def test_a_policy_is_purged_alike():
    made = made_run(lambda _: [], days=1)
    minutes, nothing = np.array([10.0, 400.0, 900.0]), np.empty((0, 0))
    rows = np.column_stack([np.arange(3.0), minutes])
    run = Run("BTCUSDT", made.policy, made.feed, nothing, nothing, rows, rows)
    left = purged(run, int(made.feed.bars[400, 0]) + MINUTE_MS)
    assert left.signal_rows.tolist() == left.outcome_rows.tolist() == rows[:2].tolist()


def test_costs_count_twice(phase):
    once = phase.mean_net.value
    assert phase.double_costs.value == pytest.approx(once - 12e-4, abs=1e-9)
    assert phase.p is not None
    assert 0.0 < phase.p <= 1.0


def test_a_span_without_bars_is_refused(tables):
    late = (DAYS[3] + DAY_MS, DAYS[3] + 2 * DAY_MS)
    with pytest.raises(EvidenceError, match="no bars from"):
        measure("final", late, tables, pulse(), 1)


def test_a_policy_warms_up_for_weeks():
    assert past_ms(default_policy()) > 20 * DAY_MS
    assert past_ms(pulse()) < 3 * DAY_MS
