"""Entries at every close of a strategy, settled as its signals are."""

import numpy as np
import pytest
from signalengine.intervals import MINUTE_MS

from research.backtest.strategy_loop import closes_of
from research.backtest.strategy_run import simulate_set
from research.statistics.conclusion import conclude
from research.statistics.entries import entries_of, span_of
from research.statistics.strategy_entries import first_fit, fit_closes, settled_closes
from tests.research.backtest.sets import channel
from tests.research.backtest.walks import START, walk

pytestmark = pytest.mark.slow  # numba compiles

BEGIN = START + 4000 * MINUTE_MS
HOLES = frozenset(range(4310, 4317))


def test_an_entry_at_a_signals_close_ends_as_the_signal() -> None:
    run = simulate_set(walk(3, 5200), channel(), start=BEGIN)
    found = entries_of(run)

    checked = 0
    for signal in run.signals:
        (minute,) = found.minute(np.array([signal.close_time]))
        if signal.settlement is not None and found.allowed[minute]:
            row = 0 if signal.side > 0 else 1
            assert found.gross[row, minute] == signal.settlement.gross_return
            assert found.net[row, minute] == signal.settlement.net_return
            checked += 1
    assert checked >= 10


def test_entries_are_at_closes_that_are_warm_clean_and_have_the_bars_to_end() -> None:
    run = simulate_set(walk(3, 5200, HOLES), channel(), start=BEGIN)
    minutes, allowed, _, _ = settled_closes(run)

    times = run.feed.bars[minutes, 0].astype(np.int64) + MINUTE_MS
    hole = START + 4317 * MINUTE_MS
    assert allowed.any()
    assert (times % (5 * MINUTE_MS) == 0).all()
    window = (times > hole - 67 * MINUTE_MS) & (times <= hole + 21 * 5 * MINUTE_MS)
    assert not allowed[window].any()  # the hole is in what it reads, or in the signal's life
    assert not allowed[times > run.end - 60 * MINUTE_MS].any()
    assert entries_of(run).allowed.sum() == allowed.sum()


def test_days_before_the_strategy_was_warm_are_not_covered() -> None:
    cold, warm = (simulate_set(walk(3, 4400), channel(), start=at) for at in (START, BEGIN))

    assert first_fit(cold) == START + 21 * 5 * MINUTE_MS == span_of(cold).start
    assert span_of(warm).start == BEGIN + 5 * MINUTE_MS
    assert span_of(warm).end == warm.end
    assert not fit_closes(cold, closes_of(channel(), cold.feed))[:20].any()


def test_a_conclusion_compares_with_entries_that_the_rule_did_not_choose() -> None:
    run = simulate_set(walk(3, 12_000), channel(), start=BEGIN)

    found = conclude([run], draws=50)

    assert found.random is not None
    assert len(found.random.net) == 50
    assert found.to_dict()["policy"] == "channel"
    assert found.verdicts == run.verdicts
    assert any(sentence.startswith("Random entries, same exits") for sentence in found.sentences)
